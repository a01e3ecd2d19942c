package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// State is how something is.
type State string

// What a doctor says of what he looked at: fine; worth a look, but it works; wrong.
const (
	Fine  State = "fine"
	Look  State = "look"
	Wrong State = "WRONG"
)

// Finding is one thing that was looked at: how it is, and what to do about it if anything.
type Finding struct {
	State State
	What  string // a word or two
	Said  string
	Do    string // empty where it is fine
}

// Patient is an installation to look at.
type Patient struct {
	Place  store.Config
	Box    *seal.Box // the master key that was found, nil when there is none
	NoKey  error     // why there is none
	KeyAt  string    // the file that holds it, empty when it comes from the environment
	Clock  func() moment.Time
	st     *store.Store
	schema int64
}

// check looks at one thing, and may find several.
type check func(ctx context.Context, p *Patient) ([]Finding, error)

// checks are what a doctor looks at, in this order. Those of the book need a schema that
// this program knows.
var (
	placeChecks = []check{lookAtSchema, lookAtDurability, lookAtKey, lookAtFiles, lookAtDisk}
	bookChecks  = []check{lookAtShops, lookAtClock, lookAtDue, lookAtStatistics, lookAtRemovals, lookAtPools, lookAtBackup, lookAtQuarantine}
)

// Doctor looks at an installation from outside, whether or not a server runs, and changes
// nothing. What could not be looked at is a finding, too.
func Doctor(ctx context.Context, p *Patient) (list []Finding) {
	var err error
	if p.st, err = store.Look(ctx, p.Place); err != nil {
		list = append(list, Finding{Wrong, "database", err.Error(), "check the folder or URL, and that the server runs and lets you in"})
		more, err := lookAtKey(ctx, p)
		if err == nil {
			list = append(list, more...)
		}
		return list
	}
	defer p.st.Close()
	list = append(list, lookAt(ctx, p, placeChecks)...)
	if known, err := store.KnownSchema(); err != nil || p.schema != known {
		return append(list, Finding{Look, "shops", "not looked at: the schema is another one", "doctor says more once the schema fits"})
	}
	return append(list, lookAt(ctx, p, bookChecks)...)
}

func lookAt(ctx context.Context, p *Patient, checks []check) (list []Finding) {
	for _, look := range checks {
		found, err := look(ctx, p)
		if err != nil {
			found = append(found, Finding{Wrong, "database", err.Error(), "run doctor again; if it stays, look at the disk and the database's log"})
		}
		list = append(list, found...)
	}
	return list
}

// Healthy tells whether nothing is wrong.
func Healthy(list []Finding) bool {
	for _, f := range list {
		if f.State == Wrong {
			return false
		}
	}
	return true
}

