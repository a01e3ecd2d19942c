//go:build !bug_nomerged

package batch

// mergedSkipped is a planted bug: with the build tag bug_nomerged a merge does not take the
// turn of who is merged, and the race of a merge and an order must turn red.
const mergedSkipped = false
