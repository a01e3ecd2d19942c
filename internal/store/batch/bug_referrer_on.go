//go:build bug_noreferrer

package batch

const referrersSkipped = true
