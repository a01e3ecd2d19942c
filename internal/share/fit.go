package share

import "strings"

// measure is the width of a text in some font and size.
type measure func(text string) float64

// wrap breaks a text into lines of a width, between words, and after a hyphen in a word that is
// wider than a line. Where that does not help the word is broken, and whole is false.
func wrap(text string, width float64, of measure) (lines []string, whole bool) {
	whole = true
	current := ""
	for word := range strings.SplitSeq(text, " ") {
		if word == "" {
			continue
		}
		if next := strings.TrimLeft(current+" "+word, " "); of(next) <= width {
			current = next
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		for of(word) > width {
			head := prefix(word, width, of)
			if head == word { // a single letter that is wider than the line
				break
			}
			if hyphen := strings.LastIndexByte(head, '-'); hyphen > 0 {
				head = head[:hyphen+1]
			} else {
				whole = false
			}
			lines, word = append(lines, head), word[len(head):]
		}
		current = word
	}
	if current != "" {
		lines = append(lines, current)
	}
	return lines, whole
}

// prefix is as much of a word as a line holds, at least one letter.
func prefix(word string, width float64, of measure) string {
	end := len(word)
	for i := range word {
		if i > 0 && of(word[:i]) > width {
			break
		}
		if i > 0 {
			end = i
		}
	}
	if end == len(word) && of(word) > width { // its second letter does not fit already
		for i := range word {
			if i > 0 {
				return word[:i]
			}
		}
	}
	return word[:end]
}

// fit finds the largest of the sizes at which a text needs no more than so many lines and no
// word is broken. At the smallest size words are broken and what is too much is cut with an
// ellipsis. The lines are about equally long.
func fit(text string, width float64, sizes []float64, most int, at func(size float64) measure) (size float64, lines []string) {
	for _, size = range sizes {
		of := at(size)
		if lines, whole := wrap(text, width, of); whole && len(lines) <= most {
			return size, balance(text, width, lines, of)
		}
	}
	of := at(size)
	lines, _ = wrap(text, width, of)
	if len(lines) <= most {
		return size, lines
	}
	rest := strings.Join(lines[most-1:], " ")
	last := []rune(rest)
	for len(last) > 0 && of(strings.TrimRight(string(last), " ")+"…") > width {
		last = last[:len(last)-1]
	}
	end := string(last)
	if space := strings.LastIndexByte(end, ' '); space > len(end)/2 && !strings.HasPrefix(rest[len(end):], " ") {
		end = end[:space] // a whole word, where that does not cost half of the line
	}
	return size, append(lines[:most-1:most-1], strings.TrimRight(end, " ")+"…")
}

// balance breaks a text into as many lines as before, in the least width: no word is left alone
// on the last line.
func balance(text string, width float64, lines []string, of measure) []string {
	if len(lines) < 2 {
		return lines
	}
	for low, high := width/4, width; high-low > 2; {
		middle := (low + high) / 2
		if better, whole := wrap(text, middle, of); whole && len(better) == len(lines) {
			lines, high = better, middle
		} else {
			low = middle
		}
	}
	return lines
}

// sizesFrom lists sizes from the largest to the smallest.
func sizesFrom(largest, smallest, step float64) (sizes []float64) {
	for size := largest; size >= smallest; size -= step {
		sizes = append(sizes, size)
	}
	return sizes
}
