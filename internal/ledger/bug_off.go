//go:build !bug_clamp

package ledger

// debtsClamped is a planted bug: with the build tag bug_clamp what cannot be taken is
// forgotten instead of owed, and the model test must turn red.
const debtsClamped = false
