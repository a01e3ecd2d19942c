//go:build !bug_stale

package batch

// staleAccepted is a planted bug: with the build tag bug_stale facts are judged by the
// programs as they were once loaded, and the race of an edit and an order must turn red.
const staleAccepted = false
