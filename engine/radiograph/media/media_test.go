package media

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/internal/mutate"
)

func phantom(t testing.TB) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, radiograph.Phantom(1, 24, 24)))
	return b.Bytes()
}

// element is one of explicit VR little endian.
func element(tag uint32, vr, value string) string {
	if len(value)%2 != 0 {
		value += " "
	}
	b := binary.LittleEndian.AppendUint16(nil, uint16(tag>>16))
	b = append(binary.LittleEndian.AppendUint16(b, uint16(tag)), vr...)
	if vr == "SQ" {
		b = binary.LittleEndian.AppendUint32(append(b, 0, 0), uint32(len(value)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	}
	return string(b) + value
}

func item(content string) string {
	return string(binary.LittleEndian.AppendUint32([]byte("\xfe\xff\x00\xe0"), uint32(len(content)))) + content
}

// dicom is a file of a lateral view whose pixels are left out.
func dicom() string {
	return string(make([]byte, 128)) + "DICM" + element(0x0008_0020, "DA", "20261129") + element(0x0008_0060, "CS", "DX") +
		element(0x0018_5101, "CS", "LL") + element(0x0028_0010, "US", "\x10\x00")
}

func directoryOf(paths ...string) string {
	records := ""
	for _, p := range paths {
		records += item(element(0x0004_1430, "CS", "IMAGE") + element(0x0004_1500, "CS", p))
	}
	return string(make([]byte, 128)) + "DICM" + element(0x0004_1220, "SQ", item(element(0x0004_1430, "CS", "PATIENT"))+records)
}

func archiveOf(t testing.TB, files map[string]string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// content is a file's.
type content string

func (c content) Size() int64              { return int64(len(c)) }
func (c content) Open() (io.Reader, error) { return strings.NewReader(string(c)), nil }

func openZIP(data []byte, limits Limits) (Medium, error) {
	return OpenZIP(bytes.NewReader(data), int64(len(data)), limits)
}

func requireListing(t *testing.T, medium Medium) {
	t.Helper()
	images, skipped, err := List(t.Context(), medium, Limits{})
	require.NoError(t, err)
	require.Equal(t, []Image{
		{Path: "a/lateral", Size: int64(len(dicom())), Format: "DICOM",
			Facts: radiograph.Facts{View: radiograph.Lateral, Date: "2026-11-29", Modality: "DX"}},
		{Path: "frontal.png", Size: int64(len(phantom(t))), Format: "PNG"},
	}, images)
	require.Len(t, skipped, 1)
	require.Equal(t, "readme.txt", skipped[0].Path)
	require.ErrorIs(t, skipped[0].Err, radiograph.ErrUnknownFormat)
}

func TestList(t *testing.T) {
	files := map[string]string{"frontal.png": string(phantom(t)), "a/lateral": dicom(), "readme.txt": "Read me.", "__MACOSX/x": "x", ".hidden": "x"}
	folder := Medium{}
	for name, data := range files {
		folder[name] = content(data)
	}
	t.Run("folder", func(t *testing.T) { requireListing(t, folder) })
	t.Run("archive", func(t *testing.T) {
		medium, err := openZIP(archiveOf(t, files), Limits{})
		require.NoError(t, err)
		requireListing(t, medium)
	})
}

func TestListCD(t *testing.T) {
	folder := Medium{
		"DICOMDIR":        content(directoryOf(`IMAGES\LATERAL`, `IMAGES\LOST`)),
		"images/lateral":  content(dicom()),
		"viewer/logo.png": content(phantom(t)),
	}
	images, skipped, err := List(t.Context(), folder, Limits{})
	require.NoError(t, err)
	require.Len(t, images, 1)
	require.Equal(t, "images/lateral", images[0].Path)
	require.Equal(t, []Skipped{{"IMAGES/LOST", fs.ErrNotExist}}, skipped)

	folder["DICOMDIR"] = content("broken")
	images, _, err = List(t.Context(), folder, Limits{})
	require.NoError(t, err)
	require.Len(t, images, 2, "a directory that cannot be read counts as none")
}

func TestLimits(t *testing.T) {
	t.Attr("hostile", "ZIP archives")
	data := archiveOf(t, map[string]string{"a": string(make([]byte, 1<<20)), "b": "x", "c": "x"})
	_, err := openZIP(data, Limits{Bytes: 1 << 20})
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = openZIP(data, Limits{Entries: 1})
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = openZIP(data[:len(data)-9], Limits{})
	require.ErrorIs(t, err, ErrDamaged)
	many := map[string]string{}
	for i := range 4000 {
		many[fmt.Sprintf("%01000d", i)] = ""
	}
	_, err = openZIP(archiveOf(t, many), Limits{Entries: 10})
	require.ErrorIs(t, err, ErrTooLarge)

	medium, err := openZIP(data, Limits{})
	require.NoError(t, err)
	_, _, err = List(t.Context(), medium, Limits{Entries: 2})
	require.ErrorIs(t, err, ErrTooLarge)
	_, _, err = List(t.Context(), medium, Limits{Bytes: 100})
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Read(medium, "a", Limits{Image: radiograph.Limits{FileSize: 1000}})
	require.ErrorIs(t, err, radiograph.ErrTooLarge)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = List(cancelled, medium, Limits{})
	require.ErrorIs(t, err, context.Canceled)

	// Sizes that lie: the file inflates to more than it says.
	lying := bytes.Clone(data)
	for at := 0; ; at++ {
		next := bytes.Index(lying[at:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		at += next
		if string(lying[at+46:at+47]) == "a" {
			binary.LittleEndian.PutUint32(lying[at+24:], 10)
		}
	}
	medium, err = openZIP(lying, Limits{Bytes: 1 << 19})
	require.NoError(t, err)
	_, err = Read(medium, "a", Limits{})
	require.ErrorIs(t, err, ErrDamaged)
}

// Of folders below the top, too, the images are those that a DICOMDIR names; one
// within another's folder is not looked at, and one that names none counts as none.
func TestListFoldersOfCDs(t *testing.T) {
	medium := Medium{
		"a/AUTORUN.INF":      content("x"),
		"a/b/DICOMDIR":       content(directoryOf(`LATERAL`)),
		"a/b/lateral":        content(dicom()),
		"a/dicomdir":         content(directoryOf(`B\LATERAL`, `FRONTAL`, `B\LOST`)),
		"a/frontal":          content(dicom()),
		"a/viewer.png":       content(phantom(t)),
		"a0.png":             content(phantom(t)),
		"c/DICOMDIR":         content(directoryOf(`SECOND`, `FIRST`, `SECOND`)),
		"c/first":            content(dicom()),
		"c/second":           content(dicom()),
		"empty/DICOMDIR":     content(directoryOf()),
		"empty/frontal.png":  content(phantom(t)),
		"nothing/DICOMDIR":   content(directoryOf("NONE")),
		"nothing/viewer.png": content(phantom(t)),
	}
	images, skipped, err := List(t.Context(), medium, Limits{})
	require.NoError(t, err)
	var paths []string
	for _, i := range images {
		paths = append(paths, i.Path)
	}
	require.Equal(t, []string{"a/b/lateral", "a/frontal", "a0.png", "c/second", "c/first", "empty/frontal.png"}, paths)
	var missing []string
	for _, s := range skipped {
		missing = append(missing, s.Path)
	}
	require.Equal(t, []string{"a/B/LOST", "nothing/NONE", "empty/DICOMDIR"}, missing)
	_, _, err = List(t.Context(), medium, Limits{Bytes: 100})
	require.ErrorIs(t, err, ErrTooLarge)
}

// zip64 writes an archive as one of more than 4 GiB is: what might not fit stands
// in the records that have room for it.
func zip64(t testing.TB, data []byte) []byte {
	u32 := binary.LittleEndian.Uint32
	end := data[len(data)-endSize:]
	start := int(u32(end[16:]))
	out := bytes.Clone(data[:start])
	for rest := data[start : len(data)-endSize]; len(rest) > 0; {
		f, behind, err := readEntry(rest)
		require.NoError(t, err)
		entry := bytes.Clone(rest[:len(rest)-len(behind)])
		for _, at := range []int{20, 24, 42} {
			binary.LittleEndian.PutUint32(entry[at:], 1<<32-1)
		}
		extra := []byte{0x55, 0x54, 1, 0, 9, 1, 0, 24, 0} // behind another field
		for _, v := range []int64{f.size, f.packed, f.at} {
			extra = binary.LittleEndian.AppendUint64(extra, uint64(v))
		}
		name := entrySize + int(binary.LittleEndian.Uint16(entry[28:]))
		binary.LittleEndian.PutUint16(entry[30:], uint16(len(extra)))
		out = append(append(out, entry[:name]...), extra...)
		rest = behind
	}
	record := make([]byte, end64Size)
	copy(record, "PK\x06\x06")
	copy(record[24:], []byte{end[8], end[9], 0, 0, 0, 0, 0, 0, end[10], end[11]})
	binary.LittleEndian.PutUint64(record[40:], uint64(len(out)-start))
	binary.LittleEndian.PutUint64(record[48:], uint64(start))
	locator := binary.LittleEndian.AppendUint64([]byte("PK\x06\x07\x00\x00\x00\x00"), uint64(len(out)))
	out = append(append(out, record...), append(locator, 1, 0, 0, 0)...)
	end = bytes.Clone(end)
	copy(end[8:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	return append(out, end...)
}

func TestZIP64(t *testing.T) {
	data := zip64(t, archiveOf(t, map[string]string{"frontal.png": string(phantom(t)), "a/lateral": dicom(), "readme.txt": "Read me."}))
	library, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.Len(t, library.File, 3)
	medium, err := openZIP(data, Limits{})
	require.NoError(t, err)
	requireListing(t, medium)
	for _, c := range []struct {
		name string
		at   int // from the end of the archive
		with uint64
		want error
	}{
		{"the end elsewhere", 34, 7, ErrDamaged},
		{"the end outside", 34, 1<<64 - 1, ErrDamaged},
		{"a directory of 2⁶⁴ bytes", 58, 1<<64 - 1, ErrDamaged},
		{"a directory outside", 50, 1<<64 - 1, ErrDamaged},
		{"an entry at 2⁶³", 106, 1 << 63, ErrDamaged},
		{"an entry of 2⁶¹ bytes", 122, 1 << 61, ErrTooLarge},
	} {
		lying := bytes.Clone(data)
		binary.LittleEndian.PutUint64(lying[len(lying)-c.at:], c.with)
		medium, err := openZIP(lying, Limits{})
		require.ErrorIs(t, err, c.want, c.name)
		require.Nil(t, medium)
	}
	for n := range data {
		_, err := openZIP(data[:n], Limits{})
		require.ErrorIs(t, err, ErrDamaged, "cut to %d of %d bytes", n, len(data))
	}
	end := len(data) - endSize
	for n := range locatorSize {
		_, err := openZIP(slices.Concat(data[end-locatorSize:][:n], data[end:]), Limits{})
		require.ErrorIs(t, err, ErrDamaged, "%d bytes before the end", n)
	}
	binary.LittleEndian.PutUint16(data[end+20:], 1<<16-1)
	medium, err = openZIP(append(data, make([]byte, 1<<16-1)...), Limits{})
	require.NoError(t, err, "of the longest comment")
	requireListing(t, medium)
}

func TestEncrypted(t *testing.T) {
	data := archiveOf(t, map[string]string{"a.png": string(phantom(t))})
	at := bytes.Index(data, []byte("PK\x01\x02"))
	data[at+8] |= 1
	medium, err := openZIP(data, Limits{})
	require.NoError(t, err)
	_, skipped, err := List(t.Context(), medium, Limits{})
	require.NoError(t, err)
	require.Len(t, skipped, 1)
	require.ErrorIs(t, skipped[0].Err, ErrEncrypted)
}

func FuzzZIP(f *testing.F) {
	f.Add(archiveOf(f, map[string]string{"frontal.png": string(phantom(f)), "a/lateral": dicom()}))
	f.Add(archiveOf(f, map[string]string{"DICOMDIR": directoryOf(`A\B`), "a/b": dicom()}))
	f.Add(zip64(f, archiveOf(f, map[string]string{"a/DICOMDIR": directoryOf(`B`), "a/b": dicom()})))
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) {
		limits := Limits{Entries: 100, Bytes: 1 << 20, Image: radiograph.Limits{FileSize: 1 << 18}}
		medium, err := openZIP(data, limits)
		if err != nil {
			return
		}
		images, _, err := List(t.Context(), medium, limits)
		if err == nil {
			for _, i := range images {
				_, err := Read(medium, i.Path, limits)
				require.NoError(t, err)
			}
		}
	}))
}
