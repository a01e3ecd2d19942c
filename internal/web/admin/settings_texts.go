package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
	"cagnotte/internal/programs"
)

// textRow is a legal text in the list: what holds, what comes, and in which languages it is
// written.
type textRow struct {
	Kind         string
	Held, Coming *pages.Edition
	Drafts       []pages.Page
	Changed      bool // the programs say something else than the edition that holds
}

// textView is the screen of one legal text.
type textEdit struct {
	textRow
	form      *form
	languages []string
	editions  []pages.Edition
	accepted  map[int64]int64
	earliest  string
}

// programsSaid is what the programs that run say in a language.
func (v *visit) programsSaid(tag string) ([]pages.Said, error) {
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	say := v.Edge.Words().Printer(tag, nil).For(v.shop)
	var out []pages.Said
	for _, p := range list {
		if p.State == programs.InForce {
			out = append(out, pages.Said{Program: p.Name, Sentences: v.inFull(p.Present().Document, say)})
		}
	}
	return out, nil
}

// digest stands for what the programs say; in one language, whoever asks.
func (v *visit) digest() (string, error) {
	said, err := v.programsSaid("en")
	return pages.ProgramsDigest(said), err
}

func (v *visit) textRows() ([]textRow, pages.Editions, error) {
	list, err := v.Pages.Editions(v.ctx, v.shop.ID)
	if err != nil {
		return nil, nil, err
	}
	drafts, err := v.Pages.List(v.ctx, v.shop.ID)
	if err != nil {
		return nil, nil, err
	}
	now, err := v.digest()
	if err != nil {
		return nil, nil, err
	}
	var out []textRow
	for _, kind := range pages.LegalKinds {
		x := textRow{Kind: kind, Held: list.InForce(kind, v.Pages.Now()), Coming: list.Coming(kind, v.Pages.Now())}
		for _, d := range drafts {
			if pages.LegalOf(d.Slug) == kind {
				x.Drafts = append(x.Drafts, d)
			}
		}
		x.Changed = kind == pages.Terms && x.Held != nil && x.Coming == nil && x.Held.Programs != now
		out = append(out, x)
	}
	return out, list, nil
}

// texts lists what the shop tells its members by law.
func (v *visit) texts() error {
	rows, _, err := v.textRows()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, textsView(v, rows))
}

func (v *visit) text() error { return v.showText(http.StatusOK, v.blank()) }

func (v *visit) showText(status int, f *form) error {
	kind := v.r.PathValue("kind")
	rows, list, err := v.textRows()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(x textRow) bool { return x.Kind == kind })
	if i < 0 {
		return loyalty.NotFound("kind", "legal_unknown")
	}
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	e := textEdit{textRow: rows[i], form: f, languages: look.Languages, editions: list.Of(kind)}
	if e.accepted, err = v.Pages.AcceptedBy(v.ctx, v.shop.ID, kind); err != nil {
		return err
	}
	e.earliest = v.Pages.Earliest(v.shop, kind, e.Held != nil)
	if _, sent := f.values["applies"]; !sent {
		f.values["applies"] = e.earliest
	}
	return v.show(status, textView(v, &e))
}

// beginText writes drafts from the templates, in each language of the portal that has none; of
// each when that was asked for.
func (v *visit) beginText() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	kind := v.r.PathValue("kind")
	said := map[string][]pages.Said{}
	for _, tag := range look.Languages {
		if said[tag], err = v.programsSaid(tag); err != nil {
			return err
		}
	}
	err = v.Pages.Begin(v.ctx, v.shop.ID, kind, look.Languages, f.get("again") == "yes", v.me.Name, func(tag string) []pages.Said { return said[tag] })
	if err != nil && !f.blame(err, "slug=", "locale=", "title=", "body=texts", "version=texts", "actor=") {
		return err
	}
	if !f.ok() {
		return v.showText(http.StatusUnprocessableEntity, f)
	}
	v.note("", "kind", kind)
	v.tell("admin.texts.said.begun", "")
	return v.redirect("/settings/texts/" + kind)
}

// publishText makes an edition of the drafts.
func (v *visit) publishText() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	said, err := v.programsSaid("en")
	if err != nil {
		return err
	}
	kind := v.r.PathValue("kind")
	e, err := v.Pages.PublishEdition(v.ctx, v.shop, pages.Issue{
		Kind: kind, Languages: look.Languages, Applies: f.get("applies"), Said: said, Checked: f.get("checked") == "yes", By: v.me.Name,
		Values: func(tag string) map[string]string {
			out := v.Edge.Words().Printer(tag, nil).For(v.shop).IdentityFields(&look.Legal)
			out["shop_name"], out["shop_url"] = v.shop.Name, look.Shop
			return out
		},
	})
	if err != nil && !f.blame(err, "actor=") {
		return err
	}
	if !f.ok() {
		return v.showText(http.StatusUnprocessableEntity, f)
	}
	v.note("", "kind", kind, "edition", strconv.FormatInt(e.Edition, 10), "applies", v.say.Date(e.AppliesAt))
	v.tell("admin.texts.said.published", "", "Date", v.say.Date(e.AppliesAt))
	return v.redirect("/settings/texts/" + kind)
}

// withdrawText takes an announced edition back.
func (v *visit) withdrawText() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	kind := v.r.PathValue("kind")
	n, err := strconv.ParseInt(f.get("edition"), 10, 64)
	if err != nil {
		return loyalty.NotFound("edition", "legal_unknown")
	}
	if err := v.Pages.WithdrawEdition(v.ctx, v.shop.ID, kind, n); err != nil {
		if !f.blame(err, "edition=") {
			return err
		}
		return v.showText(http.StatusUnprocessableEntity, f)
	}
	v.note("", "kind", kind, "edition", strconv.FormatInt(n, 10))
	v.tell("admin.texts.said.withdrawn", "")
	return v.redirect("/settings/texts/" + kind)
}

// draftOf is the draft of a text in a language; false when there is none.
func (x textRow) draftOf(tag string) (pages.Page, bool) {
	for _, d := range x.Drafts {
		if d.Locale == tag {
			return d, true
		}
	}
	return pages.Page{}, false
}

// editionState is the end of a key of words, and the class of its tag.
func (e *textEdit) editionState(x pages.Edition, now int64) (state, class string) {
	switch {
	case x.WithdrawnAt != 0:
		return "withdrawn", ""
	case int64(x.AppliesAt) > now:
		return "coming", "warn"
	case e.Held != nil && e.Held.Edition == x.Edition:
		return "held", "good"
	}
	return "past", ""
}

// shownAt is an edition as members read it; empty where the portal has no address.
func (v *visit) shownAt(e pages.Edition) string {
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil || !look.On {
		return ""
	}
	return look.Link("/legal/" + url.PathEscape(e.Kind) + "?edition=" + strconv.FormatInt(e.Edition, 10))
}
