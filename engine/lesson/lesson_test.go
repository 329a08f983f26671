package lesson_test

import (
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/lesson"
)

// Every step says all that a step says, in text but for its equation.
func TestPages(t *testing.T) {
	assert.Len(t, lesson.Steps(), 9)
	assert.Equal(t, lesson.StepFind, lesson.Steps()[8])
	markup := regexp.MustCompile(`</?(i|sub|sup)>`)
	for _, s := range lesson.Steps() {
		page := reflect.ValueOf(s.Page())
		for i := range page.NumField() {
			name := page.Type().Field(i).Name
			assert.False(t, page.Field(i).IsZero(), "%s of step %d", name, s)
			if name == "Minutes" {
				continue
			}
			text := page.Field(i).String()
			if name == "Equation" || name == "Letters" {
				text = markup.ReplaceAllString(text, "")
			}
			assert.NotRegexp(t, "[<>&]", text, "%s of step %d", name, s)
		}
	}
}
