package admin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// draftPage is a draft as it is written.
type draftPage struct {
	programs.Draft
	Text     string            // as it stands in the form: what is stored, or what was just typed
	Of       *programs.Program // whose next version it is; nil: a new program
	Said     []string          // what it is, as far as it can be read
	Changes  []string          // what it changes of the version in force
	Problems []problemSaid
	Advice   []programs.Advice
	AskedBy  string
	TestedAs id.Program
	Rival    *rival // somebody else changed it meanwhile; nil: nobody did
	Kept     bool   // it was stored by itself, a moment ago
}

// problemSaid is what stands against publishing, in the reader's words.
type problemSaid struct {
	Line int // of the text; 0: of the whole
	Text string
	Code string
}

// rival is what somebody else stored while this one was typed.
type rival struct {
	Revision int64
	Text     string
	Changes  []string // what taking his would change of one's own, where both can be read
	Mine     []string // lines that only one's own text has
	Theirs   []string // lines that only the other one has
}

// draftRow finds the draft that the address names.
func (v *visit) draftRow() (programs.Draft, error) {
	which, err := id.Parse[id.DraftKind](v.r.PathValue("id"))
	if err != nil {
		return programs.Draft{}, loyalty.NotFound("id", "draft_unknown")
	}
	return v.Programs.Draft(v.ctx, v.shop.ID, which)
}

func (v *visit) draft() error {
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	return v.showDraft(http.StatusOK, d, d.Text, nil, v.blank(), false)
}

func (v *visit) showDraft(status int, d programs.Draft, text string, other *rival, f *form, kept bool) error {
	page := &draftPage{Draft: d, Text: text, Rival: other, Kept: kept}
	set := rules.SettingOf(v.shop)
	for _, x := range d.Problems {
		line, _ := strconv.Atoi(x.Args["line"]) // none: it is about the whole
		page.Problems = append(page.Problems, problemSaid{line, v.say.Problem(x), x.Code})
	}
	if !d.Program.IsZero() {
		p, err := v.Programs.Program(v.ctx, v.shop.ID, d.Program)
		if err != nil {
			return err
		}
		page.Of = &p
		if d.Document != nil {
			page.Changes = v.say.Difference(rules.Difference(p.Newest().Document, d.Document, set))
		}
	}
	if d.Document != nil {
		page.Said, page.Advice = v.inFull(d.Document, v.say), programs.Advise(d.Document)
	}
	tested, err := v.tested()
	if err != nil {
		return err
	}
	page.TestedAs = tested[d.Name]
	names, err := v.colleagues([]programs.Draft{d})
	if err != nil {
		return err
	}
	if d.AskedAt != 0 {
		page.AskedBy = names(d.AskedBy)
	}
	return v.show(status, draftView(v, page, f))
}

// newDraft begins a draft: of a template, of the next version of a program, or of nothing.
// Of one program one draft is enough: it is gone on with.
func (v *visit) newDraft() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	var (
		of   id.Program
		said programs.Said
	)
	switch {
	case f.get("program") != "":
		if of, err = id.Parse[id.ProgramKind](f.get("program")); err != nil {
			return loyalty.NotFound("program", "program_unknown")
		}
		was, err := v.draftOf(of)
		if err != nil {
			return err
		}
		if was != nil {
			return v.redirect("/programs/drafts/" + was.ID.String())
		}
	case f.get("template") != "":
		t, err := programs.TemplateOf(f.get("template"), "template")
		if err != nil {
			return err
		}
		said.Text = t.Text(v.shop.Currency, v.t("admin.programs.template."+t.Code+".name"))
	default:
		said.Text = `program "` + v.t("admin.programs.nameless") + "\"\n  "
	}
	made, err := v.begun(of, said)
	if err != nil {
		return err
	}
	v.note(made.ID.String(), "template", f.get("template"), "program", f.get("program"))
	return v.redirect("/programs/drafts/" + made.ID.String())
}

