package api_test

import (
	"os"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The commands of docs/integrate.md, in their order, on a fresh shop.
func TestTheExamplesWork(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/integrate.md")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		told := map[string]string{}
		n := 0
		for _, block := range strings.Split(string(raw), "```sh\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			for _, command := range strings.Split("\n"+block, "\ncurl ")[1:] {
				n++
				told = s.example(command, told)
			}
		}
		if n < 40 {
			t.Errorf("found only %d commands", n)
		}
	})
}

// example runs one curl command and notes the last event and its member.
func (s *site) example(command string, told map[string]string) map[string]string {
	s.t.Helper()
	key, method := s.key, "GET"
	if strings.Contains(command, "$OPERATOR") {
		s.key = s.operator
		defer func() { s.key = key }()
	}
	_, path, _ := strings.Cut(command, `"$CAGNOTTE`)
	path, rest, _ := strings.Cut(path, `"`)
	path = strings.NewReplacer("$EVENT", told["event"], "$MEMBER", told["member"]).Replace(path)
	body := ""
	if _, after, ok := strings.Cut(rest, "-d '"); ok {
		method = "POST"
		body, _, _ = strings.Cut(strings.ReplaceAll(after, "'$MEMBER'", told["member"]), "'")
		if !strings.Contains(command, `-H "Content-Type: application/json"`) {
			s.t.Errorf("without a Content-Type, curl sends a form: %s", command)
		}
	}
	if rest, ok := strings.CutPrefix(command, "-X "); ok {
		method, _, _ = strings.Cut(rest, " ")
	}
	var headers []string
	if _, after, ok := strings.Cut(rest, `"Idempotency-Key: `); ok {
		value, _, _ := strings.Cut(after, `"`)
		headers = []string{"Idempotency-Key", value}
	}
	a := s.send(method, path, body, headers...)
	if a.status > 299 {
		s.t.Fatalf("curl %s\n%d %s", command, a.status, a.body)
	}
	out := a.json(s.t)
	if strings.Contains(string(a.body), `"refused","decisions":[],`) {
		s.t.Errorf("curl %s\n%s", command, a.body)
	}
	if text(s.t, out, "status") == "recorded" {
		return map[string]string{"event": text(s.t, out, "id"), "member": text(s.t, out, "member")}
	}
	return told
}
