package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/web"
)

// Who names a person: by any of the first five, of which the first known one decides.
type Who struct {
	ID         id.Member `json:"id,omitzero" example:"mem_0jzq3v8d9nfy3r0004bqjq2xw0"`
	Number     string    `json:"number,omitempty" doc:"The number of the card or account"`
	ExternalID string    `json:"external_id,omitempty" doc:"Your own id; feed:id where several systems number people"`
	Email      string    `json:"email,omitempty"`
	Phone      string    `json:"phone,omitempty" doc:"With its country, +48600100200, or a locale that names one"`
	FirstName  string    `json:"first_name,omitempty"`
	LastName   string    `json:"last_name,omitempty"`
	Locale     string    `json:"locale,omitempty" example:"pl-PL"`
	Visitor    string    `json:"visitor,omitempty" doc:"The browser, as your own cookie names it"`
	Code       string    `json:"code,omitempty" doc:"The personal code that members share"`

	Fields map[string]string `json:"fields,omitempty" doc:"Of a report about the member: what he has in the shop's own fields, by their codes"`
}

func (w *Who) naming() people.Naming {
	if w == nil {
		return people.Naming{}
	}
	return people.Naming{
		ID: w.ID, Number: w.Number, ExternalID: w.ExternalID, Email: w.Email, Phone: w.Phone,
		FirstName: w.FirstName, LastName: w.LastName, Locale: w.Locale, Visitor: w.Visitor, Code: w.Code,
	}
}

// Event is a fact that is reported. Feed and id are its permanent identity: the same again
// changes nothing and gives the first answer.
type Event struct {
	Type       string            `json:"type" enum:"link_clicked,invitation_sent,member_joined,member_updated,portal_activated,newsletter_joined,consent_given,consent_withdrawn,staff_gift,staff_stock,staff_bond,staff_group,staff_tag,staff_block,staff_household,cart_updated,order_placed,order_paid,order_fulfilled,order_cancelled,refunded,staff_adjust,staff_review,staff_voucher,transferred,exchange_asked,choice_made,claim_updated,gift_claimed,pool_filled,voucher_redeemed,voucher_released,cart_held,cart_redeemed,cart_released,scenario_step,custom_event,staff_merge" code:"unknown_type"`
	ID         string            `json:"id,omitempty" doc:"Of the fact, given by its system of record; needed unless there is an Idempotency-Key"`
	Feed       string            `json:"feed,omitempty" default:"api" doc:"The system of record, such as woo:main or till:3"`
	OccurredAt moment.Time       `json:"occurred_at,omitzero" format:"date-time" doc:"Now when missing"`
	Member     *Who              `json:"member,omitempty"`
	Referrer   *Who              `json:"referrer,omitempty" doc:"Who recommended the member"`
	Touch      string            `json:"touch,omitempty" enum:"link,code,staff" doc:"How the referrer became known"`
	Other      *Who              `json:"other,omitempty" doc:"Who receives a transfer, or is merged into the member"`
	Birthday   string            `json:"birthday,omitempty" example:"05-17" doc:"Month and day"`
	Signals    map[string]string `json:"signals,omitempty" doc:"What two people may have in common: device, ip, address, payment. Kept as keyed hashes"`
	Order      *Order            `json:"order,omitempty"`
	Refund     *Refund           `json:"refund,omitempty"`
	Adjust     *Adjust           `json:"adjust,omitempty"`
	Staff      *Staff            `json:"staff,omitempty"`
	Transfer   *Transfer         `json:"transfer,omitempty"`
	Use        *Use              `json:"use,omitempty"`
	Happening  *Happening        `json:"happening,omitempty"`
	Consent    *Consent          `json:"consent,omitempty" doc:"Of consent_given and consent_withdrawn"`
	Gift       *Gift             `json:"gift,omitempty" doc:"Of staff_gift: the whole entry of the catalogue"`
	Stock      *Stock            `json:"stock,omitempty" doc:"Of staff_stock"`
	Claim      *GiftClaim        `json:"claim,omitempty" doc:"Of gift_claimed"`
	Pool       string            `json:"pool,omitempty" doc:"Of pool_filled"`
	Cart       *Cart             `json:"cart,omitempty" doc:"Of cart_held and cart_redeemed the whole cart, of a cart that was held or is released its name"`

	HoldSeconds int64 `json:"hold_seconds,omitempty" doc:"Of cart_held: how long; 900 when missing"`
}

