// Package passkeytest is a device with passkeys, for tests: what a phone does when a page asks.
package passkeytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Device holds passkeys. Origin is the page's; whoever holds the device is verified unless
// Stranger is set. It counts the uses of its passkeys where Counts is set, as security keys do;
// passkeys that are synchronised have no counter.
type Device struct {
	Origin           string
	Stranger, Counts bool
	Keys             []*Key
}

// Key is one passkey. Count may be set back, as that of a copy is.
type Key struct {
	ID, Handle []byte
	Count      uint32
	domain     string
	secret     *ecdsa.PrivateKey
}

// Flags of authenticator data: the person is there, was verified, a credential is attached; it
// may be synchronised.
const (
	present   = 0x01
	verified  = 0x04
	mayBackup = 0x08
	attached  = 0x40
)

// Create answers options of navigator.credentials.create with a new passkey.
func (d *Device) Create(t testing.TB, options []byte) []byte {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			RP        struct{ ID string }
			User      struct{ ID string }
		}
	}
	read(t, options, &o)
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := &Key{ID: []byte(rand.Text()), Handle: unwrapped(t, o.PublicKey.User.ID), domain: o.PublicKey.RP.ID, secret: secret}
	d.Keys = append(d.Keys, k)

	point, err := secret.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.NewBuffer(d.data(k, attached))
	data.Write(make([]byte, 16)) // of no known make
	_ = binary.Write(data, binary.BigEndian, uint16(len(k.ID)))
	data.Write(k.ID)
	// {1: 2, 3: -7, -1: 1, -2: x, -3: y}: a COSE key on P-256 for ES256
	data.Write([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20})
	data.Write(point[1:33])
	data.Write([]byte{0x22, 0x58, 0x20})
	data.Write(point[33:])
	// {"fmt": "none", "attStmt": {}, "authData": …}
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), byte(data.Len()>>8), byte(data.Len()))
	return answer(t, k.ID, map[string]string{
		"clientDataJSON": wrapped(d.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": wrapped(append(object, data.Bytes()...)),
	})
}

// Get answers options of navigator.credentials.get with the first passkey that fits.
func (d *Device) Get(t testing.TB, options []byte) []byte {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge        string
			RPID             string
			AllowCredentials []struct{ ID string }
		}
	}
	read(t, options, &o)
	for _, k := range d.Keys {
		fits := len(o.PublicKey.AllowCredentials) == 0
		for _, c := range o.PublicKey.AllowCredentials {
			fits = fits || bytes.Equal(unwrapped(t, c.ID), k.ID)
		}
		if fits && k.domain == o.PublicKey.RPID {
			return d.Sign(t, k, o.PublicKey.Challenge)
		}
	}
	t.Fatal("the device has no such passkey")
	return nil
}

// Sign answers a challenge with a passkey, whoever was asked for.
func (d *Device) Sign(t testing.TB, k *Key, challenge string) []byte {
	t.Helper()
	if d.Counts {
		k.Count++
	}
	data, client := d.data(k, 0), d.client("webauthn.get", challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.secret, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, k.ID, map[string]string{
		"clientDataJSON": wrapped(client), "authenticatorData": wrapped(data), "signature": wrapped(signature), "userHandle": wrapped(k.Handle),
	})
}

func (d *Device) data(k *Key, flags byte) []byte {
	domain := sha256.Sum256([]byte(k.domain))
	flags |= present | mayBackup
	if !d.Stranger {
		flags |= verified
	}
	return binary.BigEndian.AppendUint32(append(domain[:], flags), k.Count)
}

func (d *Device) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false}) // plain values
	return b
}

func answer(t testing.TB, which []byte, response map[string]string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"id": wrapped(which), "rawId": wrapped(which), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, options []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(options, into); err != nil {
		t.Fatalf("options: %v: %s", err, options)
	}
}

func wrapped(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unwrapped(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
