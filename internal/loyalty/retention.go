package loyalty

import "strconv"

// Retention says for how long a shop keeps what speaks of people. Figures stay for ever: they name
// nobody once the person is gone.
type Retention struct {
	Members     int `json:"members"`     // months without anything of a member; 0: he is kept
	Leads       int `json:"leads"`       // likewise of somebody who never joined or bought; 0: he is kept
	Addresses   int `json:"addresses"`   // months after a parcel was done; 0: where it went is kept
	Messages    int `json:"messages"`    // days after a letter was sent: to whom, with which values
	Invitations int `json:"invitations"` // days: the address of an invited friend
	Sightings   int `json:"sightings"`   // days: what browsers saw of orders
}

// Period is one of the periods of a retention.
type Period struct {
	Name            string
	Months          bool // otherwise days
	Least, Most     int
	Never           bool // 0 may be said: nothing goes
	Usual, Proposed int  // until somebody says otherwise; what the page proposes
	Of              func(*Retention) *int
}

// Periods are those that a shop can set, in the order in which they are offered. Members are kept
// until somebody says for how long: nobody is erased by an update of the program.
var Periods = []Period{
	{"members", true, 12, 120, true, 0, 36, func(r *Retention) *int { return &r.Members }},
	{"leads", true, 1, 36, true, 0, 12, func(r *Retention) *int { return &r.Leads }},
	{"addresses", true, 1, 36, true, 12, 12, func(r *Retention) *int { return &r.Addresses }},
	{"messages", false, 1, 365, false, 30, 30, func(r *Retention) *int { return &r.Messages }},
	{"invitations", false, 1, 90, false, 30, 30, func(r *Retention) *int { return &r.Invitations }},
	{"sightings", false, 1, 90, false, 30, 30, func(r *Retention) *int { return &r.Sightings }},
}

// NewRetention is what holds until somebody says otherwise.
func NewRetention() *Retention {
	r := &Retention{}
	for _, p := range Periods {
		*p.Of(r) = p.Usual
	}
	return r
}

// Check refuses periods out of their bounds; problems name the period.
func (r *Retention) Check() error {
	for _, p := range Periods {
		n := *p.Of(r)
		if n == 0 && p.Never {
			continue
		}
		if n < p.Least || n > p.Most {
			return Invalid(p.Name, "out_of_range", "min", strconv.Itoa(p.Least), "max", strconv.Itoa(p.Most))
		}
	}
	return nil
}

// Shorter tells whether something would go earlier than by another one.
func (r *Retention) Shorter(was *Retention) bool {
	for _, p := range Periods {
		n, m := *p.Of(r), *p.Of(was)
		if n != 0 && (m == 0 || n < m) {
			return true
		}
	}
	return false
}
