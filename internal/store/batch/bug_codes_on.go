//go:build bug_nocodes

package batch

const codesSkipped = true
