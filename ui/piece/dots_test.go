package piece

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDots(t *testing.T) {
	assert.Empty(t, Dots(3, 3))
	assert.Equal(t, 4, strings.Count(Dots(3, 7), "M"))
	assert.True(t, strings.HasPrefix(Dots(3, 7), "M38 6"), "behind three others")
}
