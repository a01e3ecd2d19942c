package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/feed"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// systems are what a shop may run on; each has its own place for the script.
var systems = []string{"own", "wordpress", "prestashop", "shopify", "gtm"}

// trackerPage is what the screen shows.
type trackerPage struct {
	*feed.Report
	System string
	Look   *loyalty.Portal
	Groups []faultGroup
}

// faultGroup are the faults of one kind, the latest first.
type faultGroup struct {
	Kind  string
	Times int64
	At    moment.Time
	Items []feed.Fault
}

// mostItems is how many faults of a kind are shown one by one.
const mostItems = 5

// tracker shows the steps from the script to a live shop. Its panel is asked for again by itself.
func (v *visit) tracker() error {
	p := &trackerPage{System: "own"}
	if slices.Contains(systems, v.asked("system")) {
		p.System = v.asked("system")
	}
	var err error
	if p.Look, err = v.Office.Portal(v.ctx, v.shop.ID); err != nil {
		return err
	}
	if p.Report, err = v.Feed.Report(v.ctx, v.shop.ID); err != nil {
		return err
	}
	p.Groups = grouped(p.Faults)
	return v.show(http.StatusOK, trackerView(v, p))
}

// beginTrial lets somebody go the way of a friend.
func (v *visit) beginTrial() error {
	if err := v.Feed.Begin(v.ctx, v.shop.ID); err != nil {
		return err
	}
	v.note("")
	return v.redirect("/tracker#live")
}

// grouped lays faults of a kind together; the kind that came last stands first.
func grouped(list []feed.Fault) (out []faultGroup) {
	for _, f := range list {
		i := slices.IndexFunc(out, func(g faultGroup) bool { return g.Kind == f.Kind })
		if i < 0 {
			out, i = append(out, faultGroup{Kind: f.Kind, At: f.At}), len(out)
		}
		g := &out[i]
		g.Times += f.Times
		if len(g.Items) < mostItems {
			g.Items = append(g.Items, f)
		}
	}
	return out
}

// set tells whether a shop's pages may speak: the portal is on, and has an address.
func (p *trackerPage) set() bool { return p.Look.On && p.Look.Base != "" }

// script is what is pasted.
func (p *trackerPage) script(v *visit) string {
	at := strings.TrimSuffix(p.Look.Base, "/") + "/t.js?site=" + v.shop.Slug
	if p.System == "gtm" {
		return "<script>\n  var s = document.createElement(\"script\");\n  s.src = \"" + at + "\"; s.dataset.site = \"" + v.shop.Slug +
			"\"; s.async = true;\n  document.head.append(s);\n</script>"
	}
	return `<script async src="` + at + `" data-site="` + v.shop.Slug + `"></script>`
}

// thanks is what the page that thanks for an order says.
func (p *trackerPage) thanks(v *visit) string {
	return "<script>\n  window.cagnotte ||= function () { (cagnotte.q ||= []).push(arguments) };\n  cagnotte(\"order\", { id: \"A-1042\", total: 84.9, currency: \"" +
		v.shop.Currency + "\" });\n</script>"
}

// policy is what a content security policy of the shop has to name.
func (p *trackerPage) policy() string {
	at := strings.TrimSuffix(p.Look.Base, "/")
	return "script-src " + at + "; connect-src " + at
}

// curl reports an order that can be looked at in the panel.
func (p *trackerPage) curl(v *visit) string {
	at := strings.TrimSuffix(p.Look.Base, "/")
	if at == "" {
		at = "https://club.example"
	}
	return `curl "` + at + `/v1/orders" -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{
  "ref": "A-1042", "currency": "` + v.shop.Currency + `", "member": {"email": "camille@example.com", "first_name": "Camille"},
  "lines": [{"sku": "SOAP-LAVENDER", "quantity": 2, "amount": 8490}]}'`
}

// state is how far a shop has come: never, partly, silent, live.
func (p *trackerPage) state() string {
	page, order := p.Lines[0].At != 0, p.Last != 0
	switch {
	case p.Quiet != nil:
		return "silent"
	case page && order:
		return "live"
	case page || order:
		return "partly"
	}
	return "never"
}

func feedTag(state string) string {
	switch state {
	case "live":
		return "tag good"
	case "silent":
		return "tag bad"
	case "partly":
		return "tag warn"
	}
	return "tag"
}

// since says how long ago something was, to the second while it is fresh.
func (v *visit) since(now, at moment.Time) string {
	if d := max(now-at, 0); d < moment.Minute {
		return v.say.Count("admin.tracker.ago.seconds", int64(d/moment.Second))
	}
	return v.ago(at)
}

// faultTone is how bad a kind of fault is: what is told twice or by the browser alone is counted
// right all the same.
func faultTone(kind string) string {
	switch kind {
	case feed.SentTwice, feed.BrowserOnly, feed.NoEmail, feed.WrongOrigin:
		return "tag warn"
	}
	return "tag bad"
}

// faultSays is one fault in a few words: its order or host, and what else is known of it.
func (v *visit) faultSays(f feed.Fault) []string {
	var out []string
	if f.Operation != "" && (f.Kind == feed.Refused || f.Kind == feed.Unsigned) {
		out = append(out, f.Operation)
	}
	if f.Code != "" {
		out = append(out, v.refusal(f.Code))
	}
	if f.Field != "" {
		out = append(out, v.t("admin.tracker.field", "Field", f.Field))
	}
	if f.By != 0 {
		out = append(out, v.t("admin.tracker.late_by", "Time", v.lasted(f.By)))
	}
	if f.Times > 1 {
		out = append(out, v.say.Count("admin.tracker.times", f.Times))
	}
	return out
}

// lasted says how long something took, in hours or days.
func (v *visit) lasted(d moment.Time) string {
	if d < 2*moment.Day {
		return v.say.Count("admin.tracker.hours", int64(d/moment.Hour))
	}
	return v.say.Count("admin.tracker.days", int64(d/moment.Day))
}

// refName is what a fault is about; words where it names nothing.
func (v *visit) refName(f feed.Fault) string {
	if f.Ref != "" {
		return f.Ref
	}
	if f.Kind == feed.Unsigned {
		return v.t("admin.tracker.whole_server")
	}
	return v.t("admin.tracker.unnamed")
}

// trialSteps are the steps of who goes the way of a friend.
func trialSteps(t *feed.Trial) []feed.Line {
	return []feed.Line{
		{Kind: "landing", At: t.Landed, Host: t.Host}, {Kind: "cart", At: t.Cart}, {Kind: "thanks", At: t.Ordered, Ref: t.Ref}, {Kind: "order", At: t.Told, Ref: t.Ref},
	}
}

// eventPath is where a fact is shown; empty when there is none.
func eventPath(e id.Event) string {
	if e.IsZero() {
		return ""
	}
	return "/journal/" + e.String()
}
