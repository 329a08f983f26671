package report_test

import (
	"fmt"
	"strings"

	"uarweb/engine/report"
)

func Example() {
	cleaned := report.Clean("1. Heart size is normal. 2. No effusion, XXXX compared.")
	fmt.Println(cleaned)
	fmt.Println(report.Text(strings.Fields(cleaned)))
	// Output:
	// heart size is normal . no effusion xxxx compared .
	// Heart size is normal. No effusion [redacted] compared.
}
