//go:build bug_nofold

package decide

const judgedOnArrival = true
