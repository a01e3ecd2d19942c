package admin

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// For how long the shop keeps what speaks of people. Before a period is made shorter the page says
// what that would let go, and asks.

func (v *visit) retention() error {
	r, err := v.People.Retention(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	f := v.blank()
	for _, p := range loyalty.Periods {
		f.values[p.Name] = strconv.Itoa(*p.Of(r))
	}
	return v.show(http.StatusOK, retentionView(v, f, nil))
}

// periodsOf reads the periods of a form.
func (f *form) periodsOf() *loyalty.Retention {
	r := &loyalty.Retention{}
	for _, p := range loyalty.Periods {
		*p.Of(r) = f.number(p.Name)
	}
	return r
}

// lookAhead counts what the periods of a form would let go.
func (v *visit) lookAhead(f *form) (*people.Ageing, error) {
	r := f.periodsOf()
	if !f.ok() {
		return nil, nil
	}
	a, err := v.People.LookAhead(v.ctx, v.shop.ID, r)
	if f.blame(err) {
		return nil, nil
	}
	return a, err
}

func (v *visit) previewRetention() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	a, err := v.lookAhead(f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !f.ok() {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, retentionView(v, f, a))
}

func (v *visit) setRetention() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	was, err := v.People.Retention(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	a, err := v.lookAhead(f)
	if err != nil {
		return err
	}
	r := f.periodsOf()
	if f.ok() && r.Shorter(was) && a.Any() && f.get("sure") != "yes" {
		f.problem("sure", "retention_sure")
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, retentionView(v, f, a))
	}
	if err := v.People.SetRetention(v.ctx, v.shop.ID, r); err != nil {
		return err
	}
	var said []string
	for _, p := range loyalty.Periods {
		said = append(said, p.Name, strconv.Itoa(*p.Of(was))+" → "+strconv.Itoa(*p.Of(r)))
	}
	v.note("", said...)
	v.tell("admin.settings.said", "")
	return v.redirect("/settings/retention")
}

// periodHelp says what a period may be, and what is proposed.
func (v *visit) periodHelp(p *loyalty.Period) string {
	text := v.t("admin.retention."+p.Name+".help") + " "
	key := "admin.retention.days"
	if p.Months {
		key = "admin.retention.months"
	}
	text += v.t(key, "Min", strconv.Itoa(p.Least), "Max", strconv.Itoa(p.Most), "N", strconv.Itoa(p.Proposed))
	if p.Never {
		text += " " + v.t("admin.retention.never")
	}
	return text
}

// aged are the lines of a look ahead: what would go.
func (v *visit) aged(a *people.Ageing) (out []string) {
	say := func(key string, n int64) {
		if n > 0 {
			out = append(out, v.say.Count("admin.retention.goes."+key, n))
		}
	}
	say("members", a.Members)
	say("leads", a.Leads)
	say("addresses", a.Addresses)
	say("messages", a.Messages)
	say("invitations", a.Invitations)
	say("sightings", a.Sightings)
	var held []string
	for _, u := range slices.Sorted(maps.Keys(a.Held)) {
		held = append(held, v.say.Units(ledger.Unit(u), a.Held[u]))
	}
	if len(held) > 0 {
		out = append(out, v.t("admin.retention.held", "Value", strings.Join(held, ", ")))
	}
	if a.More {
		out = append(out, v.t("admin.retention.more"))
	}
	return out
}

// leastOf is the least that a field takes.
func leastOf(p *loyalty.Period) string {
	if p.Never {
		return "0"
	}
	return strconv.Itoa(p.Least)
}
