package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"cagnotte/internal/checkout"
	"cagnotte/internal/feed"
	"cagnotte/internal/gifts"
	"cagnotte/internal/imports"
	"cagnotte/internal/insight"
	"cagnotte/internal/intake"
	"cagnotte/internal/jobs"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/rewards"
	"cagnotte/internal/seal"
	"cagnotte/internal/signin"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/upkeep"
	"cagnotte/internal/version"
	"cagnotte/internal/web"
	"cagnotte/internal/web/admin"
	"cagnotte/internal/web/api"
	"cagnotte/internal/web/assets"
	"cagnotte/internal/web/portal"
	"cagnotte/internal/web/track"
)

type serveCmd struct {
	place
	serving
}

// serving are the flags of a running server.
type serving struct {
	Addr  string     `help:"Where to listen." default:"127.0.0.1:8080" env:"CAGNOTTE_ADDR"`
	URL   web.Origin `help:"Where people reach the back office, such as https://club.shop.example: its links begin with it. Without it: where the shop's portal is." env:"CAGNOTTE_URL" placeholder:"URL"`
	Batch int        `help:"Facts per transaction at most." default:"512"`
	Lanes int        `help:"Committers; 0 lets the database decide." default:"0"`
	limits
	mailing
}

// limits are the flags about callers who ask too often: docs/operations.md.
type limits struct {
	LimitShop       web.Rate    `help:"For each key of a shop: requests per second and at once, such as 100/200. Default: ${default}." default:"off" env:"CAGNOTTE_LIMIT_SHOP" placeholder:"RATE"`
	LimitTill       web.Rate    `help:"For each key of a till. Default: ${default}." default:"20/100" env:"CAGNOTTE_LIMIT_TILL" placeholder:"RATE"`
	LimitOperator   web.Rate    `help:"For each key of the operator. Default: ${default}." default:"5/50" env:"CAGNOTTE_LIMIT_OPERATOR" placeholder:"RATE"`
	LimitFailures   web.Rate    `help:"For each network: requests without a valid key. Default: ${default}." default:"1/60" env:"CAGNOTTE_LIMIT_FAILURES" placeholder:"RATE"`
	LimitEntering   web.Rate    `help:"For each network: letters that members ask for, and codes that they try. Default: ${default}." default:"1/60" env:"CAGNOTTE_LIMIT_ENTERING" placeholder:"RATE"`
	LimitLetters    int         `help:"For each network and address: letters that members ask for at once; one comes back every twelve minutes, 0 is no limit. Default: ${default}." default:"5" env:"CAGNOTTE_LIMIT_LETTERS" placeholder:"N"`
	LimitBrowsers   web.Rate    `help:"For each network: what the tracker and the widget send. Default: ${default}." default:"10/300" env:"CAGNOTTE_LIMIT_BROWSERS" placeholder:"RATE"`
	LimitLinks      web.Rate    `help:"For each network: links of members that are nobody's. Default: ${default}." default:"1/60" env:"CAGNOTTE_LIMIT_LINKS" placeholder:"RATE"`
	LimitWrongCodes web.Rate    `help:"For each key: codes of vouchers that were wrong. Default: ${default}." default:"2/300" env:"CAGNOTTE_LIMIT_WRONG_CODES" placeholder:"RATE"`
	LimitWrongEach  int         `help:"For each client that a key asks for: wrong codes at once; one comes back each minute, 0 is no limit. Default: ${default}." default:"10" env:"CAGNOTTE_LIMIT_WRONG_EACH" placeholder:"N"`
	TrustedProxies  web.Proxies `help:"Proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8,::1." env:"CAGNOTTE_TRUSTED_PROXIES" placeholder:"NETWORKS"`
}

func (l limits) limiter() *web.Limiter {
	return web.NewLimiter(web.Limits{
		Shop: l.LimitShop, Till: l.LimitTill, Operator: l.LimitOperator, Failures: l.LimitFailures, Entering: l.LimitEntering, Letters: l.LimitLetters,
		Browsers: l.LimitBrowsers, Links: l.LimitLinks, Guesses: web.Guesses{Key: l.LimitWrongCodes, Client: l.LimitWrongEach}, Proxies: l.TrustedProxies,
	}, time.Now)
}

// Run serves until it is interrupted. The first start prints an operator key.
func (c *serveCmd) Run(e *env) error {
	return c.up(e, c.place, func(p *parts) error {
		fresh, err := p.office.FirstOperatorKey(e.ctx)
		if err != nil {
			return err
		}
		if fresh != "" {
			fmt.Fprintf(e.out, "operator key  %s\nIt makes shops and is shown only now.\n", fresh)
		}
		empty, err := p.office.Empty(e.ctx)
		if err != nil || !empty {
			return err
		}
		token, err := p.staff.FirstLink(e.ctx)
		if err == nil {
			at := string(c.URL)
			if at == "" {
				at = "http://" + p.at
			}
			fmt.Fprintf(e.out, "first shop    %s/admin/start/%s\nOpen it in a browser within a day: it works once.\n", at, token)
		}
		return err
	})
}

