// Package golden finds the files that tests compare with. It is for this
// repository's own tests and promises nothing to others.
//
// What an independent implementation computed is part of the repository, in
// testdata: a test that does not find it fails. Real X-rays, and what was learnt
// from them, may not be: they lie in ../shared beside a developer's checkout, and
// tests that need them are skipped elsewhere.
package golden

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Models are the folders of random models with their images and what is expected
// of them.
var Models = []string{"tiny_two_views", "tiny_one_view_given", "one_view_grey", "odd_sizes"}

// Path returns the path of a golden file or folder. The test fails if there is
// none.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{checkout(t), "weights", "golden", "testdata"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal("a golden file is missing: ", err)
	}
	return path
}

// JSON reads a golden JSON file into a value.
func JSON(t testing.TB, to any, elements ...string) {
	t.Helper()
	data, err := os.ReadFile(Path(t, elements...))
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Shared returns the path of a file or folder of ../shared, which holds real
// X-rays and what was learnt from them, or skips the test.
func Shared(t testing.TB, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{filepath.Dir(checkout(t)), "shared"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs real X-rays or what was learnt from them: ../shared/%s", filepath.ToSlash(filepath.Join(elements...)))
	}
	return path
}

// checkout is the folder with go.mod above the test.
func checkout(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal("no working directory to find the checkout from: ", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("not in a checkout")
		}
		folder = parent
	}
}
