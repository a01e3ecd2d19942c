package imports

import (
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// A file of members may have columns for the shop's own fields: their role is `field` and the
// field's code.

const ownPrefix = "field "

// OwnRole is the role of a column for one of the shop's own fields.
func OwnRole(code string) string { return ownPrefix + code }

// isOwn tells whether a role is for one of the shop's own fields in a kind of file.
func isOwn(reads, role string) bool {
	code, ok := strings.CutPrefix(role, ownPrefix)
	return ok && reads == ReadsMembers && code != "" && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// ownRoles are those among some columns, sorted.
func ownRoles[V any](reads string, columns map[string]V) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(columns)), func(role string) bool { return !isOwn(reads, role) })
}

// ownColumn is a column of a file for one of the shop's own fields.
type ownColumn struct {
	at    int
	field loyalty.CustomField
}

// ownColumns finds them in a file; the problem `custom_field_unknown` when the shop has no such
// field.
func (t *table) ownColumns(list []loyalty.CustomField) ([]ownColumn, error) {
	var out []ownColumn
	for _, role := range ownRoles(t.mapping.Reads, t.mapping.columns) {
		code := strings.TrimPrefix(role, ownPrefix)
		i := slices.IndexFunc(list, func(c loyalty.CustomField) bool { return c.Code == code })
		if i < 0 {
			return nil, loyalty.Invalid(role, "custom_field_unknown")
		}
		out = append(out, ownColumn{t.at(role), list[i]})
	}
	return out, nil
}

// ownOf reads what a row says in them; an empty cell says nothing.
func (t *table) ownOf(columns []ownColumn) (loyalty.FieldValues, error) {
	values := map[string]string{}
	for i := range columns {
		c := &columns[i]
		x, err := c.field.Canon(strings.Clone(t.cell(c.at)))
		if p, ok := problemOf(err); ok {
			at := *p
			at.Field = OwnRole(c.field.Code)
			return "", &at
		}
		values[c.field.Code] = x
	}
	return loyalty.NewFieldValues(values), nil
}

// proposeOwn finds the columns that are called as the shop's own fields are, by code or name, among
// those that are for nothing else.
func proposeOwn(columns map[string]string, headers []string, list []loyalty.CustomField) {
	taken := slices.Collect(maps.Values(columns))
	for i := range list {
		c := &list[i]
		for _, h := range headers {
			word := plainWord(h)
			called := word == plainWord(c.Code)
			for _, name := range c.Names {
				called = called || word == plainWord(name)
			}
			if called && word != "" && mappable(h) && !slices.Contains(taken, h) {
				columns[OwnRole(c.Code)], taken = h, append(taken, h)
				break
			}
		}
	}
}
