package outreach

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// goodFor is how long a letter may wait that does not say so itself.
const goodFor = 30 * moment.Day

// contents are what is sealed of a letter: all that speaks of a person.
type contents struct {
	To       string            `json:"to"`
	FromName string            `json:"from_name,omitempty"`
	ReplyTo  string            `json:"reply_to,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`
	Foot     []string          `json:"foot,omitempty"` // who stood behind the shop when the letter was written
}

// Post takes letters, all of them or none, and returns when they are stored; they leave
// within seconds. A key that the shop has had is no error and nothing more is sent. Problems
// name the letter and its field ("letters[0].to"); `person_erased` says that the member's
// key is gone.
func (o *Outreach) Post(ctx context.Context, shop loyalty.ShopID, letters ...message.Letter) error {
	s, err := o.st.Shop(ctx, shop)
	if err != nil {
		return err
	}
	look, err := o.st.Portal(ctx, shop)
	if err != nil {
		return err
	}
	rows := make([]*store.Message, len(letters))
	for i, l := range letters {
		if err := check(l); err != nil {
			return below(fmt.Sprintf("letters[%d].", i), err)
		}
		if rows[i], err = o.row(ctx, s, &look.Legal, l); err != nil {
			return below(fmt.Sprintf("letters[%d].", i), err)
		}
	}
	return o.st.Write(ctx, func(tx *store.Tx) error {
		for _, m := range rows {
			m.CreatedAt = tx.Now
			m.ID = id.Mint[id.MessageKind](int64(tx.Now), random())
			if m.EndsAt == 0 {
				m.EndsAt = tx.Now + goodFor
			}
			stored, err := tx.PutMessage(ctx, shop, m)
			if err != nil || !stored {
				if err != nil {
					return err
				}
				continue
			}
			if err := tx.PutJob(ctx, shop, Job, m.ID, tx.Now); err != nil {
				return err
			}
		}
		return nil
	})
}

// row makes the row of a letter, sealed under the key of the member whom it is about.
func (o *Outreach) row(ctx context.Context, s *loyalty.Shop, who *loyalty.Identity, l message.Letter) (*store.Message, error) {
	m := &store.Message{Key: l.Key, Moment: l.Moment, Member: l.Member, EndsAt: l.EndsAt}
	var err error
	if m.Locale, err = o.language(ctx, s.ID, l.Locale); err != nil {
		return nil, err
	}
	text, err := json.Marshal(contents{l.To, l.FromName, l.ReplyTo, l.Fields, o.words.Printer(m.Locale, nil).Identity(who)})
	if err != nil {
		return nil, err
	}
	if l.Member.IsZero() {
		m.Sealed = o.box.SealAlone(text)
		return m, nil
	}
	member, err := o.st.Member(ctx, s.ID, l.Member)
	if err != nil {
		return nil, err
	}
	if member.Wrapped == nil {
		return nil, &loyalty.Problem{Kind: loyalty.ErrConflict, Field: "member", Code: "person_erased"}
	}
	m.Sealed, err = o.box.Seal(member.Wrapped, text)
	return m, err
}

// open reads what row sealed; false when nobody can any more.
func (o *Outreach) open(m *store.Message) (c contents, readable bool, err error) {
	if m.Sealed == nil || !m.Member.IsZero() && m.Wrapped == nil {
		return c, false, nil
	}
	var text []byte
	if m.Member.IsZero() {
		text, err = o.box.OpenAlone(m.Sealed)
	} else {
		text, err = o.box.Open(m.Wrapped, m.Sealed)
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, false, fmt.Errorf("message %s: %w", m.ID, err)
	}
	return c, true, nil
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}