// begun makes a draft. One that was begun a moment ago with the same text is that draft: a
// second click is not a second one.
func (v *visit) begun(of id.Program, said programs.Said) (programs.Draft, error) {
	list, err := v.Programs.Drafts(v.ctx, v.shop.ID, id.Draft{}, allDrafts)
	if err != nil {
		return programs.Draft{}, err
	}
	for _, d := range list {
		if d.Program == of && d.Text == said.Text && d.Revision == 1 && d.CreatedAt > v.now()-10*moment.Second {
			return d, nil
		}
	}
	return v.Programs.CreateDraft(v.ctx, v.shop.ID, of, said)
}

// typed is what the form of a draft says: the text with the ends of lines that we keep, and
// the revision that its writer knows. Whoever was told of another one and keeps his own
// names that one.
func typed(f *form) (text string, revision int64) {
	text = strings.TrimRight(strings.ReplaceAll(f.get("text"), "\r\n", "\n"), " \n\t") + "\n"
	revision, _ = strconv.ParseInt(cmp.Or(f.get("mine"), f.get("revision")), 10, 64) // none: nobody's
	return text, revision
}

// store keeps what was typed, unless nothing changed; where somebody else has changed the
// draft meanwhile, rival says what he did.
func (v *visit) store(f *form, d programs.Draft) (programs.Draft, *rival, error) {
	text, revision := typed(f)
	basedOn, _ := strconv.Atoi(f.get("based_on")) // none: as it is
	switch {
	case strings.TrimSpace(text) == "": // a form without its text must not take ours away
		return d, nil, loyalty.Invalid("text", "required")
	case text == d.Text && basedOn == 0:
		return d, nil, nil
	}
	changed, err := v.Programs.ChangeDraft(v.ctx, v.shop.ID, d.ID, revision, basedOn, programs.Said{Text: text})
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && p.Code == "draft_changed" {
		now, err := v.Programs.Draft(v.ctx, v.shop.ID, d.ID)
		if err != nil {
			return d, nil, err
		}
		return now, v.compare(now, text), nil
	}
	return changed, nil, err
}

// compare sets what somebody typed against what was stored meanwhile.
func (v *visit) compare(now programs.Draft, mine string) *rival {
	out := &rival{Revision: now.Revision, Text: now.Text}
	set := rules.SettingOf(v.shop)
	docs, err := rules.ParseFile(mine, set)
	if err == nil && len(docs) == 1 && now.Document != nil {
		out.Changes = v.say.Difference(rules.Difference(docs[0], now.Document, set))
	}
	lines := func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }
	only := func(a, b []string) (out []string) {
		for _, x := range a {
			if strings.TrimSpace(x) != "" && !slices.Contains(b, x) {
				out = append(out, strings.TrimSpace(x))
			}
		}
		return out
	}
	out.Mine, out.Theirs = only(lines(mine), lines(now.Text)), only(lines(now.Text), lines(mine))
	return out
}

// sent reads the form of a draft and stores what it says. done is false where the page was
// shown again: it could not be stored, or somebody else was first.
func (v *visit) sent() (f *form, d programs.Draft, done bool, err error) {
	if d, err = v.draftRow(); err != nil {
		return nil, d, false, err
	}
	if f, err = v.read(); err != nil {
		return nil, d, false, err
	}
	text, _ := typed(f)
	changed, other, err := v.store(f, d)
	switch {
	case err != nil && f.blame(err, "revision=text", "based_on=text"):
		return f, d, false, v.showDraft(http.StatusUnprocessableEntity, d, text, nil, f, false)
	case err != nil:
		return f, d, false, err
	case other != nil:
		return f, changed, false, v.showDraft(http.StatusConflict, changed, text, other, f, false)
	}
	v.note(d.ID.String(), "name", changed.Name)
	return f, changed, true, nil
}

func (v *visit) saveDraft() error {
	_, d, done, err := v.sent()
	if err != nil || !done {
		return err
	}
	v.tell("admin.programs.said.saved", "")
	return v.redirect("/programs/drafts/" + d.ID.String())
}

