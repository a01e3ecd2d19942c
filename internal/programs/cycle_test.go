package programs

import (
	"slices"
	"testing"

	"cagnotte/internal/rules"
)

// exchange is a rule that turns one unit into another.
func exchange(from, to string) rules.Rule {
	return rules.Rule{Trigger: rules.OnThreshold, Unit: from, Need: 10, Gives: []rules.Give{{Unit: to, Amount: 1}}}
}

func doc(name string, list ...rules.Rule) *rules.Document {
	return &rules.Document{Name: name, Rules: list}
}

func TestCycle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		docs []*rules.Document
		want []string
	}{
		{"a chain", []*rules.Document{doc("a", exchange("stamps", "points"), exchange("points", "EUR"))}, nil},
		{"a unit for itself", []*rules.Document{doc("a", exchange("points", "points"))}, []string{"points", "points"}},
		{"over two programs", []*rules.Document{doc("a", exchange("points", "EUR")), doc("b", exchange("EUR", "points"))}, []string{"EUR", "points", "EUR"}},
		{"two ways to one end", []*rules.Document{doc("a", exchange("points", "EUR"), exchange("stamps", "points"), exchange("stamps", "EUR"))}, nil},
		{"stamps are each program's own", []*rules.Document{doc("a", exchange("stamps", "points")), doc("b", exchange("points", "stamps"))}, nil},
		{"within one program they are the same", []*rules.Document{doc("a", exchange("stamps", "points"), exchange("points", "stamps"))}, []string{"points", "stamps of a", "points"}},
		{"what is earned is no exchange", []*rules.Document{doc("a", rules.Rule{Trigger: rules.OnOrder, Unit: "points", Gives: []rules.Give{{Unit: "points"}}})}, nil},
	}
	for _, tt := range tests {
		if got := cycle(tt.docs); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
