package story

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Error says which line of a story cannot be read, and why.
type Error struct {
	Name string
	Line int
	Why  string
}

// Error is one line: file, number, sentence.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Why) }

// Words that cannot be the name of a member.
var reserved = []string{
	"somebody", "staff", "refused", "nothing", "clock", "at", "late", "history", "again", "program", "member", "guest", "shop",
	"browser", "says", "codes",
}

// feed is the system of record of every fact of a story, and the series of its orders.
const feed = "story"

// Parse reads a story that says its programs itself. Errors are *Error.
func Parse(name, text string) (*Story, error) {
	return parse(name, text, func(string) (string, error) {
		return "", errors.New("only a story in a file has other files beside it")
	})
}

// ReadFile reads a story in a file, which may take its programs from files beside it.
func ReadFile(path string) (*Story, error) {
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	return parse(filepath.Base(path), text, func(name string) (string, error) {
		if name != filepath.Base(name) {
			return "", errors.New("a story takes programs from its own folder")
		}
		return readText(filepath.Join(filepath.Dir(path), name))
	})
}

// maxText is how much of a file is read: no story and no program is that long.
const maxText = 1 << 20

func readText(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxText))
	return string(b), err
}

func parse(name, text string, open func(string) (string, error)) (*Story, error) {
	p := &parser{
		open: open,
		story: &Story{Name: name, Shop: &loyalty.Shop{
			ID: 1, Slug: "story", Name: name, Currency: "EUR", Decimals: 2, Zone: zone("Europe/Paris"),
		}},
		used: map[moment.Time]bool{}, joins: map[string]bool{},
	}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		line = rules.Uncomment(line)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			p.indented(line)
		} else {
			p.flush()
			p.top(line)
		}
		if p.err != nil {
			return nil, p.err
		}
	}
	p.flush()
	p.finish()
	if p.err != nil {
		return nil, p.err
	}
	return p.story, nil
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return z
}

type parser struct {
	rules.Words
	story *Story
	line  int
	err   error

	open      func(file string) (string, error) // a file of programs
	block     []rules.Source                    // the lines of the program being read
	published *Step                             // the step that publishes it; nil: before the story begins
	programs  []*Step
	members   []*Step // who joins before the first fact
	step      *Step   // whose expectations come next
	now       moment.Time
	used      map[moment.Time]bool
	joins     map[string]bool // who joins by a fact of his own
	guests    []string
	orders    []ordered
	refs, ids int
}

// ordered is an order that the story has named so far.
type ordered struct {
	member, ref, day string
	at               moment.Time
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &Error{p.story.Name, p.line, fmt.Sprintf(format, args...)}
	}
}

func (p *parser) want(words ...string) {
	if !p.Accept(words...) {
		p.fail("expected %q, found %q", strings.Join(words, " "), p.Rest())
	}
}

func (p *parser) end() {
	if len(p.List) > 0 {
		p.fail("did not expect %q", p.Rest())
	}
}

// quoted reads a name in quotes.
func (p *parser) quoted() string {
	w, ok := strings.CutPrefix(p.Next(), `"`)
	if !ok || w == "" {
		p.fail("expected a name in quotes")
	}
	return w
}

// top reads a line at the left edge.
func (p *parser) top(line string) {
	p.step = nil
	p.Words = rules.WordsOf(line)
	switch p.Peek() {
	case "shop":
		p.shop()
	case "program":
		if len(p.story.Steps) > 0 {
			p.fail("a program after the first fact wants a date: at 2026-04-01 program …")
		}
		if p.Accept("program", "from") {
			p.include()
			return
		}
		p.block = []rules.Source{{N: p.line, Text: line}}
	case "member", "guest", "browser":
		p.member()
	default:
		p.dated(line)
	}
}

// include takes the programs of a file beside the story.
func (p *parser) include() {
	name := rules.Unquote(p.Next())
	p.end()
	if p.err != nil {
		return
	}
	text, err := p.open(name)
	if err != nil {
		p.fail("%v", err)
		return
	}
	docs, err := rules.ParseFile(text, rules.SettingOf(p.story.Shop))
	if err != nil {
		p.fail("%s, %v", name, err)
		return
	}
	for _, d := range docs {
		p.begin(d, p.line)
	}
}

// begin runs a program from before the first fact.
func (p *parser) begin(d *rules.Document, line int) {
	if slices.ContainsFunc(p.programs, func(s *Step) bool { return s.Program.Name == d.Name }) {
		p.err = &Error{p.story.Name, line, fmt.Sprintf("two programs are named %q", d.Name)}
		return
	}
	p.programs = append(p.programs, &Step{Line: line, Text: "program", Program: d})
}

