// Package signin lets members into the shop's pages: by a letter with a link and a code, by
// a passkey, by the shop's own sign-on, and by a second proof where they spend. It knows
// sessions and proofs; who somebody is and what he has is the business of others.
//
// Nothing that it stores opens anything: links and codes are derived from the master key,
// of a session's secret there is a digest. Whoever asks for a letter is answered the same
// whether or not an account has that address, since the answer is given before anybody
// looks.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Job is the kind of the jobs that write letters; their subject is the wish to come in.
const Job = "sign_in"

const (
	letterFor = 10 * moment.Minute // how long a link and its code open (OWASP ASVS 6.5.5)
	maxTries  = 5                  // of one letter's code; who has its link has as many more, so that nobody uses his up
	perHour   = 15                 // letters to one address, whoever asks; web.Limits.Letters holds each network to less
	lasts     = 30 * moment.Day    // a session that nobody uses
	renewEach = moment.Day
)

// SignIn is the running service; it is safe for many goroutines.
type SignIn struct {
	st   *store.Store
	box  *seal.Box
	post message.Post
}

// New makes it; post takes the letters.
func New(st *store.Store, box *seal.Box, post message.Post) *SignIn { return &SignIn{st, box, post} }

// Joining is what somebody said of himself who is to become a member once he has shown that
// the address is his.
type Joining struct {
	FirstName, LastName string
	Birthday            string // MM-DD; empty: unknown
	Referrer            string // the code of the link that brought him
	Visitor             string
	Accepts             []store.Acceptance // the legal texts that he accepted by that
	Fields              map[string]string  `json:",omitempty"` // in the shop's own fields
}

// Asked is a wish to come in.
type Asked struct {
	Email   string
	Key     string // the matching form of the address
	Locale  string
	Browser string   // a secret of the browser that asks
	Joining *Joining // nil: he says that he is a member
}

// Pending is a wish to come in whose letter was answered.
type Pending struct {
	ID     id.SignIn
	Email  string
	Locale string
	*Joining
}

// kept is what is sealed of a wish.
type kept struct {
	Email   string
	Locale  string
	Joining *Joining `json:",omitempty"`
}

// Ask takes a wish to come in. A letter follows where there is somebody to write to.
func (s *SignIn) Ask(ctx context.Context, shop loyalty.ShopID, a Asked) (id.SignIn, error) {
	text, err := json.Marshal(kept{a.Email, a.Locale, a.Joining})
	if err != nil {
		return id.SignIn{}, err
	}
	row := &store.SignIn{EmailKey: a.Key, Browser: digest(a.Browser), Sealed: s.box.SealAlone(text)}
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		row.ID = id.Mint[id.SignInKind](int64(tx.Now), random())
		row.CreatedAt, row.EndsAt = tx.Now, tx.Now+letterFor
		if err := tx.PutSignIn(ctx, shop, row); err != nil {
			return err
		}
		return tx.PutJob(ctx, shop, Job, row.ID, tx.Now)
	})
	return row.ID, err
}

// Work writes the letter of one wish to come in. Who is no member and does not join is not
// written to.
func (s *SignIn) Work(ctx context.Context, j store.Job) (out store.Outcome, err error) {
	which := id.SignIn(j.Subject)
	row, err := s.st.SignIn(ctx, j.Shop, which)
	if err != nil || row == nil || row.State != store.SignInAsked {
		return out, err
	}
	to := store.SignInVoid
	write, member, err := s.writes(ctx, j.Shop, row)
	if err != nil {
		return out, err
	}
	if write {
		if err := s.write(ctx, j.Shop, row, member); err != nil {
			return out, err
		}
		to = store.SignInSent
	}
	out.Effect = func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.MoveSignIn(ctx, j.Shop, which, store.SignInAsked, to); err != nil || !write {
			return err
		}
		// A new letter makes the earlier ones of its browser worthless, and nobody else's.
		return tx.VoidSignIns(ctx, j.Shop, row.EmailKey, row.Browser, which)
	}
	return out, nil
}

// writes tells whether somebody is to be written to, and which member he is.
func (s *SignIn) writes(ctx context.Context, shop loyalty.ShopID, row *store.SignIn) (bool, id.Member, error) {
	sent, err := s.st.SignInsSince(ctx, shop, row.EmailKey, row.CreatedAt-moment.Hour, row.ID)
	if err != nil || sent >= perHour || row.EndsAt <= s.st.Clock() {
		return false, id.Member{}, err
	}
	m, err := s.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByEmail, Key: row.EmailKey})
	if err != nil {
		return false, m, err
	}
	if !m.IsZero() {
		who, err := s.st.Member(ctx, shop, m)
		if err != nil {
			return false, m, err
		}
		if who.RegisteredAt != 0 {
			return true, m, nil
		}
	}
	k, err := s.open(row)
	return k.Joining != nil, id.Member{}, err
}

