//go:build !bug_search

package store

// searchBug is a planted bug: with the build tag bug_search CAGNOTTE_PLANTED says which of three a
// search has, and TestASearchIsANaiveSearch must turn red. "lead": where it stopped, the longest
// word is said to lead; "back": on the way back the word that leads is chosen anew; "stop": on
// the way back a page that stopped is said to be the last.
const searchBug = ""
