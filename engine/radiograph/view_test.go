package radiograph

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		position, meaning string
		want              View
	}{
		{"PA", "", Frontal}, {"AP", "lateral", Frontal}, {"LL", "", Lateral}, {"RL", "", Lateral}, {"LLD", "", Frontal},
		{"", "postero-anterior", Frontal}, {"", "Left Lateral", Lateral}, {"", "left lateral decubitus", Frontal},
		{"RLO", "", ""}, {"", "right lateral oblique", ""}, {"", "", ""},
	} {
		require.Equal(t, c.want, viewOf(c.position, c.meaning), "%q %q", c.position, c.meaning)
	}
	p := picture{extra: []element{
		text(studyDate, "DA", "20261129"), text(viewPosition, "CS", "ll"), text(imageLaterality, "CS", "R"), text(patientOrientation, "CS", `A\F`), text(seriesDescription, "LO", "Chest"),
		text(studyInstanceUID, "UI", "1.2.3\x00"), text(seriesInstanceUID, "UI", "1.2.3.4\x00"),
	}}
	r, err := Decode(t.Context(), "facts", p.file(), Limits{})
	require.NoError(t, err)
	want := Facts{View: Lateral, Laterality: "R", RowsTo: "A", Date: "2026-11-29", Modality: "DX", Series: "Chest", StudyUID: "1.2.3", SeriesUID: "1.2.3.4"}
	require.Equal(t, want, r.Facts)
	format, facts, err := Inspect(t.Context(), "facts", p.file(), Limits{})
	require.NoError(t, err)
	require.Equal(t, "DICOM", format)
	require.Equal(t, want, facts)
}

func TestOrder(t *testing.T) {
	view := func(name string, v View) *Radiograph {
		m := Phantom(1, 256, 256)
		if name == "lateral" {
			m = PhantomLateral(1, 256, 256)
		}
		return &Radiograph{Name: name, Pixels: m, Facts: Facts{View: v}}
	}
	for _, c := range []struct {
		name       string
		first      *Radiograph
		second     *Radiograph
		swapped    bool
		firstNote  string
		secondNote string
	}{
		{"files say", view("frontal", Lateral), view("lateral", Frontal), true, "taken for the lateral view, as the file says", "taken for the frontal view, as the file says"},
		{"the first says", view("frontal", Lateral), view("frontal", ""), true, "taken for the lateral view, as the file says", "taken for the frontal view, as the other file says"},
		{"the second says", view("lateral", ""), view("frontal", Frontal), true, "taken for the lateral view, as the other file says", "taken for the frontal view, as the file says"},
		{"in order", view("frontal", Frontal), view("lateral", Lateral), false, "", ""},
		{"two of a kind", view("lateral", Lateral), view("lateral", Lateral), false, "", ""},
		{"nothing says", view("lateral", ""), view("frontal", ""), false, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Order([]*Radiograph{c.first, c.second})
			want := []*Radiograph{c.first, c.second}
			if c.swapped {
				want[0], want[1] = want[1], want[0]
			}
			require.Same(t, want[0], got[0])
			require.Same(t, want[1], got[1])
			require.Equal(t, c.firstNote, strings.Join(c.first.Notes, "; "))
			require.Equal(t, c.secondNote, strings.Join(c.second.Notes, "; "))
		})
	}
	one := []*Radiograph{view("frontal", "")}
	require.Equal(t, one, Order(one))
	require.Empty(t, one[0].Notes)
}
