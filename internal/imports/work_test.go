package imports_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// dying records facts until its power goes: behind a portion, before anybody hears of it.
type dying struct {
	crowd
	left *int
}

var errDead = errors.New("the power went")

func (d dying) Record(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error) {
	answers, err := d.crowd.Record(ctx, shop, facts...)
	if *d.left--; *d.left == 0 {
		return nil, errDead
	}
	return answers, err
}

// office brings in a file, tries it, and gives what works at it.
func (p *place) office(once, reads, file string, s imports.Settings) (*imports.Files, id.Import) {
	p.Helper()
	f := &imports.Files{Desk: p.Desk}
	which, err := f.Bring(p.Context(), p.shop.ID, imports.Brought{Once: once, Actor: "Ola", Name: "/home/ola/file.csv", Reads: reads, File: []byte(file)})
	if err != nil {
		p.Fatal(err)
	}
	if err := f.Check(p.Context(), p.shop.ID, which, s); err != nil {
		p.Fatal(err)
	}
	p.work(f, which, nil)
	return f, which
}

func (p *place) work(f *imports.Files, which id.Import, want error) *imports.Import {
	p.Helper()
	say := func(_ *loyalty.Shop, _ string, e imports.RowError) string { return e.Code }
	if _, err := f.Work(say)(p.Context(), store.Job{Shop: p.shop.ID, Kind: imports.ImportJob, Subject: which}); !errors.Is(err, want) {
		p.Fatal(err)
	}
	i, err := f.Import(p.Context(), p.shop.ID, which)
	if err != nil {
		p.Fatal(err)
	}
	return i
}

func (p *place) run(f *imports.Files, which id.Import) {
	p.Helper()
	if err := f.Run(p.Context(), p.shop.ID, which); err != nil {
		p.Fatal(err)
	}
}

var ofCagnotte = imports.Settings{As: "cagnotte", Separator: "comma", Encoding: "utf-8"}

// An import of the office that dies again and again is taken up where it stopped: everything is
// there once, and what it says of itself is what one whole run says. Its file is then gone.
func TestAnImportOfTheOfficeIsTakenUp(t *testing.T) {
	t.Parallel()
	const n = 2_600
	var members, balances strings.Builder
	members.WriteString("number,first_name,group\n")
	balances.WriteString("number,unit,amount\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&members, "%d,F%d,g%d\n", i, i, i%3)
		fmt.Fprintf(&balances, "%d,points,%d\n", i, i)
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		alive := p.People
		for _, x := range []struct{ reads, file string }{{imports.ReadsMembers, members.String()}, {imports.ReadsBalances, balances.String()}} {
			f, which := p.office(x.reads, x.reads, x.file, ofCagnotte)
			p.run(f, which)
			for deaths := 1; deaths <= 2; deaths++ {
				left := deaths
				p.Desk.People = dying{alive.(crowd), &left}
				if i := p.work(f, which, errDead); i.State != store.ImportRuns || i.Ended() {
					t.Fatalf("%s is %s", x.reads, i.State)
				}
			}
			p.Desk.People = alive
			i := p.work(f, which, nil)
			if s := i.Summary; i.State != store.ImportDone || s.Duplicates != 0 || s.Refused != 0 {
				t.Errorf("%s: %s %+v", x.reads, i.State, s)
			}
			switch s := i.Summary; {
			case x.reads == imports.ReadsMembers && (s.Joined != n || s.Labels != n || s.Recorded != 2*n):
				t.Errorf("members: %+v", s)
			case x.reads == imports.ReadsBalances && s.Units["points"].Given != n*(n+1)/2:
				t.Errorf("balances: %+v", s)
			}
			if b, err := st.ImportFile(t.Context(), p.shop.ID, which); err != nil || b != nil {
				t.Errorf("the file is still there: %d %v", len(b), err)
			}
		}
		had := fmt.Sprint(p.has())
		f, which := p.office("more", imports.ReadsBalances, "number,unit,amount,entry\n1,points,7,a\n2,points,-2,b\n", ofCagnotte)
		p.run(f, which)
		p.work(f, which, nil)
		if fmt.Sprint(p.has()) == had {
			t.Error("nothing changed")
		}
		if err := f.Undo(t.Context(), p.shop.ID, which); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second finds it done
			if i := p.work(f, which, nil); i.State != store.ImportUndone || i.Summary.Undone != 2 {
				t.Errorf("undone: %s %+v", i.State, i.Summary)
			}
		}
		if now := fmt.Sprint(p.has()); now != had {
			t.Errorf("the state before is not there again: %s, not %s", now, had)
		}
	})
}

