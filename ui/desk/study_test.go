package desk

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// named is a source of that path.
type named string

func (n named) Name() string { return string(n)[strings.LastIndex(string(n), "/")+1:] }
func (n named) Path() string { return string(n) }
func (n named) Size() int64  { return 1 }

func TestPair(t *testing.T) {
	dicom := func(path, study, view string) Found { return Found{Source: named(path), Study: study, View: view} }
	plain := func(path string) Found { return Found{Source: named(path)} }
	for _, c := range []struct {
		name   string
		images []Found
		want   []string // name: how
	}{
		{"one study of DICOM, from two folders", []Found{dicom("1/a", "1.2", "lateral"), plain("x.png"), dicom("2/b", "1.2", "frontal")},
			[]string{"b and a: " + string(PairedByFile), "x.png: one film"}},
		{"the view of one is known", []Found{dicom("a", "1.2", ""), dicom("b", "1.2", "frontal")}, []string{"b and a: " + string(PairedByFile)}},
		{"no view is known", []Found{dicom("a", "1.2", ""), dicom("b", "1.2", "")}, []string{"a and b: " + string(PairedByFile)}},
		{"two frontals", []Found{dicom("a", "1.2", "frontal"), dicom("b", "1.2", "frontal")},
			[]string{"a: " + string(UnclearByFile), "b: " + string(UnclearByFile)}},
		{"one of each among three", []Found{dicom("a", "1.2", "frontal"), dicom("b", "1.2", ""), dicom("c", "1.2", "lateral")},
			[]string{"a and c: " + string(PairedByFile), "b: " + string(UnclearByFile)}},
		{"two of one among three", []Found{dicom("a", "1.2", "frontal"), dicom("b", "1.2", "lateral"), dicom("c", "1.2", "lateral")},
			[]string{"a: " + string(UnclearByFile), "b: " + string(UnclearByFile), "c: " + string(UnclearByFile)}},
		{"other studies", []Found{dicom("a", "1.2", "frontal"), dicom("b", "1.3", "lateral")}, []string{"a: one film", "b: one film"}},
		{"names", []Found{plain("7-lateral.png"), plain("7-frontal.png"), plain("8_PA.jpg"), plain("8_LAT.jpg")},
			[]string{"7-frontal.png and 7-lateral.png: " + string(PairedByName), "8_PA.jpg and 8_LAT.jpg: " + string(PairedByName)}},
		{"numbers of views", []Found{plain("p1/study1/view1_frontal.jpg"), plain("p1/study1/view2_lateral.jpg")},
			[]string{"view1_frontal.jpg and view2_lateral.jpg: " + string(PairedByName)}},
		{"names alone are not enough", []Found{plain("1.png"), plain("2.png"), plain("a.png"), plain("a-lateral.png"), plain("spatial.png")},
			[]string{"1.png: one film", "2.png: one film", "a.png: one film", "a-lateral.png: one film", "spatial.png: one film"}},
		{"other folders, other kinds of files", []Found{plain("1/a-pa.png"), plain("2/a-lat.png"), plain("3/a-pa.png"), plain("3/a-lat.jpg")},
			[]string{"a-pa.png: one film", "a-lat.png: one film", "a-pa.png: one film", "a-lat.jpg: one film"}},
		{"three alike", []Found{plain("a-pa.png"), plain("a-ap.png"), plain("a-lat.png")},
			[]string{"a-pa.png: " + string(UnclearByName), "a-ap.png: " + string(UnclearByName), "a-lat.png: " + string(UnclearByName)}},
		{"the file counts for more than its name", []Found{dicom("a-pa", "", "lateral"), plain("a-lat")},
			[]string{"a-pa: " + string(UnclearByName), "a-lat: " + string(UnclearByName)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range pair(c.images) {
				got = append(got, s.Name()+": "+string(s.How))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestSwap(t *testing.T) {
	s := &Study{Films: []*Film{{Found: Found{Source: named("a")}}}}
	assert.Equal(t, "no view named", s.Films[0].Says())
	s.swap()
	assert.Equal(t, "lateral, as you chose", s.Films[0].Says())
	s.swap()
	assert.Equal(t, "frontal, as you chose", s.Films[0].Says())
	s.Films = append(s.Films, &Film{Found: Found{Source: named("b")}})
	s.swap()
	assert.Equal(t, "b and a", s.Name(), "the frontal one stands first")
	assert.Equal(t, "frontal, as you chose", s.Films[0].Says())
}

func TestBatch(t *testing.T) {
	small := func(name string, bytes int64) File { return sized{named(name), bytes} }
	var many []File
	for range 250 {
		many = append(many, small("a", 1))
	}
	assert.Equal(t, 100, batch(many, 0))
	assert.Equal(t, 250, batch(many, 200))
	assert.Equal(t, 250, batch(append(many[:249:249], small("dicomdir", 1)), 0), "a CD is listed whole")
	large := []File{small("a", batchBytes), small("b", batchBytes+1), small("c", 1)}
	assert.Equal(t, []int{1, 2, 3}, []int{batch(large, 0), batch(large, 1), batch(large, 2)})
}

// sized is a file of as many bytes.
type sized struct {
	named
	bytes int64
}

func (s sized) Size() int64              { return s.bytes }
func (s sized) Head(int) ([]byte, error) { return nil, nil }
