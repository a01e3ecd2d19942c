package portal_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/referral"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// ask sends the form of inviting.
func (b *browser) ask(addresses, text string) got {
	b.t.Helper()
	return b.post("/invite", "addresses", addresses, "text", text, "agreed", "yes")
}

var (
	letterLink = regexp.MustCompile(`/i/[^\s"<]+`)
	stopIn     = regexp.MustCompile(`/stop/[^\s"<>]+`)
)

// The whole way: invited, opened, joined, ordered; the referrer follows it (S1-15, S2-4).
func TestAnInvitationIsFollowedToTheReward(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, _ := hosted(t, st)
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/invite").wants(t, 200, "Each friend gets 500 points", "Up to ten")
		b.ask("lea.faure@friends.example", "Try the tea!").wants(t, 200, "1 invitation was taken")
		b.get("/friends").wants(t, 200, "lea.faure@…", "Invited", "up to €10.00", `class="steps s1"`)

		list := s.letters("lea.faure@friends.example")
		if len(list) != 1 || !strings.Contains(list[0].Text, "Try the tea!") || !strings.Contains(list[0].Text, "500 points") || list[0].FromName == "" {
			t.Fatalf("letters: %+v", list)
		}
		friend := s.browser().stays()
		path := letterLink.FindString(list[0].Text)
		page := friend.beat("GET", path, "")
		page.wants(t, 200, "Camille has something for you")
		friend.beat("POST", strings.Replace(path, "?", "/seen?", 1), "v="+proofIn.FindStringSubmatch(page.body)[1]).wants(t, 204)
		b.get("/friends").wants(t, 200, "Has looked at your page", "1 person has looked")

		s.joins("lea", "Lea.Faure@friends.example", "")
		joined := b.get("/friends")
		joined.wants(t, 200, "Léa F.", "Has joined", `class="steps s2"`)
		if got := s.referralsOf(camille); len(got) != 1 || got[0] != "link joined" {
			t.Errorf("%v", got)
		}
		s.orders("1", "lea.faure@friends.example", 4500)
		done := b.get("/friends")
		done.wants(t, 200, "You have your reward", `class="steps s4"`)
		for _, secret := range []string{"Faure", "friends.example", "45.00"} {
			if strings.Contains(done.body, secret) {
				t.Errorf("the referrer reads %s", secret)
			}
		}
	})
}

// An invitation is done once, and what its member wrote is kept until the letter is, no longer.
func TestTheWordsOfAnInvitationGoWithItsLetter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, _ := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		b.ask("lea@example.com jules@example.com", strings.Repeat("Try the tea! ", 20)).wants(t, 200)
		states := func() (out []string, sealed int) {
			list, _, err := s.invites.Follow(t.Context(), s.shop.ID, camille, id.Invitation{}, 20)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range list {
				i := must(s.st.TakenInvitation(t.Context(), s.shop.ID, f.ID))
				out, sealed = append(out, f.Address+" "+i.State), max(sealed, len(i.Sealed))
			}
			slices.Sort(out)
			return out, sealed
		}
		if got, n := states(); !slices.Equal(got, []string{"jules@example.com new", "lea@example.com new"}) || n < 250 {
			t.Errorf("before its job: %v, %d bytes", got, n)
		}
		s.done()
		if got, n := states(); !slices.Equal(got, []string{"jules@example.com held", "lea@example.com sent"}) || n > 100 {
			t.Errorf("behind its job: %v, %d bytes", got, n)
		}
	})
}

// orders reports a paid order of who has an address.
func (s *site) orders(ref, email string, amount int64) {
	s.t.Helper()
	key, _ := s.people.EmailKey(email)
	answers, err := s.in.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "order-" + ref, Via: "test", Origin: loyalty.FromLive, OccurredAt: s.st.Clock(),
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: key}}},
		Order:  &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: amount}}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if answers[0].Err != nil {
		s.t.Fatal(answers[0].Err)
	}
}

