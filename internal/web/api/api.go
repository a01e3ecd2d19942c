// Package api is the interface for the shop's own developers: JSON under /v1, for keys
// that reach one shop each. Every operation is mounted in one place with the Go types that
// it reads and writes; the OpenAPI document, the strict decoding and the answers come from
// the same types.
//
// huma makes the schemas and the document. It does not decode: bodies hold money, and are
// refused at the first thing that is not exactly what the schema says, with one problem
// that names field and code and repeats nothing of the input.
package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"cagnotte/internal/checkout"
	"cagnotte/internal/feed"
	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/rewards"
	"cagnotte/internal/signin"
	"cagnotte/internal/web"
)

// Services is what the API needs.
type Services struct {
	Edge      *web.Edge
	Log       *slog.Logger
	Office    *office.Office
	People    *people.People
	Referrals *referral.Referrals
	Programs  *programs.Programs
	Checkout  *checkout.Checkout
	Gifts     *gifts.Gifts
	Insight   *insight.Insight
	Rewards   *rewards.Rewards
	SignIn    *signin.SignIn
	Pages     *pages.Pages
	Feed      *feed.Feed   // nil: nothing is noted
	Limits    *web.Limiter // nil: none
	Version   string
}

// API is the mounted interface.
type API struct {
	edge      *web.Edge
	log       *slog.Logger
	office    *office.Office
	people    *people.People
	referrals *referral.Referrals
	programs  *programs.Programs
	checkout  *checkout.Checkout
	gifts     *gifts.Gifts
	insight   *insight.Insight
	rewards   *rewards.Rewards
	signin    *signin.SignIn
	pages     *pages.Pages
	feed      *feed.Feed
	limits    *web.Limiter
	mux       web.Mux
	doc       *huma.OpenAPI
}

// Mount gives the routes of the API, for web.New.
func Mount(s Services) web.Mount {
	return func(mux web.Mux) {
		a := &API{edge: s.Edge, log: s.Log, office: s.Office, people: s.People, referrals: s.Referrals, programs: s.Programs, checkout: s.Checkout, gifts: s.Gifts, insight: s.Insight, rewards: s.Rewards, signin: s.SignIn, pages: s.Pages, feed: s.Feed, limits: s.Limits, mux: mux, doc: newDocument(s.Version)}
		a.routes()
		body, err := json.Marshal(a.doc)
		if err != nil {
			panic(fmt.Sprintf("api: the OpenAPI document: %v", err)) // it holds plain values
		}
		mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body) // a caller who is gone needs no answer
		})
	}
}

// OpenAPI is the document alone, without a database behind it.
func OpenAPI(version string) ([]byte, error) {
	a := &API{mux: http.NewServeMux(), doc: newDocument(version)}
	a.routes()
	return json.MarshalIndent(a.doc, "", "  ")
}

