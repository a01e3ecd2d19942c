package staff_test

import (
	"encoding/json"
	"errors"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/passkey"
	"cagnotte/internal/passkey/passkeytest"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const origin = "https://office.example"

var site = passkey.At(origin, "Maison Lavande")

// add gives somebody a passkey of a device.
func (b *bench) add(x *staff.Session, d *passkeytest.Device, name string) error {
	b.Helper()
	options, ticket, err := b.staff.AskNewPasskey(b.Context(), x, site, b.shop.Name)
	if err != nil {
		return err
	}
	return b.staff.AddPasskey(b.Context(), x, site, ticket, string(d.Create(b, options)), name)
}

// enters comes in by a device.
func (b *bench) enters(d *passkeytest.Device) (*staff.Session, error) {
	b.Helper()
	options, ticket, err := b.staff.AskEntry(site)
	b.do(err)
	shop, secret, err := b.staff.OpenByPasskey(b.Context(), site, ticket, string(d.Get(b, options)))
	if err != nil {
		return nil, err
	}
	if shop != b.shop.ID {
		b.Errorf("it opens shop %d", shop)
	}
	return b.session(secret), nil
}

// challengeOf is what options ask a device to sign.
func challengeOf(t *testing.T, options []byte) string {
	t.Helper()
	var o struct{ PublicKey struct{ Challenge string } }
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatal(err)
	}
	return o.PublicKey.Challenge
}

// Whoever has chosen his password sets up a passkey and nothing else; by it alone he comes in,
// and is fresh.
func TestAPasskeyIsBothProofs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		x, d := b.somebody(email, staff.Owner), &passkeytest.Device{Origin: origin}
		begun := x.Secret()
		b.do(b.add(x, d, "Laptop"))
		b.over(begun, "a passkey was set up")
		if s := b.session(x.Secret()); !s.In() || !s.Factor || s.App || s.Passkeys != 1 {
			t.Errorf("%+v", s)
		}
		b.wants(b.staff.Prove(t.Context(), x, "000000", place), "factor_missing")
		y, err := b.enters(d)
		b.do(err)
		if !y.In() || !b.staff.Fresh(y) || y.ID != x.ID {
			t.Errorf("%+v is let in", y)
		}
		b.pass(16 * moment.Minute)
		if b.staff.Fresh(y) {
			t.Fatal("it stays fresh")
		}
		options, ticket, err := b.staff.AskProof(t.Context(), y, site)
		b.do(err)
		old := y.Secret()
		answer := string(d.Get(t, options))
		b.do(b.staff.ProveByPasskey(t.Context(), y, site, ticket, answer))
		b.over(old, "he has proved himself again")
		if !b.staff.Fresh(b.session(y.Secret())) {
			t.Error("a proof by a passkey is not fresh")
		}
		b.wants(b.staff.ProveByPasskey(t.Context(), y, site, ticket, answer), "passkey_ended")

		// A password alone still asks for the second proof.
		secret, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
		b.do(err)
		thief := b.session(secret)
		if thief.In() || !thief.Factor {
			t.Errorf("a password is enough: %+v", thief)
		}
		b.wants(b.add(thief, &passkeytest.Device{Origin: origin}, "Mine"), "prove_again")
		f, err := staff.NewFactor(thief.Account, b.shop.Name)
		b.do(err)
		b.wants(b.staff.SetFactor(t.Context(), thief, f.Secret, b.code(app{f.Secret}, 0)), "prove_again")
		list, err := b.staff.Passkeys(t.Context(), y)
		b.do(err)
		if len(list) != 1 || list[0].Name != "Laptop" || list[0].UsedAt == 0 {
			t.Errorf("%+v", list)
		}
	})
}

