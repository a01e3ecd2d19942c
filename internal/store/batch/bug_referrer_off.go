//go:build !bug_noreferrer

package batch

// referrersSkipped is a planted bug: with the build tag bug_noreferrer a friend's fact does
// not take his referrer's turn, and the race for the last place of a cap must turn red.
const referrersSkipped = false