// Whoever the address belongs to, the answer and the list are the same: nobody learns here who
// is a customer, or whom somebody else invited (P3).
func TestInvitingTellsNobodyWhoIsKnown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		s.orders("1", "buyer@example.com", 4500)
		jules := s.browser()
		jules.signIn("jules@example.com")
		jules.ask("twice@example.com", "").wants(t, 200)

		b := s.browser()
		b.signIn("camille@example.com")
		var answer, list string
		for i, address := range []string{"nobody@example.com", "jules@example.com", "buyer@example.com", "twice@example.com", "camille@example.com"} {
			g := b.ask(address, "")
			g.wants(t, 200)
			if answer != "" && g.body != answer {
				t.Errorf("%s is answered differently:\n%s", address, g.body)
			}
			answer = g.body
			row := b.get("/friends").body
			name, _, _ := strings.Cut(address, "@")
			at := strings.Index(row, "<b>"+name+"@…</b>")
			if at < 0 {
				t.Fatalf("%s is not on the list", address)
			}
			row = row[at+len("<b>"+name+"@…</b>"):]
			row = row[:strings.Index(row, "</li>")]
			if list != "" && row != list {
				t.Errorf("%s reads differently:\n%s\n%s", address, row, list)
			}
			list = row
			if sent := len(s.letters(address)); i == 0 && sent != 1 || i > 0 && address != "twice@example.com" && invitations(s, address) != 0 {
				t.Errorf("%s was written to", address)
			}
		}
		if n := invitations(s, "twice@example.com"); n != 1 {
			t.Errorf("whom two invited was written to %d times", n)
		}
	})
}

// invitations counts the invitations that were written to an address.
func invitations(s *site, to string) (n int) {
	for _, k := range s.letters(to) {
		if strings.Contains(k.Text, "/stop/") {
			n++
		}
	}
	return n
}

// At most ten at once and a day, in words of one's own without links (F11).
func TestInvitationsHaveLimits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		b := s.browser()
		b.signIn("camille@example.com")
		var many []string
		for i := range 11 {
			many = append(many, fmt.Sprintf("f%d@example.com", i))
		}
		b.ask(strings.Join(many, "\n"), "").wants(t, 422, "There are too many: 10 at most")
		b.ask("", "").wants(t, 422, "Something is missing here")
		b.ask("a@example.com nothing", "").wants(t, 422, "This is not an e-mail address", "a@example.com nothing")
		for _, text := range []string{"see https://evil.example", "see evil.example", "www.evil", "<b>hi</b>", "write to a@b", "[x](y)", "go to xn--e1a.com now"} {
			b.ask("a@example.com", text).wants(t, 422, "without addresses of web pages")
		}
		b.ask("a@example.com", strings.Repeat("é", 501)).wants(t, 422, "500 characters at most")
		b.post("/invite", "addresses", "a@example.com").wants(t, 422, "Please tick this box first")
		if n := invitations(s, "a@example.com"); n != 0 {
			t.Errorf("%d letters of refused forms", n)
		}
		// The same person in two spellings is one.
		b.ask("F0@example.com, f0+x@example.com", strings.Repeat("é", 500)).wants(t, 200, "1 invitation was taken")
		b.ask(strings.Join(many[1:11], "\n"), "").wants(t, 200, "9 invitations were taken", "For 1 there is no room")
		b.ask("more@example.com", "").wants(t, 422, "10 invitations a day and 50 in 30 days")
		if invitations(s, "f9@example.com") != 1 || invitations(s, "f10@example.com") != 0 {
			t.Error("the eleventh was written to")
		}
		// Sent again it is the same invitation.
		b.ask("f0@example.com", "").wants(t, 200, "1 invitation was taken")
		if n := invitations(s, "F0@example.com"); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestWhereTheCountryForbidsItTheMemberWritesHimself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		b := s.browser()
		b.signIn("camille@example.com")
		for country, on := range map[string]bool{"FR": true, "PL": false, "DE": false, "": false, "BE": true} {
			for set, want := range map[string]bool{"": on, "on": true, "off": false} {
				s.look(func(p *loyalty.Portal) { p.Country, p.Invitations = country, set })
				g := b.get("/invite")
				if got := strings.Contains(g.body, `name="addresses"`); got != want {
					t.Errorf("%q %q: %v", country, set, got)
				}
				if !want {
					g.wants(t, 200, "Write to them yourself", "mailto:?")
					b.ask("a@example.com", "").wants(t, 409)
				}
			}
		}
		if invitations(s, "a@example.com") != 0 {
			t.Error("somebody was written to")
		}
	})
}

