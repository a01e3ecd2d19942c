//go:build bug_nodedupe

package batch

const copiesUnseen = true
