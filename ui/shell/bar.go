package shell

import "uarweb/ui/desk"

// Bar is the top of the page.
type Bar struct{ Desk *desk.Desk }