// keepDraft stores what is typed while it is typed, and shows what is wrong with it and what
// it says. Where somebody else was first, nothing is stored.
func (v *visit) keepDraft() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	text, _ := typed(f)
	changed, other, err := v.store(f, d)
	if err != nil && f.blame(err, "revision=text", "based_on=text") {
		return v.showDraft(http.StatusUnprocessableEntity, d, text, nil, f, false)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if other != nil {
		status = http.StatusConflict
	}
	return v.showDraft(status, changed, text, other, f, other == nil)
}

func (v *visit) publishDraft() error {
	f, d, done, err := v.sent()
	if err != nil || !done {
		return err
	}
	at, ok := v.when(f, "starts")
	if ok {
		var made programs.Applied
		made, err = v.Programs.PublishDraft(v.ctx, v.shop.ID, d.ID, d.Revision, at, false)
		if err == nil {
			v.note(made.ID.String(), "program", made.Name, "version", strconv.Itoa(made.Version))
			v.changedVersion(made.Version)
			if made.StartsAt > v.now()+programs.Ahead {
				v.tell("admin.programs.said.scheduled", "", "Name", made.Name, "When", v.say.Moment(made.StartsAt))
			} else {
				v.tell("admin.programs.said.published", "/programs/run/"+made.ID.String()+"/pause", "Name", made.Name)
			}
			return v.redirect("/programs/" + made.ID.String())
		}
		if !f.blame(err, "starts_at=starts", "based_on=text", "revision=text") {
			return err
		}
	}
	return v.showDraft(http.StatusUnprocessableEntity, d, d.Text, nil, f, false)
}

// when reads a day and time of the shop's clock; zero where nothing was typed.
func (v *visit) when(f *form, name string) (moment.Time, bool) {
	if f.get(name) == "" {
		return 0, true
	}
	if t, _, err := moment.ParseLocal(f.get(name), v.shop.Zone); err == nil {
		return t, true
	}
	f.problem(name, "want_local_time")
	return 0, false
}

func (v *visit) askToPublish() error {
	f, d, done, err := v.sent()
	if err != nil || !done {
		return err
	}
	if err := v.Programs.AskToPublish(v.ctx, v.shop.ID, d.ID, d.Revision, v.me.ID, f.get("note")); err != nil {
		if !f.blame(err, "revision=text") {
			return err
		}
		return v.showDraft(http.StatusUnprocessableEntity, d, d.Text, nil, f, false)
	}
	v.tell("admin.programs.said.asked", "")
	return v.redirect("/programs/drafts/" + d.ID.String())
}

// unask takes the wish to publish a draft away: it was heard, or is not meant any more.
func (v *visit) unask() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	_, revision := typed(f)
	if err := v.Programs.NoLongerAsk(v.ctx, v.shop.ID, d.ID, revision); err != nil {
		if !f.blame(err, "revision=text") {
			return err
		}
		return v.showDraft(http.StatusConflict, d, d.Text, nil, f, false)
	}
	v.note(d.ID.String(), "name", d.Name)
	v.tell("admin.programs.said.unasked", "")
	return v.redirect("/programs/drafts/" + d.ID.String())
}

// testDraft lets the test shop run what a draft says.
func (v *visit) testDraft() error {
	f, d, done, err := v.sent()
	if err != nil || !done {
		return err
	}
	if d.Document == nil {
		f.problem("text", "draft_not_ready")
	} else if err := v.runInTest(d.Document); err != nil && !f.blame(err, "starts_at=text") {
		return err
	}
	if !f.ok() {
		return v.showDraft(http.StatusUnprocessableEntity, d, d.Text, nil, f, false)
	}
	v.tell("admin.programs.said.tested", "", "Name", d.Name)
	return v.redirect("/programs/drafts/" + d.ID.String())
}

func (v *visit) removeDraft() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	_, revision := typed(f)
	gone, err := v.Programs.DropDraft(v.ctx, v.shop.ID, d.ID, revision)
	if err != nil {
		if !f.blame(err, "revision=text") {
			return err
		}
		return v.showDraft(http.StatusConflict, d, d.Text, nil, f, false)
	}
	v.note(gone.ID.String(), "name", gone.Name)
	v.tell("admin.programs.said.removed", "", "Name", cmp.Or(gone.Name, v.t("admin.programs.nameless")))
	return v.redirect("/programs")
}
