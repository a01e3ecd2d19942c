package referral

import (
	"cagnotte/internal/intake"
	"cagnotte/internal/message"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Invitations is how members ask friends by e-mail, how friends say that they want no more of
// it, and how looks at members' pages are counted; it is safe for many goroutines.
type Invitations struct {
	st    *store.Store
	in    *intake.Intake
	box   *seal.Box
	post  message.Post
	email func(string) (key string, ok bool)
	gate  *turnstile
}

// NewInvitations makes it. Letters go to post; email gives the key by which the owner of an
// address is found, false when it is no address.
func NewInvitations(st *store.Store, in *intake.Intake, box *seal.Box, post message.Post, email func(string) (string, bool)) *Invitations {
	return &Invitations{st, in, box, post, email, newTurnstile(st.Visited)}
}

// feed is what the portal's facts name as their origin.
const feed = "portal"
