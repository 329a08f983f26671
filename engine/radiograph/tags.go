package radiograph

import "fmt"

// attribute is the tag of a DICOM attribute: its group, then its element.
type attribute uint32

func (a attribute) group() uint16 { return uint16(a >> 16) }

// String writes a tag as the standard does.
func (a attribute) String() string { return fmt.Sprintf("(%04x,%04x)", a.group(), uint16(a)) }

// The attributes that are looked at (PS3.6 §6, §7).
const (
	mediaStorageSOPClassUID   attribute = 0x0002_0002
	transferSyntaxUID         attribute = 0x0002_0010
	directoryRecordSequence   attribute = 0x0004_1220
	directoryRecordType       attribute = 0x0004_1430
	referencedFileID          attribute = 0x0004_1500
	sopClassUID               attribute = 0x0008_0016
	studyDate                 attribute = 0x0008_0020
	acquisitionDate           attribute = 0x0008_0022
	modality                  attribute = 0x0008_0060
	codeMeaning               attribute = 0x0008_0104
	seriesDescription         attribute = 0x0008_103e
	viewPosition              attribute = 0x0018_5101
	studyInstanceUID          attribute = 0x0020_000d
	seriesInstanceUID         attribute = 0x0020_000e
	patientOrientation        attribute = 0x0020_0020
	laterality                attribute = 0x0020_0060
	imageLaterality           attribute = 0x0020_0062
	samplesPerPixel           attribute = 0x0028_0002
	photometricInterpretation attribute = 0x0028_0004
	planarConfiguration       attribute = 0x0028_0006
	numberOfFrames            attribute = 0x0028_0008
	rows                      attribute = 0x0028_0010
	columns                   attribute = 0x0028_0011
	bitsAllocated             attribute = 0x0028_0100
	bitsStored                attribute = 0x0028_0101
	highBit                   attribute = 0x0028_0102
	pixelRepresentation       attribute = 0x0028_0103
	pixelPaddingValue         attribute = 0x0028_0120
	pixelPaddingRangeLimit    attribute = 0x0028_0121
	windowCenter              attribute = 0x0028_1050
	windowWidth               attribute = 0x0028_1051
	windowExplanation         attribute = 0x0028_1055
	rescaleIntercept          attribute = 0x0028_1052
	rescaleSlope              attribute = 0x0028_1053
	voiLUTFunction            attribute = 0x0028_1056
	modalityLUTSequence       attribute = 0x0028_3000
	lutDescriptor             attribute = 0x0028_3002
	lutData                   attribute = 0x0028_3006
	voiLUTSequence            attribute = 0x0028_3010
	viewCodeSequence          attribute = 0x0054_0220
	presentationLUTShape      attribute = 0x2050_0020
	pixelData                 attribute = 0x7fe0_0010
	item                      attribute = 0xfffe_e000
	itemDelimitation          attribute = 0xfffe_e00d
	sequenceDelimitation      attribute = 0xfffe_e0dd
)

// itemGroup is the group of items and delimiters, which have no value
// representation.
const itemGroup = 0xfffe

// wanted are the attributes that are kept, with their keywords. All others are
// walked over, so that nothing else in a file can do harm.
var wanted = map[attribute]string{
	directoryRecordSequence:   "DirectoryRecordSequence",
	directoryRecordType:       "DirectoryRecordType",
	referencedFileID:          "ReferencedFileID",
	sopClassUID:               "SOPClassUID",
	studyDate:                 "StudyDate",
	acquisitionDate:           "AcquisitionDate",
	modality:                  "Modality",
	codeMeaning:               "CodeMeaning",
	seriesDescription:         "SeriesDescription",
	viewPosition:              "ViewPosition",
	studyInstanceUID:          "StudyInstanceUID",
	seriesInstanceUID:         "SeriesInstanceUID",
	patientOrientation:        "PatientOrientation",
	laterality:                "Laterality",
	imageLaterality:           "ImageLaterality",
	samplesPerPixel:           "SamplesPerPixel",
	photometricInterpretation: "PhotometricInterpretation",
	planarConfiguration:       "PlanarConfiguration",
	numberOfFrames:            "NumberOfFrames",
	rows:                      "Rows",
	columns:                   "Columns",
	bitsAllocated:             "BitsAllocated",
	bitsStored:                "BitsStored",
	highBit:                   "HighBit",
	pixelRepresentation:       "PixelRepresentation",
	pixelPaddingValue:         "PixelPaddingValue",
	pixelPaddingRangeLimit:    "PixelPaddingRangeLimit",
	windowCenter:              "WindowCenter",
	windowWidth:               "WindowWidth",
	windowExplanation:         "WindowCenterWidthExplanation",
	rescaleIntercept:          "RescaleIntercept",
	rescaleSlope:              "RescaleSlope",
	voiLUTFunction:            "VOILUTFunction",
	modalityLUTSequence:       "ModalityLUTSequence",
	lutDescriptor:             "LUTDescriptor",
	lutData:                   "LUTData",
	voiLUTSequence:            "VOILUTSequence",
	viewCodeSequence:          "ViewCodeSequence",
	presentationLUTShape:      "PresentationLUTShape",
}

