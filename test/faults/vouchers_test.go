package faults

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var (
	qUsedOf = store.New("faults.vouchers.used", `SELECT v.used FROM vouchers v WHERE v.shop_id = $1 AND v.code = $2`)
	qUses   = store.New("faults.voucher_uses", `SELECT COUNT(*) FROM voucher_uses u WHERE u.shop_id = $1`)
)

// codes issues vouchers of one kind for whoever has them.
func codes(t *testing.T, st *store.Store, shop loyalty.ShopID, name string, n int, uses int64) []string {
	t.Helper()
	b := &store.VoucherBatch{
		ID: id.Mint[id.VouchersKind](int64(st.Clock()), [8]byte{1: byte(n), 2: byte(uses), 3: name[0]}), Name: name, Origin: loyalty.CodesImported,
		Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Amount: 500, Uses: uses}, Size: int64(n), CreatedAt: st.Clock(),
	}
	var list []store.IssuedCode
	var out []string
	for i := range n {
		code := fmt.Sprintf("%s%06d", name, i)
		code = loyalty.TypedCode(code)
		list = append(list, store.IssuedCode{ID: id.Nth[id.VoucherKind](b.ID, i+1), Code: code})
		out = append(out, code)
	}
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertVoucherBatch(t.Context(), shop, b); err != nil {
			return err
		}
		return tx.IssueVouchers(t.Context(), shop, b, list)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// doors are two intakes, as two processes have them, that have worked before: a cold pool
// would let one come after the other.
func doors(t *testing.T, st *store.Store, shop loyalty.ShopID) []*intake.Intake {
	t.Helper()
	out := make([]*intake.Intake, 2)
	for k := range out {
		in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{Queue: 32_768})
		t.Cleanup(in.Close)
		out[k] = in
		warm := codes(t, st, shop, fmt.Sprintf("%cWARM", 'A'+k), 64, 1)
		if taken, refused := redeemed(t, shop, out[k:k+1], warm, 1, fmt.Sprint("warm", k)); taken != 64 || refused != 0 {
			t.Fatalf("warming up: %d of 64 were taken", taken)
		}
	}
	return out
}

// inFlight is how many redemptions are under way at once.
const inFlight = 4_096

// redeemed lets every code be used by so many at the same time, through all doors.
func redeemed(t *testing.T, shop loyalty.ShopID, doors []*intake.Intake, list []string, times int, name string) (taken, refused int64) {
	t.Helper()
	var ok, no atomic.Int64
	var group sync.WaitGroup
	slots := make(chan struct{}, inFlight)
	for i, code := range list {
		for k := range times {
			slots <- struct{}{}
			group.Go(func() {
				defer func() { <-slots }()
				in := doors[(i+k)%len(doors)]
				f := &loyalty.Fact{
					Kind: loyalty.VoucherRedeemed, Feed: "till", ExternalID: fmt.Sprintf("%s-%s-%d", name, code, k), Via: "api",
					Origin: loyalty.FromLive, OccurredAt: now(t, in, shop), Use: &loyalty.Use{Code: code},
				}
				got, err := in.Record(t.Context(), shop, f)
				if err == nil {
					err = got[0].Err
				}
				problem, _ := errors.AsType[*loyalty.Problem](err)
				switch {
				case err == nil:
					ok.Add(1)
				case problem != nil && problem.Code == string(loyalty.CodeUsed):
					no.Add(1)
				default:
					t.Errorf("%s: %v", f.ExternalID, err)
				}
			})
		}
	}
	group.Wait()
	return ok.Load(), no.Load()
}

func now(t *testing.T, in *intake.Intake, shop loyalty.ShopID) moment.Time {
	t.Helper()
	s, _, err := in.Book(t.Context(), shop)
	if err != nil {
		t.Error(err)
		return 0
	}
	return in.Now(s)
}

// A code is used exactly as often as it may be, whatever runs in parallel in two processes:
// a thousand codes by 64 each, one code by 10,000, and codes for 1, 2, 7 and 100 uses.
func TestManyRedemptionsOfOneCode(t *testing.T) {
	const each, of, crowd = 1_000, 64, 10_000
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, simple)
		both := doors(t, st, s.ID)
		want := count(t, st, qUses, int64(s.ID))
		check := func(name string, n, times int, uses int64) {
			list := codes(t, st, s.ID, name, n, uses)
			taken, refused := redeemed(t, s.ID, both, list, times, name)
			if taken != int64(n)*uses || refused != int64(n*times)-taken {
				t.Errorf("%d codes for %d uses were used %d times by %d each; %d were refused", n, uses, taken, times, refused)
			}
			for _, code := range list {
				if used := count(t, st, qUsedOf, int64(s.ID), code); used != uses {
					t.Fatalf("%s was used %d times, want %d", code, used, uses)
				}
			}
			want += int64(n) * uses
		}
		check("EACH", each, of, 1)
		check("CROWD", 1, crowd, 1)
		for _, uses := range []int64{1, 2, 7, 100} {
			check(fmt.Sprintf("N%d", uses), 3, max(of, int(3*uses)), uses)
		}
		if got := count(t, st, qUses, int64(s.ID)); got != want {
			t.Errorf("%d uses are written down, want %d", got, want)
		}
	})
}
