package portal

import (
	"net/http"
	"sync"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
	"cagnotte/internal/share"
)

// maxCards is how many pictures of links are kept; each has some 60 kB.
const maxCards = 200

// cards keeps the pictures of links by their names. One is drawn at a time: they take long.
type cards struct {
	mu    sync.Mutex
	kept  map[string][]byte
	order []string
}

func newCards() *cards { return &cards{kept: map[string][]byte{}} }

func (c *cards) get(text share.CardText) ([]byte, error) {
	name := share.CardName(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.kept[name]; b != nil {
		return b, nil
	}
	b, err := share.Card(text)
	if err != nil {
		return nil, err
	}
	if len(c.order) == maxCards {
		delete(c.kept, c.order[0])
		c.order = c.order[1:]
	}
	c.kept[name], c.order = b, append(c.order, name)
	return b, nil
}

func cardText(say *locale.Printer, shop *loyalty.Shop, look *loyalty.Portal, host *people.Member, o *referral.Offer) share.CardText {
	return share.CardText{Shop: shop.Name, Headline: headline(say, shop, host, o), Line: say.Say("invite.landing.card", "Shop", shop.Name), Hue: look.Hue}
}

// card is the picture of a link under the name that says what stands on it, in one of the
// shop's languages.
func (v *visit) card() error {
	host, _, err := v.host()
	if err != nil {
		return err
	}
	o, err := v.Referrals.Offer(v.ctx, v.shop)
	if err != nil {
		return err
	}
	for _, l := range v.look.Languages {
		text := cardText(v.Edge.Words().Printer(l, nil).For(v.shop), v.shop, v.look, host, o)
		if share.CardName(text) != v.r.PathValue("card") {
			continue
		}
		b, err := v.cards.get(text)
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", "image/jpeg")
		v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		v.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		v.w.WriteHeader(http.StatusOK)
		_, _ = v.w.Write(b) // a caller who is gone needs no answer
		return nil
	}
	return loyalty.NotFound("", "invite_unknown")
}
