package serve

import (
	"strconv"
	"strings"
)

// Content codings, best first. The zero value is no coding at all.
const (
	brotli   = "br"
	gzip     = "gzip"
	identity = ""
)

// suffixes are the names a precompressed file adds to that of its source.
var suffixes = map[string]string{brotli: ".br", gzip: ".gz"}

// negotiate chooses among the codings have (in the server's order of
// preference) by an Accept-Encoding header, RFC 9110 §12.5.3: the highest
// weight wins, then the server's order. Without a better offer it is identity,
// also if the client refuses that: an answer it may not want is of more use
// than none.
func negotiate(accept string, have []string) string {
	weights := acceptedCodings(accept)
	best, bestWeight := identity, identityWeight(weights)
	for _, coding := range have {
		w, listed := weights[coding]
		if !listed {
			w = weights["*"]
		}
		// On equal weight a smaller file wins over identity, and the earlier
		// coding over the later.
		if w > 0 && (w > bestWeight || best == identity && w == bestWeight) {
			best, bestWeight = coding, w
		}
	}
	return best
}

// identityWeight is the weight of sending a file as it is. A client that does
// not mention it accepts it, but prefers whatever it does mention.
func identityWeight(weights map[string]int) int {
	for _, name := range []string{"identity", "*"} {
		if w, listed := weights[name]; listed {
			return w
		}
	}
	return 0
}

// acceptedCodings parses an Accept-Encoding header to weights of 0..1000 by
// lower-case coding. Elements that do not parse are left out.
func acceptedCodings(accept string) map[string]int {
	weights := map[string]int{}
	for element := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(element, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		w, ok := weight(params)
		if name != "" && ok {
			weights[name] = w
		}
	}
	return weights
}

// weight parses "q=0.5" to thousandths; no parameter is 1000.
func weight(params string) (thousandths int, ok bool) {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1000, true
	}
	name, value, ok := strings.Cut(params, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0, false
	}
	value = strings.TrimSpace(value)
	// At most three decimals, so neither exponents nor NaN get through.
	if len(value) == 0 || len(value) > len("0.000") || strings.Trim(value, "0123456789.") != "" {
		return 0, false
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || q > 1 {
		return 0, false
	}
	return int(q*1000 + 0.5), true
}