// What is not the answer of one's own passkey, to this challenge, in time and by this session, is
// none.
func TestAWrongPasskeyOpensNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x, a := b.in("boss@example.com", staff.Owner)
		w, _ := b.in("wanda@example.com", staff.Support)
		mine, hers := &passkeytest.Device{Origin: origin}, &passkeytest.Device{Origin: origin}
		b.do(b.add(x, mine, "Mine"))
		b.do(b.add(w, hers, "Hers"))
		options, ticket, err := b.staff.AskProof(t.Context(), x, site)
		b.do(err)
		b.wants(b.staff.ProveByPasskey(t.Context(), w, site, ticket, "{}"), "passkey_ended") // another session's
		b.wants(b.staff.ProveByPasskey(t.Context(), x, site, ticket, "{}"), "passkey_wrong")
		b.wants(b.staff.ProveByPasskey(t.Context(), x, site, ticket+"x", "{}"), "passkey_ended")
		b.wants(b.staff.ProveByPasskey(t.Context(), x, site, "", "{}"), "passkey_ended")
		_, _, err = b.staff.OpenByPasskey(t.Context(), site, ticket, string(mine.Get(t, options)))
		b.wants(err, "passkey_ended") // of another purpose
		b.pass(5*moment.Minute + moment.Second)
		b.wants(b.staff.ProveByPasskey(t.Context(), x, site, ticket, string(mine.Get(t, options))), "passkey_ended")

		// Her passkey, asked for by his session.
		options, ticket, err = b.staff.AskProof(t.Context(), x, site)
		b.do(err)
		b.wants(b.staff.ProveByPasskey(t.Context(), x, site, ticket, string(hers.Sign(t, hers.Keys[0], challengeOf(t, options)))), "passkey_wrong")

		// One that is unknown here, and one of another address.
		stranger := &passkeytest.Device{Origin: origin}
		options, _, err = b.staff.AskNewPasskey(t.Context(), x, site, b.shop.Name)
		b.do(err)
		stranger.Create(t, options)
		_, err = b.enters(stranger)
		b.wants(err, "passkey_wrong")
		evil := &passkeytest.Device{Origin: "https://evil.example", Keys: mine.Keys}
		options, ticket, err = b.staff.AskEntry(site)
		b.do(err)
		_, _, err = b.staff.OpenByPasskey(t.Context(), site, ticket, string(evil.Get(t, options)))
		b.wants(err, "passkey_wrong")

		// Whoever is removed, or gets a new link, comes in by none; nor where he was let go.
		if _, err = b.enters(hers); err != nil {
			t.Fatal(err)
		}
		_, err = b.staff.Renew(t.Context(), b.shop.ID, w.ID)
		b.do(err)
		_, err = b.enters(hers)
		b.wants(err, "passkey_wrong")
		b.do(b.staff.Remove(t.Context(), b.shop.ID, w.ID))
		b.pass(16 * moment.Minute)
		b.wants(b.add(x, &passkeytest.Device{Origin: origin}, "Late"), "prove_again")
		b.do(b.staff.Prove(t.Context(), x, b.code(a, 0), place))
		b.wants(b.add(x, &passkeytest.Device{Origin: origin}, " "), "required")
		for range 9 {
			b.do(b.add(x, &passkeytest.Device{Origin: origin}, "More"))
		}
		b.wants(b.add(x, &passkeytest.Device{Origin: origin}, "Eleven"), "too_many_passkeys")
	})
}

// An account keeps one proof, whichever are taken out at the same time; what is taken out ends
// the sessions of other browsers.
func TestAnAccountKeepsAProof(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		x, a := b.in(email, staff.Owner)
		b.wants(b.staff.RemoveApp(t.Context(), x), "last_factor")
		one, two := &passkeytest.Device{Origin: origin}, &passkeytest.Device{Origin: origin}
		b.do(b.add(x, one, "One"))
		b.pass(moment.Second) // they are listed in this order
		b.do(b.add(x, two, "Two"))
		list, err := b.staff.Passkeys(t.Context(), x)
		b.do(err)
		other := b.comes(email, a)
		b.do(b.staff.RemovePasskey(t.Context(), x, list[0].ID))
		b.over(other.Secret(), "a passkey was removed")
		b.do(b.staff.RemovePasskey(t.Context(), x, list[0].ID)) // gone already
		_, err = b.enters(one)
		b.wants(err, "passkey_wrong")
		other, err = b.enters(two)
		b.do(err)

		ends := make(chan error, 2)
		go func() { ends <- b.staff.RemovePasskey(t.Context(), x, list[1].ID) }()
		go func() { ends <- b.staff.RemoveApp(t.Context(), x) }()
		if first, second := <-ends, <-ends; (first == nil) == (second == nil) {
			t.Errorf("both ended as %v, %v", first, second)
		} else {
			b.wants(errors.Join(first, second), "last_factor")
		}
		b.over(other.Secret(), "a proof was removed")
		b.pass(16 * moment.Minute)
		b.wants(b.staff.RemovePasskey(t.Context(), x, list[1].ID), "prove_again")
		b.wants(b.staff.RemoveApp(t.Context(), x), "prove_again")

		w, _ := b.in("wanda@example.com", staff.Support)
		b.do(b.staff.RemovePasskey(t.Context(), w, list[1].ID)) // not hers: nothing happens
		if b.session(x.Secret()); len(list) != 2 {
			t.Error(list)
		}
		b.do(b.staff.RemovePasskey(t.Context(), w, id.Passkey{}))
	})
}

