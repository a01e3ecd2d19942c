package reference

import (
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What random operations once found, told on purpose: one operation an hour, each compared, then four
// days in which what waits comes.
var scripts = map[string][]op{
	"a return after a merge undoes what the other one had exchanged": {
		ordered("pay", "b", "1", 4500), {kind: "exchange", who: "b", unit: "points", n: 1}, ordered("pay", "a", "2", 100),
		{kind: "merge", who: "a", other: "b"}, {kind: "refund line", who: "a", ref: "1", line: 1, n: 1},
	},
	"of two exchanges of one asking the later one is undone": {
		{kind: "give", who: "a", unit: "points", n: 60, ends: never}, ordered("pay", "a", "1", 4000),
		{kind: "exchange", who: "a", unit: "points", n: 2}, {kind: "refund whole", who: "a", ref: "1"},
	},
	"who gave to a third one can be merged": {
		ordered("pay", "a", "1", 3000), ordered("pay", "b", "2", 3000), ordered("pay", "c", "3", 3000),
		{kind: "transfer", who: "a", other: "c", unit: "points", n: 10}, {kind: "merge", who: "b", other: "a"},
	},
	"friend and referrer become one while their rewards wait": {
		{kind: "join", who: "a"}, {kind: "join", who: "b", other: "a"}, ordered("pay", "b", "1", 3000),
		{kind: "merge", who: "b", other: "a"},
	},
	"three of the same once in a life come together": {
		{kind: "join", who: "a"}, {kind: "join", who: "b", other: "a"}, {kind: "join", who: "d"}, {kind: "join", who: "c", other: "d"},
		ordered("pay", "b", "1", 3000), ordered("pay", "c", "2", 3000), {kind: "merge", who: "c", other: "a"},
		{kind: "merge", who: "b", other: "c"},
	},
	"both of two friends wait": {
		{kind: "join", who: "a"}, {kind: "join", who: "b", other: "a"}, {kind: "join", who: "d"}, {kind: "join", who: "c", other: "d"},
		ordered("pay", "b", "1", 3000), ordered("pay", "c", "2", 3000), {kind: "merge", who: "b", other: "c"},
	},
	"a merge closes no circle": {
		{kind: "join", who: "a"}, {kind: "join", who: "b", other: "a"}, {kind: "join", who: "c", other: "b"}, {kind: "join", who: "d", other: "c"},
		{kind: "merge", who: "d", other: "a"}, ordered("pay", "d", "1", 3000), ordered("pay", "b", "2", 3000),
	},
	"a former referrer's reward is taken back after a merge": {
		{kind: "join", who: "a"}, {kind: "join", who: "b"}, {kind: "join", who: "c", other: "a"}, {kind: "join", who: "d", other: "b"},
		ordered("pay", "c", "1", 3000), ordered("pay", "d", "2", 3000), {kind: "merge", who: "c", other: "d"}, {kind: "refund whole", who: "c", ref: "2"},
	},
}

func ordered(kind, who, ref string, cents int64) op {
	return op{kind: kind, who: who, ref: ref, of: [2]line{1: {1, cents}}}
}

func TestWhatWasFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, 0, len(scripts))
		const hours, days = 8, 4
		i := 0
		for name, script := range scripts {
			g := s.groups[i]
			for len(script) < hours+days {
				script = append(script, op{kind: "unblock", who: "a"})
			}
			for _, o := range script {
				o.who = g.prefix + "-" + o.who
				if o.other != "" {
					o.other = g.prefix + "-" + o.other
				}
				if o.ref != "" {
					o.ref = g.prefix + "-" + o.ref
				}
				g.script = append(g.script, o)
			}
			g.names = append(g.names, g.prefix+"-a", g.prefix+"-b", g.prefix+"-c", g.prefix+"-d")
			t.Logf("%s: %s", g.prefix, name)
			i++
		}
		now := s.ClockAt
		for n := range hours + days {
			if now += moment.Hour; n >= hours {
				now += moment.Day
			}
			s.round(t, now)
		}
	})
}
