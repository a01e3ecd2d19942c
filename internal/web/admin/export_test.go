package admin

// DeedKey is the key of the words for what a route does.
func DeedKey(pattern string) string { return deedKey(pattern) }

// Asks tells whether a route changes nothing though it is posted to.
func Asks(pattern string) bool {
	for _, part := range all {
		for _, r := range part {
			if r.pattern == pattern {
				return r.asks
			}
		}
	}
	return false
}

// KindGroups tells in how many groups of the journal's filter each kind of fact stands.
func KindGroups() map[string]int {
	out := map[string]int{}
	for _, g := range kindGroups {
		for _, k := range g.kinds {
			out[k]++
		}
	}
	return out
}

// Looks gives the contrasts of a hue, two of light and two of dark, and whether they are enough.
func Looks(hue int) (ratios []float64, ok bool) {
	ok = true
	for _, x := range looks(hue) {
		ratios = append(ratios, x.OnButton, x.OnPage)
		ok = ok && enough(x.OnButton) && enough(x.OnPage)
	}
	return ratios, ok
}
