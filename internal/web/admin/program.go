package admin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/phrase"
	"cagnotte/internal/picture"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// programPage is a program on one page.
type programPage struct {
	*programs.Program
	State    string
	Present  programs.Version
	Given    *insight.Given
	Picture  programs.Picture
	Draft    *programs.Draft // of its next version; nil: none
	TestedAs id.Program      // the program of its name in the test shop; zero: none
	Steps    []stepSaid
	Terms    []terms
	Versions []versionSaid
}

// stepSaid is a rule as the picture shows it, in words.
type stepSaid struct {
	Rule, Icon string
	When       string
	Gets       []getSaid
	Also       []string
}

type getSaid struct {
	Part loyalty.Part
	What string
}

// terms is what members are told about a program, in one language.
type terms struct {
	Tag, Language string
	Said          []string
	Answers       []answered
}

// answered is a question that members ask, with its answer.
type answered struct{ Question, Answer string }

// versionSaid is a version, with what it changed.
type versionSaid struct {
	programs.Version
	Changes []string // empty: it is the first
	Soon    bool     // it can still be taken back
}

func (v *visit) program() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	return v.showProgram(http.StatusOK, p, v.blank())
}

func (v *visit) showProgram(status int, p *programs.Program, f *form) error {
	given, err := v.Insight.Given(v.ctx, v.shop.ID, v.now()-lately*moment.Day, v.now())
	if err != nil {
		return err
	}
	pictures, err := v.Programs.Pictures(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	tested, err := v.tested()
	if err != nil {
		return err
	}
	page := &programPage{
		Program: p, State: stateNow(p, v.now()), Present: p.Present(), Given: given[p.ID], Picture: pictures[p.ID], TestedAs: tested[p.Name],
	}
	if page.Draft, err = v.draftOf(p.ID); err != nil {
		return err
	}
	set := rules.SettingOf(v.shop)
	page.Steps = stepsSaid(page.Present.Document, set, v.say)
	for _, l := range languages {
		in := v.Edge.Words().Printer(l.tag, nil).For(v.shop)
		page.Terms = append(page.Terms, terms{l.tag, l.name, v.inFull(page.Present.Document, in), answersOf(page.Present.Document, set, in)})
	}
	slices.SortStableFunc(page.Terms, func(a, b terms) int { return cmp.Compare(b2n(a.Tag != v.say.Tag()), b2n(b.Tag != v.say.Tag())) })
	for _, x := range slices.Backward(p.Versions) {
		said := versionSaid{Version: x, Soon: x.State == programs.Scheduled && x.StartsAt >= v.now()+programs.Ahead}
		if before := p.Before(x); before.Document != nil {
			said.Changes = v.say.Difference(rules.Difference(before.Document, x.Document, set))
		}
		page.Versions = append(page.Versions, said)
	}
	return v.show(status, programView(v, page, f))
}

func b2n(b bool) int {
	if b {
		return 1
	}
	return 0
}

// draftOf finds the draft of a program's next version; nil when nobody writes one.
func (v *visit) draftOf(p id.Program) (*programs.Draft, error) {
	list, err := v.Programs.Drafts(v.ctx, v.shop.ID, id.Draft{}, allDrafts)
	for i := range list {
		if list[i].Program == p {
			return &list[i], err
		}
	}
	return nil, err
}

// stepIcons are what a rule is drawn with, by its trigger.
var stepIcons = map[string]string{
	rules.OnOrder: "cart", rules.OnPlaced: "cart", rules.OnFulfilled: "cart", rules.OnCart: "cart", rules.OnCheckout: "cart",
	rules.OnSignUp: "person", rules.OnInvitation: "mail", rules.OnClick: "share", rules.OnValidated: "check", rules.OnBirthday: "calendar",
	rules.OnThreshold: "undo", rules.OnReaching: "chart",
}

func stepsSaid(d *rules.Document, set rules.Setting, say *locale.Printer) (out []stepSaid) {
	for _, s := range rules.Steps(d, set) {
		x := stepSaid{Rule: s.Rule, Icon: cmp.Or(stepIcons[s.Trigger], "bolt"), When: strings.TrimSuffix(say.Objects([]phrase.Phrase{s.When}), ",")}
		for _, g := range s.Gets {
			x.Gets = append(x.Gets, getSaid{g.Part, say.Objects([]phrase.Phrase{g.What})})
		}
		for _, a := range s.Also {
			x.Also = append(x.Also, say.Objects([]phrase.Phrase{a}))
		}
		out = append(out, x)
	}
	return out
}

// questions are what members ask, with the topics of the sentences that answer it.
var questions = []struct {
	name   string
	topics []string
}{
	{"what", []string{"give", "multiply", "exchange", "discount", "pay", "pay_as", "pay_share"}},
	{"conditions", []string{"counts", "except", "basis", "cond", "round"}},
	{"often", []string{"often", "cap", "budget", "exclusive", "last"}},
	{"when", []string{"wait"}},
	{"valid", []string{"valid"}},
	{"friend", []string{"touch", "window", "lapse", "hold"}},
	{"returns", []string{"returns"}},
	{"until", []string{"about"}},
}

// answersOf turns what a program says into answers: each sentence under the question that
// it answers, nothing twice.
func answersOf(d *rules.Document, set rules.Setting, say *locale.Printer) (out []answered) {
	for _, q := range questions {
		var list []string
		for _, x := range rules.Summary(d, set) {
			for _, s := range x.Sentences {
				topic, _, _ := strings.Cut(s.Key, ".")
				if !slices.Contains(q.topics, topic) {
					continue
				}
				if text := say.Objects([]phrase.Phrase{s}); !slices.Contains(list, text) {
					list = append(list, text)
				}
			}
		}
		if len(list) > 0 {
			out = append(out, answered{say.Say("admin.programs.faq." + q.name), strings.Join(list, " ")})
		}
	}
	return out
}

func (v *visit) pauseProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	if _, err := v.Programs.Pause(v.ctx, v.shop.ID, p.ID, 0, 0, false); err != nil {
		return err
	}
	v.note(p.ID.String(), "program", p.Name)
	v.change("admin.audit.field.state", "running", "paused")
	v.tell("admin.programs.said.paused", "/programs/run/"+p.ID.String()+"/activate", "Name", p.Name)
	return v.redirect("/programs/" + p.ID.String())
}

