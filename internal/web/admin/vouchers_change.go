package admin

import (
	"errors"
	"net/http"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
)

// withdrawBatch lets nobody use the codes of a batch any more.
func (v *visit) withdrawBatch() error {
	return v.changeBatch(func(b *rewards.Batch, f *form) error {
		if v.same = b.Gone() != 0; v.same {
			return nil
		}
		_, err := v.Rewards.Withdraw(v.ctx, v.shop.ID, b.ID, v.me.ID.String(), f.get("reason"))
		if err == nil {
			v.tell("admin.vouchers.said.withdrawn", batchPath(b.ID)+"/restore", "N", v.say.Number(b.Left))
		}
		return err
	})
}

// restoreBatch lets the codes of a withdrawn batch be used again.
func (v *visit) restoreBatch() error {
	return v.changeBatch(func(b *rewards.Batch, _ *form) error {
		if v.same = b.Gone() == 0; v.same {
			return nil
		}
		_, err := v.Rewards.Restore(v.ctx, v.shop.ID, b.ID, v.me.ID.String(), v.t("admin.vouchers.undone"))
		if err == nil {
			v.tell("admin.vouchers.said.restored", "")
		}
		return err
	})
}

// extendBatch lets the codes of a batch end later.
func (v *visit) extendBatch() error {
	return v.changeBatch(func(b *rewards.Batch, f *form) error {
		until := v.typedEnd(f)
		if !f.ok() {
			return nil
		}
		if v.same = until == b.End(); v.same {
			return nil
		}
		_, err := v.Rewards.Extend(v.ctx, v.shop.ID, b.ID, until, v.me.ID.String(), f.get("reason"))
		if err == nil {
			v.tell("admin.vouchers.said.extended", batchPath(b.ID)+"/unextend")
		}
		return err
	})
}

// unextendBatch takes the latest extension of a batch back.
func (v *visit) unextendBatch() error {
	return v.changeBatch(func(b *rewards.Batch, _ *form) error {
		_, err := v.Rewards.Unextend(v.ctx, v.shop.ID, b.ID, v.me.ID.String(), v.t("admin.vouchers.undone"))
		if err == nil {
			v.tell("admin.vouchers.said.unextended", "")
		}
		return err
	})
}

// changeBatch does something with the batch that the address names.
func (v *visit) changeBatch(do func(*rewards.Batch, *form) error) error {
	f, err := v.read()
	if err != nil {
		return err
	}
	b, err := v.batchOf()
	if err != nil {
		return err
	}
	err = do(b, f)
	if f.blame(err, "id=") || !f.ok() {
		return v.showBatch(http.StatusUnprocessableEntity, b, f)
	}
	if err != nil {
		return err
	}
	v.note("", "batch", b.Name, "codes", strconv.FormatInt(b.Left, 10), "reason", f.get("reason"), "until", f.get("until"))
	return v.redirect(batchPath(b.ID))
}

func batchPath(b id.Vouchers) string { return "/vouchers/batch/" + b.String() }

// typedEnd reads the last day on which codes are to be valid.
func (v *visit) typedEnd(f *form) moment.Time {
	if f.get("until") == "" {
		f.problem("until", "required")
		return 0
	}
	return v.typedLastDay(f, "until")
}

// changeBatches extends or withdraws all batches that are ticked; what could not be changed is
// named one by one.
func (v *visit) changeBatches() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	do, chosen := f.get("do"), f.lists["m"]
	var until moment.Time
	switch {
	case do == "extend":
		until = v.typedEnd(f)
	case do != "withdraw":
		return loyalty.NotFound("", "screen_unknown")
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if len(chosen) == 0 || len(chosen) > perPage {
		f.problem("m", "none_ticked")
	}
	var failed []string
	again := func() error { return v.showVouchers(http.StatusUnprocessableEntity, f, failed...) }
	if !f.ok() {
		return again()
	}
	done := 0
	for _, x := range chosen {
		which, err := id.Parse[id.VouchersKind](x)
		if err != nil {
			return loyalty.NotFound("m", "batch_unknown")
		}
		b, err := v.Rewards.Batch(v.ctx, v.shop.ID, which)
		if err != nil {
			return err
		}
		if do == "extend" {
			_, err = v.Rewards.Extend(v.ctx, v.shop.ID, which, until, v.me.ID.String(), f.get("reason"))
		} else {
			_, err = v.Rewards.Withdraw(v.ctx, v.shop.ID, which, v.me.ID.String(), f.get("reason"))
		}
		p, refused := errors.AsType[*loyalty.Problem](err)
		switch {
		case refused && (errors.Is(err, loyalty.ErrConflict) || errors.Is(err, loyalty.ErrInvalid)):
			v.because(p.Code)
			failed = append(failed, b.Name+" – "+v.say.Problem(p))
		case err != nil:
			return err
		default:
			done++
		}
	}
	if done > 0 {
		v.note("", "batches", strconv.Itoa(done), "do", do, "reason", f.get("reason"), "until", f.get("until"))
	}
	if len(failed) > 0 {
		if done > 0 {
			failed = append([]string{v.t("admin.vouchers.said.changed", "N", v.say.Number(int64(done)))}, failed...)
		}
		f.lists["m"] = nil
		return again()
	}
	v.tell("admin.vouchers.said.changed", "", "N", v.say.Number(int64(done)))
	return v.redirect("/vouchers")
}

// validUntil says until when codes are valid by a new end.
func (v *visit) validUntil(end moment.Time) string {
	if end == 0 {
		return v.t("admin.purse.valid.never")
	}
	return v.t("admin.gifts.season.until", "Until", v.say.Date(end-1))
}

// endedBefore is when the codes of a batch ended before they were extended, for who may take
// that back; empty where it cannot be.
func (v *visit) endedBefore(b *rewards.VoucherBatch) string {
	end, ok := rewards.Before(b)
	switch {
	case !ok || b.Gone() != 0 || end != 0 && end <= v.now()+rewards.Ahead:
		return ""
	case end == 0:
		return v.t("admin.purse.valid.never")
	}
	return v.say.Date(end - 1)
}
