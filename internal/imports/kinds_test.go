package imports_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const programs = `program "Points"
  earn 1 point per 1.00 EUR
  earn 100 points on sign-up
program "Friends"
  refer referrer 500 points, on first order
program "Coffee"
  earn 1 stamp per item
  exchange 10 stamps for product voucher of 1 COFFEE
`

// crowd names people as the command line does.
type crowd struct{ *people.People }

func (c crowd) Who(n imports.Named, field string) (loyalty.Who, *loyalty.Person, error) {
	return c.People.Who(people.Naming{
		Number: n.Number, ExternalID: n.ExternalID, Email: n.Email, Phone: n.Phone, FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale, Country: n.Country,
		Fields: n.Fields,
	}, field)
}

// place is a shop with a desk for its imports.
type place struct {
	*imports.Desk
	*testing.T
	shop   *loyalty.Shop
	people *people.People
}

func at(t *testing.T, st *store.Store) *place {
	t.Helper()
	s := storetest.Shop(t, st, programs)
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	p := people.New(st, in, storetest.Box(t))
	return &place{&imports.Desk{Store: st, Intake: in, Box: storetest.Box(t), People: crowd{p}}, t, s, p}
}

func mappingNamed(t *testing.T, reads, name string) imports.Mapping {
	t.Helper()
	m, err := imports.MappingOf(reads, name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bring imports a file by the generic mapping.
func (p *place) bring(reads, file string, o imports.Options) imports.Totals {
	p.Helper()
	got, err := p.read(p.Context(), reads, file, o)
	if err != nil {
		p.Fatal(err)
	}
	return got
}

func (p *place) read(ctx context.Context, reads, file string, o imports.Options) (imports.Totals, error) {
	p.Helper()
	m, src := mappingNamed(p.T, reads, "cagnotte"), strings.NewReader(file)
	switch reads {
	case imports.ReadsMembers:
		return p.Members(ctx, p.shop, src, m, o)
	case imports.ReadsReferrals:
		return p.Referrals(ctx, p.shop, src, m, o)
	case imports.ReadsBalances:
		return p.Balances(ctx, p.shop, src, m, o)
	}
	return p.Orders(ctx, p.shop, src, m, o)
}

func errorsOf(t imports.Totals) string {
	var out []string
	for _, e := range t.Errors {
		out = append(out, e.String())
	}
	return strings.Join(out, "\n")
}

// member finds somebody by his number.
func (p *place) member(number string) *people.Member {
	p.Helper()
	m, err := p.people.Find(p.Context(), p.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}})
	if err != nil {
		p.Fatalf("member %s: %v", number, err)
	}
	return m
}