func (v *visit) activateProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	if _, err := v.Programs.Activate(v.ctx, v.shop.ID, p.ID, 0, false); err != nil {
		return err
	}
	v.note(p.ID.String(), "program", p.Name)
	v.change("admin.audit.field.state", "paused", "running")
	v.tell("admin.programs.said.active", "/programs/run/"+p.ID.String()+"/pause", "Name", p.Name)
	return v.redirect("/programs/" + p.ID.String())
}

func (v *visit) withdrawVersion() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.r.PathValue("n"))
	if err != nil {
		return loyalty.NotFound("version", "version_unknown")
	}
	if _, err := v.Programs.Withdraw(v.ctx, v.shop.ID, p.ID, n, false); err != nil {
		return err
	}
	v.note(p.ID.String(), "program", p.Name, "version", strconv.Itoa(n))
	v.change("admin.audit.field.version", strconv.Itoa(n), "")
	v.tell("admin.programs.said.withdrawn", "", "Name", p.Name, "N", strconv.Itoa(n))
	return v.redirect("/programs/" + p.ID.String())
}

// copyProgram begins a new program with what this one says, under a name of its own and
// without its dates. It is a draft: two of a kind that both give would be nobody's wish.
func (v *visit) copyProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	d := *p.Newest().Document
	d.Starts, d.Ends = 0, 0
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		d.Name = v.t("admin.programs.copy_of", "Name", p.Name)
		if n > 1 {
			d.Name = v.t("admin.programs.copy_of.nth", "Name", p.Name, "N", strconv.Itoa(n))
		}
		if !slices.ContainsFunc(list, func(x programs.Program) bool { return x.Name == d.Name }) {
			break
		}
	}
	made, err := v.begun(id.Program{}, programs.Said{Text: d.Text(rules.SettingOf(v.shop))})
	if err != nil {
		return err
	}
	v.note(made.ID.String(), "copy_of", p.ID.String())
	v.tell("admin.programs.said.copied", "", "Name", p.Name)
	return v.redirect("/programs/drafts/" + made.ID.String())
}

