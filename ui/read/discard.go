package read

import "uarweb/ui/desk"

// Discard asks before what the reader has said of the draft goes.
type Discard struct{ Desk *desk.Desk }
