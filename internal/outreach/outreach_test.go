package outreach_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/jobs"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/message/local"
	"cagnotte/internal/moment"
	"cagnotte/internal/outreach"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// post is a sender that keeps what it is handed. answer, where it is set, is what it says.
type post struct {
	mu     sync.Mutex
	got    []message.Message
	answer func(n int, m *message.Message) error
}

func (p *post) Send(_ context.Context, m *message.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, *m)
	if p.answer == nil {
		return nil
	}
	return p.answer(len(p.got), m)
}

// bench is a shop with everything around messages, and a clock of its own.
type bench struct {
	*testing.T
	st   *store.Store
	in   *intake.Intake
	ppl  *people.People
	out  *outreach.Outreach
	jobs *jobs.Runner
	shop *loyalty.Shop
	mail *post
	mu   sync.Mutex
	now  moment.Time
}

const programs = `program "Friends"
  joined: refer friend 2.00 EUR, referrer 1.00 EUR, on sign-up
  ordered: refer referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days
program "Points"
  earn 1 point per 1.00 EUR
`

func (b *bench) clock() moment.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d moment.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now += d
}

func newBench(t *testing.T, st *store.Store) *bench {
	t.Helper()
	b := &bench{T: t, st: st, mail: &post{}, now: st.Clock()}
	st.Clock = b.clock
	b.shop = storetest.Publish(t, st, &loyalty.Shop{Slug: "s", Name: "Maison Lavande", Currency: "EUR", Decimals: 2, Zone: storetest.Zone(t, "Europe/Paris")}, programs)
	b.in = intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(b.in.Close)
	b.ppl = people.New(st, b.in, storetest.Box(t))
	b.out = b.another(st)
	b.jobs = runner(st, b.out)
	return b
}

func (b *bench) another(st *store.Store) *outreach.Outreach {
	b.Helper()
	words, err := locale.New()
	if err != nil {
		b.Fatal(err)
	}
	return outreach.New(st, b.in, storetest.Box(b), words, slog.New(slog.DiscardHandler), outreach.Options{
		From: "hello@lavande.example", Mail: b.mail, Kept: local.Outbox{},
		Base: func(context.Context, loyalty.ShopID) (string, error) { return "https://lavande.example/p/", nil },
	})
}

func runner(st *store.Store, o *outreach.Outreach) *jobs.Runner {
	return jobs.New(st, slog.New(slog.DiscardHandler), map[string]jobs.Work{outreach.Job: o.Deliver})
}

func (b *bench) do(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) round() int {
	b.Helper()
	n, err := b.jobs.Round(b.Context())
	b.do(err)
	return n
}

func (b *bench) kept() []*outreach.Kept {
	b.Helper()
	list, err := b.out.Outbox(b.Context(), b.shop.ID, 1000)
	b.do(err)
	return list
}

func (b *bench) joins(number, email string, more func(*people.Enrolment)) id.Member {
	b.Helper()
	b.pass(moment.Second)
	e := people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "api", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, Email: email, FirstName: "Zoé", Locale: "fr"},
	}
	if more != nil {
		more(&e)
	}
	a, err := b.ppl.Enrol(b.Context(), b.shop.ID, e)
	b.do(err)
	return a.Member
}

func code(key string) message.Letter {
	return message.Letter{
		Key: key, Moment: message.SignIn, To: key + "@friends.example", Locale: "en",
		Fields: map[string]string{"code": "4711-" + key, "minutes": "10"},
	}
}

func state(list []*outreach.Kept) string {
	var out []string
	for _, k := range list {
		out = append(out, strings.TrimSpace(k.Moment+" "+k.State+" "+k.Reason))
	}
	slices.Sort(out) // those of one instant stand in any order
	return strings.Join(out, "\n")
}

func (b *bench) want(got, want string) {
	b.Helper()
	if got != want {
		b.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestALetterIsSentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.do(b.out.Post(t.Context(), b.shop.ID, code("a"), code("b"), code("a")))
		b.do(b.out.Post(t.Context(), b.shop.ID, code("a")))
		b.want(state(b.kept()), "sign_in queued\nsign_in queued")
		if n := b.round() + b.round(); n != 2 || len(b.mail.got) != 2 {
			t.Errorf("%d jobs, %d messages", n, len(b.mail.got))
		}
		b.want(state(b.kept()), "sign_in sent\nsign_in sent")
		if k := b.kept()[0]; k.Message != nil {
			t.Errorf("a code to sign in is kept after it was sent: %+v", k.Message)
		}
	})
}