// isSequence says which of the wanted attributes are sequences.
func isSequence(a attribute) bool {
	switch a {
	case directoryRecordSequence, modalityLUTSequence, voiLUTSequence, viewCodeSequence:
		return true
	}
	return false
}

// The transfer syntaxes that say how a data set is written (PS3.5 §10). All
// others are explicit VR little endian with encapsulated pixel data.
const (
	implicitLittleEndian = "1.2.840.10008.1.2"
	explicitLittleEndian = "1.2.840.10008.1.2.1"
	deflated             = "1.2.840.10008.1.2.1.99"
	explicitBigEndian    = "1.2.840.10008.1.2.2"
	rleLossless          = "1.2.840.10008.1.2.5"
)

// compressed are the transfer syntaxes whose code streams name themselves by
// their first bytes.
var compressed = map[string]bool{
	"1.2.840.10008.1.2.4.50":  true, // JPEG Baseline
	"1.2.840.10008.1.2.4.51":  true, // JPEG Extended
	"1.2.840.10008.1.2.4.57":  true, // JPEG Lossless
	"1.2.840.10008.1.2.4.70":  true, // JPEG Lossless, first-order prediction
	"1.2.840.10008.1.2.4.80":  true, // JPEG-LS Lossless
	"1.2.840.10008.1.2.4.81":  true, // JPEG-LS Near-Lossless
	"1.2.840.10008.1.2.4.90":  true, // JPEG 2000 Lossless
	"1.2.840.10008.1.2.4.91":  true, // JPEG 2000
	"1.2.840.10008.1.2.4.201": true, // High-Throughput JPEG 2000 Lossless
	"1.2.840.10008.1.2.4.202": true, // High-Throughput JPEG 2000 Lossless, RPCL
	"1.2.840.10008.1.2.4.203": true, // High-Throughput JPEG 2000
}

// syntaxName says what the transfer syntaxes that are not read hold.
func syntaxName(uid string) string {
	switch uid {
	case "1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93":
		return "multi-component JPEG 2000"
	case "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.204", "1.2.840.10008.1.2.4.205":
		return "a reference to a server (JPIP)"
	case "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.100.1", "1.2.840.10008.1.2.4.101", "1.2.840.10008.1.2.4.101.1":
		return "an MPEG-2 video"
	case "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1", "1.2.840.10008.1.2.4.103", "1.2.840.10008.1.2.4.103.1",
		"1.2.840.10008.1.2.4.104", "1.2.840.10008.1.2.4.104.1", "1.2.840.10008.1.2.4.105", "1.2.840.10008.1.2.4.105.1",
		"1.2.840.10008.1.2.4.106", "1.2.840.10008.1.2.4.106.1":
		return "an H.264 video"
	case "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108":
		return "an H.265 video"
	case "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112":
		return "JPEG XL"
	case "1.2.840.10008.1.2.4.52", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.54", "1.2.840.10008.1.2.4.55",
		"1.2.840.10008.1.2.4.56", "1.2.840.10008.1.2.4.58", "1.2.840.10008.1.2.4.59", "1.2.840.10008.1.2.4.60",
		"1.2.840.10008.1.2.4.61", "1.2.840.10008.1.2.4.62", "1.2.840.10008.1.2.4.63", "1.2.840.10008.1.2.4.64",
		"1.2.840.10008.1.2.4.65", "1.2.840.10008.1.2.4.66":
		return "a retired kind of JPEG"
	}
	return "an unknown transfer syntax"
}
