//go:build bug_ackearly

package intake

const answersEarly = true
