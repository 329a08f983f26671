// Package version says which uarweb a program is, in all programs and in what
// they write.
package version

// Version is that of the whole repository (semantic versioning); CHANGELOG.md
// says what each brought.
const Version = "0.5.0"

// Commit is the commit that a program was built from, with "+" behind it if the
// files differed, or empty if that is not known. build.sh sets it.
var Commit string

// String is the version with the commit, as people read it.
func String() string {
	if Commit == "" {
		return Version
	}
	return Version + " (" + Commit + ")"
}
