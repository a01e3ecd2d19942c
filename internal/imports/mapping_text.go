package imports

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// maxName bounds the name of a mapping: it stands before the ids of what it reads.
const maxName = 40

// choices are what settings may say, where that is a short list.
var choices = map[string][]string{
	"reads": Kinds, "letters": {"kept", "upper"}, "separator": {"comma", "semicolon", "tab", "bar"}, "encoding": encodings(),
	"decimal": {"point", "comma"}, "thousands": {"none", "space", "point", "comma", "apostrophe"}, "rows": {"lines", "orders"},
	"refund sign": {"any", "negative"}, "weighed": {"refused", "one item"}, "other columns": {"ignored", "refused"},
}

var signs = map[string]rune{
	"comma": ',', "semicolon": ';', "tab": '\t', "bar": '|', "none": 0, "space": ' ', "point": '.', "apostrophe": '\'',
}

// settings are the words that may stand before the colon, by the kinds of files that they
// are for.
var settings = map[string][]string{
	"": {
		"name", "reads", "feed", "prefix", "phones", "letters", "separator", "encoding", "decimal", "thousands", "dates", "time zone", "other columns", "skip",
	},
	ReadsOrders: {
		"series", "currency", "rows", "refund sign", "weighed", "article", "channel", "site", "refund", "adjustment", "delivery", "discount", "guest",
	},
	ReadsReferrals: {"reason"},
	ReadsBalances:  {"reason", "currency", "unit"},
}

// several are the settings that may stand in more than one line: each adds to the others.
var several = []string{"dates", "skip", "refund", "adjustment", "delivery", "discount", "guest"}

// parsing is the reading of one mapping.
type parsing struct {
	m    Mapping
	line int
	seen map[string]bool
}

// ParseMapping reads a mapping: lines of a setting, a colon, and what it says. Whatever it
// does not know is refused with its line.
func ParseMapping(text string) (Mapping, error) {
	p := &parsing{m: Mapping{Separator: ',', Encoding: utf8Name, columns: map[string]column{}, fixed: map[string]string{}, tests: map[string][]test{}}, seen: map[string]bool{}}
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	if err := p.reads(lines); err != nil {
		return p.m, err
	}
	for i, l := range lines {
		p.line = i + 1
		key, value, err := p.cut(l)
		if err == nil && key != "" {
			err = p.set(key, value)
		}
		if err != nil {
			return p.m, err
		}
	}
	return p.m, p.finish()
}

// reads looks first for what the mapping is for: it decides what else may be said.
func (p *parsing) reads(lines []string) error {
	for i, l := range lines {
		p.line = i + 1
		key, value, err := p.cut(l)
		if err != nil || key != "reads" {
			continue
		}
		p.m.Reads = value
		return p.choice("reads", value)
	}
	return loyalty.Invalid("mapping", "mapping_without", "key", "reads")
}

// cut takes a line apart; the key is empty for blank lines and remarks.
func (p *parsing) cut(l string) (key, value string, err error) {
	l = strings.TrimSpace(l)
	if l == "" || strings.HasPrefix(l, "#") {
		return "", "", nil
	}
	key, value, ok := strings.Cut(l, ":")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if n := len(value); n > 1 && value[0] == '"' && strings.IndexByte(value[1:], '"') == n-2 {
		value = value[1 : n-1]
	}
	if !ok || key == "" || value == "" {
		return "", "", loyalty.Invalid("mapping", "mapping_line", "line", strconv.Itoa(p.line))
	}
	return key, value, nil
}

func (p *parsing) set(key, value string) error {
	once := key
	role, isColumn := strings.CutPrefix(strings.TrimPrefix(key, "optional "), "column ")
	if isColumn {
		once = "column " + role
	} else if !slices.Contains(settings[""], key) && !slices.Contains(settings[p.m.Reads], key) {
		return loyalty.Invalid("mapping", "mapping_setting_unknown", "line", strconv.Itoa(p.line), "key", key, "known", strings.Join(p.known(), ", "))
	}
	if p.seen[once] && !slices.Contains(several, key) {
		return loyalty.Invalid("mapping", "mapping_twice", "line", strconv.Itoa(p.line), "key", once)
	}
	p.seen[once] = true
	if isColumn {
		if !slices.Contains(roles[p.m.Reads], role) && !isOwn(p.m.Reads, role) {
			return loyalty.Invalid("mapping", "mapping_setting_unknown", "line", strconv.Itoa(p.line), "key", key,
				"known", "column "+strings.Join(roles[p.m.Reads], ", column "))
		}
		p.m.columns[role] = column{value, role != key[len("column "):]}
		return nil
	}
	if err := p.choice(key, value); err != nil {
		return err
	}
	return p.say(key, value)
}

// known lists what may stand before the colon.
func (p *parsing) known() []string {
	return slices.Concat(settings[""], settings[p.m.Reads], []string{"column …", "optional column …"})
}

// choice refuses what is not on a setting's list.
func (p *parsing) choice(key, value string) error {
	list, ok := choices[key]
	if !ok || slices.Contains(list, value) {
		return nil
	}
	return loyalty.Invalid("mapping", "mapping_value", "line", strconv.Itoa(p.line), "key", key, "value", value, "known", strings.Join(list, ", "))
}

