package imports

import (
	"slices"
	"strings"
)

// What a column may be for, by kind of file. Rows are told apart by type, which says
// nothing else.
var roles = map[string][]string{
	ReadsOrders: slices.Concat([]string{
		"order", "date", "article", "quantity", "unit price", "amount", "tax", "line discount", "category", "currency", "channel", "site",
		"delivery", "refund of", "type",
	}, personRoles("member")),
	ReadsMembers: append(personRoles(""), "first name", "last name", "locale", "birthday", "group", "tags", "joined", "type"),
	ReadsReferrals: slices.Concat(personRoles("referrer"), personRoles("friend"), []string{
		"date", "origin", "type",
	}),
	ReadsBalances: append(personRoles("member"), "unit", "amount", "date", "opens", "expires", "entry", "type"),
}

// personRoles are the columns by which somebody is named, the surest first: the first one
// that is known decides.
func personRoles(who string) []string {
	out := []string{"number", "external id", "email", "phone"}
	for i := range out {
		out[i] = strings.TrimSpace(who + " " + out[i])
	}
	return out
}

// rolesOf gives the columns that the field of a problem may be about.
func rolesOf(field string) []string {
	if role, ok := fieldRoles[field]; ok {
		return role
	}
	if strings.HasPrefix(field, ownPrefix) {
		return []string{field}
	}
	who, what, below := strings.Cut(field, ".")
	what = strings.ReplaceAll(what, "_", " ")
	switch {
	case who == "member" && !below, who == "referrer" && !below:
		return append(personRoles(who), append(personRoles("friend"), personRoles("")...)...)
	case who == "member":
		if what == "external" {
			what = "external id"
		}
		return []string{"member " + what, "friend " + what, what}
	case who == "referrer":
		return []string{"referrer " + strings.Replace(what, "external", "external id", 1)}
	case strings.HasPrefix(field, "order.lines"), strings.HasPrefix(field, "refund.lines"):
		if _, of, ok := strings.Cut(field, "]."); ok {
			return []string{strings.Replace(of, "sku", "article", 1)}
		}
		return []string{"order"}
	}
	return []string{strings.ReplaceAll(field, "_", " ")}
}

// Role is the one of Roles that a refused row is about; empty when it is the row as a whole.
func (e RowError) Role(reads string) string {
	known := Roles(reads)
	about := rolesOf(e.Field)
	if i := slices.IndexFunc(about, func(r string) bool { return slices.Contains(known, r) }); i >= 0 && e.Field != "member" && e.Field != "referrer" {
		return about[i]
	}
	return ""
}

// fieldRoles are the fields of facts that a file calls otherwise.
var fieldRoles = map[string][]string{
	"id": {"order"}, "invoice": {"order"}, "at": {"date"}, "occurred_at": {"date", "joined"}, "price": {"unit price"},
	"order.ref": {"order"}, "refund.ref": {"refund of"}, "order.currency": {"currency"}, "order.delivery": {"delivery"},
	"order.channel": {"channel"}, "order.site": {"site"}, "adjust.unit": {"unit"}, "adjust.amount": {"amount"},
	"adjust.opens_at": {"opens"}, "adjust.expires_at": {"expires"}, "staff.group": {"group"}, "staff.add": {"tags"},
}