// Opening the link of a letter changes nothing; pressing its button, or the mail program's own,
// takes the address off for good.
func TestWhoWantsNoMoreIsLeftAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		b.ask("lea@example.com max@example.com", "").wants(t, 200)
		for i, to := range []string{"lea@example.com", "max@example.com"} {
			letter := s.letters(to)[0]
			path := stopIn.FindString(letter.Text)
			if !strings.Contains(letter.Headers["List-Unsubscribe"], path) || letter.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
				t.Errorf("%v", letter.Headers)
			}
			s.browser().get(path).wants(t, 200, "Write to me no more")
			key, _ := s.people.EmailKey(to)
			if stopped := must(s.st.Stopped(t.Context(), s.shop.ID, key)); stopped {
				t.Error("reading the page stopped it")
			}
			if i == 0 {
				s.browser().post(path).wants(t, 200, "Done.")
			} else {
				s.browser().beat("POST", path, "List-Unsubscribe=One-Click", "User-Agent", "mail/1", "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site").wants(t, 200)
			}
			if stopped := must(s.st.Stopped(t.Context(), s.shop.ID, key)); !stopped {
				t.Errorf("%s is not on the list", to)
			}
			s.browser().post(path[:len(path)-1]+"x").wants(t, 404)
		}
		// Who stopped before anybody invited him.
		key, _ := s.people.EmailKey("zoe@example.com")
		if err := s.st.Stop(t.Context(), s.shop.ID, key); err != nil {
			t.Fatal(err)
		}
		jules := s.browser()
		jules.signIn("jules@example.com")
		jules.ask("zoe@example.com", "").wants(t, 200, "1 invitation was taken")
		if len(s.letters("zoe@example.com")) != 0 {
			t.Error("who wants nothing was written to")
		}
		_, err := s.people.Find(t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: key}}})
		if err == nil {
			t.Error("who wants nothing became known")
		}
	})
}

// A member reminds twice, three days apart, by his own means; after 30 days everything that
// led to nothing reads alike, and addresses are forgotten.
func TestRemindersAreFewAndTheMembersOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		start, passed := st.Clock(), moment.Time(0)
		st.Clock = func() moment.Time { return start + passed }
		s, camille, _ := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		ctx := t.Context()
		if _, err := s.invites.Invite(ctx, s.shop.ID, referral.Ask{Referrer: camille, Name: "Camille", Addresses: []string{"lea@example.com", "jules@example.com"}, Locale: "en", Agreed: true}); err != nil {
			t.Fatal(err)
		}
		page := func() []referral.Friend {
			list, _, err := s.invites.Follow(ctx, s.shop.ID, camille, id.Invitation{}, 20)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		var which id.Invitation
		for _, f := range page() {
			if f.Address == "lea@example.com" {
				which = f.ID
			}
		}
		remind := func() error {
			_, err := s.invites.Remind(ctx, s.shop.ID, camille, which)
			return err
		}
		for _, step := range []struct {
			after moment.Time
			ok    bool
		}{{0, false}, {2 * moment.Day, false}, {moment.Day, true}, {0, false}, {2 * moment.Day, false}, {moment.Day + moment.Day/24, true}, {10 * moment.Day, false}} {
			passed += step.after
			if err := remind(); (err == nil) != step.ok {
				t.Errorf("after %d days: %v", passed/moment.Day, err)
			}
		}
		if _, err := s.invites.Remind(ctx, s.shop.ID, s.by("jules@example.com"), which); err == nil {
			t.Error("another member reminds")
		}
		for _, f := range page() {
			if f.Step != referral.StepInvited || f.Address == "" {
				t.Errorf("%+v", f)
			}
		}
		passed += 31 * moment.Day
		if err := s.invites.Sweep(ctx, s.shop.ID); err != nil {
			t.Fatal(err)
		}
		for _, f := range page() {
			if f.Step != referral.StepNone || f.Address != "" || f.CanRemind {
				t.Errorf("%+v", f)
			}
		}
	})
}

// A page of friends has who was invited and who came by the link, newest first, each once.
func TestFriendsArePaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		b := s.browser()
		b.signIn("camille@example.com")
		for i := range 12 {
			s.browser().stays().beat("POST", "/i/"+code+"/go", "", "User-Agent", fmt.Sprintf("Browser %d", i))
		}
		var many []string
		for i := range 10 {
			many = append(many, fmt.Sprintf("f%d@example.com", i))
		}
		b.ask(strings.Join(many, " "), "").wants(t, 200)
		s.joins("f3", "f3@example.com", "")
		seen := map[id.Invitation]bool{}
		var before id.Invitation
		for pages := 0; ; pages++ {
			list, more, err := s.invites.Follow(t.Context(), s.shop.ID, camille, before, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range list {
				if seen[f.ID] || !before.IsZero() && f.ID.String() >= before.String() {
					t.Errorf("%v comes out of order", f.ID)
				}
				seen[f.ID], before = true, f.ID
			}
			if !more {
				break
			}
		}
		if len(seen) != 22 {
			t.Errorf("%d friends, want 22", len(seen))
		}
		first := b.get("/friends")
		first.wants(t, 200, "Earlier ones")
		b.get(regexp.MustCompile(`/friends\?before=[^"]+`).FindString(first.body)).wants(t, 200, "Through your link")
		b.get("/friends?before=x").wants(t, 404)
	})
}
