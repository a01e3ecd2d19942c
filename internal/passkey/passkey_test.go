package passkey_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"cagnotte/internal/passkey"
	"cagnotte/internal/passkey/passkeytest"
)

const address = "https://club.example/p/lavande"

func owner(name string) passkey.Owner {
	h := make([]byte, passkey.HandleBytes)
	_, _ = rand.Read(h)
	return passkey.Owner{Handle: h, Name: name}
}

// made registers a passkey on a device.
func made(t *testing.T, s *passkey.Site, d *passkeytest.Device, o passkey.Owner) *passkey.Credential {
	t.Helper()
	options, challenge, err := s.Register(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Registered(o, challenge, d.Create(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhereThereArePasskeys(t *testing.T) {
	t.Parallel()
	for address, there := range map[string]bool{
		"https://club.example": true, "https://CLUB.example:8443/p/x": true, "http://localhost:8090": true, "http://shop.localhost": true,
		"http://club.example": false, "https://127.0.0.1": false, "http://127.0.0.1:8090": false, "https://[::1]:1": false, "": false,
		"ftp://club.example": false, "://": false, "http://localhost.evil.example": false,
	} {
		if got := passkey.At(address, "Shop") != nil; got != there {
			t.Errorf("%q: %v, want %v", address, got, there)
		}
	}
}

func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	t.Parallel()
	s, d, o := passkey.At(address, "Lavande"), &passkeytest.Device{Origin: "https://club.example", Counts: true}, owner("Camille")
	c := made(t, s, d, o)
	var kept struct{ Flags struct{ BackupEligible bool } }
	if err := json.Unmarshal(c.Text, &kept); err != nil || !kept.Flags.BackupEligible {
		t.Errorf("the record forgets that the passkey may be synchronised: %v %s", err, c.Text)
	}
	options, _, err := s.Register(o, c.Text)
	if err != nil || !strings.Contains(string(options), "excludeCredentials") || !strings.Contains(string(options), `"residentKey":"required"`) {
		t.Errorf("a second one is asked for as %s, %v", options, err)
	}
	for _, known := range [][][]byte{nil, {c.Text}} {
		options, challenge, err := s.Ask(known...)
		if err != nil {
			t.Fatal(err)
		}
		answer := d.Get(t, options)
		which, handle, err := passkey.Named(answer)
		if err != nil || !bytes.Equal(which, c.ID) || !bytes.Equal(handle, o.Handle) {
			t.Errorf("the answer names %x of %x, %v", which, handle, err)
		}
		next, err := s.Verify(o.Handle, c.Text, challenge, answer)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(next.Text, c.Text) {
			t.Error("the counter is not kept")
		}
		c = next
	}
}

// Whatever does not fit is refused, each thing alone.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	s, other := passkey.At(address, "Lavande"), passkey.At("https://other.example", "Other")
	d, o := &passkeytest.Device{Origin: "https://club.example", Counts: true}, owner("Camille")
	c := made(t, s, d, o)
	ask := func() string {
		_, challenge, err := s.Ask()
		if err != nil {
			t.Fatal(err)
		}
		return challenge
	}
	k, challenge := d.Keys[0], ask()
	good := d.Sign(t, k, challenge)
	if _, err := s.Verify(o.Handle, c.Text, challenge, good); err != nil {
		t.Fatal(err)
	}
	phished := &passkeytest.Device{Origin: "https://club.example.evil.example"}
	unlocked := &passkeytest.Device{Origin: d.Origin, Stranger: true}
	thief := &passkeytest.Device{Origin: d.Origin}
	stolen := made(t, s, thief, owner("Mallory"))
	copied := *k
	copied.Count = 0
	next, err := s.Verify(o.Handle, c.Text, challenge, good)
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		"another challenge": func() error { _, err := s.Verify(o.Handle, c.Text, ask(), good); return err },
		"another site's page": func() error {
			_, err := s.Verify(o.Handle, c.Text, challenge, phished.Sign(t, k, challenge))
			return err
		},
		"another site":  func() error { _, err := other.Verify(o.Handle, c.Text, challenge, good); return err },
		"another owner": func() error { _, err := s.Verify(owner("x").Handle, c.Text, challenge, good); return err },
		"another one's": func() error {
			_, err := s.Verify(o.Handle, c.Text, challenge, thief.Sign(t, thief.Keys[0], challenge))
			return err
		},
		"another record": func() error { _, err := s.Verify(o.Handle, stolen.Text, challenge, good); return err },
		"nobody was verified": func() error {
			_, err := s.Verify(o.Handle, c.Text, challenge, unlocked.Sign(t, k, challenge))
			return err
		},
		"a copy": func() error {
			_, err := s.Verify(o.Handle, next.Text, challenge, d.Sign(t, &copied, challenge))
			return err
		},
		"nothing":      func() error { _, err := s.Verify(o.Handle, c.Text, challenge, nil); return err },
		"no challenge": func() error { _, err := s.Verify(o.Handle, c.Text, "", d.Sign(t, k, "")); return err },
		"a changed signature": func() error {
			_, err := s.Verify(o.Handle, c.Text, challenge, bytes.Replace(good, []byte(`"signature":"M`), []byte(`"signature":"N`), 1))
			return err
		},
		"no answer to be read": func() error { _, _, err := passkey.Named([]byte(`{"id":1}`)); return err },
		"a registration": func() error {
			_, err := s.Registered(o, challenge, good)
			return err
		},
		"a registration for somebody else's challenge": func() error {
			options, _, err := s.Register(o)
			if err != nil {
				return err
			}
			_, err = s.Registered(o, ask(), d.Create(t, options))
			return err
		},
	} {
		if err := try(); !errors.Is(err, passkey.ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
