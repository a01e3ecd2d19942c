//go:build !bug_ackearly

package intake

// answersEarly is a planted bug: with the build tag bug_ackearly callers are answered before the
// commit, and the test that kills the process must turn red.
const answersEarly = false
