package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/plan"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// paper is the form of a page as a browser would send it back.
type paper struct {
	b      *browser
	at     string
	fields url.Values
}

var (
	inputs    = regexp.MustCompile(`<input ([^>]*)>`)
	areas     = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	selects   = regexp.MustCompile(`(?s)<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>`)
	opts      = regexp.MustCompile(`<option value="([^"]*)"( selected)?`)
	attribute = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	unescaped = strings.NewReplacer("&amp;", "&", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">")
)

// paper reads the form of the wizard's step.
func (b *browser) paper(at string) *paper {
	b.t.Helper()
	g := b.get(at)
	if g.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %d %s", at, g.StatusCode, g.body)
	}
	return b.paperOf(at, g.body)
}

func (b *browser) paperOf(at, body string) *paper {
	b.t.Helper()
	_, form, ok := strings.Cut(body, `<form class="card wform"`)
	if !ok {
		b.t.Fatalf("%s has no form: %s", at, body)
	}
	form, _, _ = strings.Cut(form, "</form>")
	p := &paper{b, at, url.Values{}}
	for _, m := range inputs.FindAllStringSubmatch(form, -1) {
		a, checked := map[string]string{}, false
		for _, x := range attribute.FindAllStringSubmatch(m[1], -1) {
			if x[1] == "checked" {
				checked = true
			}
			if _, twice := a[x[1]]; !twice {
				a[x[1]] = unescaped.Replace(x[2])
			}
		}
		if kind := a["type"]; (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		p.fields.Set(a["name"], a["value"])
	}
	for _, m := range areas.FindAllStringSubmatch(form, -1) {
		p.fields.Set(m[1], unescaped.Replace(m[2]))
	}
	for _, m := range selects.FindAllStringSubmatch(form, -1) {
		list := opts.FindAllStringSubmatch(m[2], -1)
		p.fields.Set(m[1], list[0][1])
		for _, o := range list {
			if o[2] != "" {
				p.fields.Set(m[1], o[1])
			}
		}
	}
	return p
}

// send changes some fields and sends the form; an empty value empties a field.
func (p *paper) send(to string, pairs ...string) got {
	p.b.t.Helper()
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		p.fields.Set(pairs[i], pairs[i+1])
	}
	for name := range p.fields {
		all = append(all, name, p.fields.Get(name))
	}
	return p.b.post(to, all...)
}

// begun is a draft of a template, as its path below /admin.
func (b *browser) begun(template string) string {
	b.t.Helper()
	g := b.post("/admin/programs/wizard/new", "template", template)
	g.wants(b.t, http.StatusOK)
	return strings.TrimSuffix(g.Request.URL.Path, "/1")
}

// textOf is what a draft says.
func (s *site) textOf(path string) string {
	s.t.Helper()
	which, err := id.Parse[id.DraftKind](path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := s.programs.Draft(s.t.Context(), s.shop.ID, which)
	if err != nil {
		s.t.Fatal(err)
	}
	return d.Text
}

// Every template can be shown by the wizard, in euros and złoty, and no step loses any of it:
// sent as it is shown, the text stays what it was.
func TestEveryTemplateGoesThroughTheWizardUnchanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		for _, x := range programs.Templates() {
			for _, currency := range []string{"EUR", "PLN"} {
				set := rules.Setting{Currency: currency, Decimals: 2, Zone: s.shop.Zone}
				docs, err := rules.ParseFile(x.Text(currency, "A"), set)
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := plan.Read(docs[0], set); !ok {
					t.Errorf("%s in %s is not read", x.Code, currency)
				}
			}
			at := b.begun(x.Code)
			set := rules.SettingOf(s.shop)
			was := parsedText(t, s.textOf(at), set)
			for _, step := range []string{"/1", "/2", "/3", "/4"} {
				b.paper(at+step).send(at+step).wants(t, http.StatusOK)
				if is := parsedText(t, s.textOf(at), set); is != was {
					t.Errorf("%s: step %s makes of\n%s\n%s", x.Code, step, was, is)
				}
			}
		}
	})
}