// has lists what everybody has: the sums of all members by unit.
func (p *place) has() map[string]string {
	p.Helper()
	out := map[string]string{}
	err := p.Store.Balances(p.Context(), p.shop.ID, p.Store.Clock(), func(b store.Balance) error {
		m, err := p.people.Member(p.Context(), p.shop.ID, b.Member)
		if err != nil {
			return err
		}
		unit, _, _ := strings.Cut(string(b.Unit), ":")
		out[m.Numbers[0]+" "+unit] = fmt.Sprintf("%d of which %d available, %d owed", b.Balance, b.Available, b.Debt)
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	return out
}

const membersFile = "number,external_id,first_name,last_name,email,phone,locale,birthday,group,tags,joined\r\n" +
	"1001,shop:1,Zoé,Łaska,zoe@example.com,+33 6 12 34 56 78,fr,05-17,gold,\"tea, cake\",2020-02-01\r\n" +
	"1002,,Bela,,BELA@example.com,,,1980-02-29,,,2021-03-04T10:00\r\n" +
	"1003,,,,,,,,,,\r\n"

func TestMembersAreImportedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		dry := p.bring(imports.ReadsMembers, membersFile, imports.Options{DryRun: true})
		counted(t, "would join", dry.Joined, 3)
		counted(t, "would be labelled", dry.Labels, 2)
		got := p.bring(imports.ReadsMembers, membersFile, imports.Options{})
		counted(t, "joined", got.Joined, 3)
		counted(t, "labels", got.Labels, 2)
		counted(t, "errors", got.ErrorRows, 0)
		if len(p.has()) != 0 {
			t.Errorf("history gave %v", p.has())
		}
		zoe := p.member("1001")
		if zoe.FirstName != "Zoé" || zoe.LastName != "Łaska" || zoe.Email != "zoe@example.com" || zoe.Phone != "+33 6 12 34 56 78" || zoe.Locale != "fr" ||
			zoe.Birthday != "05-17" || zoe.Group != "gold" || !slices.Equal(zoe.Tags, []string{"cake", "tea"}) ||
			!slices.Equal(zoe.ExternalIDs, []string{"shop:1"}) || zoe.RegisteredAt.Date(p.shop.Zone) != "2020-02-01" || zoe.State != loyalty.Enrolled {
			t.Errorf("%+v", zoe)
		}
		if b := p.member("1002"); b.Birthday != "02-29" || b.RegisteredAt.String() != "2021-03-04T09:00:00Z" {
			t.Errorf("%+v", b)
		}
		again := p.bring(imports.ReadsMembers, membersFile, imports.Options{})
		if !again.Unchanged() || again.Duplicates != 3 || !strings.Contains(report(t, again), "nothing changed: all 3 facts") {
			t.Errorf("the second import changed something:\n%s", report(t, again))
		}
		// What is new of somebody is entered; what is not said stays.
		changed := p.bring(imports.ReadsMembers, "number,last_name,email,birthday\n1002,Nagy,bela@example.com,02-28\n1003,,,\n", imports.Options{})
		counted(t, "updated", changed.Updated, 1)
		counted(t, "known", changed.Duplicates, 1)
		if b := p.member("1002"); b.FirstName != "Bela" || b.LastName != "Nagy" || b.Birthday != "02-28" || b.RegisteredAt.String() != "2021-03-04T09:00:00Z" {
			t.Errorf("%+v", b)
		}
		same := p.bring(imports.ReadsMembers, membersFile, imports.Options{})
		if !same.Unchanged() || p.member("1002").LastName != "Nagy" {
			t.Errorf("a file of before took a change back:\n%s", report(t, same))
		}
	})
}

// A file of a French shop writes phone numbers as the French do; one that says nothing of a country
// leaves them refused.
func TestPhoneNumbersOfTheShopsCountry(t *testing.T) {
	t.Parallel()
	const file = "nr,tel\n1,06 12 34 56 78\n2,+48 601 234 567\n3,12\n"
	const columns = "name: fichier\nreads: members\ncolumn number: nr\ncolumn phone: tel\n"
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		for _, c := range []struct{ mapping, want string }{
			{columns, "line 2: member.phone: invalid_phone\nline 4: member.phone: invalid_phone"},
			{columns + "phones: FR\n", "line 4: member.phone: invalid_phone"},
		} {
			m, err := imports.ParseMapping(c.mapping)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.importBy(m, file, false)
			if err != nil || errorsOf(got) != c.want {
				t.Errorf("%q is told %v\n%s\nnot\n%s", c.mapping, err, errorsOf(got), c.want)
			}
		}
		if one, two := p.member("1"), p.member("2"); one.Phone != "+33612345678" || two.Phone != "+48 601 234 567" {
			t.Errorf("the numbers are kept as %s and %s", one.Phone, two.Phone)
		}
		if _, err := imports.ParseMapping(columns + "phones: France\n"); err == nil {
			t.Error("France is no code of a country")
		}
	})
}

func TestMembersMayBeRewarded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		got := p.bring(imports.ReadsMembers, "number\n1\n2\n", imports.Options{Reward: true})
		counted(t, "points", got.Units["points"].Given, 200)
		if has := p.has(); has["1 points"] != "100 of which 100 available, 0 owed" {
			t.Errorf("%v", has)
		}
		again := p.bring(imports.ReadsMembers, "number\n1\n2\n", imports.Options{Reward: true})
		if !again.Unchanged() || len(again.Units) > 0 {
			t.Error(report(t, again))
		}
	})
}