func (p *parser) shop() {
	p.Next()
	s := p.story.Shop
	if len(p.story.Steps)+len(p.programs) > 0 {
		p.fail("the shop is described before its programs")
	}
	for len(p.List) > 0 && p.err == nil {
		switch {
		case p.Accept("currency"):
			s.Currency = p.Next()
			d, ok := money.Decimals(s.Currency)
			if !ok {
				p.fail("%q is not a currency in use", s.Currency)
			}
			s.Decimals = d
		case p.Accept("zone"):
			name := p.Next()
			if s.Zone = zone(name); s.Zone == nil || name == "" || name == "Local" {
				p.fail("%q is not a time zone such as Europe/Paris", name)
			}
		case p.Accept("points"):
			n, err := strconv.Atoi(p.Next())
			if err != nil || n < 0 || n > 4 {
				p.fail("points have 0 to 4 decimals")
			}
			s.PointDecimals = n
			p.want("decimals")
		default:
			p.fail("a shop has a currency and a zone, not %q", p.Peek())
		}
	}
}

// indented reads a continued program or an expectation.
func (p *parser) indented(line string) {
	if p.block != nil {
		p.block = append(p.block, rules.Source{N: p.line, Text: line})
		return
	}
	if p.step == nil {
		p.fail("what must follow is written below a member, a fact or the clock")
		return
	}
	p.Words = rules.WordsOf(line)
	e := p.expectation(strings.TrimSpace(line))
	p.end()
	p.step.Expect = append(p.step.Expect, e)
	moves := slices.ContainsFunc(p.step.Expect, func(e Expectation) bool {
		return e.kind == expectMovement || e.kind == expectVoucher || e.kind == expectWithdrawn
	})
	if moves && slices.ContainsFunc(p.step.Expect, func(e Expectation) bool { return e.kind == expectNothing }) {
		p.fail("where nothing follows, no value can move")
	}
}

// flush ends a program block.
func (p *parser) flush() {
	if p.block == nil || p.err != nil {
		return
	}
	block := p.block
	p.block = nil
	d, err := rules.Parse(block, rules.SettingOf(p.story.Shop))
	if err != nil {
		at, why := block[0].N, err.Error()
		if e, ok := errors.AsType[*rules.ParseError](err); ok {
			at, why = e.Line, e.Why
		}
		p.err = &Error{p.story.Name, at, why}
		return
	}
	step := p.published
	p.published = nil
	if step == nil {
		p.begin(d, block[0].N)
		return
	}
	if d.Starts < step.Now+10*moment.Second {
		p.err = &Error{p.story.Name, block[0].N, "a later version says when it starts, at least 10 seconds ahead"}
		return
	}
	step.Program = d
	p.story.Steps = append(p.story.Steps, step)
}

func (p *parser) member() {
	kind := p.Next()
	guest := kind != "member"
	name := p.Next()
	switch {
	case name == "" || slices.Contains(reserved, name) || strings.ContainsAny(name, `",:`):
		p.fail("%q cannot be the name of a member", name)
	case slices.Contains(p.story.Members, name):
		p.fail("%s is there already", name)
	}
	p.story.Members = append(p.story.Members, name)
	if guest {
		p.guests = append(p.guests, name)
		if kind == "browser" {
			p.story.Browsers = append(p.story.Browsers, name)
		}
		p.end()
		return
	}
	f := p.fact(loyalty.MemberJoined, name)
	p.joining(f)
	p.end()
	p.step = &Step{Line: p.line, Text: "member " + name, Fact: f}
	p.members = append(p.members, p.step)
}

// finish puts the programs and the joins before the first fact.
func (p *parser) finish() {
	if p.err != nil {
		return
	}
	s := p.story
	if len(s.Steps) == 0 {
		p.fail("a story wants at least one dated fact")
		return
	}
	if len(p.programs) == 0 && s.Steps[0].Program == nil {
		p.fail("a story wants a program")
		return
	}
	var joins []*Step
	for _, m := range p.members {
		if name := m.Fact.Member.Keys[0].Key; !p.joins[name] {
			joins = append(joins, m)
		} else if len(m.Expect) > 0 || m.Fact.Referrer.Named() {
			p.line = m.Line
			p.fail("%s joins later: say there who invited and what follows", name)
		}
	}
	first := s.Steps[0].Now
	earliest := first
	for _, x := range s.Steps {
		if x.Fact != nil {
			earliest = min(earliest, x.Fact.OccurredAt)
		}
	}
	for i, j := range joins {
		j.Now = first - moment.Time(len(joins)-i)
		j.Fact.OccurredAt = j.Now
	}
	begin := (earliest - moment.Time(len(joins))).AddDays(-1, s.Shop.Zone)
	for _, x := range p.programs {
		if x.Program.Starts == 0 {
			x.Program.Starts = begin
		}
		x.Now = begin
	}
	s.Steps = slices.Concat(p.programs, joins, s.Steps)
}
