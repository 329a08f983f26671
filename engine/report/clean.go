package report

import "strings"

// listNumbers are the marks of numbered findings, in the order they are
// replaced.
var listNumbers = []string{". 2. ", ". 3. ", ". 4. ", ". 5. ", " 2. ", " 3. ", " 4. ", " 5. "}

// Clean turns a raw report into the words the model learns and is scored on,
// as the R2Gen family does for IU X-Ray (engine/MODEL.md §9): lower case, sentences
// without punctuation, each followed by " .", words separated by a space. The
// mark of a redaction, "xxxx", stays. A text without a word gives " .".
//
// White space around a sentence goes, so Clean(Clean(x)) is Clean(x).
func Clean(raw string) string {
	text := raw
	for range 3 {
		text = strings.ReplaceAll(text, "..", ".")
	}
	text = strings.ReplaceAll(text, "1. ", "")
	for _, number := range listNumbers {
		text = strings.ReplaceAll(text, number, ". ")
	}
	text = strings.ToLower(strings.TrimSpace(text))
	var sentences []string
	for sentence := range strings.SplitSeq(text, ". ") {
		if sentence = strings.TrimSpace(strings.Map(dropPunctuation, sentence)); sentence != "" {
			sentences = append(sentences, sentence)
		}
	}
	return strings.Join(sentences, " . ") + " ."
}

// dropPunctuation is a mapping for strings.Map that drops R2Gen's character
// class [.,?;*!%^&_+():-\[\]{}] and the quotes and slashes beside it. In the
// class ":-\[" is a range, U+003A to U+005B, and the hyphen is no member.
func dropPunctuation(r rune) rune {
	if ':' <= r && r <= '[' || strings.ContainsRune(`"/\'.,?*!%^&_+()]{}`, r) {
		return -1
	}
	return r
}
