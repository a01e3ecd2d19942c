package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// States of a wish to come in.
const (
	SignInAsked = "asked" // the letter is not written yet
	SignInSent  = "sent"
	SignInUsed  = "used"
	SignInVoid  = "void" // another one took its place, or nobody was written to
)

var (
	qPutSignIn = New("sign_ins.put", `
		INSERT INTO sign_ins (shop_id, id, email_key, browser, state, tries, created_at, ends_at, sealed)
		VALUES ($1, $2, $3, $4, 'asked', 0, $5, $6, $7)`)
	qSignIn = New("sign_ins.one", `
		SELECT s.id, s.email_key, s.browser, s.state, s.tries, s.created_at, s.ends_at, s.sealed FROM sign_ins s WHERE s.shop_id = $1 AND s.id = $2`)
	qSignInsSent = New("sign_ins.count", `
		SELECT COUNT(*) FROM sign_ins s WHERE s.shop_id = $1 AND s.email_key = $2 AND s.created_at > $3 AND s.id < $4`)
	qSignInState = New("sign_ins.state", `
		UPDATE sign_ins SET state = $4 WHERE shop_id = $1 AND id = $2 AND state = $3 RETURNING id`)
	qVoidSignIns = New("sign_ins.void", `
		UPDATE sign_ins SET state = 'void' WHERE shop_id = $1 AND email_key = $2 AND browser = $3 AND id <> $4 AND state = 'sent'`)
	qSignInTry = New("sign_ins.try", `
		UPDATE sign_ins SET tries = tries + 1 WHERE shop_id = $1 AND id = $2 AND tries < $3 AND ends_at > $4 RETURNING state`)
	qSweepSignIns = New("sign_ins.sweep", `DELETE FROM sign_ins WHERE shop_id = $1 AND ends_at < $2`)

	qPutSession = New("sessions.put", `
		INSERT INTO sessions (shop_id, hash, member_id, created_at, ends_at, proved_at) VALUES ($1, $2, $3, $4, $5, 0)`)
	qSession = New("sessions.one", `
		SELECT s.member_id, s.created_at, s.ends_at, s.proved_at FROM sessions s WHERE s.shop_id = $1 AND s.hash = $2`)
	qExtendSession = New("sessions.extend", `UPDATE sessions SET ends_at = $3 WHERE shop_id = $1 AND hash = $2`)
	qProveSession  = New("sessions.prove", `UPDATE sessions SET proved_at = $3 WHERE shop_id = $1 AND hash = $2`)
	qEndSession    = New("sessions.end", `DELETE FROM sessions WHERE shop_id = $1 AND hash = $2`)
	qEndSessions   = New("sessions.end_all", `DELETE FROM sessions WHERE shop_id = $1 AND member_id = $2 AND hash <> $3`)
	qLastSession   = New("sessions.last", `SELECT COALESCE(MAX(s.created_at), 0) FROM sessions s WHERE s.shop_id = $1 AND s.member_id = $2`)
	qSweepSessions = New("sessions.sweep", `DELETE FROM sessions WHERE shop_id = $1 AND ends_at < $2`)

	qPin    = New("pins.one", `SELECT p.hash, p.wrong, p.locked_until, p.set_at FROM pins p WHERE p.shop_id = $1 AND p.member_id = $2`)
	qPutPin = New("pins.put", `
		INSERT INTO pins (shop_id, member_id, hash, wrong, locked_until, set_at) VALUES ($1, $2, $3, 0, 0, $4)
		ON CONFLICT (shop_id, member_id) DO UPDATE SET hash = excluded.hash, wrong = 0, locked_until = 0, set_at = excluded.set_at`)
	qPinTry = New("pins.try", `
		UPDATE pins SET wrong = wrong + 1, locked_until = CASE WHEN wrong + 1 >= $3 THEN $4 ELSE locked_until END
		WHERE shop_id = $1 AND member_id = $2 AND locked_until <= $5 RETURNING wrong`)
	qPinRight = New("pins.right", `UPDATE pins SET wrong = 0, locked_until = 0 WHERE shop_id = $1 AND member_id = $2`)

	qUseToken = New("used_tokens.put", `
		INSERT INTO used_tokens (shop_id, hash, ends_at) VALUES ($1, $2, $3) ON CONFLICT (shop_id, hash) DO NOTHING RETURNING ends_at`)
	qSweepTokens = New("used_tokens.sweep", `DELETE FROM used_tokens WHERE shop_id = $1 AND ends_at < $2`)
)

