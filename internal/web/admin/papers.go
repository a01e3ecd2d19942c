package admin

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
)

// papers are the texts about data that a shop has to have: what it fills in, and the way to each.
func (v *visit) papers() error {
	fill, err := v.Office.PaperFill(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	f := v.blank()
	maps.Copy(f.values, fill)
	return v.show(http.StatusOK, papersView(v, f))
}

func (v *visit) setPapers() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	fill := map[string]string{}
	for _, name := range office.PaperDetails {
		fill[name] = f.get(name)
	}
	err = v.Office.SetPaperFill(v.ctx, v.shop.ID, fill)
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, papersView(v, f))
	}
	if err != nil {
		return err
	}
	v.note("", "papers", strconv.Itoa(len(fill)))
	v.tell("admin.settings.said", "")
	return v.redirect("/settings/papers")
}

// paper shows one of them as it is printed, in the language that is asked for or one's own.
func (v *visit) paper() error {
	language := v.asked("language")
	if !slices.Contains(locale.Tags, language) {
		language = v.say.Tag()
	}
	fill, err := v.Office.PaperFill(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	who := v.say.IdentityFields(&look.Legal)
	fill["company"], fill["address"], fill["host"] = who["company"], who["company_address"], who["company_host"]
	if err := v.fillPeriods(fill, language); err != nil {
		return err
	}
	title, body, err := office.Paper(v.r.PathValue("code"), language, fill)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, paperView(v, v.r.PathValue("code"), language, title, pages.HTML(body, pages.Reader{})))
}

// fillPeriods says what the shop's settings know already: for how long what is kept, and its own
// fields; in the language of the paper.
func (v *visit) fillPeriods(fill map[string]string, language string) error {
	say := v.Edge.Words().Printer(language, nil).For(v.shop)
	r, err := v.People.Retention(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	for _, p := range loyalty.Periods {
		key := "admin.papers.days"
		if p.Months {
			key = "admin.papers.months"
		}
		if n := *p.Of(r); n > 0 {
			fill[p.Name] = say.Count(key, int64(n))
		}
	}
	own, err := v.People.CustomFields(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range own {
		names = append(names, c.Name(language))
	}
	if fill["fields"] = strings.Join(names, ", "); len(names) == 0 {
		fill["fields"] = say.Say("admin.papers.no_fields")
	}
	return nil
}