// Who stops an import keeps what was recorded, and the file goes; a referrer whom somebody was given
// since stays when referrals are taken back.
func TestAnImportOfTheOfficeIsStoppedOrTakenBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		p.bring(imports.ReadsMembers, "number\n1\n2\n3\n4\n", imports.Options{})
		f, which := p.office("r", imports.ReadsReferrals, "referrer_number,friend_number\n1,2\n1,3\n", ofCagnotte)
		p.run(f, which)
		if i := p.work(f, which, nil); i.Summary.Bonds != 2 {
			t.Fatalf("%+v", i.Summary)
		}
		key := func(n string) loyalty.Who { return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: n}}} }
		other := &loyalty.Fact{
			Kind: loyalty.StaffBond, Feed: "office", ExternalID: "b", Via: "office", Origin: loyalty.FromStaff, Member: key("3"), Referrer: key("4"),
			Staff: &loyalty.Staff{Actor: "Ola", Reason: "he says so"},
		}
		if a, err := p.people.Record(t.Context(), p.shop.ID, other); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		if err := f.Undo(t.Context(), p.shop.ID, which); err != nil {
			t.Fatal(err)
		}
		if i := p.work(f, which, nil); i.Summary.Undone != 1 || i.Summary.Kept != 1 {
			t.Errorf("%+v", i.Summary)
		}
		f, which = p.office("s", imports.ReadsMembers, "number\n5\n", ofCagnotte)
		p.run(f, which)
		if err := f.Stop(t.Context(), p.shop.ID, which); err != nil {
			t.Fatal(err)
		}
		if i := p.work(f, which, nil); i.State != store.ImportStopped || !i.Ended() {
			t.Errorf("%s", i.State)
		}
	})
}

// The real file is known as what it is, by its columns alone, and gives what the command line gives.
func TestTheRealFileByTheOffice(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../testdata/online_retail_2010-12-01_to_15.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	shop, in := retailer(t, st), door(t, st)
	crowds := people.New(st, in, storetest.Box(t))
	p := &place{&imports.Desk{Store: st, Intake: in, Box: storetest.Box(t), People: crowd{crowds}}, t, shop, crowds}
	f := &imports.Files{Desk: p.Desk}
	which, err := f.Bring(t.Context(), p.shop.ID, imports.Brought{Once: "x", Actor: "Ola", Name: "retail.csv.gz", Reads: imports.ReadsOrders, File: b})
	if err != nil {
		t.Fatal(err)
	}
	i, err := f.Import(t.Context(), p.shop.ID, which)
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := f.Look(t.Context(), p.shop.ID, i, "", "")
	if err != nil || s.As != "online-retail" {
		t.Fatal(s, err)
	}
	if err := f.Check(t.Context(), p.shop.ID, which, *s); err != nil {
		t.Fatal(err)
	}
	if x := p.work(f, which, nil); x.Summary.Orders != 1249 || x.Summary.Refunds != 222 || x.Summary.Bought != 62907070 || x.State != store.ImportChecked {
		t.Errorf("%s %+v %v", x.State, x.Summary, x.Why)
	}
	p.run(f, which)
	if x := p.work(f, which, nil); x.Summary.Orders != 1249 || x.Summary.Recorded != 1471 || x.State != store.ImportDone {
		t.Errorf("%s %+v", x.State, x.Summary)
	}
}
