package staff

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Passwords and codes are guessed from somewhere. Each browser in which somebody has come in
// before has wrong tries of its own, and so has each network; all networks together have those
// of the account. So a stranger uses up his own and the strangers' tries, and never those of the
// browser that its owner sits before, while the guesses of all strangers together stay few.
const (
	freeWays   = 5 // wrong tries from one place before each further one has to wait
	maxWait    = 15 * moment.Minute
	triedFor   = moment.Day      // a network's tries are forgotten a day after the last one
	knownFor   = 90 * moment.Day // a browser stays known
	knownMost  = 5               // people of one browser
	brakeEach  = 15 * moment.Minute
	brakeFirst = 40 // tries from all networks at once, and one more each quarter of an hour
)

// From is where a try comes from.
type From struct {
	Browser string // what Know gave this browser; empty: nobody has come in by it
	Network string // of the caller; names what he is likely to have to himself
}

// tried is a try that was counted, or not.
type tried struct {
	place  []byte // the row that counts it
	braked bool   // the account counts it, too
	wait   moment.Time
}

// counts tells whether the try may be looked at.
func (t *tried) counts() bool { return t.wait == 0 }

// problem is the one that says how long somebody has to wait.
func (t *tried) problem(field string) error {
	return loyalty.Invalid(field, "wait", "seconds", strconv.FormatInt(int64((t.wait+moment.Second-1)/moment.Second), 10))
}

// try counts a try of somebody before it is looked at. Of nobody it does the same work, and never counts.
func (s *Staff) try(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, who id.Staff, from From) (t tried, err error) {
	if t.place, err = s.knows(ctx, tx, shop, who, from); err != nil {
		return t, err
	}
	if t.place == nil {
		t.place = s.place(who, from)
		if t.braked, err = tx.BrakeStaff(ctx, shop, who, brakeEach, brakeFirst); err != nil {
			return t, err
		}
		if !t.braked {
			return s.stopped(ctx, tx, shop, who, t)
		}
	} else if _, err := tx.HoldStaff(ctx, shop, who); err != nil { // turns are taken in one order: the account comes first
		return t, err
	}
	wrong, err := tx.TryStaff(ctx, shop, t.place, who, tx.Now+triedFor)
	if err != nil {
		return t, err
	}
	if wrong > 0 {
		return t, tx.LockTries(ctx, shop, t.place, until(wrong, tx.Now))
	}
	if t.braked { // what is not looked at uses nothing up
		if err := tx.UnbrakeStaff(ctx, shop, who, brakeEach); err != nil {
			return t, err
		}
	}
	next, err := tx.TriesLocked(ctx, shop, t.place)
	t.wait = max(next-tx.Now, moment.Second)
	return t, err
}

// stopped is a try from a network when all of them have used up theirs, or of nobody. It writes
// as much as one that counts, so that the time tells nobody from somebody.
func (s *Staff) stopped(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, who id.Staff, t tried) (tried, error) {
	whole, err := tx.StaffBraked(ctx, shop, who)
	if err != nil {
		return t, err
	}
	t.wait = max(whole-brakeEach*(brakeFirst-1)-tx.Now, moment.Second)
	nowhere := digest("nowhere")
	if _, err := tx.TryStaff(ctx, shop, nowhere, id.Staff{}, tx.Now+triedFor); err != nil {
		return t, err
	}
	return t, tx.LockTries(ctx, shop, nowhere, 0)
}

// untry takes a try back that was right. Those before it stay.
func (s *Staff) untry(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, who id.Staff, t tried) error {
	if t.braked {
		if err := tx.UnbrakeStaff(ctx, shop, who, brakeEach); err != nil {
			return err
		}
	}
	return tx.UntryStaff(ctx, shop, t.place)
}

// right forgets the wrong tries from the place from which somebody has come in; what others did
// from elsewhere stays.
func (s *Staff) right(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, who id.Staff, t tried) error {
	if err := s.untry(ctx, tx, shop, who, t); err != nil {
		return err
	}
	if err := tx.StaffRight(ctx, shop, t.place); err != nil {
		return err
	}
	return tx.SeenStaff(ctx, shop, who)
}

// until is when the next try from a place counts after so many wrong ones: nothing is locked
// for good, but each try takes longer.
func until(wrong int64, now moment.Time) moment.Time {
	over := wrong - freeWays
	if over <= 0 {
		return 0
	}
	return now + min(maxWait, moment.Second<<min(over, 20))
}

// place is the row of a network's tries of an account. It is keyed: addresses are few, and a
// plain digest would tell them.
func (s *Staff) place(who id.Staff, from From) []byte {
	return digest("network\x00" + s.box.Match("staff-network", who.String()+" "+from.Network))
}

// secrets are what a browser's cookie holds: one for each of those who have come in by it.
func secrets(browser string) []string {
	list := strings.Split(browser, ".")
	if browser == "" {
		list = nil
	}
	return list[:min(len(list), knownMost)]
}

// knows finds the row of a browser by which somebody has come in before; nil: he has not.
func (s *Staff) knows(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, who id.Staff, from From) ([]byte, error) {
	for _, secret := range secrets(from.Browser) {
		hash := digest("browser\x00" + secret)
		known, err := tx.KnownBrowser(ctx, shop, hash, who)
		if err != nil || known {
			return hash, err
		}
	}
	return nil, nil
}

// Know notes that somebody came in by a browser, and gives what it keeps from then on, for 90
// days: another secret each time, so that one that was planted or copied is worth nothing.
func (s *Staff) Know(ctx context.Context, x *Session, browser string) (kept string, err error) {
	secret := rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		was, err := s.knows(ctx, tx, x.Shop, x.ID, From{Browser: browser})
		if err != nil {
			return err
		}
		list := []string{secret}
		for _, other := range secrets(browser) {
			if string(digest("browser\x00"+other)) != string(was) {
				list = append(list, other)
			}
		}
		kept = strings.Join(list[:min(len(list), knownMost)], ".")
		return tx.KnowBrowser(ctx, x.Shop, digest("browser\x00"+secret), was, x.ID, tx.Now+knownFor)
	})
	return kept, err
}

// KnownSeconds is how long a browser keeps what Know gives it.
const KnownSeconds = int(knownFor / moment.Second)
