package metrics

import "strings"

// rule replaces a suffix.
type rule struct{ suffix, replacement string }

// The rules of steps 2 to 4. Of two suffixes where one ends in the other, the
// longer stands first. Step 4 also drops "ion".
var (
	step2 = []rule{
		{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"}, {"bli", "ble"},
		{"alli", "al"}, {"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"}, {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"},
		{"alism", "al"}, {"iveness", "ive"}, {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"},
		{"biliti", "ble"}, {"logi", "log"},
	}
	step3 = []rule{
		{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""},
	}
	step4 = []rule{
		{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""}, {"ant", ""}, {"ement", ""},
		{"ment", ""}, {"ent", ""}, {"ou", ""}, {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""},
	}
)

// stem returns the stem of a lower case English word (Porter, "An algorithm for
// suffix stripping", 1980, with the three corrections of the author's own
// program: "bli" for "abli", "logi", and words of one or two letters left
// alone). Anything but a, e, i, o, u, y counts as a consonant.
func stem(word string) string {
	if len(word) <= 2 {
		return word
	}
	word = plural(word)
	word = pastOrGerund(word)
	if s, ok := strings.CutSuffix(word, "y"); ok && hasVowel(s) {
		word = s + "i"
	}
	word = apply(step2, word, 0)
	word = apply(step3, word, 0)
	if s, ok := strings.CutSuffix(word, "ion"); !ok {
		word = apply(step4, word, 1)
	} else if measure(s) > 1 && (strings.HasSuffix(s, "s") || strings.HasSuffix(s, "t")) {
		word = s
	}
	if s, ok := strings.CutSuffix(word, "e"); ok && (measure(s) > 1 || measure(s) == 1 && !endsShort(s)) {
		word = s
	}
	if strings.HasSuffix(word, "ll") && measure(word) > 1 {
		word = word[:len(word)-1]
	}
	return word
}

// plural is step 1a.
func plural(word string) string {
	switch {
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "ies"):
		return word[:len(word)-2]
	case strings.HasSuffix(word, "ss"):
		return word
	}
	return strings.TrimSuffix(word, "s")
}

// pastOrGerund is step 1b.
func pastOrGerund(word string) string {
	if s, ok := strings.CutSuffix(word, "eed"); ok {
		if measure(s) > 0 {
			return s + "ee"
		}
		return word
	}
	s, ok := strings.CutSuffix(word, "ed")
	if !ok {
		s, ok = strings.CutSuffix(word, "ing")
	}
	if !ok || !hasVowel(s) {
		return word
	}
	switch last := s[len(s)-1]; {
	case strings.HasSuffix(s, "at"), strings.HasSuffix(s, "bl"), strings.HasSuffix(s, "iz"):
		return s + "e"
	case len(s) > 1 && last == s[len(s)-2] && consonant(s, len(s)-1) && !strings.ContainsRune("lsz", rune(last)):
		return s[:len(s)-1]
	case measure(s) == 1 && endsShort(s):
		return s + "e"
	}
	return s
}

// apply applies the first rule whose suffix word has, if the measure of what
// stands before it is more than least.
func apply(rules []rule, word string, least int) string {
	for _, r := range rules {
		if s, ok := strings.CutSuffix(word, r.suffix); ok {
			if measure(s) > least {
				return s + r.replacement
			}
			return word
		}
	}
	return word
}

// consonant reports whether letter i is one: y is, at the beginning and after a
// vowel.
func consonant(word string, i int) bool {
	switch word[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(word, i-1)
	}
	return true
}

func hasVowel(word string) bool {
	for i := range len(word) {
		if !consonant(word, i) {
			return true
		}
	}
	return false
}

// measure is m of [C](VC)^m[V]: how often a consonant follows a vowel.
func measure(word string) int {
	m := 0
	for i := 1; i < len(word); i++ {
		if consonant(word, i) && !consonant(word, i-1) {
			m++
		}
	}
	return m
}

// endsShort reports *o: consonant, vowel, consonant other than w, x, y.
func endsShort(word string) bool {
	n := len(word)
	return n >= 3 && consonant(word, n-3) && !consonant(word, n-2) && consonant(word, n-1) && !strings.ContainsRune("wxy", rune(word[n-1]))
}
