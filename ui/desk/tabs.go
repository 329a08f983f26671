package desk

// Tab is one of those below the draft, which say more of it.
type Tab string

// The tabs.
const (
	FindingsTab Tab = "findings" // what the draft names, and how far that is to be trusted
	CompareTab  Tab = "compare"  // the draft beside what is written otherwise
	YoursTab    Tab = "yours"    // the reader's version of the draft
)

// TabID is the element of a tab.
func TabID(t Tab) string { return "tab-" + string(t) }

// Tab is the one that is shown.
func (d *Desk) Tab() Tab { return d.tab }

// SetTab shows another, to which the keyboard goes.
func (d *Desk) SetTab(t Tab) {
	d.tab = t
	d.focus = Focus{TabID(t), Always}
}
