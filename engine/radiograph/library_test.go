package radiograph

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"uarweb/weights/golden"
)

func libraryTag(a attribute) tag.Tag { return tag.Tag{Group: a.group(), Element: uint16(a)} }

// requireAsLibrary compares what scan finds in a valid file with what
// github.com/suyashkumar/dicom reads of it.
func requireAsLibrary(t *testing.T, data []byte) {
	t.Helper()
	got, err := scan(t.Context(), data, MaxFileSize)
	require.NoError(t, err)
	want, err := dicom.Parse(bytes.NewReader(data), int64(len(data)), nil, dicom.SkipProcessingPixelDataValue())
	require.NoError(t, err)

	syntax, err := want.FindElementByTag(tag.TransferSyntaxUID)
	require.NoError(t, err)
	require.Equal(t, dicom.MustGetStrings(syntax.Value)[0], got.syntax)

	element, err := want.FindElementByTag(tag.PixelData)
	require.NoError(t, err)
	pixels := dicom.MustGetPixelDataInfo(element.Value)
	joined := pixels.UnprocessedValueData
	for _, f := range pixels.Frames {
		joined = append(joined, f.EncapsulatedData.Data...)
	}
	require.Equal(t, joined, append(got.pixels, bytes.Join(got.fragments, nil)...))
	require.Equal(t, pixels.IsEncapsulated, got.encapsulated)

	requireSameAttributes(t, &want, got.attributes)
}

func requireSameAttributes(t *testing.T, want *dicom.Dataset, got attributes) {
	t.Helper()
	for attribute, keyword := range wanted {
		e, err := want.FindElementByTag(libraryTag(attribute))
		value, found := got[attribute]
		require.Equal(t, err == nil, found, keyword)
		if !found {
			continue
		}
		switch v := e.Value.GetValue().(type) {
		case []int: // US, or SS with its sign
			for i := range v {
				v[i] = int(uint16(v[i]))
			}
			require.Equal(t, v, got.words(attribute), keyword)
		case []byte: // OW
			require.Equal(t, v, value.bytes, keyword)
		case []string:
			require.Equal(t, strings.TrimSpace(v[0]), got.text(attribute), keyword)
		case []*dicom.SequenceItemValue:
			require.Equal(t, len(v) > 0, len(value.items) > 0, keyword)
			if len(v) > 0 {
				item := &dicom.Dataset{Elements: v[0].GetValue().([]*dicom.Element)}
				requireSameAttributes(t, item, value.items[0])
			}
		default:
			t.Fatalf("%s: a value of type %T", keyword, v)
		}
	}
}

// What the pictures of TestDICOMGrayscale, compared there, do not have.
func TestScanAsLibrary(t *testing.T) {
	for name, data := range map[string][]byte{
		"everything": picture{extra: join(windowed(" 40.5 \\10", `400\20`, "LINEAR_EXACT"), rescale("-1024 ", "+1.5E0"), []element{
			words(planarConfiguration, "US", 0),
			text(numberOfFrames, "IS", " 1"),
			words(pixelPaddingValue, "SS", -1),
			words(pixelPaddingRangeLimit, "SS", -9),
			sequence(false, voiLUTSequence, words(lutDescriptor, "SS", 2, -5, 16), words(lutData, "OW", 0xfffe, 7)),
		})}.file(),
		"empty values": picture{extra: join(windowed("", "", ""), []element{
			words(pixelPaddingValue, "US"), {tag: voiLUTSequence, vr: "SQ"}, openSequence(false, modalityLUTSequence)})}.file(),
		"the first of two": picture{extra: []element{words(rows, "US", 77)}}.file(),
		"nested":           picture{extra: []element{nested(false, 5)}}.file(),
	} {
		t.Run(name, func(t *testing.T) { requireAsLibrary(t, data) })
	}
}

func TestKeywords(t *testing.T) {
	for attribute, keyword := range wanted {
		info, err := tag.Find(libraryTag(attribute))
		require.NoError(t, err)
		require.Equal(t, info.Keyword, keyword)
		require.Equal(t, isSequence(attribute), info.VRs[0] == "SQ")
	}
}

func TestScanSampleAsLibrary(t *testing.T) {
	data, err := os.ReadFile(golden.Shared(t, "samples", "gdcm-CR-MONO1-10-chest.dcm"))
	require.NoError(t, err)
	requireAsLibrary(t, data)
}
