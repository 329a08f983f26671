package export

import (
	"strings"

	"uarweb/engine/report"
)

// SR is the report as a DICOM file: a Basic Text SR (PS3.3 A.35.1), preliminary and
// UNVERIFIED. Patient and accession stay empty, and the document lies in a study of
// its own, since nothing is copied from the images: who files it in an archive says
// whose it is. The UIDs follow from the content, so that the same report is the same
// document.
func SR(d Document) ([]byte, error) {
	content, _ := Text(d)
	uid := func(level string) string { return uid(level, string(content)) }
	date, clock := d.Written.Format("20060102"), d.Written.Format("150405")

	var file dataset
	file.text(0x0008_0005, "CS", "ISO_IR 192") // UTF-8
	file.text(0x0008_0016, "UI", basicTextSR)
	file.text(0x0008_0018, "UI", uid("instance"))
	file.text(0x0008_0020, "DA", "") // of the study
	file.text(0x0008_0023, "DA", date)
	file.text(0x0008_0030, "TM", "") // of the study
	file.text(0x0008_0033, "TM", clock)
	file.text(0x0008_0050, "SH", "") // accession number
	file.text(0x0008_0060, "CS", "SR")
	file.text(0x0008_0070, "LO", "uarweb")
	file.text(0x0008_0090, "PN", "") // referring physician
	file.text(0x0008_0201, "SH", d.Written.Format("-0700"))
	file.text(0x0008_103e, "LO", "Draft by a research model, not for diagnosis")
	file.sequence(0x0008_1111)       // performed procedure step
	file.text(0x0010_0010, "PN", "") // patient's name
	file.text(0x0010_0020, "LO", "") // patient's id
	file.text(0x0010_0030, "DA", "") // patient's birth date
	file.text(0x0010_0040, "CS", "") // patient's sex
	file.text(0x0018_1020, "LO", short(d.Engine.Version, 64))
	file.text(0x0020_000d, "UI", uid("study"))
	file.text(0x0020_000e, "UI", uid("series"))
	file.text(0x0020_0010, "SH", "") // study id
	file.text(0x0020_0011, "IS", "1")
	file.text(0x0020_0013, "IS", "1")

	file.text(0x0040_a040, "CS", "CONTAINER")
	file.sequence(0x0040_a043, code("18782-3", "LN", "X-Ray Report"))
	file.text(0x0040_a050, "CS", "SEPARATE")
	file.sequence(0x0040_a372) // performed procedure code
	file.text(0x0040_a491, "CS", "COMPLETE")
	file.text(0x0040_a493, "CS", "UNVERIFIED")
	file.text(0x0040_a496, "CS", "PRELIMINARY")
	file.sequence(0x0040_a730, d.content()...)
	return part10(basicTextSR, uid("instance"), file), nil
}

const basicTextSR = "1.2.840.10008.5.1.4.1.1.88.11"

// content is what the document says.
func (d *Document) content() []dataset {
	comment := func(text string) dataset {
		return item("CONTAINS", "TEXT", code("121106", "DCM", "Comment"), func(i *dataset) { i.text(0x0040_a160, "UT", text) })
	}
	items := []dataset{
		item("HAS CONCEPT MOD", "CODE", code("121049", "DCM", "Language of Content Item and Descendants"), func(i *dataset) {
			i.sequence(0x0040_a168, code("en", "RFC5646", "English"))
		}),
		item("HAS OBS CONTEXT", "CODE", code("121005", "DCM", "Observer Type"), func(i *dataset) {
			i.sequence(0x0040_a168, code("121007", "DCM", "Device"))
		}),
		item("HAS OBS CONTEXT", "UIDREF", code("121012", "DCM", "Device Observer UID"), func(i *dataset) {
			i.text(0x0040_a124, "UI", uid("observer", d.Engine.String(), d.Model.SHA256))
		}),
		item("HAS OBS CONTEXT", "TEXT", code("121013", "DCM", "Device Observer Name"), func(i *dataset) {
			i.text(0x0040_a160, "UT", plain(d.Engine.String()))
		}),
		comment("Not for diagnosis. " + report.Disclaimer),
	}
	var found []dataset
	for _, sentence := range d.Sentences() {
		found = append(found, item("CONTAINS", "TEXT", code("121071", "DCM", "Finding"), func(i *dataset) { i.text(0x0040_a160, "UT", sentence) }))
	}
	if found == nil {
		items = append(items, comment(empty))
	} else {
		items = append(items, item("CONTAINS", "CONTAINER", code("121070", "DCM", "Findings"), func(i *dataset) {
			i.text(0x0040_a050, "CS", "SEPARATE")
			i.sequence(0x0040_a730, found...)
		}))
	}
	for i, sentence := range d.Sentences() {
		if again := d.again(i); again != "" {
			items = append(items, comment("Said again in "+again+" redraws: "+sentence))
		}
	}
	if d.Reader != nil {
		items = append(items, d.said(comment))
	}
	for _, f := range d.Provenance() {
		items = append(items, comment(f.Label+": "+f.Value))
	}
	return items
}

// said is what the reader says, in a container whose observer is a person (TID 1002),
// where that of all else is a device. Nobody asks for the name.
func (d *Document) said(comment func(string) dataset) dataset {
	items := []dataset{
		item("HAS OBS CONTEXT", "CODE", code("121005", "DCM", "Observer Type"), func(i *dataset) {
			i.sequence(0x0040_a168, code("121006", "DCM", "Person"))
		}),
		item("HAS OBS CONTEXT", "PNAME", code("121008", "DCM", "Person Observer Name"), func(i *dataset) {
			i.text(0x0040_a123, "PN", "Reader")
		}),
	}
	if lines := d.Reader.lines(); lines != nil {
		items = append(items, comment(byReader+":\r\n"+strings.Join(lines, "\r\n")))
	}
	for i, sentence := range d.Sentences() {
		if d.Reader.wrong(i) {
			items = append(items, comment("The reader says of the draft that this is wrong: "+sentence))
		}
	}
	return item("CONTAINS", "CONTAINER", code("121106", "DCM", "Comment"), func(i *dataset) {
		i.text(0x0040_a050, "CS", "SEPARATE")
		i.sequence(0x0040_a730, items...)
	})
}

// item is a content item: how it relates to the one around it, what kind of value it
// has, its concept's name and its value.
func item(relationship, kind string, concept dataset, value func(*dataset)) dataset {
	var i dataset
	i.text(0x0040_a010, "CS", relationship)
	i.text(0x0040_a040, "CS", kind)
	i.sequence(0x0040_a043, concept)
	value(&i)
	return i
}

// code is an entry of a coding scheme.
func code(value, scheme, meaning string) dataset {
	var c dataset
	c.text(0x0008_0100, "SH", value)
	c.text(0x0008_0102, "SH", scheme)
	c.text(0x0008_0104, "LO", meaning)
	return c
}

// short is text as a value of a VR of so many characters, where a backslash would
// part two values.
func short(text string, most int) string {
	runes := []rune(strings.ReplaceAll(plain(text), `\`, "/"))
	return string(runes[:min(len(runes), most)])
}
