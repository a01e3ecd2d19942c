package imports

import (
	"context"
	"errors"
	"strings"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Named is what a row says of a person.
type Named struct {
	Number, ExternalID, Email, Phone string
	FirstName, LastName, Locale      string
	Fields                           loyalty.FieldValues // in the shop's own fields
	Country                          string              // whose phone numbers may come without it
}

// set enters a cell by what its column names somebody with.
func (n *Named) set(m *Mapping, what, cell string) {
	switch what {
	case "number":
		n.Number = cell
	case "external id":
		if n.ExternalID = cell; cell != "" {
			n.ExternalID = m.Prefix + cell
		}
	case "email":
		n.Email = cell
	case "phone":
		n.Phone, n.Country = cell, m.Phones
	}
}

// Crowd knows people: it turns what a file says of them into keys and sealed data, so that
// no name or address ever stands in a fact, and completes what is known of them.
type Crowd interface {
	Who(n Named, field string) (loyalty.Who, *loyalty.Person, error)
	Record(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error)
	Try(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error)
}

// Desk is what an import works with.
type Desk struct {
	Store  *store.Store
	Intake *intake.Intake
	People Crowd
	Box    *seal.Box
}

// somebody names whom the columns of a row name; nobody when all of them are empty.
func (d *Desk) somebody(t *table, columns []personColumn, field string) (loyalty.Who, error) {
	var n Named
	for _, c := range columns {
		cell := t.cell(c.at)
		if c.what == "number" || c.what == "external id" {
			cell = t.mapping.number(cell)
		}
		n.set(t.mapping, c.what, strings.Clone(cell))
	}
	w, _, err := d.People.Who(n, field)
	if err == nil && !w.Named() {
		err = loyalty.Invalid(field, "required")
	}
	return w, err
}

// name is the identity of a fact of a row: what it is, and the row's own key. What is too
// long for one stands there as a keyed hash.
func (d *Desk) name(kind string, parts ...string) string {
	key := strings.Join(parts, "/")
	if len(kind)+1+len(key) > loyalty.MaxRefBytes {
		key = d.Box.Match("import", key)
	}
	return kind + "/" + key
}

// keyText is a key of a member in an identity.
func keyText(k loyalty.Key) string { return k.Kind + ":" + k.Key }

func problemOf(err error) (*loyalty.Problem, bool) { return errors.AsType[*loyalty.Problem](err) }
