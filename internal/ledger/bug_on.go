//go:build bug_clamp

package ledger

const debtsClamped = true