// SignIn is one wish to come in, or to join.
type SignIn struct {
	ID        id.SignIn
	EmailKey  string
	Browser   []byte // a digest
	State     string
	Tries     int64
	CreatedAt moment.Time
	EndsAt    moment.Time
	Sealed    []byte
}

// PutSignIn stores a wish to come in.
func (t *Tx) PutSignIn(ctx context.Context, shop loyalty.ShopID, s *SignIn) error {
	return t.Exec(ctx, qPutSignIn, int64(shop), s.ID.Bytes(), s.EmailKey, s.Browser, int64(s.CreatedAt), int64(s.EndsAt), s.Sealed)
}

// SignIn finds a wish to come in; nil when there is none.
func (s *Store) SignIn(ctx context.Context, shop loyalty.ShopID, which id.SignIn) (out *SignIn, err error) {
	err = s.Read(ctx, qSignIn, func(r Scanner) error {
		out = &SignIn{}
		return r.Scan(&out.ID, &out.EmailKey, &out.Browser, &out.State, &out.Tries, &out.CreatedAt, &out.EndsAt, &out.Sealed)
	}, int64(shop), which.Bytes())
	return out, err
}

// SignInsSince counts the wishes to come in with an address since a time, before one.
func (s *Store) SignInsSince(ctx context.Context, shop loyalty.ShopID, emailKey string, since moment.Time, before id.SignIn) (n int64, err error) {
	err = s.Read(ctx, qSignInsSent, func(r Scanner) error { return r.Scan(&n) }, int64(shop), emailKey, int64(since), before.Bytes())
	return n, err
}

// MoveSignIn changes the state of a wish to come in; false when it had another one than said.
func (t *Tx) MoveSignIn(ctx context.Context, shop loyalty.ShopID, which id.SignIn, from, to string) (moved bool, err error) {
	err = t.read(ctx, qSignInState, func(r Scanner) error {
		moved = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), from, to)
	return moved, err
}

// VoidSignIns makes the letters worthless that a browser asked for to an address, beside one.
func (t *Tx) VoidSignIns(ctx context.Context, shop loyalty.ShopID, emailKey string, browser []byte, beside id.SignIn) error {
	return t.Exec(ctx, qVoidSignIns, int64(shop), emailKey, browser, beside.Bytes())
}

// TrySignIn counts one try; false when there were too many, it ended, or its letter was not
// sent. A letter that nobody got is counted like one that somebody did, so that both take as
// long.
func (t *Tx) TrySignIn(ctx context.Context, shop loyalty.ShopID, which id.SignIn, most int64) (may bool, err error) {
	state := ""
	err = t.read(ctx, qSignInTry, func(r Scanner) error { return r.Scan(&state) }, int64(shop), which.Bytes(), most, int64(t.Now))
	return state == SignInSent, err
}

// Session is a browser in which a member is signed in.
type Session struct {
	Member    id.Member
	CreatedAt moment.Time
	EndsAt    moment.Time
	ProvedAt  moment.Time // the last second proof; zero: none
}

// PutSession stores a session under the digest of its secret.
func (t *Tx) PutSession(ctx context.Context, shop loyalty.ShopID, hash []byte, m id.Member, ends moment.Time) error {
	return t.Exec(ctx, qPutSession, int64(shop), hash, m.Bytes(), int64(t.Now), int64(ends))
}