// routes is the list of everything that the API does.
func (a *API) routes() {
	read, facts := office.ScopeRead, office.ScopeFacts

	// Shops
	mount(a, operation{
		method: "POST", path: "/v1/shops", id: "create-shop", summary: "Make a shop and its test twin",
		scope: office.ScopeShops, status: http.StatusCreated,
	}, a.createShop)
	mount(a, operation{method: "GET", path: "/v1/shop", id: "shop", summary: "The shop of this key", scope: read}, a.showShop)
	mount(a, operation{
		method: "POST", path: "/v1/shop/clock", id: "set-clock", summary: "Move the test shop's clock", scope: office.ScopeSettings,
	}, a.setClock)
	mount(a, operation{
		method: "PUT", path: "/v1/shop/outbox", id: "set-outbox", summary: "Say which notices to keep", scope: office.ScopeSettings,
	}, a.setOutbox)
	mount(a, operation{method: "GET", path: "/v1/portal", id: "portal", summary: "How the shop shows itself to its members", scope: office.ScopeSettings}, a.portal)
	mount(a, operation{
		method: "PUT", path: "/v1/portal", id: "put-portal", summary: "Change how the shop shows itself to its members", scope: office.ScopeSettings,
	}, a.putPortal)
	mount(a, operation{
		method: "GET", path: "/v1/portal/placements", id: "placements", summary: "Snippets that lead from the shop's pages and mails to its portal", scope: read,
	}, a.placements)
	mount(a, operation{method: "GET", path: "/v1/outbox", id: "outbox", summary: "What happened to members", scope: read}, a.outbox)
	a.officeRoutes()
	a.pageRoutes()

	// Members
	mount(a, operation{method: "POST", path: "/v1/members", id: "enrol-member", summary: "Somebody joins", scope: facts}, a.enrol)
	mount(a, operation{method: "GET", path: "/v1/members", id: "members", summary: "Find a member, or list all", scope: read}, a.members)
	mount(a, operation{method: "GET", path: "/v1/members/{id}", id: "member", summary: "One member", scope: read}, a.member)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/wallet", id: "wallet", summary: "What a member has", scope: read,
	}, a.wallet)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/receipts", id: "member-receipts", summary: "Why a member has it", scope: read,
	}, a.memberReceipts)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/transactions", id: "transactions", summary: "What moved in a member's wallet", scope: read,
	}, a.transactions)

	mount(a, operation{
		method: "GET", path: "/v1/sightings", id: "sightings", summary: "What browsers told on the shop's pages, and what is missing", scope: read,
	}, a.sightings)
	a.memberRoutes()
	a.referralRoutes()
	a.claimRoutes()
	a.voucherRoutes()
	a.cartRoutes()
	a.giftRoutes()
	mount(a, operation{
		method: "POST", path: "/v1/programs/backtest", id: "backtest", summary: "Try programs over the orders of the past; nothing is stored",
		scope: office.ScopePrograms, asks: true,
	}, a.backtest)

	// Facts
	mount(a, operation{
		method: "POST", path: "/v1/events", id: "record-events", summary: "Report 1 to 1,000 facts", scope: facts, limit: 8 << 20,
	}, a.recordEvents)
	mount(a, operation{method: "GET", path: "/v1/events/{id}", id: "event", summary: "One recorded fact", scope: read}, a.event)
	mount(a, operation{method: "POST", path: "/v1/orders", id: "record-order", summary: "Report an order", scope: facts}, a.recordOrder)
	mount(a, operation{method: "GET", path: "/v1/orders", id: "orders", summary: "Find an order by its number", scope: read}, a.orders)
	mount(a, operation{method: "GET", path: "/v1/orders/{id}", id: "order", summary: "One order", scope: read}, a.order)
	mount(a, operation{method: "POST", path: "/v1/refunds", id: "record-refund", summary: "Report a return", scope: facts}, a.recordRefund)
	mount(a, operation{
		method: "GET", path: "/v1/receipts/{event_id}", id: "receipt", summary: "What an event led to, in words and figures", scope: read,
	}, a.receipt)

	a.programRoutes()
}

// programRoutes are what the shop runs.
func (a *API) programRoutes() {
	read, programs := office.ScopeRead, office.ScopePrograms
	mount(a, operation{
		method: "POST", path: "/v1/programs", id: "apply-programs", summary: "Publish programs from a text or documents", scope: programs,
	}, a.applyPrograms)
	mount(a, operation{method: "GET", path: "/v1/programs", id: "programs", summary: "All programs", scope: read}, a.listPrograms)
	mount(a, operation{method: "GET", path: "/v1/programs/{id}", id: "program", summary: "One program with its versions", scope: read}, a.program)
	mount(a, operation{
		method: "GET", path: "/v1/programs/{id}/summary", id: "program-summary", summary: "A program on one page, and what a version changes",
		scope: read,
	}, a.summary)
	mount(a, operation{
		method: "POST", path: "/v1/programs/{id}/versions", id: "add-version", summary: "Publish a program's next version", scope: programs,
	}, a.addVersion)
	mount(a, operation{
		method: "POST", path: "/v1/programs/{id}/versions/{version}/withdraw", id: "withdraw-version",
		summary: "Take a version back before it begins", scope: programs,
	}, a.withdrawVersion)
	mount(a, operation{
		method: "GET", path: "/v1/programs/{id}/difference", id: "program-difference", summary: "What changes between two versions", scope: read,
	}, a.programDifference)
	mount(a, operation{
		method: "POST", path: "/v1/programs/{id}/copy", id: "copy-program", summary: "A new program that says the same", scope: programs,
	}, a.copyProgram)
	mount(a, operation{
		method: "POST", path: "/v1/programs/{id}/pause", id: "pause-program", summary: "A program gives nothing for a time", scope: programs,
	}, a.pauseProgram)
	mount(a, operation{
		method: "POST", path: "/v1/programs/{id}/activate", id: "activate-program", summary: "A paused program gives again", scope: programs,
	}, a.activateProgram)
	a.draftRoutes()
}