// testProgram lets the test shop run what this program says.
func (v *visit) testProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	if err := v.runInTest(p.Newest().Document); err != nil {
		return err
	}
	v.note(p.ID.String(), "program", p.Name)
	v.tell("admin.programs.said.tested", "", "Name", p.Name)
	return v.redirect("/programs/" + p.ID.String())
}

// runInTest publishes a program in the test shop, from now on.
func (v *visit) runInTest(of *rules.Document) error {
	if v.test() {
		return loyalty.NotFound("", "screen_unknown")
	}
	_, twin, err := v.Office.Pair(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	d := *of
	d.Starts = 0
	if d.Ends != 0 && d.Ends <= v.Office.Now(twin)+programs.Ahead {
		d.Ends = 0 // it has ended: to be tried, it runs
	}
	_, err = v.Programs.Publish(v.ctx, twin.ID, programs.Said{Text: d.Text(rules.SettingOf(twin))}, false)
	return err
}

// picture sends a program's picture. Its address has its digest, so it never changes.
func (v *visit) picture() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	b, kind, err := v.Programs.PictureBytes(v.ctx, v.shop.ID, p.ID, v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	v.w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	v.w.Header().Set("X-Content-Type-Options", "nosniff")
	v.status = http.StatusOK
	_, _ = v.w.Write(b) // whoever went away has no use for an error
	return nil
}

func (v *visit) setPicture() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	f, file, err := v.upload("picture", picture.Max)
	if err != nil {
		return err
	}
	if f.ok() {
		_, err = v.Programs.SetPicture(v.ctx, v.shop.ID, p.ID, f.get("alt"), file)
		if err != nil && !f.blame(err) {
			return err
		}
	}
	if !f.ok() {
		return v.showProgram(http.StatusUnprocessableEntity, p, f)
	}
	v.note(p.ID.String(), "program", p.Name)
	v.tell("admin.programs.said.picture", "")
	return v.redirect("/programs/" + p.ID.String() + "#picture-of")
}

func (v *visit) dropPicture() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	if err := v.Programs.DropPicture(v.ctx, v.shop.ID, p.ID); err != nil {
		return err
	}
	v.note(p.ID.String(), "program", p.Name)
	v.tell("admin.programs.said.picture_gone", "")
	return v.redirect("/programs/" + p.ID.String() + "#picture-of")
}

// upload reads a form with one file of at most so many bytes. One that is larger is a
// mistake of its field.
func (v *visit) upload(field string, most int64) (*form, []byte, error) {
	return v.uploadAs(field, most, "picture_too_large")
}

// uploadFile is upload for a file that is no picture.
func (v *visit) uploadFile(field string, most int64) (*form, []byte, error) {
	return v.uploadAs(field, most, "import_too_large")
}

func (v *visit) uploadAs(field string, most int64, large string) (*form, []byte, error) {
	f := v.blank()
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most+maxForm)
	err := v.r.ParseMultipartForm(most + maxForm)
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		f.problem(field, large, "max", strconv.FormatInt(most>>20, 10))
		return f, nil, nil
	}
	if err != nil {
		f.problem(field, "required")
		return f, nil, nil
	}
	for name, list := range v.r.MultipartForm.Value {
		f.values[name], f.lists[name] = strings.TrimSpace(list[0]), list
	}
	list := v.r.MultipartForm.File[field]
	if len(list) == 0 || list[0].Size == 0 {
		f.problem(field, "required")
		return f, nil, nil
	}
	b, err := readPart(list[0])
	return f, b, err
}
