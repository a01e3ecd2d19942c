// Package seal keeps personal data unreadable in the database: matching keys of e-mail and
// phone are keyed hashes, names and addresses are sealed under a key of the person, which
// is itself wrapped by the shop's master key. Without the person's key nothing of him can
// be read again, in backups either.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Box holds the master key.
type Box struct{ wrap, match, alone []byte }

// ErrKey is returned for a master key that is not 32 bytes in base 64, or data that was
// sealed under another one.
var ErrKey = errors.New("not the master key")

// New makes a box from a master key of 32 bytes in base 64.
func New(key string) (*Box, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%w: want 32 bytes in base 64", ErrKey)
	}
	wrap, err := hkdf.Key(sha256.New, raw, nil, "persons", 32)
	if err != nil {
		return nil, err
	}
	match, err := hkdf.Key(sha256.New, raw, nil, "matching", 32)
	if err != nil {
		return nil, err
	}
	alone, err := hkdf.Key(sha256.New, raw, nil, "alone", 32)
	if err != nil {
		return nil, err
	}
	return &Box{wrap, match, alone}, nil
}

// File reads the master key of a data folder, and makes one where there is none yet.
func File(folder string) (*Box, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	name := filepath.Join(folder, "master.key")
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		var raw [32]byte
		_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
		b = []byte(base64.StdEncoding.EncodeToString(raw[:]) + "\n")
		err = os.WriteFile(name, b, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return New(string(b))
}

// Match gives the keyed hash by which an e-mail or phone is found; value is its matching
// form.
func (b *Box) Match(kind, value string) string {
	h := hmac.New(sha256.New, b.match)
	h.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// Code derives the n-th candidate of a secret code for a row: unguessable without the
// master key, and the same again when the facts are replayed.
func (b *Box) Code(row []byte, n byte) [32]byte {
	h := hmac.New(sha256.New, b.match)
	h.Write([]byte("code\x00"))
	h.Write(row)
	h.Write([]byte{n})
	return [32]byte(h.Sum(nil))
}

// NewPerson makes the key of a person, wrapped for storage.
func (b *Box) NewPerson() (wrapped []byte) {
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	return seal(b.wrap, raw[:])
}

// Seal encrypts a person's data under his wrapped key.
func (b *Box) Seal(wrapped, data []byte) ([]byte, error) {
	key, err := open(b.wrap, wrapped)
	if err != nil {
		return nil, err
	}
	return seal(key, data), nil
}

// Open decrypts what Seal made.
func (b *Box) Open(wrapped, sealed []byte) ([]byte, error) {
	key, err := open(b.wrap, wrapped)
	if err != nil {
		return nil, err
	}
	return open(key, sealed)
}

// SealAlone encrypts what belongs to nobody who has a key: a friend of whom nothing but the
// address is known. Only deleting it makes it unreadable, so it must not be kept for long.
func (b *Box) SealAlone(data []byte) []byte { return seal(b.alone, data) }

// OpenAlone decrypts what SealAlone made.
func (b *Box) OpenAlone(sealed []byte) ([]byte, error) { return open(b.alone, sealed) }

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys have 32 bytes
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return g
}

func seal(key, data []byte) []byte { return gcm(key).Seal(nil, nil, data, nil) }

func open(key, sealed []byte) ([]byte, error) {
	b, err := gcm(key).Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, ErrKey
	}
	return b, nil
}

// Fingerprint names the key without telling anything of it.
func (b *Box) Fingerprint() string { return b.Match("fingerprint", "")[:12] }