// draftRoutes are programs that somebody is still writing.
func (a *API) draftRoutes() {
	read, programs, path := office.ScopeRead, office.ScopePrograms, "/v1/program-drafts"
	mount(a, operation{method: "GET", path: path, id: "program-drafts", summary: "All drafts of programs", scope: read}, a.listDrafts)
	mount(a, operation{
		method: "POST", path: path, id: "create-program-draft", summary: "Begin a draft: of a new program, or of a next version", scope: programs,
		status: http.StatusCreated,
	}, a.createDraft)
	path += "/{id}"
	mount(a, operation{method: "GET", path: path, id: "program-draft", summary: "One draft, with what stands against publishing it", scope: read}, a.draft)
	mount(a, operation{method: "PUT", path: path, id: "put-program-draft", summary: "Write a draft anew", scope: programs}, a.changeDraft)
	mount(a, operation{method: "DELETE", path: path, id: "remove-program-draft", summary: "Throw a draft away", scope: programs}, a.removeDraft)
	mount(a, operation{
		method: "GET", path: path + "/difference", id: "program-draft-difference", summary: "What a draft would change", scope: read,
	}, a.draftDifference)
	mount(a, operation{
		method: "POST", path: path + "/publish", id: "publish-program-draft", summary: "Publish a draft, now or at a time", scope: programs,
	}, a.publishDraft)
}

// memberRoutes are what staff does about a member, and what he does with what he has.
func (a *API) memberRoutes() {
	facts := office.ScopeFacts
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/code", id: "member-code", summary: "The code that a member shares", scope: office.ScopeRead,
	}, a.memberCode)
	mount(a, operation{
		method: "POST", path: "/v1/members/{id}/till-code", id: "till-code", summary: "A code by which a member at the till proves himself in the portal",
		scope: facts, status: http.StatusCreated,
	}, a.tillCode)
	mount(a, operation{method: "POST", path: "/v1/members/{id}/merge", id: "merge-member", summary: "Two members are one", scope: facts}, a.merge)
	mount(a, operation{method: "POST", path: "/v1/members/{id}/block", id: "block-member", summary: "A member earns and spends nothing", scope: facts}, a.block)
	mount(a, operation{method: "POST", path: "/v1/members/{id}/unblock", id: "unblock-member", summary: "A blocked member goes on", scope: facts}, a.unblock)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/consents", id: "member-consents", summary: "What a member agreed to be reached for", scope: office.ScopeRead,
	}, a.memberConsents)
	mount(a, operation{
		method: "GET", path: "/v1/member-fields", id: "member-fields", summary: "The shop's own fields of members", scope: office.ScopeRead,
	}, a.customFields)
	mount(a, operation{
		method: "PUT", path: "/v1/members/{id}/fields", id: "set-fields", summary: "Say what a member has in the shop's own fields", scope: facts,
	}, a.setFields)
	mount(a, operation{method: "PUT", path: "/v1/members/{id}/group", id: "set-group", summary: "Put a member into a group", scope: facts}, a.setGroup)
	mount(a, operation{method: "POST", path: "/v1/members/{id}/tags", id: "tag-member", summary: "Give and take a member's tags", scope: facts}, a.tag)
	mount(a, operation{
		method: "POST", path: "/v1/members/{id}/adjustments", id: "adjust-member", summary: "Give or take value by hand", scope: facts,
	}, a.adjust)
	mount(a, operation{
		method: "POST", path: "/v1/members/{id}/exchanges", id: "exchange", summary: "A member asks for an exchange", scope: facts,
	}, a.exchange)
	mount(a, operation{method: "POST", path: "/v1/transfers", id: "transfer", summary: "A member gives value to another", scope: facts}, a.transfer)
}

// referralRoutes are who sent whom.
func (a *API) referralRoutes() {
	read, facts := office.ScopeRead, office.ScopeFacts
	mount(a, operation{method: "GET", path: "/v1/referrals", id: "referrals", summary: "Who sent whom", scope: read}, a.listReferrals)
	mount(a, operation{
		method: "POST", path: "/v1/referrals", id: "bond", summary: "Say who recommended somebody, a member or not yet", scope: facts,
	}, a.bond)
	mount(a, operation{method: "GET", path: "/v1/referrals/{id}", id: "referral", summary: "One referral", scope: read}, a.referral)
	mount(a, operation{
		method: "POST", path: "/v1/referrals/{id}/review", id: "review-referral", summary: "Accept or refuse a flagged referral", scope: facts,
	}, a.review)
	mount(a, operation{
		method: "PUT", path: "/v1/members/{id}/referrer", id: "set-referrer", summary: "Change who recommended a member", scope: facts,
	}, a.setReferrer)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/referrals", id: "friends", summary: "A member's friends", scope: read,
	}, a.friends)
	mount(a, operation{method: "POST", path: "/v1/clicks", id: "record-click", summary: "A browser followed a member's link", scope: facts}, a.click)
	mount(a, operation{method: "POST", path: "/v1/invitations", id: "invite", summary: "A member invited a friend", scope: facts}, a.invite)
}

