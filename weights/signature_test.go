package weights

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A manifest that OpenSSL has signed, of what jq -cj 'del(.signature)' leaves of it.
const (
	opensslKey   = "9MV4pBsAM8KgwKqWettrSuex2t+GyLTfVtSV53RLNTc="
	opensslValue = "RQNxr7mOAdr0cib6N2sC4jwWn9iyVwdQHufg8VL9WO99AEkiNzbfVuk01wMGxSMyQMQy370lPRw1zdNbnhIXAA=="
	zeros        = "0000000000000000000000000000000000000000000000000000000000000000"

	opensslSigned   = `{"format":"uar-shards/1","size":1,"sha256":"` + zeros + `","shards":[{"name":"a","size":1,"sha256":"` + zeros + `"}]}`
	opensslManifest = `{"format":"uar-shards/1","size":1,"sha256":"` + zeros + `","shards":[{"name":"a","size":1,"sha256":"` + zeros +
		`"}],"signature":{"key":"` + opensslKey + `","value":"` + opensslValue + `"}}`
)

func TestVerify(t *testing.T) {
	for _, c := range []struct{ name, old, new, err string }{
		{"as it is", "", "", ""},
		{"white space", `,"size"`, ",\n  \"size\"", ""},
		{"another shard", `"name":"a"`, `"name":"b"`, "the signature is not of this manifest by this key"},
		{"another hash", `"sha256":"00`, `"sha256":"01`, "the signature is not of this manifest by this key"},
		{"another signature", `"RQNx`, `"RQNy`, "the signature is not of this manifest by this key"},
		{"another key", `"9MV4`, `"9MV5`, "the signature is not of this manifest by this key"},
		{"a key of small order", opensslKey, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "the signature is not of this manifest by this key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseManifest([]byte(strings.Replace(opensslManifest, c.old, c.new, 1)))
			require.NoError(t, err)
			holds, err := m.Verify()
			assert.Equal(t, c.err == "", holds)
			if c.err != "" {
				require.ErrorIs(t, err, ErrSignature)
				assert.ErrorContains(t, err, c.err)
			}
		})
	}
	m, err := ParseManifest([]byte(opensslManifest))
	require.NoError(t, err)
	assert.Equal(t, opensslSigned, string(m.Signed()))
	assert.Equal(t, "sohut gitik gizin jipar roruv tutol kagap sisuj", m.Signature.Signer(), "openssl pkey -pubin -outform DER | sha256sum")

	m, err = ParseManifest([]byte(opensslSigned))
	require.NoError(t, err)
	holds, err := m.Verify()
	require.NoError(t, err)
	assert.False(t, holds, "nobody signed it")
	assert.Empty(t, m.Signature.Signer())
}
