package admin

// Asks tells whether a route changes nothing though it is a POST: the tests of records want to
// know.
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

// Looks gives the contrasts of a hue, two of light and two of dark, and whether they are enough.
func Looks(hue int) (ratios []float64, ok bool) {
	ok = true
	for _, x := range looks(hue) {
		ratios = append(ratios, x.OnButton, x.OnPage)
		ok = ok && enough(x.OnButton) && enough(x.OnPage)
	}
	return ratios, ok
}