// claimRoutes are gifts, choices and vouchers.
func (a *API) claimRoutes() {
	read, facts := office.ScopeRead, office.ScopeFacts
	mount(a, operation{method: "GET", path: "/v1/claims", id: "claims", summary: "Gifts and choices in one state", scope: read}, a.claims)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/claims", id: "member-claims", summary: "A member's gifts and choices", scope: read,
	}, a.memberClaims)
	mount(a, operation{
		method: "POST", path: "/v1/claims/{reward_id}/choice", id: "choose", summary: "A member chose his reward", scope: facts,
	}, a.choose)
	mount(a, operation{
		method: "POST", path: "/v1/claims/{reward_id}/fulfilment", id: "fulfil", summary: "A gift was sent or handed over", scope: facts,
	}, a.fulfil)
}

// voucherRoutes are vouchers beyond those that rewards give, and the use of any.
func (a *API) voucherRoutes() {
	read, facts, programs := office.ScopeRead, office.ScopeFacts, office.ScopePrograms
	mount(a, operation{
		method: "POST", path: "/v1/voucher-batches", id: "issue-vouchers", summary: "Issue vouchers: made here, one chosen code, or imported codes",
		scope: programs, status: http.StatusCreated, limit: 8 << 20,
	}, a.issueVouchers)
	mount(a, operation{method: "GET", path: "/v1/voucher-batches", id: "voucher-batches", summary: "Batches of vouchers", scope: read}, a.voucherBatches)
	mount(a, operation{
		method: "GET", path: "/v1/voucher-batches/{id}", id: "voucher-batch", summary: "One batch with its figures", scope: read,
	}, a.voucherBatch)
	mount(a, operation{
		method: "GET", path: "/v1/voucher-batches/{id}/codes", id: "voucher-codes", summary: "The codes of a batch", scope: programs,
	}, a.voucherCodes)
	mount(a, operation{
		method: "POST", path: "/v1/voucher-batches/{id}/withdraw", id: "withdraw-vouchers", summary: "Nobody can use a batch any more", scope: programs,
	}, a.withdrawVouchers)
	mount(a, operation{
		method: "POST", path: "/v1/vouchers/validate", id: "validate-voucher", summary: "Whether a code can be used now, and why not", scope: read,
	}, a.validateVoucher)
	mount(a, operation{method: "GET", path: "/v1/vouchers/{code}", id: "voucher", summary: "One voucher", scope: read}, a.voucher)
	mount(a, operation{
		method: "POST", path: "/v1/vouchers/withdrawals", id: "withdraw-voucher", summary: "Nobody can use a code of a batch any more", scope: facts,
	}, a.withdrawVoucher)
	mount(a, operation{
		method: "POST", path: "/v1/vouchers/redemptions", id: "redeem-voucher", summary: "A voucher was used", scope: facts,
	}, a.redeem)
	mount(a, operation{
		method: "POST", path: "/v1/vouchers/redemptions/{event_id}/release", id: "release-voucher", summary: "Give a use of a voucher back",
		scope: facts,
	}, a.releaseVoucher)
}

