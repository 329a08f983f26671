package report

// The most bytes that the parts of a Report's JSON take, with the separators
// around them. A test writes reports of the longest parts there are.
const (
	float32Size     = 16 // -1.1754944e-38
	float64Size     = 26 // -2.2250738585072014e-308
	idSize          = 12
	escapedSize     = 6        // of a byte of text: \u003c
	alternativeSize = 64       // its keys and punctuation
	wordSize        = 128      // likewise
	restSize        = 96 << 10 // all that grows with neither words nor tokens: views of the longest paths, their notes
	redactedSize    = len(Redacted)
)

// MaxSize bounds the bytes of the JSON of any Report of at most so many words, each
// of at most longest bytes and with so many alternatives, about so many visual
// tokens, all of which may be covered.
func MaxSize(words, longest, alternatives, tokens int) int64 {
	text := escapedSize*int64(max(longest, redactedSize)) + 4
	alternative := alternativeSize + idSize + text + float64Size
	word := wordSize + idSize + text + float64Size + int64(alternatives)*alternative + 2*float32Size*int64(tokens)
	return restSize + 2*idSize*int64(tokens) + int64(words)*(idSize+text+word)
}
