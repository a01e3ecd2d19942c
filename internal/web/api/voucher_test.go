package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
)

const bonus = `program "Bonus"
  used: earn 20 points on voucher use
`

// A shop issues codes, a till asks about one, uses it, gives the use back; staff withdraws it.
func TestVouchersFromTheirIssueToTheirEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(bonus)
		s.want(200, "POST", "/v1/members", `{"id":"j","number":"A"}`)
		issue := `{"name":"Autumn","origin":"generated","count":250,"terms":{"kind":"cash","amount":500,"minimum":2000}}`
		tried := s.want(201, "POST", "/v1/voucher-batches?dry_run=true", issue)
		if _, there := tried["id"]; there || tried["size"] != json.Number("250") {
			t.Errorf("a dry run: %v", tried)
		}
		b := s.want(201, "POST", "/v1/voucher-batches", issue, "Idempotency-Key", "autumn")
		if again := s.want(201, "POST", "/v1/voucher-batches", issue, "Idempotency-Key", "autumn"); again["id"] != b["id"] {
			t.Errorf("the same request again made another batch: %v", again)
		}
		if p := s.want(409, "POST", "/v1/voucher-batches", issue); p["code"] != "batch_exists" || p["field"] != "name" {
			t.Errorf("a name twice: %v", p)
		}
		path := "/v1/voucher-batches/" + text(t, b, "id")
		var codes []string
		for query := "?limit=100"; ; {
			page := s.want(200, "GET", path+"/codes"+query, "")
			for _, v := range page["data"].([]any) {
				codes = append(codes, text(t, v, "code"))
			}
			if page["has_more"] != true {
				break
			}
			query = "?limit=100&starting_after=" + text(t, page, "next_cursor")
		}
		if len(codes) != 250 {
			t.Fatalf("%d codes are listed", len(codes))
		}
		typed := strings.ToLower(codes[0][:9]) + "-" + codes[0][9:]
		if a := s.want(200, "POST", "/v1/vouchers/validate", `{"code":"`+typed+`","member":{"number":"A"}}`); a["usable"] != true ||
			text(t, dig(t, a, "voucher"), "form") != codes[0] || dig(t, a, "voucher", "terms", "minimum") != json.Number("2000") {
			t.Errorf("validated: %v", a)
		}
		used := s.want(200, "POST", "/v1/vouchers/redemptions", `{"id":"r1","code":"`+typed+`","member":{"number":"A"}}`)
		if a := s.want(200, "POST", "/v1/vouchers/validate", `{"code":"`+typed+`"}`); a["usable"] != false || a["reason"] != "CODE_USED" {
			t.Errorf("validated after its use: %v", a)
		}
		if p := s.want(409, "POST", "/v1/vouchers/redemptions", `{"id":"r2","code":"`+typed+`"}`); p["code"] != "CODE_USED" || p["field"] != "code" {
			t.Errorf("used twice: %v", p)
		}
		figures := func(issued, used, uses, left int) {
			t.Helper()
			got := fmt.Sprint(dig(t, s.want(200, "GET", path, ""), "figures"))
			if want := fmt.Sprintf("map[issued:%d left:%d used:%d uses:%d]", issued, left, used, uses); got != want {
				t.Errorf("figures are %s, want %s", got, want)
			}
		}
		figures(250, 1, 1, 249)
		if p := s.want(404, "POST", "/v1/vouchers/redemptions/evt_0000000000000000000000000g/release", `{"id":"x"}`); p["code"] != "redemption_unknown" || p["field"] != "event_id" {
			t.Errorf("nothing was given back: %v", p)
		}
		back := s.want(200, "POST", "/v1/vouchers/redemptions/"+text(t, used, "id")+"/release", `{"id":"b1"}`)
		if n := len(back["decisions"].([]any)); n != 2 {
			t.Errorf("given back, with its points: %v", back)
		}
		if p := s.want(409, "POST", "/v1/vouchers/redemptions/"+text(t, used, "id")+"/release", `{"id":"b2"}`); p["code"] != "NOT_REVERSIBLE" {
			t.Errorf("given back twice: %v", p)
		}
		figures(250, 0, 0, 250)
		v := s.want(200, "GET", "/v1/vouchers/"+codes[0], "")
		if dig(t, v, "uses", 0, "given_back") != true || v["used"] != json.Number("0") {
			t.Errorf("the voucher: %v", v)
		}
		s.want(200, "POST", "/v1/vouchers/withdrawals", `{"id":"w1","code":"`+codes[1]+`","actor":"anna","reason":"lost"}`)
		if p := s.want(409, "POST", "/v1/vouchers/withdrawals", `{"id":"w2","code":"`+codes[1]+`","actor":"anna","reason":"lost"}`); p["code"] != "voucher_withdrawn" {
			t.Errorf("withdrawn twice: %v", p)
		}
		if a := s.want(200, "POST", "/v1/vouchers/validate", `{"code":"`+codes[1]+`"}`); a["usable"] != false || a["reason"] != "CODE_UNKNOWN" {
			t.Errorf("validated after its withdrawal: %v", a)
		}
		figures(250, 0, 0, 249)
		gone := s.want(200, "POST", path+"/withdraw", `{"actor":"anna","reason":"printed twice"}`)
		if gone["withdrawn_by"] != "anna" || text(t, gone, "withdrawn_at") == "" {
			t.Errorf("withdrawn: %v", gone)
		}
		if p := s.want(404, "GET", "/v1/voucher-batches/vbt_0000000000000000000000000g/codes", ""); p["code"] != "batch_unknown" {
			t.Errorf("no batch: %v", p)
		}
		if p := s.want(404, "GET", "/v1/vouchers/SPRING", ""); p["code"] != "voucher_unknown" {
			t.Errorf("no voucher: %v", p)
		}
	})
}

