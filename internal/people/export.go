package people

import (
	"context"
	"encoding/json"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Export is what a shop knows of a member, for himself (Articles 15 and 20 of the GDPR), as
// JSON: his person, keys, wallet, vouchers, claims, what staff noted and what was decided about him.
func (p *People) Export(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]byte, error) {
	who, err := p.Member(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	w, err := p.Wallet(ctx, shop, m, 0)
	if err != nil {
		return nil, err
	}
	claims, err := p.st.ClaimsOf(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	codes, err := p.st.Codes(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	out := exported{
		Member: m, FirstName: who.FirstName, LastName: who.LastName, Email: who.Email, Phone: who.Phone, Locale: who.Locale, Birthday: who.Birthday,
		Group: who.Group, Tags: who.Tags, Numbers: who.Numbers, ExternalIDs: who.ExternalIDs, Codes: codes, RegisteredAt: who.RegisteredAt,
		Fields: who.Fields,
	}
	for _, b := range w.Units {
		out.Wallet = append(out.Wallet, exportedUnit{string(b.Unit), b.Balance, b.Available, b.Pending, b.Debt})
	}
	for _, v := range w.Vouchers {
		out.Vouchers = append(out.Vouchers, exportedVoucher{v.Code, v.Kind, v.Article, v.Amount, v.ExpiresAt})
	}
	for _, k := range claims {
		out.Gifts = append(out.Gifts, exportedGift{k.Gift, k.State, k.Since})
	}
	notes, err := p.Notes(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		out.Notes = append(out.Notes, exportedNote{n.Text, n.At})
	}
	consents, err := p.Consents(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	for _, c := range consents {
		out.Consents = append(out.Consents, exportedConsent{c.Purpose, c.Way, c.Given, c.At, c.Source, c.Wording, c.Feed, c.Name})
	}
	accepted, err := p.st.Acceptances(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	for _, a := range accepted {
		out.Accepted = append(out.Accepted, exportedAcceptance{a.Kind, a.Edition, a.Locale, a.At, a.Way})
	}
	appeals, err := p.AppealsOf(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	for _, a := range appeals {
		out.Appeals = append(out.Appeals, exportedAppeal{a.Text, a.At, a.Outcome, a.Reply})
	}
	var before id.Event
	for {
		page, err := p.st.ReceiptsOf(ctx, shop, m, before, exportPage)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			e, err := p.st.Event(ctx, shop, r.Event)
			if err != nil {
				return nil, err
			}
			out.History = append(out.History, exportedEvent{r.Event, e.Kind, e.OccurredAt})
			before = r.Event
		}
		if len(page) < exportPage {
			break
		}
	}
	return json.MarshalIndent(out, "", "  ")
}

const exportPage = 200

type exported struct {
	Member    id.Member `json:"member"`
	FirstName string    `json:"first_name,omitempty"`
	LastName  string    `json:"last_name,omitempty"`
	Email     string    `json:"email,omitempty"`
	Phone     string    `json:"phone,omitempty"`
	Locale    string    `json:"locale,omitempty"`
	Birthday  string    `json:"birthday,omitempty"`

	Fields loyalty.FieldValues `json:"fields,omitempty"` // the shop's own, those for staff too

	Group        string               `json:"group,omitempty"`
	Tags         []string             `json:"tags,omitempty"`
	Numbers      []string             `json:"numbers,omitempty"`
	ExternalIDs  []string             `json:"external_ids,omitempty"`
	Codes        []string             `json:"codes,omitempty"`
	RegisteredAt moment.Time          `json:"registered_at,omitzero"`
	Wallet       []exportedUnit       `json:"wallet,omitempty"`
	Vouchers     []exportedVoucher    `json:"vouchers,omitempty"`
	Gifts        []exportedGift       `json:"gifts,omitempty"`
	Notes        []exportedNote       `json:"notes,omitempty"`
	Consents     []exportedConsent    `json:"consents,omitempty"`
	Accepted     []exportedAcceptance `json:"accepted,omitempty"`
	Appeals      []exportedAppeal     `json:"appeals,omitempty"`
	History      []exportedEvent      `json:"history,omitempty"`
}

type exportedUnit struct {
	Unit      string `json:"unit"`
	Balance   int64  `json:"balance"`
	Available int64  `json:"available"`
	Pending   int64  `json:"pending"`
	Debt      int64  `json:"debt,omitempty"`
}

type exportedVoucher struct {
	Code      string      `json:"code"`
	Kind      string      `json:"kind"`
	Article   string      `json:"article,omitempty"`
	Amount    int64       `json:"amount,omitempty"`
	ExpiresAt moment.Time `json:"expires_at,omitzero"`
}

type exportedGift struct {
	Gift  string      `json:"gift"`
	State string      `json:"state"`
	Since moment.Time `json:"since,omitzero"`
}

type exportedNote struct {
	Text string      `json:"text"`
	At   moment.Time `json:"at"`
}

type exportedAppeal struct {
	Text    string      `json:"text"`
	At      moment.Time `json:"at"`
	Outcome string      `json:"outcome,omitempty"`
	Reply   string      `json:"reply,omitempty"`
}

// exportedConsent carries its proof: when, where, which wording, by which report.
type exportedConsent struct {
	Purpose string      `json:"purpose"`
	Way     string      `json:"way"`
	Given   bool        `json:"given"`
	At      moment.Time `json:"at"`
	Source  string      `json:"source,omitempty"`
	Wording string      `json:"wording,omitempty"`
	Feed    string      `json:"feed"`
	ID      string      `json:"id"`
}

// exportedAcceptance is a legal text that he accepted, or said that he had read.
type exportedAcceptance struct {
	Text    string      `json:"text"`
	Edition int64       `json:"edition"`
	Locale  string      `json:"locale"`
	At      moment.Time `json:"at"`
	Way     string      `json:"way"`
}

type exportedEvent struct {
	Event      id.Event    `json:"event"`
	Type       string      `json:"type"`
	OccurredAt moment.Time `json:"occurred_at"`
}