func parsedText(t *testing.T, text string, set rules.Setting) string {
	t.Helper()
	docs, err := rules.ParseFile(text, set)
	if err != nil {
		t.Fatal(text, err)
	}
	return docs[0].Text(set)
}

// From a template to a program that runs, with one record for each deed; sent twice, a step is
// one change.
func TestAProgramIsMadeStepByStep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		at := b.begun("referral-order")
		b.paper(at+"/1").send(at+"/1", "objective", "both").wants(t, http.StatusOK, `aria-current="step">2. Reward`)
		two := b.paper(at + "/2")
		two.send(at+"/2", "ordered-referrer-amount", "8,50", "ordered-friend-kind", "cash_percent", "ordered-friend-amount", "10", "joined-referrer-amount", "25").
			wants(t, http.StatusOK)
		two.send(at+"/2").wants(t, http.StatusOK) // a double click
		b.paper(at+"/3").send(at+"/3", "minimum", "40", "budget", "1 000", "budget-per", "month", "cap", "5").wants(t, http.StatusOK)
		b.paper(at+"/4").send(at+"/4", "name", "Autumn", "ends", "2099-12-31").wants(t, http.StatusOK, "There is a budget", "Publish")
		text := s.textOf(at)
		for _, want := range []string{
			`program "Autumn"`, "ends 2099-12-31", "at most 5 rewards per month", "budget 1000.00 EUR per month", "referrer 8.50 EUR", "cash voucher of 10 %", "from 40.00 EUR", "25 points",
		} {
			if !strings.Contains(strings.ReplaceAll(text, "2099-12-31T23:00:00Z", "2099-12-31"), want) {
				t.Errorf("the draft does not say %q:\n%s", want, text)
			}
		}
		g := b.post(at+"/simulate", "target", "20")
		g.wants(t, http.StatusOK, "The last 90 days")
		revision := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(g.body)
		b.post(at+"/test").wants(t, http.StatusOK, "runs in the test shop")
		b.post(at+"/publish", "revision", revision[1], "when", "now").wants(t, http.StatusOK, "is published and runs from")
		for _, shop := range []*loyalty.Shop{s.shop, s.twin} {
			list, err := s.programs.List(t.Context(), shop.ID)
			if err != nil || len(list) != 1 || list[0].Name != "Autumn" {
				t.Fatalf("%s runs %v %v", shop.Slug, list, err)
			}
		}
		b.post(at+"/publish", "revision", revision[1], "when", "now").wants(t, http.StatusNotFound)
		var deeds []string
		for _, d := range s.deeds(s.shop) {
			deeds = append(deeds, d.Action)
		}
		slices.Sort(deeds)
		want := []string{
			"POST /programs/wizard/new", "POST /programs/wizard/{id}/publish", "POST /programs/wizard/{id}/test", "POST /programs/wizard/{id}/{step}",
			"POST /programs/wizard/{id}/{step}", "POST /programs/wizard/{id}/{step}", "POST /programs/wizard/{id}/{step}", "POST /programs/wizard/{id}/{step}",
		}
		deeds = slices.DeleteFunc(deeds, func(d string) bool { return !strings.Contains(d, "wizard") })
		if !slices.Equal(deeds, want) {
			t.Errorf("the record has\n%s\nwant\n%s", strings.Join(deeds, "\n"), strings.Join(want, "\n"))
		}
	})
}

// A program can begin later; then it is scheduled, and not before.
func TestAProgramIsScheduled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Marketing)
		at := b.begun("birthday")
		b.post(at+"/publish", "revision", "1", "when", "later").wants(t, http.StatusUnprocessableEntity, "Something is missing here", `value="later" checked`)
		b.post(at+"/publish", "revision", "1", "when", "later", "at", "2001-01-01T10:00").wants(t, http.StatusUnprocessableEntity, "lies in the past")
		b.post(at+"/publish", "revision", "9", "when", "now").wants(t, http.StatusUnprocessableEntity)
		b.post(at+"/publish", "revision", "1", "when", "later", "at", "2099-01-01T10:00").wants(t, http.StatusOK, "is scheduled")
		list, err := s.programs.List(t.Context(), s.shop.ID)
		if err != nil || len(list) != 1 || list[0].State != programs.Scheduled {
			t.Fatal(list, err)
		}
	})
}

