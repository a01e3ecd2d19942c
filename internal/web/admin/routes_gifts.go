package admin

import "cagnotte/internal/staff"

// giftRoutes are the catalogue, what is to be sent or handed over, codes of partners, who
// has reached something and got nothing yet, and vouchers.
var giftRoutes = []route{
	{pattern: "GET /gifts", right: staff.See, show: (*visit).giftsPage},
	{pattern: "GET /gifts/new", right: staff.Publish, show: (*visit).askGift},
	{pattern: "POST /gifts/new", right: staff.Publish, show: (*visit).newGift},
	{pattern: "GET /gifts/preview", right: staff.See, show: (*visit).previewGifts},
	{pattern: "POST /gifts/order", right: staff.Publish, show: (*visit).orderGifts},
	{pattern: "GET /gifts/entry/{code}", right: staff.See, show: (*visit).giftPage},
	{pattern: "POST /gifts/entry/{code}", right: staff.Publish, show: (*visit).saveGift},
	{pattern: "POST /gifts/entry/{code}/stock", right: staff.Publish, show: (*visit).stockGift},
	{pattern: "GET /gifts/entry/{code}/picture/{digest}", right: staff.See, show: (*visit).giftPictureFile},
	{pattern: "POST /gifts/entry/{code}/picture", right: staff.Publish, show: (*visit).setGiftPicture},
	{pattern: "POST /gifts/entry/{code}/picture/remove", right: staff.Publish, show: (*visit).dropGiftPicture},
	{pattern: "GET /gifts/claims", right: staff.See, show: (*visit).claimsPage},
	{pattern: "POST /gifts/claims", right: staff.Members, show: (*visit).moveClaims},
	{pattern: "POST /gifts/claims/export", right: staff.Export, show: (*visit).exportClaims, fresh: true},
	{pattern: "GET /gifts/pools", right: staff.See, show: (*visit).poolsPage},
	{pattern: "POST /gifts/pools", right: staff.Publish, show: (*visit).fillPool},
	{pattern: "GET /gifts/due", right: staff.See, show: (*visit).duePage},
	{pattern: "POST /gifts/due", right: staff.Value, show: (*visit).giveDue, fresh: true},
	{pattern: "GET /gifts/wallet", right: staff.See, show: (*visit).pursePage},
	{pattern: "POST /gifts/wallet/pays", right: staff.Publish, show: (*visit).setPays},
	{pattern: "POST /gifts/wallet/names", right: staff.Publish, show: (*visit).setNames},
	{pattern: "POST /gifts/wallet/lasts", right: staff.Publish, show: (*visit).setLasts},

	{pattern: "GET /vouchers", right: staff.See, show: (*visit).vouchersPage},
	{pattern: "GET /vouchers/new", right: staff.Publish, show: (*visit).askBatch},
	{pattern: "POST /vouchers/new", right: staff.Publish, show: (*visit).newBatch, fresh: true},
	{pattern: "GET /vouchers/batch/{id}", right: staff.See, show: (*visit).batchPage},
	{pattern: "POST /vouchers/batch/{id}/withdraw", right: staff.Publish, show: (*visit).withdrawBatch, fresh: true},
	{pattern: "POST /vouchers/batch/{id}/restore", right: staff.Publish, show: (*visit).restoreBatch, fresh: true},
	{pattern: "POST /vouchers/batch/{id}/extend", right: staff.Publish, show: (*visit).extendBatch, fresh: true},
	{pattern: "POST /vouchers/batch/{id}/unextend", right: staff.Publish, show: (*visit).unextendBatch, fresh: true},
	{pattern: "POST /vouchers/change", right: staff.Publish, show: (*visit).changeBatches, fresh: true},
	{pattern: "POST /vouchers/batch/{id}/export", right: staff.Export, show: (*visit).exportBatch, fresh: true},
	{pattern: "GET /vouchers/code", right: staff.See, show: (*visit).voucherPage},
	{pattern: "POST /vouchers/code", right: staff.Value, show: (*visit).withdrawCode, fresh: true},
}
