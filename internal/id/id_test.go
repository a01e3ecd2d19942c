package id

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawMember(t *rapid.T) Member {
	return Mint[MemberKind](rapid.Int64Range(0, 1<<47).Draw(t, "micros"), [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "random")))
}

func TestTextIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMember(t)
		s := m.String()
		if len(s) != len("mem_")+26 || !strings.HasPrefix(s, "mem_") || strings.ToLower(s) != s {
			t.Fatalf("the text is %q", s)
		}
		if got, err := Parse[MemberKind](s); err != nil || got != m {
			t.Fatalf("%s was read as %s, %v", s, got, err)
		}
		if _, err := Parse[EventKind](s); !errors.Is(err, ErrForm) {
			t.Fatalf("%s was read as an event: %v", s, err)
		}
		b, err := json.Marshal(map[string]Member{"id": m})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]Member
		if err := json.Unmarshal(b, &back); err != nil || back["id"] != m {
			t.Fatalf("%s was read as %v, %v", b, back, err)
		}
	})
}

func TestParseRefusesWhatIsNoID(t *testing.T) {
	t.Parallel()
	good := Mint[MemberKind](1, [8]byte{1}).String()
	for _, bad := range []string{"", "mem_", good[4:], good + "0", good[:len(good)-1], strings.ToUpper(good), "mem-" + good[4:], good[:len(good)-1] + "u", good[:len(good)-2] + "\n0"} {
		if got, err := Parse[MemberKind](bad); !errors.Is(err, ErrForm) || !got.IsZero() {
			t.Errorf("Parse(%q) = %s, %v; want ErrForm", bad, got, err)
		}
	}
}

func TestOneIDHasOneText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := "mem_" + rapid.StringOfN(rapid.RuneFrom([]rune("0123456789abcdefghjkmnpqrstvwxyz")), 26, 26, 26).Draw(t, "text")
		if m, err := Parse[MemberKind](s); err == nil && m.String() != s {
			t.Fatalf("%s and %s are the same id", s, m)
		}
	})
}

func TestIDsAreOrderedByTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, 1<<47).Draw(t, "micros")
		a, b := Mint[EventKind](at, [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), Mint[EventKind](at+1, [8]byte{})
		if bytes.Compare(a[:], b[:]) >= 0 {
			t.Fatalf("%s of %d is not before %s of the next microsecond", a, at, b)
		}
		if a[6]>>4 != 7 || a[8]>>6 != 2 {
			t.Fatalf("%x is no UUIDv7", a)
		}
	})
}

func TestNthKeepsTheEventsRowsTogether(t *testing.T) {
	t.Parallel()
	e := Mint[EventKind](1_772_000_000_000_000, [8]byte{1, 2, 3, 4, 5, 6, 7, 8})
	next := Mint[EventKind](1_772_000_000_000_001, [8]byte{})
	seen := map[Lot]bool{}
	for n := 1; n < 65_536; n += 7 {
		l := Nth[LotKind](e, n)
		if seen[l] || bytes.Compare(l[:], e[:]) <= 0 || bytes.Compare(l[:], next[:]) >= 0 {
			t.Fatalf("row %d of %s is %s", n, e, l)
		}
		seen[l] = true
	}
}

func TestDatabaseForm(t *testing.T) {
	t.Parallel()
	m := Mint[MemberKind](1, [8]byte{1})
	var back Member
	if err := back.Scan(m.Bytes()); err != nil || back != m {
		t.Errorf("scanned %s, %v", back, err)
	}
	if (Member{}).Bytes() != nil || (Member{}).String() != "" {
		t.Error("no id has a form")
	}
	if err := back.Scan(nil); err != nil || !back.IsZero() {
		t.Errorf("NULL scanned as %s, %v", back, err)
	}
	for _, bad := range []any{"mem_1", []byte{1, 2}, 7, slices.Repeat([]byte{1}, 17)} {
		if err := back.Scan(bad); !errors.Is(err, ErrForm) {
			t.Errorf("scanning %v gave %v", bad, err)
		}
	}
}
