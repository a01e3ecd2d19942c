//go:build bug_stale

package batch

const staleAccepted = true
