package read

import "uarweb/ui/desk"

// Edits is the draft with what the reader has added and taken out.
type Edits struct{ Edits []desk.Edit }
