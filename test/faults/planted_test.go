package faults

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"cagnotte/internal/store/storetest"
)

// A safety test that cannot fail shows nothing: each is run again with a bug planted by a
// build tag, and must turn red.
func TestPlantedBugsTurnRed(t *testing.T) {
	if planted() {
		return // this is the run with the bug
	}
	for _, bug := range []struct{ tag, run string }{
		{"bug_nodedupe", "TestHundredCopiesOfEachEvent/sqlite"},
		{"bug_nofold", "TestEveryOrderOfArrivalEndsAlike/sqlite"},
		{"bug_noturns", "TestAnOrderAgainstItsRefund"},
		{"bug_noturns", "TestTwoFirstOrders"},
		{"bug_noreferrer", "TestTwoFriendsOfOneAtHisCap"},
		{"bug_nomerged", "TestAMergeAgainstAnOrder"},
		{"bug_nocodes", "TestManyRedemptionsOfOneCode"},
		{"bug_stale", "TestAnEditAgainstAnOrder"},
		{"bug_ackearly", "TestKilledUnderLoad/sqlite"},
		{"bug_ackearly", "TestKilledUnderLoad/postgres"},
	} {
		t.Run(bug.tag+"/"+bug.run, func(t *testing.T) {
			if !strings.HasSuffix(bug.run, "/sqlite") {
				storetest.Config(t, "postgres") // skips where there is none; CI fails
			}
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout", "3m", "-tags", bug.tag, "-run", "^"+strings.ReplaceAll(bug.run, "/", "$/^")+"$", ".")
			cmd.Env = append(os.Environ(), "CAGNOTTE_PLANTED="+bug.tag)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("green with the bug %s planted:\n%s", bug.tag, out)
			}
			if !strings.Contains(string(out), "--- FAIL: "+strings.Split(bug.run, "/")[0]) {
				t.Fatalf("did not even run with the bug %s planted: %v\n%s", bug.tag, err, out)
			}
		})
	}
}
