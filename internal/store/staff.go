package store

import (
	"bytes"
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const staffRow = `s.id, s.email_key, s.role, s.state, s.password, s.factor, s.factor_step, s.created_at, s.seen_at, s.locale, s.sealed,
		(SELECT COUNT(*) FROM staff_passkeys p WHERE p.shop_id = $1 AND p.staff_id = s.id) FROM staff s WHERE s.shop_id = $1`

const auditRow = `a.id, a.at, a.staff_id, a.action, a.object, a.detail, a.network, a.refused, a.changes, a.sealed, w.wrapped
		FROM audit a LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = a.member_id WHERE a.shop_id = $1`

var (
	qPutStaff = New("staff.put", `
		INSERT INTO staff (shop_id, id, email_key, role, state, password, factor, factor_step, brake, created_at, seen_at, locale, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, 0, $9, $10)
		ON CONFLICT (shop_id, email_key) DO NOTHING RETURNING id`)
	qChangeStaff = New("staff.change", `
		UPDATE staff SET role = $3, state = $4, password = $5, factor = $6, locale = $7, sealed = $8 WHERE shop_id = $1 AND id = $2`)
	qStaff        = New("staff.one", `SELECT `+staffRow+` AND s.id = $2`)
	qStaffByEmail = New("staff.email", `SELECT `+staffRow+` AND s.email_key = $2`)
	qStaffAll     = New("staff.all", `SELECT `+staffRow+` ORDER BY s.id`)
	qHoldOwners   = New("staff.hold_owners", `UPDATE staff SET role = role WHERE shop_id = $1 AND role = 'owner'`)
	qDropStaff    = New("staff.drop", `DELETE FROM staff WHERE shop_id = $1 AND id = $2`)
	qHoldStaff    = New("staff.hold", `UPDATE staff SET role = role WHERE shop_id = $1 AND id = $2`)
	qSeenStaff    = New("staff.seen", `UPDATE staff SET seen_at = $3 WHERE shop_id = $1 AND id = $2`)
	qStaffStep    = New("staff.step", `UPDATE staff SET factor_step = $3 WHERE shop_id = $1 AND id = $2 AND factor_step < $3 RETURNING id`)

	qPutStaffSession = New("staff_sessions.put", `
		INSERT INTO staff_sessions (shop_id, hash, staff_id, created_at, seen_at, ends_at, proved_at) VALUES ($1, $2, $3, $4, $4, $5, $6)`)
	qStaffSession = New("staff_sessions.one", `
		SELECT s.staff_id, s.created_at, s.seen_at, s.ends_at, s.proved_at FROM staff_sessions s WHERE s.shop_id = $1 AND s.hash = $2`)
	qSeeStaffSession   = New("staff_sessions.see", `UPDATE staff_sessions SET seen_at = $3 WHERE shop_id = $1 AND hash = $2`)
	qProveStaffSession = New("staff_sessions.prove", `
		UPDATE staff_sessions SET hash = $3, proved_at = $4, seen_at = $4 WHERE shop_id = $1 AND hash = $2 RETURNING staff_id`)
	qEndStaffSession   = New("staff_sessions.end", `DELETE FROM staff_sessions WHERE shop_id = $1 AND hash = $2`)
	qEndStaffSessions  = New("staff_sessions.end_all", `DELETE FROM staff_sessions WHERE shop_id = $1 AND staff_id = $2 AND hash <> $3`)
	qSweepStaffSession = New("staff_sessions.sweep", `DELETE FROM staff_sessions WHERE shop_id = $1 AND ends_at < $2`)

	qPutStaffLink = New("staff_links.put", `INSERT INTO staff_links (shop_id, hash, staff_id, kind, ends_at) VALUES ($1, $2, $3, $4, $5)`)
	qStaffLink    = New("staff_links.one", `
		SELECT l.staff_id, l.kind, l.ends_at FROM staff_links l WHERE l.shop_id = $1 AND l.hash = $2 AND l.ends_at > $3`)
	qUseStaffLink   = New("staff_links.use", `DELETE FROM staff_links WHERE shop_id = $1 AND hash = $2 AND ends_at > $3 RETURNING staff_id`)
	qVoidStaffLinks = New("staff_links.void", `DELETE FROM staff_links WHERE shop_id = $1 AND staff_id = $2`)
	qSweepStaffLink = New("staff_links.sweep", `DELETE FROM staff_links WHERE shop_id = $1 AND ends_at < $2`)

	qPutAudit = New("audit.put", `
		INSERT INTO audit (shop_id, id, at, staff_id, action, object, detail, network, refused, changes, sealed, member_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11)`)
	qPutRefused = New("audit.put_refused", `
		INSERT INTO audit (shop_id, id, at, staff_id, action, object, detail, network, refused)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
		WHERE (SELECT COUNT(*) FROM audit a WHERE a.shop_id = $1 AND a.staff_id = $4 AND a.refused <> '' AND a.id > $10) < $11`)
	qAudit   = New("audit.page", `SELECT `+auditRow+` AND a.id < $2 ORDER BY a.id DESC LIMIT $3`)
	qAuditOf = New("audit.object", `SELECT `+auditRow+` AND a.object = $2 AND a.id < $3 ORDER BY a.id DESC LIMIT $4`)
	// Of what was done, and of what was refused: few rows are of the second kind.
	qAuditDone      = New("audit.done", `SELECT `+auditRow+` AND a.refused = '' AND a.id < $2 ORDER BY a.id DESC LIMIT $3`)
	qAuditDoneOf    = New("audit.done_object", `SELECT `+auditRow+` AND a.refused = '' AND a.object = $2 AND a.id < $3 ORDER BY a.id DESC LIMIT $4`)
	qAuditRefused   = New("audit.refused", `SELECT `+auditRow+` AND a.refused <> '' AND a.id < $2 ORDER BY a.id DESC LIMIT $3`)
	qAuditRefusedOf = New("audit.refused_object", `SELECT `+auditRow+` AND a.refused <> '' AND a.object = $2 AND a.id < $3 ORDER BY a.id DESC LIMIT $4`)

	qPutSavedView = New("saved_views.put", `
		INSERT INTO saved_views (shop_id, id, staff_id, list, name, query) VALUES ($1, $2, $3, $4, $5, $6)`)
	qViews         = New("saved_views.list", `SELECT v.id, v.staff_id, v.list, v.name, v.query FROM saved_views v WHERE v.shop_id = $1 AND v.list = $2 ORDER BY v.id`)
	qDropSavedView = New("saved_views.drop", `DELETE FROM saved_views WHERE shop_id = $1 AND id = $2 RETURNING id`)
)

// Staff is somebody who works in a shop's back office, as he is stored.
type Staff struct {
	ID          id.Staff
	EmailKey    string
	Role, State string
	Password    string // a slow hash; empty: none yet
	Factor      []byte // the sealed secret of the second factor; empty: none yet
	FactorStep  int64  // the last time step whose code was used
	CreatedAt   moment.Time
	SeenAt      moment.Time
	Locale      string
	Sealed      []byte // name and address
	Passkeys    int64  // how many he has; read only
}

func (x *Staff) scan(r Scanner) error {
	return r.Scan(&x.ID, &x.EmailKey, &x.Role, &x.State, &x.Password, &x.Factor, &x.FactorStep, &x.CreatedAt, &x.SeenAt, &x.Locale, &x.Sealed, &x.Passkeys)
}

// PutStaff stores somebody new; false when the address is somebody's already.
func (t *Tx) PutStaff(ctx context.Context, shop loyalty.ShopID, x *Staff) (fresh bool, err error) {
	err = t.read(ctx, qPutStaff, func(r Scanner) error {
		fresh = true
		return r.Scan(new([]byte))
	}, int64(shop), x.ID.Bytes(), x.EmailKey, x.Role, x.State, x.Password, bytesOf(x.Factor), int64(x.CreatedAt), x.Locale, x.Sealed)
	return fresh, err
}

// bytesOf is what an empty value is stored as.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// ChangeStaff stores what can change of somebody.
func (t *Tx) ChangeStaff(ctx context.Context, shop loyalty.ShopID, x *Staff) error {
	return t.Exec(ctx, qChangeStaff, int64(shop), x.ID.Bytes(), x.Role, x.State, x.Password, bytesOf(x.Factor), x.Locale, x.Sealed)
}

// HoldOwners keeps others from changing a shop's owners until this transaction ends.
func (t *Tx) HoldOwners(ctx context.Context, shop loyalty.ShopID) error {
	return t.Exec(ctx, qHoldOwners, int64(shop))
}

// DropStaff removes somebody.
func (t *Tx) DropStaff(ctx context.Context, shop loyalty.ShopID, which id.Staff) error {
	return t.Exec(ctx, qDropStaff, int64(shop), which.Bytes())
}

func oneStaff(out **Staff) func(Scanner) error {
	return func(r Scanner) error {
		*out = &Staff{}
		return (*out).scan(r)
	}
}

// Staff finds somebody; nil when there is none.
func (s *Store) Staff(ctx context.Context, shop loyalty.ShopID, which id.Staff) (out *Staff, err error) {
	err = s.Read(ctx, qStaff, oneStaff(&out), int64(shop), which.Bytes())
	return out, err
}

// StaffByEmail finds somebody by the matching form of his address; nil when there is none.
func (s *Store) StaffByEmail(ctx context.Context, shop loyalty.ShopID, key string) (out *Staff, err error) {
	err = s.Read(ctx, qStaffByEmail, oneStaff(&out), int64(shop), key)
	return out, err
}

// AllStaff lists who works in a shop's back office.
func (s *Store) AllStaff(ctx context.Context, shop loyalty.ShopID) (out []*Staff, err error) {
	err = s.Read(ctx, qStaffAll, func(r Scanner) error {
		x := &Staff{}
		out = append(out, x)
		return x.scan(r)
	}, int64(shop))
	return out, err
}

// AllStaff lists who works in a shop's back office, in this transaction.
func (t *Tx) AllStaff(ctx context.Context, shop loyalty.ShopID) (out []*Staff, err error) {
	err = t.read(ctx, qStaffAll, func(r Scanner) error {
		x := &Staff{}
		out = append(out, x)
		return x.scan(r)
	}, int64(shop))
	return out, err
}

// HoldStaff finds somebody and keeps others from changing him until this transaction ends; nil
// when there is none.
func (t *Tx) HoldStaff(ctx context.Context, shop loyalty.ShopID, which id.Staff) (out *Staff, err error) {
	if err := t.Exec(ctx, qHoldStaff, int64(shop), which.Bytes()); err != nil {
		return nil, err
	}
	err = t.read(ctx, qStaff, oneStaff(&out), int64(shop), which.Bytes())
	return out, err
}

// SeenStaff notes that somebody came in.
func (t *Tx) SeenStaff(ctx context.Context, shop loyalty.ShopID, which id.Staff) error {
	return t.Exec(ctx, qSeenStaff, int64(shop), which.Bytes(), int64(t.Now))
}

// StaffStep uses up the code of a time step; false when it, or a later one, was used before.
func (t *Tx) StaffStep(ctx context.Context, shop loyalty.ShopID, which id.Staff, step int64) (first bool, err error) {
	err = t.read(ctx, qStaffStep, func(r Scanner) error {
		first = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), step)
	return first, err
}

// StaffSession is a browser in which somebody of the staff signed in.
type StaffSession struct {
	Staff     id.Staff
	CreatedAt moment.Time
	SeenAt    moment.Time // to the minute
	EndsAt    moment.Time
	ProvedAt  moment.Time // the last second factor; zero: none yet
}

// PutStaffSession stores a session under the digest of its secret.
func (t *Tx) PutStaffSession(ctx context.Context, shop loyalty.ShopID, hash []byte, x *StaffSession) error {
	return t.Exec(ctx, qPutStaffSession, int64(shop), hash, x.Staff.Bytes(), int64(x.CreatedAt), int64(x.EndsAt), int64(x.ProvedAt))
}

// StaffSession finds a session; nil when there is none.
func (s *Store) StaffSession(ctx context.Context, shop loyalty.ShopID, hash []byte) (out *StaffSession, err error) {
	err = s.Read(ctx, qStaffSession, func(r Scanner) error {
		out = &StaffSession{}
		return r.Scan(&out.Staff, &out.CreatedAt, &out.SeenAt, &out.EndsAt, &out.ProvedAt)
	}, int64(shop), hash)
	return out, err
}

// SeeStaffSession notes that a session is used.
func (t *Tx) SeeStaffSession(ctx context.Context, shop loyalty.ShopID, hash []byte) error {
	return t.Exec(ctx, qSeeStaffSession, int64(shop), hash, int64(t.Now))
}

// ProveStaffSession notes a second factor, and puts the session under another digest: whoever
// had the secret of before has nothing. False when the session has ended meanwhile.
func (t *Tx) ProveStaffSession(ctx context.Context, shop loyalty.ShopID, hash, fresh []byte) (there bool, err error) {
	err = t.read(ctx, qProveStaffSession, func(r Scanner) error {
		there = true
		return r.Scan(new([]byte))
	}, int64(shop), hash, fresh, int64(t.Now))
	return there, err
}

// EndStaffSession ends a session.
func (t *Tx) EndStaffSession(ctx context.Context, shop loyalty.ShopID, hash []byte) error {
	return t.Exec(ctx, qEndStaffSession, int64(shop), hash)
}

// EndStaffSessions ends somebody's sessions, beside one.
func (t *Tx) EndStaffSessions(ctx context.Context, shop loyalty.ShopID, which id.Staff, beside []byte) error {
	return t.Exec(ctx, qEndStaffSessions, int64(shop), which.Bytes(), bytesOf(beside))
}

// StaffLink is a link that opens once.
type StaffLink struct {
	Staff  id.Staff // zero: the first of an installation
	Kind   string
	EndsAt moment.Time
}

// PutStaffLink stores a link under the digest of its token.
func (t *Tx) PutStaffLink(ctx context.Context, shop loyalty.ShopID, hash []byte, l *StaffLink) error {
	return t.Exec(ctx, qPutStaffLink, int64(shop), hash, l.Staff[:], l.Kind, int64(l.EndsAt))
}

// StaffLink finds a link that still opens; nil when there is none.
func (s *Store) StaffLink(ctx context.Context, shop loyalty.ShopID, hash []byte) (out *StaffLink, err error) {
	err = s.Read(ctx, qStaffLink, func(r Scanner) error {
		out = &StaffLink{}
		return r.Scan(&out.Staff, &out.Kind, &out.EndsAt)
	}, int64(shop), hash, int64(s.Clock()))
	return out, err
}

// UseStaffLink uses a link up; false when it does not open any more.
func (t *Tx) UseStaffLink(ctx context.Context, shop loyalty.ShopID, hash []byte) (used bool, err error) {
	err = t.read(ctx, qUseStaffLink, func(r Scanner) error {
		used = true
		return r.Scan(new([]byte))
	}, int64(shop), hash, int64(t.Now))
	return used, err
}

// VoidStaffLinks makes somebody's links worthless.
func (t *Tx) VoidStaffLinks(ctx context.Context, shop loyalty.ShopID, which id.Staff) error {
	return t.Exec(ctx, qVoidStaffLinks, int64(shop), which[:])
}

// SweepStaff forgets sessions, links and tries that ended before a time.
func (t *Tx) SweepStaff(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	for _, q := range []*Q{qSweepStaffSession, qSweepStaffLink, qSweepStaffTries} {
		if err := t.Exec(ctx, q, int64(shop), int64(before)); err != nil {
			return err
		}
	}
	return nil
}

// Audit is one change that somebody made, or wanted to make. It names no person but by id.
type Audit struct {
	ID      id.Audit
	At      moment.Time
	Staff   id.Staff
	Action  string // the route, such as "POST /members/{id}/block"
	Object  string // the id of what was changed; empty: the shop
	Detail  string // JSON of what was said, without persons
	Network string
	Refused string // the code of why it was refused; empty: it was done

	Changes         string    // JSON of what it changed, without the values of persons
	Sealed, Wrapped []byte    // the same with them, and the key of whose they are; nil: none, or gone
	Member          id.Member // whose values are sealed; zero: nobody's
}

// PutAudit stores one that was done.
func (t *Tx) PutAudit(ctx context.Context, shop loyalty.ShopID, a *Audit) error {
	var sealed any
	if len(a.Sealed) > 0 {
		sealed = a.Sealed
	}
	return t.Exec(ctx, qPutAudit, int64(shop), a.ID.Bytes(), int64(a.At), a.Staff[:], a.Action, a.Object, a.Detail, a.Network, a.Changes, sealed, a.Member.Bytes())
}

// PutRefused stores one that was refused, unless so many of the same person stand behind since.
func (t *Tx) PutRefused(ctx context.Context, shop loyalty.ShopID, a *Audit, since id.Audit, most int64) error {
	return t.Exec(ctx, qPutRefused, int64(shop), a.ID.Bytes(), int64(a.At), a.Staff[:], a.Action, a.Object, a.Detail, a.Network, a.Refused, since.Bytes(), most)
}

// Audited says which audits are meant.
type Audited int

// Audits of all outcomes, of what was done, and of what was refused.
const (
	AuditedAll Audited = iota
	AuditedDone
	AuditedRefused
)

var qAudits = map[Audited]struct{ all, of *Q }{
	AuditedAll: {qAudit, qAuditOf}, AuditedDone: {qAuditDone, qAuditDoneOf}, AuditedRefused: {qAuditRefused, qAuditRefusedOf},
}

// Audits lists changes, newest first, before one; of one object when it is named.
func (s *Store) Audits(ctx context.Context, shop loyalty.ShopID, object string, which Audited, before id.Audit, limit int) (out []*Audit, err error) {
	scan := func(r Scanner) error {
		a := &Audit{}
		out = append(out, a)
		err := r.Scan(&a.ID, &a.At, &a.Staff, &a.Action, &a.Object, &a.Detail, &a.Network, &a.Refused, &a.Changes, &a.Sealed, &a.Wrapped)
		a.Sealed, a.Wrapped = bytes.Clone(a.Sealed), bytes.Clone(a.Wrapped)
		return err
	}
	if before.IsZero() {
		for i := range before {
			before[i] = 0xff
		}
	}
	q := qAudits[which]
	if object != "" {
		err = s.Read(ctx, q.of, scan, int64(shop), object, before.Bytes(), limit)
	} else {
		err = s.Read(ctx, q.all, scan, int64(shop), before.Bytes(), limit)
	}
	return out, err
}

// SavedView is a filter with a name.
type SavedView struct {
	ID    id.View
	Staff id.Staff // zero: everybody's
	List  string
	Name  string
	Query string // of the address, without ?
}

// PutSavedView stores a view.
func (t *Tx) PutSavedView(ctx context.Context, shop loyalty.ShopID, v *SavedView) error {
	return t.Exec(ctx, qPutSavedView, int64(shop), v.ID.Bytes(), v.Staff[:], v.List, v.Name, v.Query)
}

// SavedViews lists the views of a list, whoever made them.
func (s *Store) SavedViews(ctx context.Context, shop loyalty.ShopID, list string) (out []*SavedView, err error) {
	err = s.Read(ctx, qViews, func(r Scanner) error {
		v := &SavedView{}
		out = append(out, v)
		return r.Scan(&v.ID, &v.Staff, &v.List, &v.Name, &v.Query)
	}, int64(shop), list)
	return out, err
}

// DropSavedView forgets a view; false when there is none.
func (t *Tx) DropSavedView(ctx context.Context, shop loyalty.ShopID, which id.View) (had bool, err error) {
	err = t.read(ctx, qDropSavedView, func(r Scanner) error {
		had = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes())
	return had, err
}
