package read

import "uarweb/ui/desk"

// Read is the room: the films, the report about them, and that on paper.
type Read struct{ Desk *desk.Desk }