// Staff is what the shop's people decided about a member, and why.
type Staff struct {
	Actor  string   `json:"actor" doc:"Who decided"`
	Reason string   `json:"reason,omitempty"`
	Group  string   `json:"group,omitempty" doc:"Of staff_group; empty: none"`
	Add    []string `json:"add,omitempty" maxItems:"20" doc:"Tags, of staff_tag"`
	Remove []string `json:"remove,omitempty" maxItems:"20" doc:"Tags, of staff_tag"`
	No     bool     `json:"no,omitempty" doc:"Unblock; refuse a review; end a bond; out of the household"`

	Household string `json:"household,omitempty" doc:"Of staff_household: its name, the same for all who belong to it"`
}

// Consent is what a member agreed to, or takes back.
type Consent struct {
	Purpose string `json:"purpose" enum:"newsletter,marketing"`
	Way     string `json:"way" enum:"mail,sms,phone,post" doc:"How he may be reached"`
	Source  string `json:"source,omitempty" doc:"Where it was said: checkout, till, portal"`
	Wording string `json:"wording,omitempty" doc:"The version of the text that he agreed to"`
}

// Transfer moves open value from the member to another one.
type Transfer struct {
	Unit   string `json:"unit"`
	Amount int64  `json:"amount"`
}

// Use is what a member does with what he has.
type Use struct {
	Program id.Program `json:"program,omitzero" doc:"Of an exchange"`
	Rule    string     `json:"rule,omitempty" doc:"Of an exchange"`
	Times   int64      `json:"times,omitempty" doc:"Of an exchange; once when missing"`
	Reward  id.Reward  `json:"reward,omitzero" doc:"Of a choice or a claim"`
	Option  int        `json:"option,omitempty" doc:"Of a choice, from 1"`
	State   string     `json:"state,omitempty" enum:"made,shipped,handed_over,delivered,cancelled" doc:"Of a claim"`
	Code    string     `json:"code,omitempty" doc:"Of a voucher"`

	Carrier  string `json:"carrier,omitempty" doc:"Of a claim that is shipped"`
	Tracking string `json:"tracking,omitempty" doc:"Likewise"`

	Redemption id.Event `json:"redemption,omitzero" doc:"Of voucher_released: the event whose use is given back"`
}

