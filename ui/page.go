package ui

import "uarweb/ui/desk"

// Page is the root component.
type Page struct{ Desk *desk.Desk }
