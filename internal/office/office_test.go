package office_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func setup(t *testing.T, st *store.Store) (*office.Office, *intake.Intake, *office.Opened) {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	o := office.New(st, in)
	opened, err := o.CreateShop(t.Context(), "Thé & Œufs", "EUR", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return o, in, opened
}

func code(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Code
	}
	return ""
}

func TestAShopHasATwin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		o, _, s := setup(t, st)
		if s.Live.Slug != "the-oeufs" || s.Test.Slug != "the-oeufs-test" || s.Test.LiveShop != s.Live.ID || s.Test.ID == s.Live.ID {
			t.Errorf("%+v and %+v", s.Live, s.Test)
		}
		for token, shop := range map[string]loyalty.ShopID{s.LiveKey: s.Live.ID, s.TestKey: s.Test.ID} {
			for range 2 { // from the database, then from memory
				if a, err := o.Authenticate(t.Context(), token); err != nil || a.Shop != shop || a.Operator || !a.May(office.ScopeFacts) || a.May(office.ScopeShops) {
					t.Errorf("%s: %+v %v", token[:9], a, err)
				}
			}
		}
		if !strings.HasPrefix(s.LiveKey, "cag_live_") || !strings.HasPrefix(s.TestKey, "cag_test_") {
			t.Error("keys do not say what they are")
		}
		op, err := o.CreateKey(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := o.Authenticate(t.Context(), op); err != nil || !a.Operator || a.May(office.ScopeRead) || !strings.HasPrefix(op, "cag_op_") {
			t.Errorf("%+v %v", a, err)
		}
		if _, err := o.CreateKey(t.Context(), s.Live.ID, office.ScopeShops); code(err) != "unknown_value" {
			t.Errorf("a shop's key that makes shops: %v", err)
		}
		if _, err := o.CreateShop(t.Context(), "the oeufs", "EUR", "Europe/Paris"); code(err) != "shop_exists" {
			t.Errorf("the same shop twice: %v", err)
		}
	})
}

func TestTheTwinsClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		o, in, s := setup(t, st)
		at := func(year, day int) moment.Time { return moment.Of(time.Date(year, 1, day, 0, 0, 0, 0, time.UTC)) }
		set := func(to moment.Time, want string) {
			t.Helper()
			if err := o.SetClock(t.Context(), s.Test.ID, to); code(err) != want || want == "" && err != nil {
				t.Errorf("%s: %v, want %q", to, err, want)
			}
		}
		set(at(2030, 1), "")
		set(at(2024, 1), "") // nothing has happened yet
		if err := o.SetClock(t.Context(), s.Live.ID, at(2030, 1)); code(err) != "live_shop_clock" {
			t.Errorf("the live shop's clock: %v", err)
		}
		answers, err := in.Record(t.Context(), s.Test.ID, &loyalty.Fact{
			Kind: loyalty.MemberJoined, Feed: "api", ExternalID: "j", Via: "api", Origin: loyalty.FromLive, OccurredAt: at(2024, 1),
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "1"}}},
		})
		if err != nil || answers[0].Err != nil {
			t.Fatal(err, answers)
		}
		set(at(2023, 1), "clock_goes_forward")
		set(at(2024, 1), "")
		set(at(2024, 2), "")
		set(0, "out_of_range")
		if _, now, err := o.Shop(t.Context(), s.Test.ID); err != nil || now != at(2024, 2) {
			t.Errorf("it is %s: %v", now, err)
		}
	})
}

// Whoever reads the database reads no answer: it may hold personal data or keys.
func TestAnswersAreReadWithTheKeyAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		o, _, s := setup(t, st)
		r := office.Request{Shop: s.Test.ID, Bearer: s.TestKey, Key: "k", Body: []byte("POST /x\n{}")}
		claim, _, err := o.Claim(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if err := claim.Keep(t.Context(), office.Answered{Status: 201, Body: []byte("PLAIN")}); err != nil {
			t.Fatal(err)
		}
		_, was, err := o.Claim(t.Context(), r)
		if err != nil || was.Status != 201 || string(was.Body) != "PLAIN" {
			t.Fatal(was, err)
		}
		var stored []byte
		if err := st.Read(t.Context(), qBodies, func(r store.Scanner) error { return r.Scan(&stored) }, int64(s.Test.ID)); err != nil {
			t.Fatal(err)
		}
		if len(stored) == 0 || strings.Contains(string(stored), "PLAIN") {
			t.Errorf("stored: %q", stored)
		}
		clock := st.Clock
		st.Clock = func() moment.Time { return clock() + 25*moment.Hour }
		if err := o.SweepAnswers(t.Context(), s.Test.ID); err != nil {
			t.Fatal(err)
		}
		if again, _, err := o.Claim(t.Context(), r); err != nil || again == nil {
			t.Errorf("after a day the key is free: %v", err)
		}
	})
}

var qBodies = store.New("test.answers.bodies", `SELECT a.body FROM answers a WHERE a.shop_id = $1`)