// Happening is something that programs may answer to.
type Happening struct {
	Name       string            `json:"name,omitempty" doc:"Of a step or an event of your own"`
	Channel    string            `json:"channel,omitempty"`
	Site       string            `json:"site,omitempty"`
	Source     string            `json:"source,omitempty"`
	Amount     int64             `json:"amount,omitempty" doc:"Minor units"`
	Items      int64             `json:"items,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Adjust is value given or taken by hand.
type Adjust struct {
	Unit      string      `json:"unit" doc:"points, a currency, or stamps:prg_…"`
	Amount    int64       `json:"amount" doc:"Above zero gives, below takes"`
	Reason    string      `json:"reason"`
	Actor     string      `json:"actor" doc:"Who decided"`
	OpensAt   moment.Time `json:"opens_at,omitzero" format:"date-time"`
	ExpiresAt moment.Time `json:"expires_at,omitzero" format:"date-time" doc:"Exclusive"`
	Undoes    string      `json:"undoes,omitempty" doc:"Below zero: the correction that it takes back, as feed/id. What that one gave goes first"`
}

// Events is the body of a report.
type Events struct {
	Events []Event `json:"events" minItems:"1" maxItems:"1000"`
}

// Result is what one fact led to.
type Result struct {
	ID        id.Event              `json:"id,omitzero"`
	Status    string                `json:"status" enum:"recorded,duplicate,accepted,tried,refused" doc:"accepted: what follows comes a little later"`
	Member    id.Member             `json:"member,omitzero"`
	Decisions []loyalty.ReceiptLine `json:"decisions"`
	Problem   *web.Problem          `json:"problem,omitempty"`
}

// Results answers a report, in its order.
type Results struct {
	Results []Result `json:"results"`
}

// Report is what every fact says of itself, whatever door it comes through.
type Report struct {
	ID         string      `json:"id,omitempty" doc:"Of the fact; needed unless there is an Idempotency-Key"`
	Feed       string      `json:"feed,omitempty" default:"api"`
	OccurredAt moment.Time `json:"occurred_at,omitzero" format:"date-time" doc:"Now when missing"`
}

// event begins the fact that is reported.
func (r *Report) event(kind string) *Event {
	return &Event{Type: kind, ID: r.ID, Feed: r.Feed, OccurredAt: r.OccurredAt}
}

// Statuses of a result beside those of intake.
const (
	tried   = "tried" // a dry run: nothing is stored
	refused = "refused"
)

// trial asks for a dry run.
type trial struct {
	DryRun bool `query:"dry_run" doc:"Decide and answer, store nothing"`
}

func (t trial) dryRun() bool { return t.DryRun }

// reserved is the feed of the clock, whose identities are its own.
const reserved = loyalty.FromClock

// recordEvents reports many facts. One that is refused does not stop the others; a report
// of one fact is answered by that fact's problem.
func (a *API) recordEvents(c *call, p *trial, b *Events) (*Results, error) {
	facts := make([]*loyalty.Fact, len(b.Events))
	for i := range b.Events {
		f, err := a.fact(c, &b.Events[i], i)
		if err != nil {
			return nil, at(err, place(i))
		}
		facts[i] = f
	}
	answers, err := a.judge(c, facts, p.DryRun)
	if err != nil {
		return nil, err
	}
	if len(answers) == 1 && answers[0].Err != nil {
		return nil, at(answers[0].Err, place(0))
	}
	out := &Results{Results: make([]Result, len(answers))}
	busy := 0
	for i, x := range answers {
		if x.Err != nil {
			a.missed(c, "", x.Err)
			out.Results[i] = Result{Status: refused, Decisions: []loyalty.ReceiptLine{}, Problem: a.edge.Problem(c.r, at(x.Err, place(i)))}
			if errors.Is(x.Err, loyalty.ErrUnavailable) {
				busy++
			}
			continue
		}
		out.Results[i] = result(x, p.DryRun)
	}
	if busy == len(answers) {
		return nil, answers[0].Err
	}
	return out, nil
}

func place(i int) string { return fmt.Sprintf("events[%d]", i) }

// at puts the place of an event before the field that a problem names.
func at(err error, place string) error {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		return err
	}
	out := *p
	out.Field = strings.TrimSuffix(place+"."+p.Field, ".")
	return &out
}

// judge records facts, or only tries them.
func (a *API) judge(c *call, facts []*loyalty.Fact, dry bool) ([]intake.Answer, error) {
	if dry {
		return a.people.Try(c.ctx, c.shop(), facts...)
	}
	answers, err := a.people.Record(c.ctx, c.shop(), facts...)
	for i, x := range answers {
		switch ref := numberOf(facts[i]); {
		case x.Err != nil:
			a.feed.Call(c.shop(), c.op.called(), x.Err, ref)
			c.told = true
		case x.Status == intake.Duplicate && ref != "":
			a.feed.Again(c.shop(), c.op.called(), ref)
		}
	}
	return answers, err
}

// numberOf is the number of the order that a fact is about; empty: it is about none.
func numberOf(f *loyalty.Fact) string {
	switch {
	case f.Order != nil:
		return f.Order.Ref
	case f.Refund != nil:
		return f.Refund.Ref
	}
	return ""
}

func result(x intake.Answer, dry bool) Result {
	r := Result{ID: x.Event, Status: x.Status, Member: x.Member, Decisions: filled(x.Lines)}
	if dry && x.Status != intake.Duplicate {
		r.ID, r.Status = id.Event{}, tried
	}
	return r
}

// fact makes the n-th fact of a call.
func (a *API) fact(c *call, e *Event, n int) (*loyalty.Fact, error) {
	f := &loyalty.Fact{
		Kind: e.Type, Feed: e.Feed, Via: "api", Origin: loyalty.FromLive, OccurredAt: e.OccurredAt, Touch: e.Touch,
	}
	if loyalty.ByStaff(e.Type) {
		f.Origin = loyalty.FromStaff
	}
	var err error
	if f.ExternalID, err = identity(c, e.ID, n); err != nil {
		return nil, err
	}
	if err = e.fits(); err != nil {
		return nil, err
	}
	if f.Feed == reserved {
		return nil, loyalty.Invalid("feed", "reserved")
	}
	who := e.Member.naming()
	if e.Member != nil {
		if who.Fields, err = a.ownFields(c, e.Member.Fields); err != nil {
			return nil, err
		}
	}
	if f.Member, f.Person, err = a.people.Who(who, "member"); err != nil {
		return nil, err
	}
	if f.Referrer, _, err = a.people.Who(e.Referrer.naming(), "referrer"); err != nil {
		return nil, err
	}
	if f.Other, _, err = a.people.Who(e.Other.naming(), "other"); err != nil {
		return nil, err
	}
	if f.Order, err = e.Order.order(f.Feed); err != nil {
		return nil, err
	}
	if f.Signals, err = a.people.Signals(e.Signals, e.Member.naming(), e.Type); err != nil {
		return nil, err
	}
	f.Refund, f.Birthday = e.Refund.refund(f.Feed), e.Birthday
	if e.Adjust != nil {
		f.Adjust = new(loyalty.Adjust(*e.Adjust))
	}
	if s := e.Staff; s != nil {
		f.Staff = &loyalty.Staff{Actor: s.Actor, Reason: s.Reason, Group: s.Group, Add: s.Add, Remove: s.Remove, No: s.No, Household: s.Household}
	}
	if e.Transfer != nil {
		f.Transfer = new(loyalty.Transfer(*e.Transfer))
	}
	if e.Use != nil {
		f.Use = new(loyalty.Use(*e.Use))
		if f.Use.Code != "" {
			if f.Use.Code, err = a.typedCode(c, f.Use.Code); err != nil {
				return nil, err
			}
		}
	}
	if e.Happening != nil {
		f.Happening = new(loyalty.Happening(*e.Happening))
	}
	if e.Consent != nil {
		f.Consent = new(loyalty.Consent(*e.Consent))
	}
	if f.Cart, err = e.Cart.cart(f.Feed); err != nil {
		return nil, err
	}
	if f.Cart != nil && len(f.Cart.Codes) > 0 {
		if err := a.limits.Guess(c.access, ""); err != nil {
			return nil, err
		}
	}
	f.HoldFor = e.HoldSeconds
	e.catalogue(f)
	a.typed(f)
	if !f.Member.Named() {
		f.Person = nil // a guest: nobody to whom it could belong
	}
	return f, nil
}

// typed takes the codes of an order for what they may be: a member's personal code, which
// says who sent the friend.
func (a *API) typed(f *loyalty.Fact) {
	if f.Order == nil || f.Referrer.Named() {
		return
	}
	for _, c := range f.Order.Codes {
		if code, ok := loyalty.CanonicalCode(c); ok {
			f.Referrer.Keys = append(f.Referrer.Keys, loyalty.Key{Kind: loyalty.ByCode, Key: code})
			f.Touch = loyalty.Typed
		}
	}
}

// identity is the permanent name of a fact: its own, or one derived from the request's
// Idempotency-Key, which makes it happen once for ever and not only while the answer is
// kept.
func identity(c *call, given string, n int) (string, error) {
	key := c.r.Header.Get("Idempotency-Key") // in a dry run too: the fact is the same
	switch {
	case given != "":
		return given, nil
	case key == "":
		return "", loyalty.Invalid("id", "required")
	}
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("key:%s:%d", hex.EncodeToString(sum[:16]), n), nil
}

// RecordedEvent is a fact as it was recorded: ids and figures, no personal data.
type RecordedEvent struct {
	ID         id.Event    `json:"id"`
	Type       string      `json:"type"`
	Feed       string      `json:"feed"`
	ExternalID string      `json:"external_id" doc:"The id it was reported under"`
	Origin     string      `json:"origin" enum:"live,import,staff,clock"`
	Member     id.Member   `json:"member,omitzero"`
	OrderID    id.Order    `json:"order_id,omitzero"`
	OccurredAt moment.Time `json:"occurred_at" format:"date-time"`
	RecordedAt moment.Time `json:"recorded_at" format:"date-time"`
	Order      *Order      `json:"order,omitempty"`
	Refund     *Refund     `json:"refund,omitempty"`
	Adjust     *Adjust     `json:"adjust,omitempty"`
	Birthday   string      `json:"birthday,omitempty" doc:"Month and day"`
	Staff      *Staff      `json:"staff,omitempty"`
	Transfer   *Transfer   `json:"transfer,omitempty"`
	Use        *Use        `json:"use,omitempty"`
	Happening  *Happening  `json:"happening,omitempty"`
	Consent    *Consent    `json:"consent,omitempty"`
	Gift       *Gift       `json:"gift,omitempty"`
	Stock      *Stock      `json:"stock,omitempty"`
	Claim      *GiftClaim  `json:"claim,omitempty"`
	Pool       string      `json:"pool,omitempty"`
	Cart       *Cart       `json:"cart,omitempty"`
}

type eventPath struct {
	ID id.Event `path:"id" unknown:"event_unknown"`
}

func (a *API) event(c *call, p *eventPath, _ *none) (*RecordedEvent, error) {
	e, err := a.people.Event(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	f := e.Fact
	return &RecordedEvent{
		ID: f.ID, Type: f.Kind, Feed: f.Feed, ExternalID: f.ExternalID, Origin: f.Origin, Member: f.MemberID, OrderID: e.Order,
		OccurredAt: f.OccurredAt, RecordedAt: f.RecordedAt, Order: shownOrder(f.Order), Refund: shownRefund(f.Refund), Adjust: (*Adjust)(f.Adjust),
		Birthday: f.Birthday, Staff: (*Staff)(f.Staff), Transfer: (*Transfer)(f.Transfer), Use: (*Use)(f.Use), Happening: (*Happening)(f.Happening),
		Consent: (*Consent)(f.Consent), Cart: shownCart(f.Cart), Gift: (*Gift)(f.Gift), Stock: (*Stock)(f.Stock), Claim: shownGiftClaim(f.Claim), Pool: f.Pool,
	}, nil
}

// act reports one fact through a door of its own, whose problems name the fields of that
// door.
func (a *API) act(c *call, e *Event, dry bool, parts ...string) (*Result, error) {
	f, err := a.fact(c, e, 0)
	if err != nil {
		return nil, door(err, parts...)
	}
	answers, err := a.judge(c, []*loyalty.Fact{f}, dry)
	if err == nil {
		err = answers[0].Err
	}
	a.missed(c, "", err)
	if err != nil {
		return nil, door(err, parts...)
	}
	r := result(answers[0], dry)
	return &r, nil
}

// door renames the field of a problem as the door calls it. A part of the fact stands in
// the door's body itself ("order": order.ref is ref) or has another name there
// ("member=from": member.email is from.email).
func door(err error, parts ...string) error {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		return err
	}
	out := *p
	for _, part := range parts {
		part, name, _ := strings.Cut(part, "=")
		switch rest, below := strings.CutPrefix(p.Field, part+"."); {
		case p.Field == part && name != "":
			out.Field = name
			return &out
		case below:
			out.Field = strings.TrimPrefix(name+"."+rest, ".")
			return &out
		}
	}
	return &out
}
