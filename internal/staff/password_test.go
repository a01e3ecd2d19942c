package staff_test

import (
	"runtime"
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What is a password and what is none (P7).
func TestPasswords(t *testing.T) {
	t.Parallel()
	s := staff.New(nil, storetest.Box(t))
	for password, code := range map[string]string{
		"":                                     "short_password",
		"a2c4e6g":                              "short_password",
		"éàùçîôû":                              "short_password", // seven, whatever their bytes
		"e\u0301e\u0301e\u0301e\u0301":         "short_password", // four letters in eight pieces
		"vy2 wq9k":                             "",
		"éàùçîôûâ":                             "",
		"zażółć gęślą jaźń":                    "",
		"      a lamp     ":                    "",
		"        ":                             "easy_password",
		"password":                             "easy_password",
		"Password1!":                           "easy_password",
		"12345678":                             "easy_password",
		"00000000000000000000":                 "easy_password",
		"abababababab":                         "easy_password",
		"qwertyuiop":                           "easy_password",
		"azertyuiop123":                        "easy_password",
		"motdepasse2026":                       "easy_password",
		"Haslo12345":                           "easy_password",
		"alicia.kaczmarek":                     "easy_password", // her address
		"Maison Lavande":                       "easy_password", // the shop
		"maisonlavande2026":                    "easy_password",
		"maison lavande in the morning":        "",
		strings.Repeat("correct horse ", 5):    "",
		strings.Repeat("🐎🔋📎", 21) + "x":        "", // 64 characters of four bytes each fit
		strings.Repeat("0123456789abcdef", 16): "",
		strings.Repeat("0123456789abcdef", 16) + "x": "too_long",
		"a broken \xff one":                          "too_long",
	} {
		b := &bench{T: t}
		n := staff.Newcomer{Name: "Alicia", Email: "Alicia.Kaczmarek@example.com", Role: staff.Owner}
		err := s.CheckNew(n, password, "Maison Lavande")
		b.wants(err, code)
		if t.Failed() {
			t.Fatalf("that was %q", password)
		}
	}
}

// Nothing is cut off, spaces count, and letters with accents are the same in one piece or two.
func TestAPasswordIsTheWholeOfIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		long := strings.Repeat("0123456789abcde ", 15) // 240 bytes
		for _, c := range []struct{ email, is, other string }{
			{"long@example.com", long + "end", long + "enD"},
			{"space@example.com", " a lamp on a shelf ", "a lamp on a shelf"},
			{"case@example.com", "Żółta łódź podwodna", "żółta łódź podwodna"},
		} {
			_, token, err := b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "X", Email: c.email, Role: staff.Support})
			b.do(err)
			_, err = b.staff.Accept(t.Context(), b.shop, token, c.is, "pl")
			b.do(err)
			_, err = b.staff.SignIn(t.Context(), b.shop.ID, c.email, c.other, place)
			b.wants(err, "password_wrong")
			_, err = b.staff.SignIn(t.Context(), b.shop.ID, strings.ToUpper(c.email), c.is, place)
			b.wants(err, "")
		}
		apart := strings.NewReplacer("Ż", "Z\u0307", "ó", "o\u0301", "ź", "z\u0301").Replace("Żółta łódź podwodna")
		_, err := b.staff.SignIn(t.Context(), b.shop.ID, "case@example.com", apart, place)
		b.wants(err, "")
		all, err := st.AllStaff(t.Context(), b.shop.ID)
		b.do(err)
		for _, row := range all {
			if !strings.HasPrefix(row.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("stored as %.40s", row.Password)
			}
		}
	})
}

// Wrong passwords slow down, each one more, and never lock somebody out for good (P7).
func TestWrongPasswordsSlowDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		x := b.somebody(email, staff.Owner)
		var wait, longest moment.Time
		for n := range 18 {
			_, err := b.staff.SignIn(t.Context(), b.shop.ID, email, "not this one", place)
			b.wants(err, "password_wrong")
			next := b.waits(x, place)
			if next < wait || n >= 5 && next == 0 {
				t.Errorf("wrong try %d waits %v after %v", n+1, next, wait)
			}
			wait, longest = next, max(longest, next)
			if next == 0 {
				continue
			}
			if n == 17 {
				_, err = b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
				b.wants(err, "password_wrong") // even the right one, and the answer is the same
			}
			b.pass(next)
		}
		if longest != 15*moment.Minute {
			t.Errorf("the longest wait is %v", longest)
		}
		_, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
		b.wants(err, "")
	})
}

// Who asks cannot tell whether there is such an account, nor whether it waits: the answer is
// the same, and each takes a slow hash.
func TestWhoHasAnAccountIsNotTold(t *testing.T) { // not parallel: it counts what is allocated
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		b.somebody("boss@example.com", staff.Owner)
		b.somebody("late@example.com", staff.Owner)
		_, _, err := b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "X", Email: "invited@example.com", Role: staff.Support})
		b.do(err)
		for range 6 {
			_, _ = b.staff.SignIn(t.Context(), b.shop.ID, "late@example.com", "not this one", place) // it waits from now on
		}
		for _, c := range []struct {
			shop  bool
			email string
		}{{true, "boss@example.com"}, {true, "nobody@example.com"}, {true, "late@example.com"}, {true, "invited@example.com"}, {false, "boss@example.com"}} {
			shop := b.shop.ID
			if !c.shop {
				shop = 0
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := b.staff.SignIn(t.Context(), shop, c.email, "another one", place)
			runtime.ReadMemStats(&after)
			b.wants(err, "password_wrong")
			if work := after.TotalAlloc - before.TotalAlloc; work < 19<<20 {
				t.Errorf("%v: answered after %d bytes of work: no slow hash", c, work)
			}
		}
	})
}
