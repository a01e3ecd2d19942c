// Package phrase holds what is to be said, in no language yet: keys of sentences with what
// they speak of. Rules says a program with it, and locale has the words.
//
// It knows neither programs nor languages: a phrase is a plain value, and two phrases that
// say the same are equal.
package phrase

import "cagnotte/internal/moment"

// Phrase is something to be said: the key of its words and what they speak of.
type Phrase struct {
	Key  string
	N    int64 // a number in the words, which decides their plural; zero: there is none
	With Args
}

// Args are what a phrase speaks of, by name.
type Args map[string]Arg

// Arg is one thing that a phrase speaks of.
type Arg interface{ arg() }

// The kinds of things that phrases speak of.
type (
	Amount struct {
		N    int64
		Unit string // "points", "stamps", "referrals", or a currency
	}
	Rate     int64       // hundredths of a per cent
	Factor   int64       // hundredths
	Whole    int64       // a number that decides no plural
	Begin    moment.Time // of a time: included
	End      moment.Time // of a time: excluded
	Clock    int         // minutes of a day
	Name     string
	AllOf    []string // names
	OneOf    []string // names, of which one is enough
	Weekdays []int    // 0 is Sunday
	Phrases  struct {
		Join string // and, or, gets, comma, space
		List []Phrase
	}
)

func (Phrase) arg()   {}
func (Amount) arg()   {}
func (Rate) arg()     {}
func (Factor) arg()   {}
func (Whole) arg()    {}
func (Begin) arg()    {}
func (End) arg()      {}
func (Clock) arg()    {}
func (Name) arg()     {}
func (AllOf) arg()    {}
func (OneOf) arg()    {}
func (Weekdays) arg() {}
func (Phrases) arg()  {}

// Paragraph is what belongs together: the sentences about the whole program, or those of
// one rule.
type Paragraph struct {
	Rule      string // empty: the whole program
	Sentences []Phrase
}