// TellFindings writes a line for each thing, and below it what to do.
func TellFindings(w io.Writer, list []Finding) error {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%-5s  %-14s  %s\n", f.State, f.What, strings.ReplaceAll(f.Said, "\n", " "))
		if f.Do != "" {
			fmt.Fprintf(&b, "%23s→ %s\n", "", f.Do)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func lookAtSchema(ctx context.Context, p *Patient) ([]Finding, error) {
	version, err := p.st.Version(ctx)
	if err != nil {
		return nil, err
	}
	list := []Finding{{Fine, "database", p.st.Engine() + " " + version, ""}}
	known, err := store.KnownSchema()
	if err != nil {
		return list, err
	}
	p.schema, err = p.st.Schema(ctx)
	switch {
	case err != nil:
		list = append(list, Finding{Wrong, "schema", "there is none: " + err.Error(), "serve, demo and shop create make one"})
	case p.schema < known:
		list = append(list, Finding{Look, "schema", fmt.Sprintf("%d; this program has %d", p.schema, known), "make a backup; the next start of serve brings it up to date"})
	case p.schema > known:
		list = append(list, Finding{Wrong, "schema", fmt.Sprintf("%d; this program knows %d", p.schema, known), "use the newer program"})
	default:
		list = append(list, Finding{Fine, "schema", fmt.Sprint(p.schema), ""})
	}
	return list, nil
}

func lookAtDurability(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.st.Durabilities(ctx)
	if err != nil {
		return nil, err
	}
	var said, off []string
	for _, d := range list {
		said = append(said, d.Name+" "+d.Value)
		if !d.Safe {
			off = append(off, d.Name)
		}
	}
	if len(off) > 0 {
		return []Finding{{Wrong, "durability", strings.Join(said, ", "), "switch on " + strings.Join(off, " and ") + ": what was acknowledged could be lost"}}, nil
	}
	return []Finding{{Fine, "durability", strings.Join(said, ", "), ""}}, nil
}

func lookAtKey(ctx context.Context, p *Patient) ([]Finding, error) {
	if p.Box == nil {
		return []Finding{{Wrong, "master key", p.NoKey.Error(), "put the key back from its copy; without it nobody is found by e-mail and no name can be read"}}, nil
	}
	is := p.Box.Fingerprint()
	if p.st == nil {
		return []Finding{{Fine, "master key", is, ""}}, nil
	}
	switch was, err := p.st.MasterKey(ctx); {
	case err != nil:
		return nil, err
	case was == "":
		return []Finding{{Look, "master key", is + "; the database knows none yet", "start serve once"}}, nil
	case was != is:
		return []Finding{{Wrong, "master key", is + "; the database was made with " + was, "put that one back"}}, nil
	}
	return []Finding{{Fine, "master key", is + ", as the database was made with", ""}}, nil
}

// Limits of what is fine.
const (
	skewAllowed    = 5 * moment.Second
	overdueAllowed = 10 * moment.Minute
	backupAllowed  = 7 * moment.Day
)

func lookAtShops(ctx context.Context, p *Patient) ([]Finding, error) {
	shops, err := p.st.Shops(ctx) // refuses a zone that this program does not know
	if err != nil {
		return nil, err
	}
	var list []Finding
	twins, live := map[int64]string{}, 0
	for _, s := range shops {
		if s.Twin() {
			twins[int64(s.LiveShop)] = s.Slug
		}
	}
	for _, s := range shops {
		if s.Twin() {
			continue
		}
		live++
		if twins[int64(s.ID)] == "" {
			list = append(list, Finding{Look, "shop " + s.Slug, "it has no test twin", "test keys cannot reach it; import it again from an export that has one"})
		}
		delete(twins, int64(s.ID))
	}
	for _, slug := range twins {
		list = append(list, Finding{Wrong, "shop " + slug, "it is the twin of a shop that is not there", "run verify, and restore a backup in another folder to compare"})
	}
	return append([]Finding{{Fine, "shops", fmt.Sprintf("%d, in known time zones", live), ""}}, list...), nil
}

func lookAtClock(ctx context.Context, p *Patient) ([]Finding, error) {
	now := p.Clock()
	if server, err := p.st.ServerTime(ctx); err != nil {
		return nil, err
	} else if d := server - now; p.Place.URL != "" && (d > skewAllowed || d < -skewAllowed) {
		return []Finding{{Look, "clock", fmt.Sprintf("the database's machine is %s off", duration(d)), "let both machines keep their time by NTP"}}, nil
	}
	shops, err := p.st.Shops(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range shops {
		if s.Twin() && s.ClockAt != 0 {
			continue
		}
		last, err := p.st.LastRecorded(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		if last > now+skewAllowed {
			return []Finding{{Wrong, "clock", fmt.Sprintf("shop %s recorded a fact at %s, %s from now", s.Slug, last, duration(last-now)),
				"set the clock of this machine; facts are recorded behind that one until its time has come"}}, nil
		}
	}
	return []Finding{{Fine, "clock", "nothing was recorded in the future", ""}}, nil
}

func lookAtDue(ctx context.Context, p *Patient) ([]Finding, error) {
	shops, err := p.st.Shops(ctx)
	if err != nil {
		return nil, err
	}
	since, err := p.st.Quarantine(ctx)
	if err != nil {
		return nil, err
	}
	var list []Finding
	for _, s := range shops {
		if s.Twin() && s.ClockAt != 0 {
			continue
		}
		next, err := p.st.NextDue(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		if late := p.Clock() - next; next != 0 && late > overdueAllowed {
			do := "start serve; if it runs, its log says why due work fails"
			if since != 0 {
				do = "the clock stands in quarantine"
			}
			list = append(list, Finding{Look, "shop " + s.Slug, fmt.Sprintf("what was due %s ago has not happened", duration(late)), do})
		}
	}
	if len(list) == 0 {
		list = []Finding{{Fine, "due work", "nothing waits longer than it should", ""}}
	}
	return list, nil
}

func lookAtStatistics(ctx context.Context, p *Patient) ([]Finding, error) {
	planned, err := p.st.Planned(ctx)
	if err != nil || planned {
		return []Finding{{Fine, "statistics", "the planner knows the tables", ""}}, err
	}
	return []Finding{{Look, "statistics", "the planner does not know how large the tables are", "run ANALYZE, or start serve"}}, nil
}

func lookAtRemovals(ctx context.Context, p *Patient) ([]Finding, error) {
	hidden, err := p.st.Hidden(ctx)
	if err != nil || len(hidden) == 0 {
		return nil, err
	}
	return []Finding{{Look, "removed shops", fmt.Sprintf("%d still have rows", len(hidden)), "serve goes on removing them"}}, nil
}

// lookAtPools looks at partners' codes, which gifts are made of: without one a gift waits.
func lookAtPools(ctx context.Context, p *Patient) (list []Finding, err error) {
	shops, err := p.st.Shops(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range shops {
		pools, err := p.st.Pools(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		for _, x := range pools {
			if x.Low() && !s.Twin() {
				list = append(list, Finding{
					Look, "codes", fmt.Sprintf("shop %s: %d of %d codes are left in %q", s.Slug, x.Free, x.Size, x.Name),
					"put more codes into the pool; gifts wait when there are none",
				})
			}
		}
	}
	if len(list) == 0 {
		list = []Finding{{Fine, "codes", "no pool runs low", ""}}
	}
	return list, nil
}

func lookAtBackup(ctx context.Context, p *Patient) ([]Finding, error) {
	if p.Place.URL != "" {
		return []Finding{{Look, "backup", "PostgreSQL's own tools make it, which leave no trace here", "see docs/operations.md, and try a restore"}}, nil
	}
	last, err := p.st.LastBackup(ctx)
	if err != nil {
		return nil, err
	}
	const do = "cagnotte backup --to FILE, on another disk"
	switch age := p.Clock() - last; {
	case last == 0:
		return []Finding{{Look, "backup", "none was ever made", do}}, nil
	case age > backupAllowed:
		return []Finding{{Look, "backup", "the last one is " + duration(age) + " old", do}}, nil
	default:
		return []Finding{{Fine, "backup", "the last one is " + duration(age) + " old", ""}}, nil
	}
}

func lookAtQuarantine(ctx context.Context, p *Patient) ([]Finding, error) {
	since, err := p.st.Quarantine(ctx)
	if err != nil || since == 0 {
		return nil, err
	}
	return []Finding{{Look, "quarantine", "since " + since.String() + " nothing leaves this database and its clock stands",
		"look at it, then cagnotte restore --release"}}, nil
}

// duration says about how long something is.
func duration(d moment.Time) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d >= 2*moment.Day:
		return fmt.Sprintf("%d days", d/moment.Day)
	case d >= 2*moment.Hour:
		return fmt.Sprintf("%d hours", d/moment.Hour)
	}
	return (time.Duration(d) * time.Microsecond).Round(time.Second).String()
}

var errNoDisk = errors.New("not known here")
