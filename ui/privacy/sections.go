package privacy

import (
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Section is a list of things, each with what is said of it.
type Section struct {
	ID, Title string
	Rows      []Row
	Hint      string
}

// Row is one thing of a section.
type Row struct {
	ID, Label, Text string
	State, Title    string // what became of it, and the whole of what Label or Text cut short; or empty
	Action          string // what its button does, or empty if it has none
	Do              func()
}

// sections are the room below the number of bytes.
func (c *Privacy) sections() []Section {
	return []Section{
		{"asked", say.Text("What the page asked for"), c.asked(), say.Text("In the picture above, thick lines have left this browser; thin ones were answered in it, from its cache or its copy of the page. Bytes sent are what stands in an address behind a question mark, or goes along: a request for a file has none.")},
		{"lock-section", say.Text("The lock"), []Row{c.lock()}, ""},
		{"made-of", say.Text("What runs here"), c.madeOf(), say.Text("The list of files came from the same server. A signature tells whose it is, if you know the words of the key from elsewhere. Or compare the list with another: “sha256sum -c” checks it in a folder that “uarweb export” of a build of your own has written.")},
		{"check", say.Text("Check it yourself"), steps(), say.Text("What no page can see: the browser’s extensions, the system, other programs, and what the browser asks for by itself, such as a newer version of this page when it is opened. For films of patients use a browser profile without extensions.")},
		{"stored", say.Text("What is stored on this device"), c.stored(), c.unerasable()},
	}
}

// madeOf is what the running programs say of themselves, and the files of the copy.
func (c *Privacy) madeOf() []Row {
	var rows []Row
	if m := c.Desk.Model(); m != nil {
		rows = []Row{
			{ID: "runs-program", Label: say.Text("Program"), Text: m.Engine.String()},
			{ID: "runs-model", Label: say.Text("Model"), Text: m.Title() + ", SHA-256 " + m.SHA256},
			{ID: "runs-signer", Label: say.Text("Model signed by"), Text: m.SignedBy()},
		}
	}
	i := c.privacy().Inventory()
	files := Row{ID: "files-state", Label: say.Text("Files"), Text: say.Text("Reading the copy…")}
	switch {
	case i == nil:
		return append(rows, files)
	case len(i.Files) == 0:
		files.Text = say.Text("There is no copy of the page in this browser, and so no list of its files to compare with. Its server has the list, as files.json.")
		return append(rows, files)
	}
	same := 0
	for _, f := range i.Files {
		if f.State == desk.Same {
			same++
		}
	}
	files.Text = say.F("%d of %d were read just now, and their SHA-256 is as the list of this version has it.", same, len(i.Files))
	if same < len(i.Files) {
		files.Text += " " + say.Text("The others are not used, but fetched anew when they are needed.")
	}
	files.Action, files.Do = say.Text("Copy all hashes"), c.privacy().CopyHashes
	rows = append(rows, files, Row{ID: "files-signer", Label: say.Text("Files signed by"), Text: i.SignedBy()})
	for _, f := range i.Files {
		rows = append(rows, Row{ID: "file-" + f.Path, Label: desk.ShortName(f.Path), Text: size(f.Size) + " · " + desk.ShortHash(f.SHA256) + " · " + say.Text(string(f.State)), State: string(f.State), Title: f.SHA256})
	}
	return rows
}

// steps are how to check it all without believing the page.
func steps() []Row {
	return []Row{
		{ID: "check-tools", Label: say.Text("1. Open the developer tools (F12) at “Network”, then write a report."), Text: say.Text("Nothing is added to the list; what it has from before is listed here.")},
		{ID: "check-flight", Label: say.Text("2. Switch on flight mode, or pull the cable, and write another."), Text: say.Text("It is written: nothing outside was needed.")},
		{ID: "check-proxy", Label: say.Text("3. Put a proxy such as mitmproxy between this browser and the network, and use the page."), Text: say.Text("It sees GETs of the files that are listed here and of service-worker.js, without a body, and nothing else of this page.")},
	}
}

// stored is what is stored on this device, with what erases it.
func (c *Privacy) stored() []Row {
	copied := Row{ID: "stored-copy", Label: say.Text("Copy of the page and its model"), Text: c.copied()}
	if c.privacy().CanErase() {
		copied.Action, copied.Do = say.Text("Erase the copy: the page then needs its server"), c.privacy().Erase
	}
	return []Row{
		{ID: "stored-memory", Label: say.Text("Films and reports"), Text: c.memory(), Action: say.Text("Forget them: opens the page anew"), Do: c.privacy().Forget},
		copied,
		{ID: "stored-history", Label: say.Text("History"), Text: c.Desk.History().State()},
		{ID: "stored-else", Label: say.Text("Other databases, settings, cookies"), Text: c.databases()},
	}
}

// memory says what is in this tab alone.
func (c *Privacy) memory() string {
	said := say.F("%s on the stage and %s in the queue, with their reports and what you said of them: in this tab’s memory alone, until it is closed.",
		say.Count(len(c.Desk.Views()), "film"), desk.CountStudies(len(c.Desk.Studies())))
	if c.Desk.History().On() {
		said += " " + say.Text("The drafts are also in the history, which this does not erase.")
	}
	return said
}

// copied says what the copy is.
func (c *Privacy) copied() string {
	i := c.privacy().Inventory()
	switch {
	case i == nil:
		return say.Text("Looking…")
	case c.Desk.Standing().Copy == "erased":
		return say.Text("Erased. This page works on, and makes another when it is opened again.")
	case len(i.Files) == 0:
		return say.Text("There is none.")
	}
	sum := int64(0)
	for _, f := range i.Files {
		sum += f.Size
	}
	said := say.Count(len(i.Files), "file") + ", " + size(sum)
	if c.Desk.Standing().Locked {
		return said + ". " + say.Text("To erase it, unlock first: the lock rests on it.")
	}
	return say.F("%s, so that the page works without its server.", said)
}

// databases says what the page does not store, and others of its host may.
func (c *Privacy) databases() string {
	i := c.privacy().Inventory()
	if i == nil {
		return say.Text("Looking…")
	}
	said := say.Text("This page has none.")
	if i.Databases > 0 {
		said += " " + say.F("Other pages of its host have %s.", say.Count(i.Databases, "database"))
	}
	if i.Usage > 0 {
		said += " " + say.F("By the browser’s count its host stores %s in all.", size(i.Usage))
	}
	return said
}

// unerasable says what no button here erases, and why one has failed.
func (c *Privacy) unerasable() string {
	said := say.Text("What you saved, and what the browser’s own cache holds of the site’s files, no page can erase: that takes the folder of downloads, and the browser’s settings.")
	if why := c.privacy().Why(); why != "" {
		said += " " + say.F("The browser says: %s", why)
	}
	return said
}
