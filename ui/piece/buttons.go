package piece

// Button is one of Buttons.
type Button struct {
	ID     string // or empty
	Label  string
	About  string // what it acts on, where many buttons have the same label
	Keys   string // its shortcut, as aria-keyshortcuts has it, or empty
	Closed bool   // it cannot be used now; it keeps the keyboard
	Do     func()
}

// Buttons is a row of buttons that comes and goes with what can be done.
type Buttons struct {
	Label   string // of all
	Buttons []Button
}

func (b Button) press() {
	if !b.Closed {
		b.Do()
	}
}

// name is a button's, where that is more than its label.
func (b Button) name() any {
	if b.About == "" {
		return nil
	}
	return b.Label + ": " + b.About
}

// given is an attribute that is left out if it is empty.
func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}
