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
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
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
	f.Fuzz(func(t *testing.T, data []byte) {
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
	})
}