func (s *SignIn) write(ctx context.Context, shop loyalty.ShopID, row *store.SignIn, m id.Member) error {
	k, err := s.open(row)
	if err != nil {
		return err
	}
	portal, err := s.st.Portal(ctx, shop)
	if err != nil {
		return err
	}
	return s.post.Post(ctx, shop, message.Letter{
		Key: "sign_in/" + row.ID.String(), Moment: message.SignIn, Member: m, To: k.Email, Locale: k.Locale, ReplyTo: portal.ReplyTo, EndsAt: row.EndsAt,
		Fields: map[string]string{
			"code": s.code(row.ID), "minutes": strconv.Itoa(int(letterFor / moment.Minute)),
			"link": portal.Link("/sign-in/" + row.ID.String() + "/" + s.token(row.ID)),
		},
	})
}

func (s *SignIn) open(row *store.SignIn) (k kept, err error) {
	text, err := s.box.OpenAlone(row.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		err = fmt.Errorf("sign-in %s: %w", row.ID, err)
	}
	return k, err
}

// token is the secret of a letter's link, code the digits beside it: always the same for one
// wish, so that a letter that is written again says the same.
func (s *SignIn) token(which id.SignIn) string {
	h := s.box.Code(which[:], 't')
	return base64.RawURLEncoding.EncodeToString(h[:20])
}

func (s *SignIn) code(which id.SignIn) string {
	h := s.box.Code(which[:], 'c')
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(h[:8])%1_000_000)
}

// Answer is how a letter was answered: with its link's token, with the code, or both.
type Answer struct {
	Token, Code string
	Browser     string
}

// Check looks at an answer to a letter. A link opens in the browser that asked for it;
// elsewhere it needs the code, too: the problem `code_needed`. Everything else that is wrong
// is `sign_in_wrong`, and uses up a try.
func (s *SignIn) Check(ctx context.Context, shop loyalty.ShopID, which id.SignIn, a Answer) (*Pending, error) {
	row, err := s.st.SignIn(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	wrong := loyalty.Invalid("code", "sign_in_wrong")
	if row == nil {
		return nil, wrong
	}
	same := subtle.ConstantTimeCompare(row.Browser, digest(a.Browser)) == 1
	link := a.Token != "" && subtle.ConstantTimeCompare([]byte(a.Token), []byte(s.token(which))) == 1
	if link && !same && a.Code == "" && row.State == store.SignInSent {
		return nil, loyalty.Invalid("code", "code_needed")
	}
	may, most := false, int64(maxTries)
	if link {
		most = 2 * maxTries
	}
	err = s.st.Write(ctx, func(tx *store.Tx) (err error) {
		may, err = tx.TrySignIn(ctx, shop, which, most)
		return err
	})
	if err != nil {
		return nil, err
	}
	code := subtle.ConstantTimeCompare([]byte(digits(a.Code)), []byte(s.code(which))) == 1
	if !may || !(link && same || code && (same || link)) {
		return nil, wrong
	}
	k, err := s.open(row)
	return &Pending{ID: which, Email: k.Email, Locale: k.Locale, Joining: k.Joining}, err
}

// digits drops what people put between digits.
func digits(s string) string {
	out := make([]byte, 0, 6)
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	return string(out)
}

// Open uses a letter up and opens a session; the problem `sign_in_wrong` when it was used
// before.
func (s *SignIn) Open(ctx context.Context, shop loyalty.ShopID, which id.SignIn, m id.Member) (secret string, err error) {
	secret = rand.Text() + rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		moved, err := tx.MoveSignIn(ctx, shop, which, store.SignInSent, store.SignInUsed)
		if err != nil {
			return err
		}
		if !moved {
			return loyalty.Invalid("code", "sign_in_wrong")
		}
		return tx.PutSession(ctx, shop, digest(secret), m, tx.Now+lasts)
	})
	return secret, err
}

// Session is a browser in which a member is signed in.
type Session = store.Session

// Session finds who is signed in in a browser; nil when nobody is. One that is used goes on.
func (s *SignIn) Session(ctx context.Context, shop loyalty.ShopID, secret string) (*store.Session, error) {
	if secret == "" {
		return nil, nil
	}
	x, err := s.st.Session(ctx, shop, digest(secret))
	now := s.st.Clock()
	if err != nil || x == nil || x.EndsAt <= now {
		return nil, err
	}
	if x.EndsAt < now+lasts-renewEach {
		err = s.st.Write(ctx, func(tx *store.Tx) error { return tx.ExtendSession(ctx, shop, digest(secret), now+lasts) })
	}
	return x, err
}

// Fresh tells whether somebody signed in within the last minutes, so that he may set what
// protects his account.
func (s *SignIn) Fresh(x *store.Session) bool { return x.CreatedAt > s.st.Clock()-15*moment.Minute }

// Leave ends a session.
func (s *SignIn) Leave(ctx context.Context, shop loyalty.ShopID, secret string) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.EndSession(ctx, shop, digest(secret)) })
}

// LeaveOthers ends all other sessions of a member.
func (s *SignIn) LeaveOthers(ctx context.Context, shop loyalty.ShopID, m id.Member, secret string) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.EndSessions(ctx, shop, m, digest(secret)) })
}

// Sweep forgets what has ended a day ago.
func (s *SignIn) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.SweepSignIns(ctx, shop, tx.Now-moment.Day) })
}

func digest(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}
