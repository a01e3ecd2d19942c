//go:build bug_nomerged

package batch

const mergedSkipped = true
