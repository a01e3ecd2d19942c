package track

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
	"cagnotte/internal/share"
	"cagnotte/internal/web"
)

// Widget is what w.js shows: words in the reader's language, and what is a member's own only
// with a token of the shop's own sign-on.
type Widget struct {
	Lang     string      `json:"lang"`
	Hue      int         `json:"hue"`
	Launcher string      `json:"launcher"`
	Title    string      `json:"title"`
	Text     []string    `json:"text"` // what the program gives, a sentence each
	Close    string      `json:"close"`
	Copy     string      `json:"copy"`
	Copied   string      `json:"copied"`
	Share    string      `json:"share"` // of the phone's own sheet
	Link     string      `json:"link,omitempty"`
	LinkName string      `json:"link_name"`
	Message  string      `json:"message,omitempty"`
	Balance  string      `json:"balance"`            // the words before the amounts
	Amounts  []string    `json:"amounts,omitempty"`  // what a member may use now, unit by unit
	Channels [][2]string `json:"channels,omitempty"` // name, address
	Open     [2]string   `json:"open"`               // the button to the portal: its words, its address
}

// most is how many sentences of programs the widget shows.
const most = 3

// words answers with the widget of a shop. A page of another site gets none.
func (t *track) words(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := t.Limits.Browser(r); err != nil {
		t.Edge.Fail(w, r, err)
		return
	}
	slug, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok {
		slug = ""
	}
	shop, look, err := t.visit(r, slug)
	if err != nil {
		w.Header().Add("Vary", "Origin")
		t.Edge.Fail(w, r, err)
		return
	}
	allow(w, r.Header.Get("Origin"))
	token := ""
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		if err == nil { // what is longer is no token
			token = strings.TrimSpace(string(body))
		}
	}
	out, err := t.widget(r, shop, look, token)
	if err != nil {
		t.Edge.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(out) // a caller who is gone needs no answer
}

func (t *track) widget(r *http.Request, shop *loyalty.Shop, look *loyalty.Portal, token string) (*Widget, error) {
	want := r.URL.Query().Get("l")
	if want == "" {
		want = web.Language(r)
	}
	say := t.Edge.Words().Printer(look.Speaks(want), nil).For(shop)
	out := &Widget{
		Lang: say.Tag(), Hue: look.Hue, Launcher: say.Say("widget.launcher"), Title: say.Say("widget.title", "Shop", shop.Name),
		Text: []string{}, Close: say.Say("widget.close"), Copy: say.Say("widget.copy"), Copied: say.Say("widget.copied"), Share: say.Say("widget.share"),
		LinkName: say.Say("widget.link"), Balance: say.Say("widget.balance"), Open: [2]string{say.Say("widget.join"), look.Link("/join")},
	}
	if err := t.offers(r.Context(), shop, out); err != nil {
		return nil, err
	}
	if len(out.Text) == 0 {
		out.Text = append(out.Text, say.Say("widget.text"))
	}
	m, err := t.member(r.Context(), shop, token)
	if err != nil || m == nil || m.State == loyalty.Blocked {
		return out, err
	}
	return out, t.own(r.Context(), shop, look, m, out)
}

// offers adds what the programs in force give for a referral, in their own words.
func (t *track) offers(ctx context.Context, shop *loyalty.Shop, out *Widget) error {
	list, err := t.Programs.List(ctx, shop.ID)
	if err != nil {
		return err
	}
	say, set := t.Edge.Words().Printer(out.Lang, nil).For(shop), rules.SettingOf(shop)
	for _, x := range list {
		if x.State != programs.InForce {
			continue
		}
		out.Text = append(out.Text, say.Summary(rules.Offers(x.Present().Document, set))...)
	}
	out.Text = out.Text[:min(most, len(out.Text))]
	return nil
}

// member is whom a token names; nil when it names nobody whom we know.
func (t *track) member(ctx context.Context, shop *loyalty.Shop, token string) (*people.Member, error) {
	if token == "" {
		return nil, nil
	}
	named, err := t.SignIn.Verify(ctx, shop, token)
	if _, said := errors.AsType[*loyalty.Problem](err); said {
		return nil, nil // out of date, or nobody's: the page is shown as to a stranger
	}
	if err != nil {
		return nil, err
	}
	who, _, err := t.People.Who(people.Naming{ExternalID: named.ExternalID, Email: named.Email}, "token")
	if err != nil {
		return nil, nil // the shop signed what names nobody
	}
	m, err := t.People.Find(ctx, shop.ID, who)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil
	}
	return m, err
}

// own adds what is the member's own.
func (t *track) own(ctx context.Context, shop *loyalty.Shop, look *loyalty.Portal, m *people.Member, out *Widget) error {
	say := t.Edge.Words().Printer(out.Lang, nil).For(shop)
	out.Open = [2]string{say.Say("widget.open"), look.Link("/")}
	wallet, err := t.People.Wallet(ctx, shop.ID, m.ID, 0)
	if err != nil {
		return err
	}
	for _, b := range wallet.Units {
		if b.Available > 0 {
			out.Amounts = append(out.Amounts, say.Units(b.Unit, b.Available))
		}
	}
	codes, err := t.People.Codes(ctx, shop.ID, m.ID)
	if err != nil || len(codes) == 0 {
		return err
	}
	out.Link = look.Invite(codes[0])
	out.Message = say.Say("widget.message", "Shop", shop.Name)
	for _, c := range share.Channels(share.Post{URL: out.Link, Text: out.Message, Subject: out.Title}) {
		if !c.Touch { // the phone's own sheet has those
			out.Channels = append(out.Channels, [2]string{say.Say("portal.channel." + c.Code), c.URL})
		}
	}
	return nil
}