// A link for who has not accepted his invitation leads to where he chooses a password; for who
// has, it signs in.
func TestTheWayInIsOfWhoeverItIsFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		_, invited, err := b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "Wanda", Email: "wanda@example.com", Role: staff.Support})
		b.do(err)
		path, err := b.staff.WayIn(t.Context(), b.shop, "wanda@example.com")
		b.do(err)
		_, err = b.staff.Invitation(t.Context(), b.shop.ID, invited)
		b.wants(err, "link_used") // the newest alone
		const join = "/admin/join/maison-lavande/"
		if path[:len(join)] != join {
			t.Fatal(path)
		}
		secret, err := b.staff.Accept(t.Context(), b.shop, path[len(join):], password, "pl")
		b.do(err)
		b.session(secret)
		path, err = b.staff.WayIn(t.Context(), b.shop, "wanda@example.com")
		b.do(err)
		const enter = "/admin/enter/maison-lavande/"
		if path[:len(enter)] != enter {
			t.Fatal(path)
		}
		secret, err = b.staff.Enter(t.Context(), b.shop.ID, path[len(enter):])
		b.do(err)
		if !b.session(secret).In() {
			t.Error("he is not in")
		}
		_, err = b.staff.WayIn(t.Context(), b.shop, "nobody@example.com")
		b.wants(err, "staff_unknown")
	})
}

// The language that somebody chose is his wherever he comes in.
func TestALanguageStaysWithItsPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x, a := b.in("boss@example.com", staff.Owner)
		b.do(b.staff.Speak(t.Context(), x, "pl"))
		if y := b.comes("boss@example.com", a); y.Locale != "pl" || x.Locale != "pl" {
			t.Errorf("%q, %q", y.Locale, x.Locale)
		}
		b.do(b.staff.Speak(t.Context(), x, "klingon"))
		if y := b.comes("boss@example.com", a); y.Locale != "en" && y.Locale != "fr" && y.Locale != "pl" {
			t.Errorf("%q", y.Locale)
		}
	})
}

// What was refused is recorded, sixty times an hour of one person, beside what was done.
func TestRefusalsAreRecordedAndFew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x := b.somebody("boss@example.com", staff.Owner)
		w := b.somebody("wanda@example.com", staff.Support)
		deeds := func(o staff.Outcome, object string) []staff.Done {
			t.Helper()
			list, err := b.staff.Deeds(t.Context(), b.shop.ID, b.shop.ID, staff.About{Object: object, Outcome: o}, id.Audit{}, 1000)
			b.do(err)
			return list
		}
		for range 100 {
			b.do(b.staff.Refuse(t.Context(), b.shop.ID, staff.Done{Who: w.ID, Action: "POST /people", Object: "stf_x", Refused: "not_yours", Detail: map[string]string{"name": "Wanda"}}))
		}
		b.pass(moment.Second)
		b.do(b.staff.Refuse(t.Context(), b.shop.ID, staff.Done{Who: x.ID, Action: "POST /people", Refused: "last_owner"}))
		b.do(b.staff.Note(t.Context(), b.shop.ID, staff.Done{Who: w.ID, Action: "POST /sign-out", Object: "stf_x"}))
		if all, done, refused := deeds(staff.All, ""), deeds(staff.Granted, ""), deeds(staff.Refused, ""); len(all) != 62 || len(done) != 1 || len(refused) != 61 {
			t.Fatalf("%d of all, %d done, %d refused", len(all), len(done), len(refused))
		} else if r := refused[1]; r.Refused != "not_yours" || len(r.Detail) != 0 || refused[0].Who != x.ID {
			t.Errorf("%+v", r)
		}
		if n, m, k := len(deeds(staff.All, "stf_x")), len(deeds(staff.Granted, "stf_x")), len(deeds(staff.Refused, "stf_x")); n != 61 || m != 1 || k != 60 {
			t.Errorf("about one object %d, %d done, %d refused", n, m, k)
		}
		b.pass(moment.Hour + moment.Minute)
		b.do(b.staff.Refuse(t.Context(), b.shop.ID, staff.Done{Who: w.ID, Action: "POST /people", Refused: "not_yours"}))
		if n := len(deeds(staff.Refused, "")); n != 62 {
			t.Errorf("%d an hour later", n)
		}
	})
}
