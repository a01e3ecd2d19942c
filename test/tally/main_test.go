package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTally(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		events []string
		want   string
		well   bool
	}{
		{
			name: "subtests count, their parents do not",
			events: []string{
				`{"Action":"run","Package":"p","Test":"A"}`,
				`{"Action":"run","Package":"p","Test":"A/one"}`,
				`{"Action":"run","Package":"p","Test":"A/two"}`,
				`{"Action":"pass","Package":"p","Test":"A/one"}`,
				`{"Action":"pass","Package":"p","Test":"A/two"}`,
				`{"Action":"pass","Package":"p","Test":"A"}`,
				`{"Action":"run","Package":"p","Test":"B"}`,
				`{"Action":"pass","Package":"p","Test":"B"}`,
				`{"Action":"pass","Package":"p","Elapsed":1.25}`,
			},
			want: "ok    p                                           1.2s      3 tests\n3 passed, 0 failed\n",
			well: true,
		},
		{
			name: "a failing subtest is one failure, with its output",
			events: []string{
				`{"Action":"run","Package":"p","Test":"A"}`,
				`{"Action":"run","Package":"p","Test":"A/one"}`,
				`{"Action":"output","Package":"p","Test":"A/one","Output":"=== RUN   A/one\n"}`,
				`{"Action":"output","Package":"p","Test":"A/one","Output":"    a_test.go:3: seven\n"}`,
				`{"Action":"fail","Package":"p","Test":"A/one"}`,
				`{"Action":"fail","Package":"p","Test":"A"}`,
				`{"Action":"fail","Package":"p","Elapsed":0.5}`,
			},
			want: "--- FAILED p A/one\n    a_test.go:3: seven\n--- FAILED p A\n" +
				"FAIL  p                                           0.5s\n0 passed, 1 failed\n",
		},
		{
			name: "a parent that fails by itself counts",
			events: []string{
				`{"Action":"run","Package":"p","Test":"A"}`,
				`{"Action":"run","Package":"p","Test":"A/one"}`,
				`{"Action":"pass","Package":"p","Test":"A/one"}`,
				`{"Action":"fail","Package":"p","Test":"A"}`,
				`{"Action":"fail","Package":"p"}`,
			},
			want: "--- FAILED p A\nFAIL  p                                           0.0s\n1 passed, 1 failed\n",
		},
		{
			name: "what does not build is a failure with the compiler's words",
			events: []string{
				`{"ImportPath":"p [p.test]","Action":"build-output","Output":"p/a.go:3: undefined: x\n"}`,
				`{"ImportPath":"p [p.test]","Action":"build-fail"}`,
				`{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			},
			want: "--- cannot build p [p.test]\np/a.go:3: undefined: x\n--- FAILED p \n" +
				"FAIL  p                                           0.0s\n0 passed, 1 failed\n",
		},
		{
			name: "a panic names the test that was running",
			events: []string{
				`{"Action":"run","Package":"p","Test":"A"}`,
				`{"Action":"output","Package":"p","Test":"A","Output":"panic: boom\n"}`,
				`{"Action":"fail","Package":"p"}`,
			},
			want: "--- not finished p A\npanic: boom\n--- FAILED p \nFAIL  p                                           0.0s\n0 passed, 1 failed\n",
		},
		{
			name: "skipped tests are said, and other text passes through",
			events: []string{
				`go: warning`,
				`{"Action":"run","Package":"p","Test":"A"}`,
				`{"Action":"skip","Package":"p","Test":"A"}`,
				`{"Action":"run","Package":"p","Test":"B"}`,
				`{"Action":"pass","Package":"p","Test":"B"}`,
				`{"Action":"pass","Package":"p"}`,
				`{"Action":"skip","Package":"q"}`,
			},
			want: "go: warning\n--- skipped p A\nok    p                                           0.0s      1 tests\n" +
				"-     q                                        no tests\n1 skipped\n1 passed, 0 failed\n",
			well: true,
		},
		{name: "nothing at all is a failure", want: "nothing ran\n0 passed, 1 failed\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			tally := newTally(&out)
			if err := tally.read(strings.NewReader(strings.Join(tt.events, "\n"))); err != nil {
				t.Fatal(err)
			}
			if well := tally.close(); well != tt.well {
				t.Errorf("well is %v, want %v", well, tt.well)
			}
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}
