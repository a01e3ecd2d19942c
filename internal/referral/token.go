package referral

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
)

// What tokens are for; a token of one purpose is none of another.
const (
	stops   = "stop link"
	invited = "invited link"
	visitor = "visitor"
	looks   = "look"
)

// proofLasts is how long after a page was made a look at it may count.
const proofLasts = time.Hour

// token is a value that only we can have made, for one purpose in one shop.
func (x *Invitations) token(shop loyalty.ShopID, purpose, value string) string {
	return value + "." + x.box.Match("portal "+purpose, fmt.Sprintf("%d\x00%s", shop, value))[:24]
}

// value reads a token; false when it is none of ours.
func (x *Invitations) value(shop loyalty.ShopID, purpose, token string) (string, bool) {
	at := strings.LastIndexByte(token, '.')
	if at < 1 || len(token) > 200 {
		return "", false
	}
	ours := x.token(shop, purpose, token[:at])
	return token[:at], subtle.ConstantTimeCompare([]byte(ours), []byte(token)) == 1
}

// Stop takes whoever a link in an invitation was written to off everything that members send:
// the problem `stop_unknown` when the link is none of ours. It may come any number of times.
func (x *Invitations) Stop(ctx context.Context, shop loyalty.ShopID, token string) error {
	key, err := x.StopKey(shop, token)
	if err != nil {
		return err
	}
	return x.st.Stop(ctx, shop, key)
}

// StopKey reads the token of such a link.
func (x *Invitations) StopKey(shop loyalty.ShopID, token string) (string, error) {
	key, ok := x.value(shop, stops, token)
	if !ok {
		return "", loyalty.NotFound("", "stop_unknown")
	}
	return key, nil
}

// Visitor makes a browser's name, as its cookie carries it.
func (x *Invitations) Visitor(shop loyalty.ShopID) string {
	return x.token(shop, visitor, fmt.Sprintf("p-%x%x", random(), random()))
}

// VisitorOf reads the name from a cookie; empty when it is none of ours.
func (x *Invitations) VisitorOf(shop loyalty.ShopID, cookie string) string {
	name, ok := x.value(shop, visitor, cookie)
	if !ok {
		return ""
	}
	return name
}

// Proof is what a page of a member's carries so that a look at it can count: within the hour,
// and for that code only.
func (x *Invitations) Proof(shop loyalty.ShopID, code string) string {
	minute := strconv.FormatInt(int64(x.st.Clock())/int64(time.Minute/time.Microsecond), 36)
	token := x.token(shop, looks, code+"/"+minute)
	return token[len(code)+1:]
}

// proven tells whether a proof is ours and young enough.
func (x *Invitations) proven(shop loyalty.ShopID, code, proof string) bool {
	value, ok := x.value(shop, looks, code+"/"+proof)
	if !ok {
		return false
	}
	minute, err := strconv.ParseInt(value[len(code)+1:], 36, 64)
	age := int64(x.st.Clock())/int64(time.Minute/time.Microsecond) - minute
	return err == nil && age >= 0 && age <= int64(proofLasts/time.Minute)
}