// What is refused stands there again as it was typed, with what to do; nothing is stored.
func TestARefusedAnswerIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		at := b.begun("referral-order")
		was := s.textOf(at)
		b.paper(at+"/2").send(at+"/2", "ordered-friend-amount", "many", "ordered-referrer-amount", "7.77").
			wants(t, http.StatusUnprocessableEntity, `value="many"`, `value="7.77"`, "Write an amount such as 12.50", `href="#ordered-friend-amount"`, `aria-invalid="true"`)
		b.paper(at+"/2").send(at+"/2", "ordered-friend-kind", "", "ordered-referrer-kind", "").
			wants(t, http.StatusUnprocessableEntity, "Somebody has to be rewarded")
		b.paper(at+"/3").send(at+"/3", "codes", `A"B`, "minimum", "12").wants(t, http.StatusUnprocessableEntity, "A&#34;B", `value="12"`, "Quotes and new lines")
		b.paper(at+"/3").send(at+"/3", "wait", "1.5").wants(t, http.StatusUnprocessableEntity, "Write a whole number")
		b.paper(at+"/4").send(at+"/4", "name", "", "starts", "soon").wants(t, http.StatusUnprocessableEntity, "Write a day", `value="soon"`)
		b.paper(at+"/4").send(at+"/4", "starts", "2030-05-01", "ends", "2030-04-01").wants(t, http.StatusUnprocessableEntity)
		if is := s.textOf(at); is != was {
			t.Errorf("something was stored:\n%s", is)
		}
		// A preview shows the same, and stores as little.
		b.paper(at+"/2").send(at+"/2/preview", "ordered-referrer-amount", "9").wants(t, http.StatusOK, "€9.00")
		if is := s.textOf(at); is != was {
			t.Errorf("a preview was stored:\n%s", is)
		}
	})
}

// Two people change the same draft: the second one is told what his answers would change, and
// may still save them, or leave.
func TestTwoPeopleAtTheSameDraft(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		mine, theirs := s.as(staff.Owner), s.as(staff.Support)
		at := mine.begun("referral-order")
		a, b := mine.paper(at+"/3"), theirs.paper(at+"/3")
		b.send(at+"/3", "minimum", "55").wants(t, http.StatusOK)
		told := a.send(at+"/3", "wait", "30")
		told.wants(t, http.StatusConflict, "Somebody else has saved this draft", "30 days", `value="30"`, "take theirs")
		if text := s.textOf(at); !strings.Contains(text, "from 55.00 EUR") || strings.Contains(text, "after 30 days") {
			t.Errorf("what the other one saved is gone:\n%s", text)
		}
		mine.paperOf(at+"/3", told.body).send(at+"/3", "minimum", "55").wants(t, http.StatusOK)
		if text := s.textOf(at); !strings.Contains(text, "from 55.00 EUR") || !strings.Contains(text, "after 30 days") {
			t.Errorf("not both:\n%s", text)
		}
	})
}