// parts is the product, wired: this is the list of what it is made of.
type parts struct {
	st        *store.Store
	box       *seal.Box
	log       *slog.Logger
	in        *intake.Intake
	office    *office.Office
	people    *people.People
	referrals *referral.Referrals
	programs  *programs.Programs
	pages     *pages.Pages
	outreach  *outreach.Outreach
	jobs      *jobs.Runner
	signin    *signin.SignIn
	staff     *staff.Staff
	at        string // where the server listens, once it does
	invites   *referral.Invitations
	files     *imports.Files
	feed      *feed.Feed
	url       string // where the back office is, as the operator says; empty: he does not
}

func (s *serving) wire(e *env, st *store.Store, box *seal.Box, words *locale.Catalog) (*parts, error) {
	p := &parts{st: st, box: box, log: logger(e), url: string(s.URL)}
	p.in = intake.New(st, box, p.log, intake.Options{Batch: s.Batch, Lanes: s.Lanes})
	p.office = office.New(st, p.in)
	p.people = people.New(st, p.in, box)
	p.feed = feed.New(st, p.in, p.log)
	p.referrals = referral.New(st, p.in)
	p.programs = programs.New(st, p.in)
	p.pages = pages.New(st, box)
	how, err := s.mailing.options()
	if err != nil {
		p.in.Close()
		return nil, err
	}
	p.shown(&how)
	p.outreach = outreach.New(st, p.in, box, words, p.log, how)
	p.signin = signin.New(st, box, p.outreach)
	p.staff = staff.New(st, box)
	p.invites = referral.NewInvitations(st, p.in, box, p.outreach, p.people.EmailKey)
	p.files = &imports.Files{Desk: &imports.Desk{Store: st, Intake: p.in, Box: box, People: crowd{p.people}}}
	p.jobs = jobs.New(st, p.log, map[string]jobs.Work{outreach.Job: p.outreach.Deliver, signin.Job: p.signin.Work, referral.InvitationJob: p.invites.Work, people.BulkJob: p.people.BulkWork, people.FieldJob: p.people.FieldWork, imports.ImportJob: p.files.Work(sayRefused(words))})
	return p, nil
}

// shown tells outreach what shops say of their portals.
func (p *parts) shown(o *outreach.Options) {
	o.Base = func(ctx context.Context, shop loyalty.ShopID) (string, error) {
		x, err := p.st.Portal(ctx, shop)
		if err != nil || !x.On {
			return "", err
		}
		return x.Base, nil
	}
	o.Portal = func(ctx context.Context, shop loyalty.ShopID) (bool, error) {
		x, err := p.st.Portal(ctx, shop)
		return err == nil && x.On, err
	}
	o.Language = func(ctx context.Context, shop loyalty.ShopID) (string, error) {
		x, err := p.st.Portal(ctx, shop)
		if err != nil {
			return "", err
		}
		return x.Speaks(""), nil
	}
}

// up opens everything, prepares, serves, and closes in the opposite order: requests first,
// then what is queued, then the database.
func (s *serving) up(e *env, at place, prepare func(*parts) error) error {
	words, err := locale.New()
	if err != nil {
		return err
	}
	st, box, err := at.open(e)
	if err != nil {
		return err
	}
	p, err := s.wire(e, st, box, words)
	if err != nil {
		return errors.Join(err, st.Close())
	}
	edge := web.NewEdge(p.log, words)
	watch := upkeep.NewWatch(st, p.log)
	limiter := s.limiter()
	site := web.New(edge, web.Readiness(watch.Ready, p.quarantined), api.Mount(api.Services{
		Edge: edge, Log: p.log, Office: p.office, People: p.people, Referrals: p.referrals, Programs: p.programs, Checkout: checkout.New(p.st, p.in), Rewards: rewards.New(p.st, p.in),
		Gifts: gifts.New(p.st, p.in, p.box), Insight: insight.New(p.st), SignIn: p.signin, Pages: p.pages, Feed: p.feed,
		Limits: limiter, Version: version.Version,
	}), assets.Mount, portal.Mount(portal.Services{
		Edge: edge, Log: p.log, Office: p.office, People: p.people, Referrals: p.referrals, Programs: p.programs,
		Gifts: gifts.New(p.st, p.in, p.box), Invitations: p.invites, SignIn: p.signin, Pages: p.pages, Limits: limiter,
	}), track.Mount(track.Services{
		Edge: edge, Log: p.log, Office: p.office, People: p.people, Programs: p.programs, Referrals: p.referrals, SignIn: p.signin, Feed: p.feed, Limits: limiter,
	}), admin.Mount(admin.Services{
		Edge: edge, Log: p.log, Staff: p.staff, Office: p.office, People: p.people, Referrals: p.referrals, Programs: p.programs,
		Gifts: gifts.New(p.st, p.in, p.box), Insight: insight.New(p.st), Rewards: rewards.New(p.st, p.in), Checkout: checkout.New(p.st, p.in),
		Outreach: p.outreach, Pages: p.pages, Imports: p.files, Feed: p.feed, Limits: limiter, URL: string(s.URL),
	}))
	ctx, stop := context.WithCancel(e.ctx)
	var clocks sync.WaitGroup
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
	if err == nil {
		p.at = ln.Addr().String()
		if err = prepare(p); err == nil {
			if said := p.quarantined(ctx); said != "" {
				p.log.Warn(said)
			}
			clocks.Go(func() { p.in.RunClock(ctx) })
			clocks.Go(func() { p.sweep(ctx) })
			clocks.Go(func() { p.feed.Run(ctx) })
			clocks.Go(func() { p.listen(ctx) })
			clocks.Go(func() { watch.Run(ctx) })
			clocks.Go(func() { p.terms(ctx) })
			clocks.Go(func() { p.office.RunUses(ctx, p.log) })
			clocks.Go(func() { p.office.RunRemovals(ctx, p.log) })
			clocks.Go(func() { p.outreach.Run(ctx) })
			clocks.Go(func() { p.jobs.Run(ctx) })
			fmt.Fprintf(e.out, "Cagnotte %s listens on http://%s (%s)\n", version.Version, ln.Addr(), st.Engine())
			err = web.Run(ctx, ln, site)
		} else {
			err = errors.Join(err, ln.Close())
		}
	}
	stop()
	clocks.Wait()
	p.in.Close()
	return errors.Join(err, st.Close())
}

