//go:build !bug_nodedupe

package batch

// copiesUnseen is a planted bug: with the build tag bug_nodedupe a fact recorded before is not
// recognised, and the test of copies must turn red.
const copiesUnseen = false
