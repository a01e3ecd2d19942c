package admin

import (
	"errors"
	"net/http"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/plan"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// wizardSteps are the pages of the wizard, in order; the last one changes nothing.
var wizardSteps = []string{"target", "reward", "earning", "details", "review"}

// wizard is one draft at one step. What it shows is the draft's text, read as answers; there
// is no other state.
type wizard struct {
	v      *visit
	draft  programs.Draft
	set    rules.Setting
	step   int           // 1 to 5
	a      *plan.Answers // nil: the text says more than the wizard asks
	f      *form
	habits insight.Habits
	theirs []string // of a conflict: what this page's answers would change of what somebody else saved
}

// wizardDraft is the draft that the path names; the problem of one that is none is the same as of
// one that does not exist.
func (v *visit) wizardDraft() (id.Draft, error) {
	which, err := id.Parse[id.DraftKind](v.r.PathValue("id"))
	if err != nil {
		return which, loyalty.NotFound("id", "draft_unknown")
	}
	return which, nil
}

// wizardOf reads the draft of the path, at a step.
func (v *visit) wizardOf(step int) (*wizard, error) {
	which, err := v.wizardDraft()
	if err != nil {
		return nil, err
	}
	w := &wizard{v: v, set: rules.SettingOf(v.shop), step: step}
	if w.draft, err = v.Programs.Draft(v.ctx, v.shop.ID, which); err != nil {
		return nil, err
	}
	if w.habits, err = v.Insight.Habits(v.ctx, v.shop.ID); err != nil {
		return nil, err
	}
	if d := w.draft.Document; d != nil {
		if a, ok := plan.Read(d, w.set); ok {
			w.a = a
		}
	}
	return w, nil
}

// wizardStepOf is the step that the path names.
func (v *visit) wizardStepOf() (int, error) {
	n, err := strconv.Atoi(v.r.PathValue("step"))
	if err != nil || n < 1 || n > len(wizardSteps) {
		return 0, loyalty.NotFound("", "screen_unknown")
	}
	return n, nil
}

// path is where a step of this draft is.
func (w *wizard) path(step int) string {
	return "/programs/wizard/" + w.draft.ID.String() + "/" + strconv.Itoa(step)
}

// askTemplate shows what a program can begin with.
func (v *visit) askTemplate() error {
	f := v.blank("template", v.r.URL.Query().Get("template"))
	if _, err := programs.TemplateOf(f.get("template"), "template"); err != nil {
		f.values["template"] = programs.Templates()[0].Code
	}
	return v.show(http.StatusOK, newProgramView(v, f))
}

// beginProgram makes a draft of a template, under a name that no program and no draft has.
func (v *visit) beginProgram() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	t, err := programs.TemplateOf(f.get("template"), "template")
	if err != nil {
		_ = f.blame(loyalty.Invalid("template", "required")) // it is one
		return v.show(http.StatusUnprocessableEntity, newProgramView(v, f))
	}
	name, err := v.wizardName(v.t("admin.programs.template." + t.Code + ".name"))
	if err != nil {
		return err
	}
	d, err := v.Programs.CreateDraft(v.ctx, v.shop.ID, id.Program{}, programs.Said{Text: t.Text(v.shop.Currency, name)})
	if err != nil {
		return err
	}
	v.note(d.ID.String(), "template", t.Code)
	return v.redirect("/programs/wizard/" + d.ID.String() + "/1")
}

// wizardName is a name, with a number behind it where there is such a program already.
func (v *visit) wizardName(name string) (string, error) {
	taken := map[string]bool{}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return "", err
	}
	for _, p := range list {
		taken[p.Name] = true
	}
	drafts, err := v.Programs.Drafts(v.ctx, v.shop.ID, id.Draft{}, 200)
	if err != nil {
		return "", err
	}
	for i := range drafts {
		taken[drafts[i].Name] = true
	}
	free := name
	for n := 2; taken[free]; n++ {
		free = name + " " + strconv.Itoa(n)
	}
	return free, nil
}

// openWizard leads to the first step.
func (v *visit) openWizard() error {
	w, err := v.wizardOf(1)
	if err != nil {
		return err
	}
	return v.redirect(w.path(1))
}