// What the wizard cannot show is left alone; a draft of another shop is none.
func TestDraftsThatTheWizardLeavesAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		const text = "program \"P\"\n  discount 10 %\n"
		for _, said := range []string{text, "program \"P\"\n  earn nonsense\n"} {
			d, err := s.programs.CreateDraft(t.Context(), s.shop.ID, id.Program{}, programs.Said{Text: said})
			if err != nil {
				t.Fatal(err)
			}
			at := "/admin/programs/wizard/" + d.ID.String()
			for _, step := range []string{"/1", "/3", "/5"} {
				b.get(at+step).wants(t, http.StatusOK, "says more than the wizard asks")
				b.post(at+step, "revision", "1", "kind", "event").wants(t, http.StatusOK, "says more than the wizard asks")
			}
			b.post(at+"/simulate").wants(t, http.StatusOK, "says more than the wizard asks")
			if is := s.textOf(at); is != said {
				t.Errorf("changed to %s", is)
			}
		}
		other, err := s.office.CreateShop(context.Background(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.programs.CreateDraft(t.Context(), other.Live.ID, id.Program{}, programs.Said{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{"", "/1", "/5", "/7"} {
			b.get("/admin/programs/wizard/"+d.ID.String()+at).wants(t, http.StatusNotFound)
		}
		for _, at := range []string{"/1", "/2/preview", "/simulate", "/test", "/publish"} {
			b.post("/admin/programs/wizard/"+d.ID.String()+at, "revision", "1").wants(t, http.StatusNotFound)
		}
	})
}

// The gift is weighed against the basket, and what is tied to another purchase against how
// many customers come back (S1-5, S1-9).
func TestTheWizardAdvises(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		at := b.begun("referral-order") // 5 for the friend, 10 for the referrer
		b.get(at+"/2").wants(t, http.StatusOK, "With a basket of €50.00: your shop has no orders yet", "€15.00", "30% of an average basket", "Tied to another purchase: it costs")
		for i, member := range []string{"1", "2", "3", "4"} {
			f := &loyalty.Fact{
				Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "o" + member, Via: "api", Origin: loyalty.FromLive,
				Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: member}}},
				Order:  &loyalty.Order{Series: "web", Ref: member, Currency: "EUR", Lines: []loyalty.Line{{SKU: "MUG", Quantity: 1, Amount: int64(200_00 + i)}}},
			}
			if _, err := s.people.Record(t.Context(), s.shop.ID, f); err != nil {
				t.Fatal(err)
			}
		}
		b.get(at+"/2").wants(t, http.StatusOK, "average basket of €200.0", "Only 7% of an average basket", "but only 0% of your customers bought twice")
		b.paper(at+"/2").send(at+"/2/preview", "ordered-referrer-kind", "gift", "ordered-referrer-name", "Mug", "ordered-friend-kind", "cash_percent", "ordered-friend-amount", "10").
			wants(t, http.StatusOK, "A real gift: original ones", "A per cent is hard to picture", "Say what a gift", "Something has no price yet")
		// Tried over the past: four orders, each of which would have been a new customer's.
		basket := b.begun("next-order-voucher")
		if err := s.office.SetPerNew(t.Context(), s.shop.ID, 12_50); err != nil {
			t.Fatal(err)
		}
		b.get(basket+"/5").wants(t, http.StatusOK, `name="target"`, `value="12.50"`) // what the dashboard's target says
		b.post(basket+"/simulate", "target", "1").wants(t, http.StatusOK, "above the target", "Who would have had most", "/admin/members/mem_")
		b.post(basket+"/simulate", "target", "much").wants(t, http.StatusUnprocessableEntity, `value="much"`, "Write an amount")
	})
}

// Whom a referral excludes is the shop's choice: old customers and members, each for itself. What
// nobody may, to recommend himself or to have two referrers, is no choice.
func TestExclusionsAreChosen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		at := b.begun("referral-order")
		b.get(at+"/4").wants(t, http.StatusOK, "Oneself", "Who was already referred", `id="exclude-buyer" name="exclude-buyer" value="yes" checked`, `id="exclude-account"`)
		b.paper(at+"/4").send(at+"/4", "exclude-buyer", "").wants(t, http.StatusOK)
		if text := s.textOf(at); !strings.Contains(text, "referral of buyers too") || strings.Contains(text, "referral of members too") {
			t.Errorf("the draft says\n%s", text)
		}
		b.paper(at+"/4").send(at+"/4", "exclude-buyer", "yes", "exclude-account", "").wants(t, http.StatusOK, "Who has an account already may be recommended, too.")
		if text := s.textOf(at); strings.Contains(text, "referral of buyers too") || !strings.Contains(text, "referral of members too") {
			t.Errorf("the draft says\n%s", text)
		}
	})
}
