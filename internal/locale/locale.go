// Package locale words what the product says, in French, Polish and English: decisions,
// reasons, problems, amounts, dates. The sentences are in messages/, one file for each
// language, with the plural forms that the language has; a test holds the three to the
// same keys and every reason, outcome and problem code to its words.
//
// It decides nothing and knows no page. Who may read what of a decision is decided here
// all the same (View), since a sentence is where a secret would get out: a referrer never
// reads about the orders, amounts or customer status of his friend.
//
// Printers are used by pages, messages and the API; they are safe for many goroutines.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/pl"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"cagnotte/internal/loyalty"
)

//go:embed messages
var files embed.FS

// Fallback is the language of whoever asks for one that we do not speak.
const Fallback = "en"

// Tags lists the languages we speak; the first is the fallback.
var Tags = []string{Fallback, "fr", "pl"}

// Catalog holds the words of every language.
type Catalog struct {
	words map[string]words
}

// words is one language: its sentences, and how it writes numbers and dates.
type words struct {
	tag   string
	text  *i18n.Localizer
	keys  map[string]bool
	forms forms
}

// forms is what we use of a language's conventions.
type forms interface {
	Decimal() string
	Group() string
	Minus() string
	FmtDateLong(t time.Time) string
	MonthAbbreviated(m time.Month) string
}

// New reads the embedded sentences.
func New() (*Catalog, error) {
	c := &Catalog{words: map[string]words{}}
	known := map[string]forms{
		"en": en_GB.New().(forms), // day before month, as everywhere in Europe
		"fr": fr.New().(forms),
		"pl": pl.New().(forms),
	}
	for _, tag := range Tags {
		b := i18n.NewBundle(language.Make(tag))
		b.RegisterUnmarshalFunc("json", json.Unmarshal)
		keys := map[string]bool{}
		for _, name := range sources(tag) {
			text, err := files.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			parsed, err := b.ParseMessageFileBytes(text, tag+".json")
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			for _, m := range parsed.Messages {
				keys[m.ID] = true
			}
		}
		c.words[tag] = words{tag: tag, text: i18n.NewLocalizer(b, tag), keys: keys, forms: known[tag]}
	}
	return c, nil
}

// sources are the files of a language: what decisions and problems say, and one for each
// room of screens or messages.
func sources(tag string) []string {
	rooms, err := fs.Glob(files, "messages/*/"+tag+".json")
	if err != nil {
		panic(err) // the pattern is ours
	}
	return append([]string{"messages/" + tag + ".json"}, rooms...)
}

// Printer words things in a language (a tag such as "fr" or "pl-PL"; English when we do
// not speak it) with the dates of a zone (UTC when nil).
func (c *Catalog) Printer(tag string, zone *time.Location) *Printer {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	w, ok := c.words[base]
	if !ok {
		w = c.words[Fallback]
	}
	if zone == nil {
		zone = time.UTC
	}
	return &Printer{words: w, zone: zone}
}

// Printer words things in one language.
type Printer struct {
	words
	zone     *time.Location
	points   int               // decimals of points
	named    map[string]string // what points are called here, by form; nil: points
	currency string            // of amounts that do not name theirs; empty: unknown
}

// For gives a printer for what a shop has decided: its days, its currency, and how many
// decimals its points have.
func (p *Printer) For(s *loyalty.Shop) *Printer {
	out := *p
	out.points, out.currency, out.named = s.PointDecimals, s.Currency, s.PointNames[p.tag]
	if s.Zone != nil {
		out.zone = s.Zone
	}
	return &out
}

// Tag is the language that the printer really speaks.
func (p *Printer) Tag() string { return p.tag }

// say gives the sentence of a key. A key without words gives the key itself: a reader who
// sees a code can still ask about it.
func (p *Printer) say(key string, data map[string]string) string {
	s, err := p.text.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
	if err != nil {
		return key
	}
	return s
}

// Say gives the sentence of a key with the values of its fields, by pairs: name, value. A
// key without words gives the key itself.
func (p *Printer) Say(key string, pairs ...string) string { return p.say(key, fields(pairs)) }

// Count gives the sentence of a key in the form that n wants; {{.N}} stands for the number.
func (p *Printer) Count(key string, n int64, pairs ...string) string {
	data := fields(pairs)
	data["N"] = p.Number(n)
	return p.plural(key, strconv.FormatInt(n, 10), data)
}

func fields(pairs []string) map[string]string {
	out := make(map[string]string, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// Has tells whether there are words for a key.
func (p *Printer) Has(key string) bool { return p.has(key) }

// has tells whether there are words for a key.
func (p *Printer) has(key string) bool { return p.keys[key] }