// Rows that cannot be taken, each for its reason; the others are.
func TestMembersThatCannotBeTaken(t *testing.T) {
	const file = "\ufeffnumber,external_id,email,phone,locale,birthday,tags,joined\n" +
		"1,,a@example.com,,,,,\n" + // line 2
		"2,,a@example.com,,,,,\n" + // line 3: the e-mail of line 2
		"1,,a@example.com,,,,,\n" + // line 4: line 2 again
		"1,,b@example.com,,,,,\n" + // line 5: says otherwise
		",,,,,,,2020-01-01\n" + // line 6: nobody
		"7,,not an address,,,,,\n" +
		"8,,,12,,,,\n" +
		"9,,,,,13-13,,\n" +
		"10,,,,,,,yesterday\n" +
		"11,,,,,,,2999-01-01\n" +
		"12,,,\n" +
		"13,,taken@example.com,,,,,\n" + // line 13: somebody else's, who is numbered otherwise
		"14,,,,,,a b c d e f g h i j k l m n o p q r s t u v w,\n" +
		"15,,,,klingon-xx-yy-zz-9,,,\n" +
		"16,,\"x,,,,,\n"
	const want = `line 3: member.email: shared_key
line 5: member.number: shared_key
line 6: member: required
line 7: member.email: invalid_email
line 8: member.phone: invalid_phone
line 9: birthday: invalid_birthday
line 10: joined: not_a_time
line 11: occurred_at: in_the_future
line 12: row: wrong_number_of_fields
line 15: member.locale: invalid_locale
line 16: row: unreadable_csv
line 13: member.email: other_members_key`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		p.bring(imports.ReadsMembers, "number,email\n99,taken@example.com\n", imports.Options{})
		dry := p.bring(imports.ReadsMembers, file, imports.Options{DryRun: true})
		got := p.bring(imports.ReadsMembers, file, imports.Options{})
		for _, g := range []imports.Totals{dry, got} {
			if e := errorsOf(g); e != want {
				t.Errorf("dry run %v\n%s\nwant\n%s", g.DryRun, e, want)
			}
		}
		counted(t, "joined", got.Joined, 2)
		counted(t, "repeated", got.Skipped[imports.SkippedRepeated], 1)
		worded(t, got)
	})
}

// worded holds that every reason has a sentence of its own in each language.
func worded(t *testing.T, got imports.Totals) {
	t.Helper()
	c, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range locale.Tags {
		for _, e := range got.Errors {
			if s := c.Printer(tag, nil).Problem(e.Problem()); s == "" || strings.Contains(s, e.Code) || strings.Contains(s, "{{") {
				t.Errorf("%s: %s is %q", tag, e, s)
			}
		}
	}
}

func TestEveryRowCodeHasWords(t *testing.T) {
	var all imports.Totals
	for _, code := range imports.RowCodes {
		all.Errors = append(all.Errors, imports.RowError{Code: code, Args: map[string]string{"line": "7", "known": "x", "max": "9"}})
	}
	worded(t, all)
}

const people5 = "number\n1\n2\n3\n4\n5\n"

