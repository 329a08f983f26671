package radiograph

import "strings"

// View is a direction of projection.
type View string

// The views a chest is seen from.
const (
	Frontal View = "frontal" // postero-anterior or antero-posterior
	Lateral View = "lateral" // from either side
)

// Facts are what a file says of its picture; DICOM alone says any.
type Facts struct {
	View       View   // of View Position or View Code, empty if it says neither view
	Laterality string // "L" or "R", of a paired part of the body
	RowsTo     string // the patient's side that rows run to, the first letter of Patient Orientation: "L", "R", "A", "P", "H" or "F"
	Date       string // of the study, YYYY-MM-DD
	Modality   string // "DX", "CR", …
	Series     string // its description
	StudyUID   string // the same of all images of a study
	SeriesUID  string // the same of all images of a series
}

func (a attributes) facts() Facts {
	f := Facts{
		View:       viewOf(a.code(viewPosition), a.item(viewCodeSequence).text(codeMeaning)),
		Laterality: a.code(imageLaterality),
		Date:       date(a.text(studyDate)),
		Modality:   a.code(modality),
		Series:     a.text(seriesDescription),
		StudyUID:   a.text(studyInstanceUID),
		SeriesUID:  a.text(seriesInstanceUID),
	}
	if f.Laterality == "" {
		f.Laterality = a.code(laterality)
	}
	if f.Laterality != "L" && f.Laterality != "R" {
		f.Laterality = ""
	}
	if rows := a.code(patientOrientation); rows != "" && strings.Contains("LRAPHF", rows[:1]) {
		f.RowsTo = rows[:1]
	}
	if f.Date == "" {
		f.Date = date(a.text(acquisitionDate))
	}
	return f
}

// viewOf reads a View Position (PS3.3 §C.8.1.1.3), else the meaning of a view
// code (PS3.16 CID 4010). A patient who lies on the side (decubitus) is still
// seen from the front.
func viewOf(position, meaning string) View {
	switch position {
	case "PA", "AP", "LLD", "RLD":
		return Frontal
	case "LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT":
		return Lateral
	}
	meaning = strings.ToLower(meaning)
	switch {
	case strings.Contains(meaning, "oblique"):
		return ""
	case strings.Contains(meaning, "decubitus"), strings.Contains(meaning, "posterior"), strings.Contains(meaning, "anterior"):
		return Frontal
	case strings.Contains(meaning, "lateral"):
		return Lateral
	}
	return ""
}

// date is a DA value with dashes, empty if it is none.
func date(da string) string {
	if len(da) != 8 || strings.Trim(da, "0123456789") != "" {
		return ""
	}
	return da[:4] + "-" + da[4:6] + "-" + da[6:]
}
