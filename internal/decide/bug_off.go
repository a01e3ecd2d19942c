//go:build !bug_nofold

package decide

// judgedOnArrival is a planted bug: with the build tag bug_nofold late facts are judged as
// if they had just happened, and the test of arrival orders must turn red.
const judgedOnArrival = false