func TestReferralsAreHistory(t *testing.T) {
	const file = "referrer_number,friend_number,date,origin\n" +
		"1,2,2020-05-01,link\n" +
		"1,3,,\n" +
		"1,3,,\n" +
		"9,4,2020-05-01,\n" + // line 5: nobody knows the referrer
		"1,9,2020-05-01,\n" + // line 6: nobody knows the friend
		"5,5,,\n" + // line 7
		"2,1,2020-05-02,\n" + // line 8: a circle
		"1,4,,gossip\n" +
		"1,4,May,\n" +
		",4,,\n" +
		"2,3,,code\n" // line 12: says otherwise than line 3
	const want = `line 9: origin: unknown_origin
line 10: date: not_a_time
line 11: referrer: required
line 12: row: repeated_row
line 5: referrer: member_unknown
line 6: member: member_unknown
line 8: referrer: MUTUAL_REFERRAL
line 7: referrer: SELF_REFERRAL`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		p.bring(imports.ReadsMembers, people5, imports.Options{})
		dry := p.bring(imports.ReadsReferrals, file, imports.Options{DryRun: true})
		got := p.bring(imports.ReadsReferrals, file, imports.Options{})
		for _, g := range []imports.Totals{dry, got} {
			if e := errorsOf(g); e != want {
				t.Errorf("dry run %v\n%s\nwant\n%s", g.DryRun, e, want)
			}
			counted(t, "bonds", g.Bonds, 2)
		}
		worded(t, got)
		if len(p.has()) != 0 {
			t.Errorf("history gave %v", p.has())
		}
		anna := p.member("1").ID
		for number, origin := range map[string]string{"2": loyalty.OriginLink, "3": loyalty.OriginStaff} {
			list, err := st.ReferralsFrom(t.Context(), p.shop.ID, p.member(number).ID)
			if err != nil || len(list) != 1 || list[0].Referrer != anna || !list[0].Bond || list[0].Origin != origin || list[0].State != loyalty.ReferralJoined {
				t.Errorf("friend %s: %+v %v", number, list, err)
			}
		}
		again := p.bring(imports.ReadsReferrals, "referrer_number,friend_number,date,origin\n1,2,2020-05-01,link\n1,3,,\n", imports.Options{})
		if !again.Unchanged() || again.Duplicates != 2 {
			t.Error(report(t, again), errorsOf(again))
		}
		// Nobody who counts is displaced.
		other := p.bring(imports.ReadsReferrals, "referrer_number,friend_number,friend_id\n4,2,x\n", imports.Options{})
		if e := errorsOf(other); e != "line 2: id: event_conflict" {
			t.Errorf("another referrer: %q", e)
		}
		m := mappingText(t, "name: second\nreads: referrals\ncolumn referrer number: r\ncolumn friend number: f\n")
		second, err := p.Referrals(t.Context(), p.shop, strings.NewReader("r,f\n4,2\n"), m, imports.Options{})
		if err != nil || errorsOf(second) != "line 2: referrer: ALREADY_REFERRED" {
			t.Errorf("another referrer from elsewhere: %v %q", err, errorsOf(second))
		}
		// The first order of a friend is rewarded from now on.
		p.bring(imports.ReadsOrders, "order,date,article,amount,member_number\nA1,"+p.Store.Clock().String()+",TEA,20.00,3\n", imports.Options{Reward: true})
		if has := p.has(); has["1 points"] != "500 of which 500 available, 0 owed" {
			t.Errorf("%v", has)
		}
	})
}

func TestBalancesAreOpened(t *testing.T) {
	const file = "number,unit,amount,date,opens,expires,entry\n" +
		"1,points,120,2024-01-01,,2099-12-31,\n" +
		"1,EUR,12.50,,,,\n" +
		"2,points,-30,,,,\n" +
		"3,stamps,12,,,,\n" +
		"3,stamps:Coffee,1,,2098-01-01,,e-1\n" +
		"4,points,0,,,,\n" +
		"9,points,5,,,,\n" + // line 8: unknown
		"4,pints,5,,,,\n" +
		"4,stamps:Tea,5,,,,\n" +
		"4,points,1.5,,,,\n" +
		"4,EUR,\"1,50\",,,,\n" +
		"4,points,5,,,2001-01-01,\n" +
		"4,points,-5,,,2099-01-01,\n" +
		"4,points,,,,,\n" +
		"1,EUR,12.50,,,,\n" + // line 16: line 3 again, or twice as much?
		"4,points,5,2999-01-01,,,\n" +
		"4,points,5,soon,,,\n"
	const want = `line 9: unit: unknown_unit
line 10: unit: program_unknown
line 11: amount: too_many_decimals
line 12: amount: not_an_amount
line 15: amount: not_an_amount
line 16: row: repeated_row
line 18: date: not_a_time
line 17: occurred_at: in_the_future
line 8: member: member_unknown
line 13: adjust.expires_at: ends_before_it_begins
line 14: adjust.expires_at: only_when_given`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		p.bring(imports.ReadsMembers, people5, imports.Options{})
		dry := p.bring(imports.ReadsBalances, file, imports.Options{DryRun: true})
		if len(p.has()) != 0 {
			t.Errorf("a dry run gave %v", p.has())
		}
		got := p.bring(imports.ReadsBalances, file, imports.Options{})
		for _, g := range []imports.Totals{dry, got} {
			if e := errorsOf(g); e != want {
				t.Errorf("dry run %v\n%s\nwant\n%s", g.DryRun, e, want)
			}
			if g.Units["points"] != (imports.Moved{Given: 120, Taken: 30}) || g.Units["EUR"] != (imports.Moved{Given: 1250}) {
				t.Errorf("dry run %v: %v", g.DryRun, g.Units)
			}
		}
		worded(t, got)
		all := map[string]string{
			"1 points": "120 of which 120 available, 0 owed", "1 EUR": "1250 of which 1250 available, 0 owed",
			"2 points": "-30 of which 0 available, 30 owed", "3 stamps": "3 of which 2 available, 0 owed", // 10 were exchanged
		}
		if has := p.has(); fmt.Sprint(has) != fmt.Sprint(all) {
			t.Errorf("%v\nwant %v", has, all)
		}
		again := p.bring(imports.ReadsBalances, file, imports.Options{})
		counted(t, "recorded again", again.Recorded, 0)
		counted(t, "known", again.Duplicates, 5)
		if has := p.has(); fmt.Sprint(has) != fmt.Sprint(all) {
			t.Errorf("the second time: %v", has)
		}
		other := p.bring(imports.ReadsBalances, "number,unit,amount\n2,points,-31\n", imports.Options{})
		if e := errorsOf(other); e != "line 2: id: event_conflict" {
			t.Errorf("another amount: %q", e)
		}
	})
}

