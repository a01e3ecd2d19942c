package storefront

import (
	"crypto/rand"
	"errors"
	"net/http"
)

// number makes the number of an order.
func number() string { return "CL-" + rand.Text()[:10] }

type checkoutPage struct {
	*form
	*basket
}

func (v *visit) checkout() error {
	f := &form{}
	if a := v.Known(); a != nil {
		f.Email, f.Name = a.Email, a.Name
	}
	return v.showCheckout(http.StatusOK, f)
}

func (v *visit) showCheckout(status int, f *form) error {
	b, k := v.question()
	if len(k.Lines) == 0 {
		return v.redirect("/cart")
	}
	var err error
	if b.Worth, err = v.api.evaluate(v.r.Context(), v.lang, k); err != nil {
		return err
	}
	return v.show(status, "checkout", v.T("checkout.title"), &checkoutPage{f, b})
}

// buy takes the order: what vouchers and points pay is held first and used up then, and the
// order is reported with its lines after discounts. Whatever is sent twice counts once, since
// all of it stands under the number of the order.
func (v *visit) buy() error {
	f := v.typed()
	if f.Wrong == "" && f.Name == "" {
		f.Field, f.Wrong = "name", "form.name"
	}
	if f.Wrong != "" {
		return v.showCheckout(http.StatusUnprocessableEntity, f)
	}
	_, k := v.question()
	if len(k.Lines) == 0 {
		return v.redirect("/cart")
	}
	o, err := v.place(f, k)
	if p, ok := errors.AsType[*refused](err); ok && p.Status < http.StatusInternalServerError {
		f.Said = p.Detail
		return v.showCheckout(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	v.mu.Lock()
	s := v.open()
	s.cart, s.codes, s.points, s.ref = map[string]int64{}, nil, 0, ""
	s.orders = append(s.orders, o.Ref)
	v.orders[o.Ref] = o
	v.mu.Unlock()
	return v.redirect("/orders/" + o.Ref)
}

// place reports what was bought.
func (v *visit) place(f *form, k asked) (*order, error) {
	buyer := who{Email: f.Email, FirstName: f.Name, Locale: v.lang, Visitor: v.Visitor()}
	o := &order{Ref: k.Ref, At: v.Now()}
	if k.Member != nil { // signed in: the account buys, whatever address was typed
		buyer.ExternalID, buyer.Email = k.Member.ExternalID, k.Member.Email
		o.account = k.Member.ExternalID
	}
	k.Member = &who{ExternalID: buyer.ExternalID, Email: buyer.Email}
	ctx := v.r.Context()
	worth, err := v.api.evaluate(v.r.Context(), v.lang, k)
	if err != nil {
		return nil, err
	}
	takes := len(worth.Discounts) > 0 || len(worth.Payments) > 0 || len(k.Codes) > 0 || len(k.Pay) > 0
	if takes {
		held := k
		held.ID = "hold:" + rand.Text()
		if err := v.api.hold(ctx, v.lang, held); err != nil {
			return nil, err
		}
		if err := v.api.redeem(ctx, v.lang, named{"redeem:" + k.Ref, feed, k.Ref}); err != nil {
			return nil, err
		}
	}
	report := paidOrder{Feed: feed, Ref: k.Ref, Currency: currency, Channel: "web", Member: buyer, Rewards: worth.Paid}
	if f.Code != "" {
		report.Referrer, report.Touch = &who{Code: f.Code}, "code"
	}
	for i, l := range k.Lines {
		l.Amount, l.Tax = worth.Lines[i].ToPay, 0
		report.Lines = append(report.Lines, l)
		o.Lines = append(o.Lines, orderLine{SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount})
		o.Gross += l.Amount
	}
	answer, err := v.api.order(ctx, v.lang, report)
	if _, ok := errors.AsType[*refused](err); ok && takes {
		// Nothing was bought: what the cart took goes back.
		return nil, errors.Join(err, v.api.release(ctx, v.lang, named{"release:" + k.Ref, feed, k.Ref}))
	}
	if err != nil {
		return nil, err
	}
	o.Paid, o.events, o.member = worth.Paid, []string{answer.ID}, answer.Member
	return o, nil
}
