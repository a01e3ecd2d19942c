//go:build !bug_noturns

package batch

// turnsSkipped is a planted bug: with the build tag bug_noturns no turns are taken, so two
// processes decide on what the other is changing, and the races must turn red.
const turnsSkipped = false
