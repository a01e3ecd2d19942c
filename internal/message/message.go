// Package message is the vocabulary of what is sent to people: the moments at which
// somebody is written to, a letter before it has words, a message with them, and the two
// interfaces between who writes, who words and who delivers.
//
// It sends nothing. Operations post letters (Post, which outreach implements); the packages
// below deliver messages (Sender). Fields hold plain text that somebody worded already, or
// links: no template language reaches them.
package message

import (
	"context"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Moments at which somebody is written to.
const (
	SignIn          = "sign_in"
	Invitation      = "invitation"
	Welcome         = "welcome"
	RewardPending   = "reward_pending"
	RewardAvailable = "reward_available"
	StaffInvitation = "staff_invitation" // to the back office
	AppealAnswered  = "appeal_answered"  // what came of a second look
	OrdersSilent    = "orders_silent"    // to the owners: no order comes any more
)

// Moments lists them.
var Moments = []string{SignIn, Invitation, Welcome, RewardPending, RewardAvailable, StaffInvitation, AppealAnswered, OrdersSilent}

// Letter is one message to one person before it has words.
type Letter struct {
	Key      string            // names it in its shop: the same key twice is one message; no name or address in it
	Moment   string            // one of the above
	Member   id.Member         // who it is about: its address dies with his person key; zero: a friend nobody knows
	To       string            // the e-mail address
	Locale   string            // fr, pl, en (others: the shop's first)
	FromName string            // "Camille" for "Camille via Maison Lavande"; empty: the shop
	ReplyTo  string            // an e-mail address; empty: none
	Fields   map[string]string // plain-text values of the template's fields, already worded (amounts, dates), or links
	EndsAt   moment.Time       // not sent any more after it, by the wall clock; zero: 30 days
}

// Post takes letters; they are sent after it returned, once each. What cannot be sent is a
// problem that names the letter and its field: then none of them is taken.
type Post interface {
	Post(ctx context.Context, shop loyalty.ShopID, letters ...Letter) error
}

// Message is a letter with its words, ready to be handed over.
type Message struct {
	ID       id.Message
	From     string // an address; empty: the operator named none
	FromName string
	ReplyTo  string
	To       string
	Subject  string
	HTML     string
	Text     string
	Locale   string
	Headers  map[string]string // by their names; Date and Message-ID are the same at every attempt
}

// Sender hands one message to whoever delivers it. Nil means that he has it. An error that
// Final made is not tried again, every other one is. The text of an error is kept and read
// by operators, so it holds no address and nothing of the message.
type Sender interface {
	Send(ctx context.Context, m *Message) error
}

// Final marks an error as one that another try does not mend.
func Final(err error) error { return final{err} }

// IsFinal tells whether Final made the error, or one that it wraps.
func IsFinal(err error) bool {
	_, ok := errors.AsType[final](err)
	return ok
}

type final struct{ error }

// Unwrap gives the error that was marked.
func (f final) Unwrap() error { return f.error }