// Session finds a session; nil when there is none.
func (s *Store) Session(ctx context.Context, shop loyalty.ShopID, hash []byte) (out *Session, err error) {
	err = s.Read(ctx, qSession, func(r Scanner) error {
		out = &Session{}
		return r.Scan(&out.Member, &out.CreatedAt, &out.EndsAt, &out.ProvedAt)
	}, int64(shop), hash)
	return out, err
}

// ExtendSession lets a session end later.
func (t *Tx) ExtendSession(ctx context.Context, shop loyalty.ShopID, hash []byte, ends moment.Time) error {
	return t.Exec(ctx, qExtendSession, int64(shop), hash, int64(ends))
}

// ProveSession notes a second proof.
func (t *Tx) ProveSession(ctx context.Context, shop loyalty.ShopID, hash []byte, at moment.Time) error {
	return t.Exec(ctx, qProveSession, int64(shop), hash, int64(at))
}

// EndSession ends one session.
func (t *Tx) EndSession(ctx context.Context, shop loyalty.ShopID, hash []byte) error {
	return t.Exec(ctx, qEndSession, int64(shop), hash)
}

// EndSessions ends a member's sessions, beside one.
func (t *Tx) EndSessions(ctx context.Context, shop loyalty.ShopID, m id.Member, beside []byte) error {
	return t.Exec(ctx, qEndSessions, int64(shop), m.Bytes(), beside)
}

// Pin is the second proof of a member.
type Pin struct {
	Hash        string
	Wrong       int64
	LockedUntil moment.Time
	SetAt       moment.Time
}

// Pin finds a member's; nil when he has none.
func (s *Store) Pin(ctx context.Context, shop loyalty.ShopID, m id.Member) (out *Pin, err error) {
	err = s.Read(ctx, qPin, func(r Scanner) error {
		out = &Pin{}
		return r.Scan(&out.Hash, &out.Wrong, &out.LockedUntil, &out.SetAt)
	}, int64(shop), m.Bytes())
	return out, err
}

// PutPin stores a member's second proof.
func (t *Tx) PutPin(ctx context.Context, shop loyalty.ShopID, m id.Member, hash string) error {
	return t.Exec(ctx, qPutPin, int64(shop), m.Bytes(), hash, int64(t.Now))
}

// TryPin counts a try as wrong before it is looked at; false while it is locked. The try
// number most locks it until a time.
func (t *Tx) TryPin(ctx context.Context, shop loyalty.ShopID, m id.Member, most int64, until moment.Time) (may bool, err error) {
	err = t.read(ctx, qPinTry, func(r Scanner) error {
		may = true
		return r.Scan(new(int64))
	}, int64(shop), m.Bytes(), most, int64(until), int64(t.Now))
	return may, err
}

// PinRight forgets wrong tries.
func (t *Tx) PinRight(ctx context.Context, shop loyalty.ShopID, m id.Member) error {
	return t.Exec(ctx, qPinRight, int64(shop), m.Bytes())
}

// UseToken notes a token; false when it was used before.
func (t *Tx) UseToken(ctx context.Context, shop loyalty.ShopID, hash []byte, ends moment.Time) (first bool, err error) {
	err = t.read(ctx, qUseToken, func(r Scanner) error {
		first = true
		return r.Scan(new(int64))
	}, int64(shop), hash, int64(ends))
	return first, err
}

// SweepSignIns forgets what has ended before a time.
func (t *Tx) SweepSignIns(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	for _, q := range []*Q{qSweepSignIns, qSweepSessions, qSweepTokens, qSweepTillCode} {
		if err := t.Exec(ctx, q, int64(shop), int64(before)); err != nil {
			return err
		}
	}
	return nil
}

// SignedInAt tells when a member came in last, as far as one of his browsers is still signed
// in; zero: none is.
func (s *Store) SignedInAt(ctx context.Context, shop loyalty.ShopID, m id.Member) (at moment.Time, err error) {
	err = s.Read(ctx, qLastSession, func(r Scanner) error { return r.Scan(&at) }, int64(shop), m.Bytes())
	return at, err
}