// wizardStep shows a step of a draft.
func (v *visit) wizardStep() error {
	step, err := v.wizardStepOf()
	if err != nil {
		return err
	}
	w, err := v.wizardOf(step)
	if err != nil {
		return err
	}
	w.fill()
	return w.show(http.StatusOK)
}

// show renders the step.
func (w *wizard) show(status int) error {
	switch {
	case w.a == nil:
		return w.v.show(status, wizardBeyondView(w))
	case w.step == len(wizardSteps):
		checks, err := w.checks()
		if err != nil {
			return err
		}
		if _, typed := w.f.values["target"]; !typed {
			goals, err := w.v.Office.Goals(w.v.ctx, w.v.shop.ID)
			if err != nil {
				return err
			}
			w.fig("target", goals.PerNew, w.set.Decimals)
		}
		return w.v.show(status, wizardReviewView(w, checks, nil))
	}
	return w.v.show(status, wizardStepView(w))
}

// fill makes the form of the step from the answers.
func (w *wizard) fill() {
	w.f = w.v.blank("revision", wizardRevision(w))
	if w.a != nil {
		w.put()
	}
}

// wizardSave takes what was answered at a step into the draft.
func (v *visit) wizardSave() error {
	w, err := v.wizardSent()
	if err != nil {
		return err
	}
	if w.a == nil || w.step == len(wizardSteps) {
		return v.redirect(w.path(w.step))
	}
	ok, err := w.take()
	if err != nil {
		return err
	}
	if !ok {
		return w.show(http.StatusUnprocessableEntity)
	}
	revision, _ := strconv.ParseInt(w.f.get("revision"), 10, 64) // none is nobody's: a conflict
	text := w.text()
	saved, err := v.Programs.ChangeDraft(v.ctx, v.shop.ID, w.draft.ID, revision, 0, programs.Said{Text: text})
	p, _ := errors.AsType[*loyalty.Problem](err)
	switch {
	case p != nil && p.Code == "draft_changed" && text != w.draft.Text:
		return w.conflict()
	case p != nil && p.Code == "draft_changed": // sent twice, or the same was answered by two
	case err != nil:
		return err
	default:
		w.draft = saved
	}
	v.note(w.draft.ID.String(), "step", wizardSteps[w.step-1])
	switch w.f.get("go") {
	case "back":
		return v.redirect(w.path(max(1, w.step-1)))
	case "stay":
		v.tell("admin.wizard.saved", "")
		return v.redirect(w.path(w.step))
	}
	return v.redirect(w.path(w.step + 1))
}

// wizardSent reads a form that was sent for a step.
func (v *visit) wizardSent() (*wizard, error) {
	step, err := v.wizardStepOf()
	if err != nil {
		return nil, err
	}
	w, err := v.wizardOf(step)
	if err != nil {
		return nil, err
	}
	w.f, err = v.read()
	return w, err
}

// conflict tells that somebody else has saved the draft since this page was opened, and what
// these answers would change of it. Sent again, they do.
func (w *wizard) conflict() error {
	w.theirs = w.v.say.Difference(rules.Difference(w.draft.Document, w.a.Document(w.set), w.set))
	w.f.values["revision"] = wizardRevision(w)
	return w.show(http.StatusConflict)
}

// wizardPreview shows the step as it is being filled in; nothing is saved.
func (v *visit) wizardPreview() error {
	w, err := v.wizardSent()
	if err != nil {
		return err
	}
	if w.a != nil && w.step < len(wizardSteps) {
		if _, err := w.take(); err != nil {
			return err
		}
	}
	return w.show(http.StatusOK)
}

// take puts what was typed at this step into the answers; false when something is wrong with
// it, which stands in the form. The answers are then what was saved.
func (w *wizard) take() (bool, error) {
	was := *w.a
	w.answer()
	if w.f.ok() {
		w.a.Tidy(w.set)
		for _, err := range w.a.Problems(w.set) {
			w.f.blame(err)
		}
	}
	if w.f.ok() { // the language may refuse what no question does
		_, err := w.v.Programs.Read(w.v.ctx, w.v.shop.ID, programs.Said{Text: w.text()})
		if err != nil && !w.f.blame(err, "text=") {
			return false, err
		}
	}
	if !w.f.ok() {
		*w.a = was
	}
	return w.f.ok(), nil
}

// text is the program that the answers say.
func (w *wizard) text() string { return w.a.Document(w.set).Text(w.set) }
