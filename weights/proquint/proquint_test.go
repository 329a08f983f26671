package proquint

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The examples of arXiv:0901.4016.
func TestEncode(t *testing.T) {
	for ip, want := range map[string]string{"127.0.0.1": "lusab babad", "63.84.220.193": "gutih tugad", "140.98.193.141": "mudof sakat"} {
		assert.Equal(t, want, Encode(net.ParseIP(ip).To4()))
	}
	assert.Equal(t, "lusab", Encode([]byte{127, 0, 0}))
	assert.Empty(t, Encode(nil))
}
