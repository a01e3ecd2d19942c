package api

// tillMay lists what the key of a till may do, by the id of the operation. A till serves
// the customer who stands before it: it finds him, reports what he buys or brings back,
// shows what he has, and lets him use it, here or in the portal. It lists nobody, reports no files of the past, and changes no
// program, setting or key.
var tillMay = map[string]bool{
	"shop": true,

	"enrol-member": true, "members": true, "member": true, "wallet": true, "member-receipts": true,

	"record-order": true, "orders": true, "order": true, "record-refund": true, "receipt": true,

	"member-code": true, "till-code": true, "friends": true, "exchange": true, "invite": true,
	"evaluate-cart": true, "hold-cart": true, "redeem-cart": true, "release-cart": true, "cart": true,

	"gifts": true, "gift": true, "member-gifts": true, "claim-gifts": true,

	"member-claims": true, "choose": true, "fulfil": true, "redeem-voucher": true, "release-voucher": true, "validate-voucher": true, "voucher": true,

	"sites": true, "site": true, "channels": true, "channel": true, "sources": true, "source": true, "member-fields": true, "groups": true, "group": true,
}