// What a mail server says for now is tried again, what it says for good is not.
func TestAnswersOfTheMailServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.mail.answer = func(n int, m *message.Message) error {
			switch {
			case strings.HasPrefix(m.To, "gone"):
				return message.Final(errors.New("refused with 550"))
			case n < 4:
				return errors.New("refused with 451")
			}
			return nil
		}
		b.do(b.out.Post(t.Context(), b.shop.ID, code("busy"), code("gone")))
		b.round()
		b.want(state(b.kept()), "sign_in failed refused with 550\nsign_in queued refused with 451")
		if b.round() != 0 {
			t.Error("it is tried again at once")
		}
		b.pass(jobs.Backoff(1))
		b.round()
		b.pass(jobs.Backoff(2))
		b.round()
		b.want(state(b.kept()), "sign_in failed refused with 550\nsign_in sent")
		ids := map[string]int{}
		for _, m := range b.mail.got {
			ids[m.Headers["Message-ID"]+m.Headers["Date"]]++
		}
		if len(ids) != 2 || len(b.mail.got) != 4 {
			t.Errorf("%d messages look like %d", len(b.mail.got), len(ids))
		}
	})
}

func TestALetterThatIsTooLateIsNotSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		l := code("late")
		l.EndsAt = b.now + 10*moment.Minute
		b.mail.answer = func(int, *message.Message) error { return errors.New("refused with 451") }
		b.do(b.out.Post(t.Context(), b.shop.ID, l))
		b.round()
		b.pass(10 * moment.Minute)
		b.round()
		b.want(state(b.kept()), "sign_in ended too_late")
		b.pass(moment.Day)
		if b.round() != 0 || len(b.mail.got) != 1 {
			t.Errorf("%d attempts", len(b.mail.got))
		}
	})
}

// A process that dies between the hand-over and its mark: the message is sent again when
// its lease has ended, recognisably the same; nothing else is.
func TestACrashDoublesAtMostWhatWasInFlight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		var letters []message.Letter
		for i := range 6 {
			letters = append(letters, code(fmt.Sprint("c", i)))
		}
		b.do(b.out.Post(t.Context(), b.shop.ID, letters...))
		taken, err := st.TakeJobs(t.Context(), b.shop.ID, b.now, b.now+jobs.Lease, 2)
		b.do(err)
		for _, j := range taken {
			if _, err := b.out.Deliver(t.Context(), j); err != nil { // and nothing is written of its outcome
				t.Fatal(err)
			}
		}
		b.round()
		if len(b.mail.got) != 6 {
			t.Fatalf("%d messages before the leases ended", len(b.mail.got))
		}
		b.want(state(b.kept()), "sign_in sending\nsign_in sending\nsign_in sent\nsign_in sent\nsign_in sent\nsign_in sent")
		b.pass(jobs.Lease)
		b.round()
		count := map[string]int{}
		for _, m := range b.mail.got {
			count[m.To+" "+m.Headers["Message-ID"]]++
		}
		twice := 0
		for _, n := range count {
			twice += n - 1
		}
		if len(count) != 6 || twice != 2 {
			t.Errorf("%d messages, %d of them again", len(count), twice)
		}
		if strings.Contains(state(b.kept()), "sending") || b.round() != 0 {
			t.Errorf("left over:\n%s", state(b.kept()))
		}
	})
}

// Two processes on one database send each message once, and each of 200 messages holds its
// own token alone (T6).
func TestTwoWorkersSendEachMessageOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			at := storetest.Config(t, engine)
			st := storetest.Open(t, at)
			b := newBench(t, st)
			second := storetest.Open(t, at)
			second.Clock = b.clock
			const all = 200
			for i := range all {
				b.do(b.out.Post(t.Context(), b.shop.ID, code(fmt.Sprintf("t%03d", i))))
			}
			var both sync.WaitGroup
			for _, r := range []*jobs.Runner{b.jobs, runner(second, b.another(second))} {
				both.Go(func() {
					if _, err := r.Round(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			if len(b.mail.got) != all {
				t.Errorf("%d messages of %d were sent", len(b.mail.got), all)
			}
			seen := map[string]bool{}
			for _, m := range b.mail.got {
				own, _, _ := strings.Cut(m.To, "@")
				whole := m.Subject + m.Text + m.HTML
				if seen[own] || strings.Count(whole, "4711-") != strings.Count(whole, "4711-"+own) || !strings.Contains(m.Text, "4711-"+own) {
					t.Errorf("the message to %s is not his, or came twice", m.To)
				}
				seen[own] = true
			}
		})
	}
}

func TestATestShopNeverSendsMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		twin := storetest.Publish(t, st, &loyalty.Shop{
			Slug: "s-test", Name: "Maison Lavande", Currency: "EUR", Decimals: 2, Zone: b.shop.Zone, LiveShop: b.shop.ID,
		}, programs)
		l := code("a")
		l.EndsAt = b.now + moment.Hour
		b.do(b.out.Post(t.Context(), twin.ID, l))
		b.round()
		list, err := b.out.Outbox(t.Context(), twin.ID, 10)
		b.do(err)
		if len(b.mail.got) != 0 || len(list) != 1 || list[0].Via != "local" || list[0].State != store.MessageSent || !strings.Contains(list[0].Text, "4711-a") {
			t.Fatalf("%d mails; %+v", len(b.mail.got), list)
		}
		b.pass(2 * moment.Hour)
		b.do(b.out.Sweep(t.Context(), twin.ID))
		k, err := b.out.Message(t.Context(), twin.ID, list[0].ID)
		b.do(err)
		if k.Message != nil {
			t.Error("a code to sign in is kept after its end")
		}
	})
}

func TestNothingLeavesInQuarantine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.do(b.out.Switch(t.Context(), b.shop.ID, true))
		b.do(b.out.Post(t.Context(), b.shop.ID, code("before")))
		b.joins("1", "one@members.example", nil)
		b.pass(moment.Second)
		b.do(st.BeginQuarantine(t.Context()))
		b.do(b.out.LookAtAll(t.Context()))
		if b.round() != 0 {
			t.Error("a job was done in quarantine")
		}
		b.pass(moment.Second)
		b.do(st.EndQuarantine(t.Context()))
		b.do(b.out.Post(t.Context(), b.shop.ID, code("after")))
		b.do(b.out.LookAtAll(t.Context()))
		b.round()
		// what waited in the copied database may have left the other one
		b.want(state(b.kept()), "sign_in ended restored\nsign_in sent")
	})
}

func TestWhoIsErasedCannotBeReadInTheQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		m := b.joins("1", "one@members.example", nil)
		l := code("a")
		l.Member, l.To = m, "one@members.example"
		b.do(b.out.Post(t.Context(), b.shop.ID, l))
		if k := b.kept()[0]; k.Message == nil || k.To != l.To {
			t.Fatalf("before: %+v", k)
		}
		b.do(st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), dropKey, int64(b.shop.ID), m.Bytes()) }))
		if k := b.kept()[0]; k.Message != nil {
			t.Errorf("an erased address is read: %s", k.To)
		}
		if err := b.out.Post(t.Context(), b.shop.ID, l); codeOf(err) != "letters[0].member person_erased" {
			t.Errorf("another letter to him: %v", err)
		}
		b.round()
		b.want(state(b.kept()), "sign_in ended erased")
		if len(b.mail.got) != 0 {
			t.Error("it was sent")
		}
	})
}

var dropKey = store.New("outreach_test.drop", `DELETE FROM person_keys WHERE shop_id = $1 AND member_id = $2`)

func codeOf(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Field + " " + p.Code
	}
	return fmt.Sprint(err)
}

// Contents of what was sent are forgotten after 30 days; that it was sent is not.
func TestContentsAreForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.do(b.out.Post(t.Context(), b.shop.ID, invitation()))
		b.round()
		b.pass(30*moment.Day - moment.Hour)
		b.do(b.out.Sweep(t.Context(), b.shop.ID))
		if b.kept()[0].Message == nil {
			t.Error("forgotten too early")
		}
		b.pass(2 * moment.Hour)
		b.do(b.out.Sweep(t.Context(), b.shop.ID))
		if k := b.kept()[0]; k.Message != nil || k.State != store.MessageSent {
			t.Errorf("kept: %+v", k)
		}
		b.do(b.out.Post(t.Context(), b.shop.ID, invitation()))
		if b.round() != 0 {
			t.Error("its key is forgotten, too")
		}
	})
}

func invitation() message.Letter {
	return message.Letter{
		Key: "invitation/1", Moment: message.Invitation, To: "friend@friends.example", Locale: "fr", FromName: "Camille", ReplyTo: "camille@members.example",
		Fields: map[string]string{
			"referrer": "Camille", "reward": "5,00\u00a0€ sur votre première commande", "message": "Essaie leurs savons !\nBises",
			"link": "https://lavande.example/p/i/k7", "stop_link": "https://lavande.example/p/stop/k7", "ends": "31 mars 2026",
		},
	}
}