// quarantined says that the database is in quarantine; empty when it is not.
func (p *parts) quarantined(ctx context.Context) string {
	since, err := p.st.Quarantine(ctx)
	if err != nil || since == 0 {
		return ""
	}
	return fmt.Sprintf("in quarantine since %s: no notice or message leaves and the clock stands until cagnotte restore --release", since)
}

// terms lets members be found by name who were stored by a version that could not search.
func (p *parts) terms(ctx context.Context) {
	if err := p.people.MakeSearchTerms(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("not all members can be found by name; the next start goes on", "error", err)
	}
}

// listenEach is how often it is looked whether a shop is silent.
const listenEach = 10 * time.Minute

// listen writes to the owners of shops of which nothing is heard any more.
func (p *parts) listen(ctx context.Context) {
	tick := time.NewTicker(listenEach)
	defer tick.Stop()
	for {
		if err := p.alarm().Look(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("whether shops are silent is not known", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// alarm tells every owner who has come in of a silence, in his language.
func (p *parts) alarm() *feed.Alarm {
	return &feed.Alarm{Feed: p.feed, Shops: p.st.Shops, Tell: func(ctx context.Context, s *loyalty.Shop, q feed.Quiet) error {
		list, err := p.staff.List(ctx, s.ID)
		for _, a := range list {
			if err != nil || a.Role != staff.Owner || a.State != staff.Active {
				continue
			}
			err = p.outreach.TellSilence(ctx, s, outreach.Silence{
				Owner: a.ID.String(), Name: a.Name, Email: a.Email, Locale: a.Locale, Since: q.Since, Link: p.trackerLink(ctx, s.ID),
			})
		}
		return err
	}}
}

// trackerLink is where the feed of a shop is looked at: below the address that the operator names,
// else that of the portal; empty where there is none.
func (p *parts) trackerLink(ctx context.Context, shop loyalty.ShopID) string {
	at := p.url
	if at == "" {
		if x, err := p.st.Portal(ctx, shop); err == nil && x.On {
			at = x.Origin()
		}
	}
	if at == "" {
		return ""
	}
	return at + "/admin/tracker"
}

// sweep forgets, every hour, what nobody can ask for any more: turns of orders and keys
// that are a day old, answers past their time, to whom messages went a month ago, and what
// browsers told before that.
func (p *parts) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		shops, err := p.st.Shops(ctx)
		if err != nil {
			p.log.Warn("sweep", "error", err)
			continue
		}
		if err := p.feed.SweepHouse(ctx); err != nil {
			p.log.Warn("sweep", "error", err)
		}
		for _, shop := range shops {
			err := errors.Join(p.st.SweepTurns(ctx, shop.ID, p.st.Clock()-moment.Day), p.office.SweepAnswers(ctx, shop.ID),
				p.outreach.Sweep(ctx, shop.ID), p.referrals.SweepSightings(ctx, shop.ID), p.invites.Sweep(ctx, shop.ID),
				p.signin.Sweep(ctx, shop.ID), p.staff.Sweep(ctx, shop.ID), p.people.SweepBulks(ctx, shop.ID), p.files.Sweep(ctx, shop.ID), p.feed.Sweep(ctx, shop.ID))
			if n, gone := p.people.Retain(ctx, shop.ID); gone != nil {
				err = errors.Join(err, gone)
			} else if n > 0 {
				p.log.Info("members of whom nothing was heard for long are forgotten", "shop", shop.Slug, "members", n)
			}
			if err != nil {
				p.log.Warn("sweep", "shop", shop.Slug, "error", err)
			}
		}
	}
}