// giftRoutes are the catalogue, claims of it, and pools of codes.
func (a *API) giftRoutes() {
	read, facts, programs := office.ScopeRead, office.ScopeFacts, office.ScopePrograms
	mount(a, operation{method: "GET", path: "/v1/gifts", id: "gifts", summary: "The catalogue of gifts", scope: read}, a.listGifts)
	mount(a, operation{method: "GET", path: "/v1/gifts/{code}", id: "gift", summary: "One gift", scope: read}, a.gift)
	mount(a, operation{
		method: "PUT", path: "/v1/gifts/{code}", id: "put-gift", summary: "Put a gift into the catalogue, or change it", scope: programs,
	}, a.putGift)
	mount(a, operation{
		method: "POST", path: "/v1/gifts/{code}/stock", id: "stock-gift", summary: "Put pieces in stock, or take them out", scope: programs,
	}, a.stockGift)
	mount(a, operation{
		method: "GET", path: "/v1/members/{id}/gifts", id: "member-gifts", summary: "What a member may ask for, and what is lacking", scope: read,
	}, a.memberGifts)
	mount(a, operation{
		method: "POST", path: "/v1/members/{id}/gift-claims", id: "claim-gifts", summary: "A member asks for gifts", scope: facts,
	}, a.claimGifts)
	mount(a, operation{method: "GET", path: "/v1/claims/due", id: "due-for-gift", summary: "Who has reached so much and has no gift yet", scope: read}, a.dueForGift)
	mount(a, operation{method: "GET", path: "/v1/claims/{reward_id}", id: "claim", summary: "One claim, with where it goes", scope: facts}, a.claim)
	mount(a, operation{
		method: "POST", path: "/v1/claims/{reward_id}/cancellation", id: "cancel-claim", summary: "A claim of the catalogue is given up", scope: facts,
	}, a.cancelClaim)
	mount(a, operation{method: "GET", path: "/v1/code-pools", id: "code-pools", summary: "Pools of partners' codes", scope: read}, a.codePools)
	mount(a, operation{
		method: "POST", path: "/v1/code-pools/{name}/codes", id: "add-codes", summary: "Put 1 to 100,000 codes into a pool", scope: programs, limit: 16 << 20,
	}, a.addCodes)
}

// cartRoutes are carts before they are orders.
func (a *API) cartRoutes() {
	read, facts := office.ScopeRead, office.ScopeFacts
	mount(a, operation{
		method: "POST", path: "/v1/carts/evaluate", id: "evaluate-cart", summary: "What a cart comes to; nothing is stored", scope: read, asks: true,
	}, a.evaluate)
	mount(a, operation{
		method: "POST", path: "/v1/carts/hold", id: "hold-cart", summary: "Keep from others what a cart takes, for a while", scope: facts,
	}, a.hold)
	mount(a, operation{
		method: "POST", path: "/v1/carts/redeem", id: "redeem-cart", summary: "Use up what a cart takes, held before or not", scope: facts,
	}, a.redeemCart)
	mount(a, operation{
		method: "POST", path: "/v1/carts/release", id: "release-cart", summary: "Give up a hold, or roll a redemption back", scope: facts,
	}, a.release)
	mount(a, operation{method: "GET", path: "/v1/carts", id: "cart", summary: "What a cart took for its order", scope: read}, a.cart)
}

// Page is part of a list. The cursor is opaque: give it back as starting_after.
type Page[T any] struct {
	Data       []T    `json:"data"`
	HasMore    bool   `json:"has_more" doc:"Whether to ask for another page; a short page alone does not say that it is the last"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Give it back as starting_after; absent on the last page"`
}

// paging is what every list takes.
type paging struct {
	Limit         int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string `query:"starting_after" doc:"The next_cursor of the page before"`
}

// page makes a page of rows that were read one beyond the limit.
func page[K id.Kind, R, T any](rows []R, limit int, key func(R) id.ID[K], show func(R) T) *Page[T] {
	return pageBy(rows, limit, func(r R) string { return cursor(key(r)) }, show)
}

// pageBy is page for rows that are not in the order of an id.
func pageBy[R, T any](rows []R, limit int, cursor func(R) string, show func(R) T) *Page[T] {
	p := &Page[T]{Data: make([]T, 0, min(limit, len(rows)))}
	for i, r := range rows {
		if i == limit {
			p.HasMore, p.NextCursor = true, cursor(rows[i-1])
			break
		}
		p.Data = append(p.Data, show(r))
	}
	return p
}

func cursor[K id.Kind](of id.ID[K]) string { return base64.RawURLEncoding.EncodeToString(of[:]) }

// after reads a cursor of a list of that kind; none is the zero id.
func after[K id.Kind](s string) (of id.ID[K], err error) {
	if s == "" {
		return of, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(of) {
		return of, loyalty.Invalid("starting_after", "invalid_cursor")
	}
	copy(of[:], b)
	return of, nil
}

// textCursor is the cursor of a list in the order of a text; afterText reads it.
func textCursor(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func afterText(s string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || !utf8.Valid(b) || len(b) > maxCursorText || bytes.IndexByte(b, 0) >= 0 {
		return "", loyalty.Invalid("starting_after", "invalid_cursor")
	}
	return string(b), nil
}

const maxCursorText = 1024

// filled is a list that is never null in an answer.
func filled[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