// say enters one setting.
func (p *parsing) say(key, value string) (err error) {
	m := &p.m
	switch key {
	case "name", "feed", "series":
		if !plainName(value) {
			return p.bad(key, value, "a-z A-Z 0-9 . _ : -")
		}
		map[string]func(){"name": func() { m.Name = value }, "feed": func() { m.Feed = value }, "series": func() { m.Series = value }}[key]()
	case "prefix":
		m.Prefix = value
	case "phones":
		if m.Phones = value; !isCountry(value) {
			return p.bad(key, value, "FR, PL")
		}
	case "reason":
		if m.Reason = value; len(value) > loyalty.MaxRefBytes {
			return p.bad(key, value, strconv.Itoa(loyalty.MaxRefBytes))
		}
	case "letters":
		m.Upper = value == "upper"
	case "separator":
		m.Separator = signs[value]
	case "encoding":
		m.Encoding = value
	case "decimal":
		m.Comma = value == "comma"
	case "thousands":
		m.Thousands = signs[value]
	case "dates":
		form, ok := dateFormOf(value)
		if !ok {
			return p.bad(key, value, "iso, YYYY, YY, MM, M, DD, D, hh, h, mm, ss")
		}
		m.dates = append(m.dates, form)
	case "time zone":
		if value != "shop" {
			if m.Zone, err = time.LoadLocation(value); err != nil || value == "Local" {
				return p.bad(key, value, "shop, Europe/Paris")
			}
		}
	case "currency":
		if _, ok := money.Decimals(value); !ok {
			return p.bad(key, value, "EUR, PLN, GBP")
		}
		m.Currency = value
	case "rows":
		m.PerOrder = value == "orders"
	case "refund sign":
		m.Negative = value == "negative"
	case "weighed":
		m.Weighed = value != "refused"
	case "other columns":
		m.refuseOthers = value == "refused"
	case "article", "channel", "site", "unit":
		m.fixed[key] = value
	case "refund", "adjustment", "delivery", "discount", "guest", "skip":
		t, ok := testOf(value, roles[m.Reads])
		if !ok {
			return loyalty.Invalid("mapping", "mapping_test", "line", strconv.Itoa(p.line), "value", value)
		}
		m.tests[key] = append(m.tests[key], t)
	}
	return nil
}

func (p *parsing) bad(key, value, known string) error {
	return loyalty.Invalid("mapping", "mapping_value", "line", strconv.Itoa(p.line), "key", key, "value", value, "known", known)
}

// plainName tells whether a text may be the name of a mapping, a feed or a series.
func plainName(s string) bool {
	return len(s) <= maxName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") == ""
}

// testOf reads which rows a test is about: `order begins with C`, `type is refund, credit`,
// `quantity below 0`, `column "Status" is empty`.
func testOf(s string, roles []string) (t test, ok bool) {
	rest := ""
	if quoted, is := strings.CutPrefix(s, `column "`); is {
		if t.header, rest, ok = strings.Cut(quoted, `"`); !ok || t.header == "" {
			return t, false
		}
	} else {
		for _, r := range roles { // the longest one: "member number", never "member"
			if after, is := strings.CutPrefix(s, r+" "); is && len(r) > len(t.role) {
				t.role, rest = r, after
			}
		}
		if t.role == "" {
			return t, false
		}
	}
	rest = strings.TrimSpace(rest)
	for _, verb := range []string{begins, equals, below} {
		if list, is := strings.CutPrefix(rest, verb+" "); is {
			t.verb = verb
			for v := range strings.SplitSeq(list, ",") {
				t.values = append(t.values, strings.Trim(strings.TrimSpace(v), `"`))
			}
			break
		}
	}
	t.ownName = t.role == "order"
	switch {
	case t.verb == "", slices.Contains(t.values, ""):
		return t, false
	case t.verb == below:
		return t, len(t.values) == 1 && t.values[0] == "0"
	}
	return t, true
}

// finish checks what can only be seen at the end.
func (p *parsing) finish() error {
	m := &p.m
	if m.Name == "" {
		return loyalty.Invalid("mapping", "mapping_without", "key", "name")
	}
	if m.Feed == "" {
		m.Feed = m.Name
	}
	if m.Series == "" {
		m.Series = m.Feed
	}
	if m.Reason == "" {
		m.Reason = m.Name
	}
	if len(m.dates) == 0 {
		m.dates = []dateForm{{}}
	}
	if m.Comma && m.Thousands == ',' || !m.Comma && m.Thousands == '.' {
		return loyalty.Invalid("mapping", "mapping_same_sign", "key", "thousands", "other", "decimal")
	}
	for _, need := range required(m) {
		if !slices.ContainsFunc(need, func(role string) bool { return m.has(role) || m.fixed[role] != "" }) {
			return loyalty.Invalid("mapping", "mapping_without", "key", "column "+strings.Join(need, " | column "))
		}
	}
	if m.has("unit price") && m.has("amount") && m.Reads == ReadsOrders {
		return loyalty.Invalid("mapping", "mapping_both", "key", "column unit price", "other", "column amount")
	}
	for role := range m.fixed {
		if m.has(role) {
			return loyalty.Invalid("mapping", "mapping_both", "key", role, "other", "column "+role)
		}
	}
	for _, list := range m.tests {
		for _, t := range list {
			if t.role != "" && !m.has(t.role) {
				return loyalty.Invalid("mapping", "mapping_without", "key", "column "+t.role)
			}
		}
	}
	return nil
}

// required lists what a mapping must have a column for; one of each list is enough.
func required(m *Mapping) [][]string {
	switch m.Reads {
	case ReadsOrders:
		need := [][]string{{"order"}, {"date"}, {"unit price", "amount"}}
		if !m.PerOrder {
			need = append(need, []string{"article"})
		}
		return need
	case ReadsMembers:
		return [][]string{personRoles("")}
	case ReadsReferrals:
		return [][]string{personRoles("referrer"), personRoles("friend")}
	}
	return [][]string{personRoles("member"), {"unit"}, {"amount"}}
}

// isCountry tells whether a text is the code of a country, "FR".
func isCountry(s string) bool {
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() && r.String() == s
}