// Codes that the shop chose or imported are found as people type them; mistakes of a list
// are told by their place.
func TestChosenAndImportedCodes(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	s.publish(bonus)
	s.want(201, "POST", "/v1/voucher-batches", `{"name":"Spring","origin":"chosen","codes":["Święta-2026"],"terms":{"kind":"special","percent":1000,"uses":0}}`)
	s.want(201, "POST", "/v1/voucher-batches", `{"name":"Old","origin":"imported","codes":["OLD-1","K7QW3RTY"],"terms":{"kind":"cash","amount":500}}`)
	for _, typed := range []string{"święta 2o26", "old1", "OLDI", "k7qw-3rty"} {
		if a := s.want(200, "POST", "/v1/vouchers/validate", `{"code":"`+typed+`"}`); a["usable"] != true {
			t.Errorf("%s: %v", typed, a)
		}
	}
	list := s.want(200, "GET", "/v1/voucher-batches", "")
	if got := text(t, dig(t, list, "data", 1), "name"); got != "Spring" {
		t.Errorf("the older batch is %q", got)
	}
	if v := s.want(200, "GET", "/v1/vouchers/%C5%9Bwi%C4%99ta-2026", ""); v["code"] != "Święta-2026" || v["form"] != "ŚWIĘTA2O26" {
		t.Errorf("as it was written, and its form: %v", v)
	}
}

// A bound code stands in its owner's wallet as it was written, until its batch is withdrawn.
func TestABoundCodeInTheWallet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(bonus)
		anna := text(t, s.want(200, "POST", "/v1/members", `{"id":"j","number":"A"}`), "member")
		b := s.want(201, "POST", "/v1/voucher-batches",
			`{"name":"Annas","origin":"chosen","codes":["Anna-01"],"member":{"number":"A"},"terms":{"kind":"cash","amount":500}}`)
		if b["member"] != anna {
			t.Errorf("bound to %v", b["member"])
		}
		later := "/v1/members/" + anna + "/wallet?at=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		if got := dig(t, s.want(200, "GET", later, ""), "vouchers", 0, "code"); got != "Anna-01" {
			t.Errorf("in the wallet it is %v", got)
		}
		s.want(200, "POST", "/v1/voucher-batches/"+text(t, b, "id")+"/withdraw", `{"actor":"eva","reason":"a mistake"}`)
		if n := len(s.want(200, "GET", "/v1/members/"+anna+"/wallet", "")["vouchers"].([]any)); n != 1 {
			t.Errorf("it holds for ten seconds more, %d are there", n)
		}
		if n := len(s.want(200, "GET", later, "")["vouchers"].([]any)); n != 0 {
			t.Errorf("%d are there in an hour", n)
		}
	})
}

// Wrong codes use up a budget; the client who guesses waits, others do not, and a right code
// costs nothing.
func TestWhoGuessesCodesWaits(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	s.publish(bonus)
	s.want(201, "POST", "/v1/voucher-batches", `{"name":"Spring","origin":"chosen","codes":["SPRING"],"terms":{"kind":"special","percent":1000,"uses":0}}`)
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s.limits = web.NewLimiter(web.Limits{Guesses: web.Guesses{Key: web.Rate{PerSecond: 1, Burst: 5}, Client: 2}}, func() time.Time { return now })
	s.mount()
	ask := func(code, client string) int {
		return s.send("POST", "/v1/vouchers/validate", `{"code":"`+code+`","client":"`+client+`"}`).status
	}
	for range 20 {
		if got := ask("SPRING", "anna"); got != 200 {
			t.Fatalf("a right code: %d", got)
		}
	}
	for i, want := range []int{200, 200, 429, 429} {
		if got := ask("K7QW3RTY", "mallory"); got != want {
			t.Errorf("guess %d: %d, want %d", i, got, want)
		}
	}
	if got := ask("SPRING", "mallory"); got != 429 {
		t.Errorf("who guessed comes with a right code: %d", got)
	}
	if got := ask("SPRING", "anna"); got != 200 {
		t.Errorf("somebody else: %d", got)
	}
	// Unnamed clients share what the key has.
	statuses := ""
	for i := range 5 {
		statuses += fmt.Sprint(s.send("POST", "/v1/vouchers/redemptions", fmt.Sprintf(`{"id":"g%d","code":"NOSUCH%d"}`, i, i)).status, " ")
	}
	if statuses != "409 409 409 429 429 " {
		t.Errorf("guesses by using codes: %s", statuses)
	}
	if got := ask("SPRING", "bela"); got != 200 {
		t.Errorf("a client who was never wrong: %d", got)
	}
	if got := s.send("GET", "/v1/vouchers/SPRING", "").status; got != 429 {
		t.Errorf("the key itself: %d", got)
	}
	now = now.Add(5 * time.Minute)
	if got := ask("SPRING", "mallory"); got != 200 {
		t.Errorf("five minutes later: %d", got)
	}
}
