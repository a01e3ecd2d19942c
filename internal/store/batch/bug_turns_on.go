//go:build bug_noturns

package batch

const turnsSkipped = true
