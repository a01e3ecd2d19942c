package storefront

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// cagnotte calls the API. Its requests are those of docs/integrate.md.
type cagnotte struct {
	at, key string
	http    *http.Client
}

// refused is a problem that the API answered with.
type refused struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Field  string `json:"field"`
	Detail string `json:"detail"` // in the language that was asked for
}

func (r *refused) Error() string { return fmt.Sprintf("cagnotte: %d %s %s", r.Status, r.Code, r.Field) }

const maxAnswer = 4 << 20

// call sends a request and reads its answer into out. An answer that is a problem is a
// *refused.
func (c *cagnotte) call(ctx context.Context, lang, method, path string, body, out any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.at+path, in)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Accept-Language", lang)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(io.LimitReader(a.Body, maxAnswer))
	if err != nil {
		return err
	}
	if a.StatusCode >= http.StatusMultipleChoices {
		p := &refused{}
		if err := json.Unmarshal(b, p); err != nil {
			p.Code = "no_problem"
		}
		p.Status = a.StatusCode
		return p
	}
	return json.Unmarshal(b, out)
}

// who names somebody: by the account where there is one, by the browser where he agreed.
type who struct {
	ExternalID string `json:"external_id,omitempty"`
	Email      string `json:"email,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	Locale     string `json:"locale,omitempty"`
	Visitor    string `json:"visitor,omitempty"`
	Code       string `json:"code,omitempty"`
}

// result is the answer to a fact.
type result struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Member string `json:"member"`
}

// joining is somebody who opened an account.
type joining struct {
	ID         string `json:"id"`
	Feed       string `json:"feed"`
	ExternalID string `json:"external_id"`
	Email      string `json:"email"`
	FirstName  string `json:"first_name"`
	Locale     string `json:"locale"`
	Visitor    string `json:"visitor,omitempty"`
	Referrer   *who   `json:"referrer,omitempty"`
	Touch      string `json:"touch,omitempty"`
}

func (c *cagnotte) join(ctx context.Context, lang string, j joining) (out result, err error) {
	err = c.call(ctx, lang, "POST", "/v1/members", j, &out)
	return out, err
}

// click is a browser that followed a member's link, and whose reader agreed.
type click struct {
	ID      string `json:"id"`
	Feed    string `json:"feed"`
	Code    string `json:"code"`
	Visitor string `json:"visitor"`
}

func (c *cagnotte) click(ctx context.Context, lang string, k click) error {
	return c.call(ctx, lang, "POST", "/v1/clicks", k, &struct{}{})
}

// line is a line of a cart or an order. Amounts are cents, tax included.
type line struct {
	SKU      string `json:"sku"`
	Category string `json:"category"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
	Tax      int64  `json:"tax_rate,omitempty"`
}

type payment struct {
	Unit   string `json:"unit"`
	Amount int64  `json:"amount"`
}

// asked is a cart, under the number that its order will have.
type asked struct {
	ID       string    `json:"id,omitempty"`
	Feed     string    `json:"feed"`
	Ref      string    `json:"ref"`
	Currency string    `json:"currency"`
	Member   *who      `json:"member,omitempty"`
	Lines    []line    `json:"lines"`
	Codes    []string  `json:"codes,omitempty"`
	Pay      []payment `json:"pay,omitempty"`
}

// evaluation is what a cart comes to.
type evaluation struct {
	Lines []struct {
		ToPay int64 `json:"to_pay"`
	} `json:"lines"`
	Discounts []struct {
		Name   string `json:"program_name"`
		Code   string `json:"code"`
		Amount int64  `json:"amount"`
	} `json:"discounts"`
	Payments []struct {
		Unit   string `json:"unit"`
		Units  int64  `json:"units"`
		Amount int64  `json:"amount"`
	} `json:"payments"`
	Refused []struct {
		Name string `json:"name"`
		Text string `json:"text"`
	} `json:"refused"`
	Missing []struct {
		Text string `json:"text"`
	} `json:"missing"`
	Claimable []struct {
		Code string `json:"code"`
		Fits bool   `json:"fits"`
	} `json:"claimable"`
	Gross int64 `json:"gross"`
	Paid  int64 `json:"paid"`
	ToPay int64 `json:"to_pay"`
}

func (c *cagnotte) evaluate(ctx context.Context, lang string, k asked) (*evaluation, error) {
	out := &evaluation{}
	return out, c.call(ctx, lang, "POST", "/v1/carts/evaluate", k, out)
}

func (c *cagnotte) hold(ctx context.Context, lang string, k asked) error {
	return c.call(ctx, lang, "POST", "/v1/carts/hold", k, &struct{}{})
}

// named is a cart that was held, by its number.
type named struct {
	ID   string `json:"id"`
	Feed string `json:"feed"`
	Ref  string `json:"ref"`
}

func (c *cagnotte) redeem(ctx context.Context, lang string, n named) error {
	return c.call(ctx, lang, "POST", "/v1/carts/redeem", n, &struct{}{})
}

func (c *cagnotte) release(ctx context.Context, lang string, n named) error {
	return c.call(ctx, lang, "POST", "/v1/carts/release", n, &struct{}{})
}

// paidOrder is an order, with its lines after discounts.
type paidOrder struct {
	Feed     string `json:"feed"`
	Ref      string `json:"ref"`
	Currency string `json:"currency"`
	Channel  string `json:"channel"`
	Member   who    `json:"member"`
	Referrer *who   `json:"referrer,omitempty"`
	Touch    string `json:"touch,omitempty"`
	Lines    []line `json:"lines"`
	Rewards  int64  `json:"paid_with_rewards,omitempty"`
}

func (c *cagnotte) order(ctx context.Context, lang string, o paidOrder) (out result, err error) {
	err = c.call(ctx, lang, "POST", "/v1/orders", o, &out)
	return out, err
}

type returned struct {
	ID    string         `json:"id"`
	Feed  string         `json:"feed"`
	Ref   string         `json:"ref"`
	Lines []returnedLine `json:"lines"`
}

type returnedLine struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity"`
}

func (c *cagnotte) refund(ctx context.Context, lang string, r returned) (out result, err error) {
	err = c.call(ctx, lang, "POST", "/v1/refunds", r, &out)
	return out, err
}

// receipts says in words what a fact led to, as its member may read it.
func (c *cagnotte) receipts(ctx context.Context, lang, event, member string) (said []string, err error) {
	var out struct {
		Lines []struct {
			Text string `json:"text"`
		} `json:"lines"`
	}
	q := url.Values{"lang": {lang}, "member": {member}}
	err = c.call(ctx, lang, "GET", "/v1/receipts/"+url.PathEscape(event)+"?"+q.Encode(), nil, &out)
	for _, l := range out.Lines {
		said = append(said, l.Text)
	}
	return said, err
}

// settings is what the storefront wants to know of the shop's pages.
type settings struct {
	On     bool   `json:"on"`
	Base   string `json:"base"`
	Secret string `json:"sign_on_secret"` // signs the tokens of the shop's own sign-on
}

func (c *cagnotte) portal(ctx context.Context, lang string) (p settings, slug string, err error) {
	var shop struct {
		Slug string `json:"slug"`
	}
	err = errors.Join(
		c.call(ctx, lang, "GET", "/v1/shop", nil, &shop),
		c.call(ctx, lang, "GET", "/v1/portal", nil, &p),
	)
	return p, shop.Slug, err
}
