package office

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

const (
	answerLease = 1 * moment.Minute // after that a request that never ended may come again
	answerKeep  = 24 * moment.Hour
)

// Request is a request with an Idempotency-Key. Bearer is the caller's token: the stored
// answer can be read with it alone, since answers may hold personal data and keys.
type Request struct {
	Shop   loyalty.ShopID
	Bearer string
	Key    string
	Body   []byte // everything that makes the request the same one: method, path and body
}

// Claim is the right to answer a request.
type Claim struct {
	o    *Office
	req  Request
	name string
}

// Answered is the answer that was given before.
type Answered struct {
	Status int
	Body   []byte
}

// Claim takes a request's key. It gives either the claim or the earlier answer; a key that
// was used for another request is the problem `idempotency_key_reused`, and one whose
// request is still running `in_progress`.
func (o *Office) Claim(ctx context.Context, r Request) (*Claim, *Answered, error) {
	c := &Claim{o: o, req: r, name: hex.EncodeToString(r.mac("key", []byte(r.Key)))}
	digest := r.mac("body", r.Body)
	claimed, was, err := o.st.ClaimAnswer(ctx, r.Shop, c.name, digest, answerLease)
	switch {
	case err != nil:
		return nil, nil, err
	case claimed:
		return c, nil, nil
	case !hmac.Equal(was.Digest, digest):
		return nil, nil, loyalty.Invalid("Idempotency-Key", "idempotency_key_reused")
	case was.Status == 0:
		return nil, nil, loyalty.Conflict("Idempotency-Key", "in_progress")
	}
	body, err := r.box().Open(nil, nil, was.Body, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("answer under an Idempotency-Key: %w", err)
	}
	return nil, &Answered{was.Status, body}, nil
}

// Keep stores the answer for a day.
func (c *Claim) Keep(ctx context.Context, a Answered) error {
	sealed := c.req.box().Seal(nil, nil, a.Body, nil)
	return c.o.st.KeepAnswer(ctx, c.req.Shop, c.name, store.Answer{Status: a.Status, Body: sealed}, answerKeep)
}

// Drop gives the key back: nothing was done, the request may come again.
func (c *Claim) Drop(ctx context.Context) error {
	return c.o.st.DropAnswer(ctx, c.req.Shop, c.name)
}

// SweepAnswers removes the answers of a shop that nobody may ask for any more.
func (o *Office) SweepAnswers(ctx context.Context, shop loyalty.ShopID) error {
	return o.st.SweepAnswers(ctx, shop)
}

func (r *Request) mac(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, []byte(r.Bearer))
	h.Write([]byte(purpose + "\x00"))
	h.Write(data)
	return h.Sum(nil)
}

func (r *Request) box() cipher.AEAD {
	key, err := hkdf.Key(sha256.New, []byte(r.Bearer), nil, "answer "+r.Key, 32)
	if err != nil {
		panic(err) // 32 bytes are never too many
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return g
}
