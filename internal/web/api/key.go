package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
)

// Key is a key as people see it: never its secret.
type Key struct {
	ID         id.Key      `json:"id"`
	Name       string      `json:"name"`
	Prefix     string      `json:"prefix" doc:"How the secret begins"`
	Scopes     []string    `json:"scopes"`
	CreatedAt  moment.Time `json:"created_at" format:"date-time"`
	LastUsedAt moment.Time `json:"last_used_at,omitzero" format:"date-time" doc:"To the minute; it may be a minute late"`
	EndsAt     moment.Time `json:"ends_at,omitzero" format:"date-time" doc:"It was replaced, and opens nothing from then on"`
	RevokedAt  moment.Time `json:"revoked_at,omitzero" format:"date-time"`
}

// NewKey says what a key is to be.
type NewKey struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes" minItems:"1" maxItems:"10" doc:"Of the caller's own: facts, keys, programs, read, settings; or till alone"`
}

// IssuedKey is a new key; its secret can be read this once.
type IssuedKey struct {
	Key      Key    `json:"key"`
	Secret   string `json:"secret"`
	Replaced *Key   `json:"replaced,omitempty" doc:"The key whose place it takes"`
}

type keyPath struct {
	ID id.Key `path:"id" unknown:"key_unknown"`
}

func (a *API) listKeys(c *call, p *paging, _ *none) (*Page[Key], error) {
	from, err := after[id.KeyKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.office.Keys(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(k office.Key) id.Key { return k.ID }, func(k office.Key) Key { return Key(k) }), nil
}

func (a *API) createKey(c *call, _ *none, b *NewKey) (*IssuedKey, error) {
	k, secret, err := a.office.IssueKey(c.ctx, c.access, b.Name, b.Scopes)
	if err != nil {
		return nil, err
	}
	return &IssuedKey{Key: Key(k), Secret: secret}, nil
}

func (a *API) revokeKey(c *call, p *keyPath, _ *none) (*Key, error) {
	k, err := a.office.RevokeKey(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	out := Key(k)
	return &out, nil
}

func (a *API) rotateKey(c *call, p *keyPath, _ *none) (*IssuedKey, error) {
	fresh, old, secret, err := a.office.RotateKey(c.ctx, c.access, p.ID)
	if err != nil {
		return nil, err
	}
	return &IssuedKey{Key(fresh), secret, new(Key(old))}, nil
}