// stopped imports a file that is stopped after its first part, then as a whole.
func stopped(p *place, reads, file string) imports.Totals {
	p.Helper()
	ctx, stop := context.WithCancel(p.Context())
	defer stop()
	half, err := p.read(ctx, reads, file, imports.Options{Progress: func(done, total int64) {
		if done < total {
			stop()
		}
	}})
	if err == nil || half.Recorded == 0 {
		p.Fatalf("it was not stopped half-way: %d recorded, %v", half.Recorded, err)
	}
	return p.bring(reads, file, imports.Options{})
}

// A run that was stopped half-way, and run again, ends as one whole run does (I1).
func TestAStoppedImportIsTakenUp(t *testing.T) {
	t.Parallel()
	const n = 4_200 // more than are recorded at once, so that there is a half to stop after
	files := map[string]*strings.Builder{}
	add := func(reads, format string, args ...any) {
		if files[reads] == nil {
			files[reads] = &strings.Builder{}
		}
		fmt.Fprintf(files[reads], format, args...)
	}
	add(imports.ReadsMembers, "number,first_name,group,joined\n")
	add(imports.ReadsReferrals, "referrer_number,friend_number,date\n")
	add(imports.ReadsBalances, "number,unit,amount,date\n")
	add(imports.ReadsOrders, "order,date,article,amount,member_number\n")
	for i := 1; i <= n; i++ {
		add(imports.ReadsMembers, "%d,F%d,g%d,2020-01-01\n", i, i, i%3)
		if i > 1 {
			add(imports.ReadsReferrals, "%d,%d,2020-02-01\n", (i+1)/2, i)
		}
		add(imports.ReadsBalances, "%d,points,%d,2020-03-01\n", i, 3-i%2*8)
		add(imports.ReadsOrders, "o%d,2020-03-01,TEA,5.00,%d\n", i, i)
	}
	whole := at(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	for _, reads := range imports.Kinds {
		if a := whole.bring(reads, files[reads].String(), imports.Options{}); a.ErrorRows > 0 || a.Duplicates > 0 {
			t.Fatalf("%s as a whole: errors %d, known %d", reads, a.ErrorRows, a.Duplicates)
		}
	}
	balances, members := fmt.Sprint(whole.has()), map[string]*people.Member{}
	for _, number := range []string{"1", "2", "1000", "2050", "4200"} {
		members[number] = whole.member(number)
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		half := at(t, st)
		for _, reads := range imports.Kinds {
			b := stopped(half, reads, files[reads].String())
			if b.Duplicates == 0 || b.Recorded == 0 || b.ErrorRows > 0 {
				t.Errorf("%s: the second run knew %d and recorded %d, errors %d", reads, b.Duplicates, b.Recorded, b.ErrorRows)
			}
		}
		if fmt.Sprint(half.has()) != balances {
			t.Error("other balances than those of one whole run")
		}
		for number, a := range members {
			b := half.member(number)
			if a.FirstName != b.FirstName || a.Group == "" || a.Group != b.Group || a.RegisteredAt != b.RegisteredAt || a.FirstOrderAt != b.FirstOrderAt ||
				a.ReferredBy.IsZero() != b.ReferredBy.IsZero() {
				t.Errorf("%s: %+v\n%+v", number, a, b)
			}
		}
	})
}
