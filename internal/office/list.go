package office

import (
	"context"
	"fmt"
	"regexp"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// List is one of a shop's reference lists. Orders and members carry the codes of their
// entries; nothing is decided by what an entry says, and a code needs no entry.
type List string

// The lists of a shop.
const (
	Sites    List = "sites"    // its stores
	Channels List = "channels" // ways by which contacts come
	Sources  List = "sources"  // where within a channel they come from
	Groups   List = "groups"   // of members
)

// unknown is the problem of an entry that is not there.
func (l List) unknown(field string) error {
	switch l {
	case Sites:
		return loyalty.NotFound(field, "site_unknown")
	case Channels:
		return loyalty.NotFound(field, "channel_unknown")
	case Sources:
		return loyalty.NotFound(field, "source_unknown")
	}
	return loyalty.NotFound(field, "group_unknown")
}

const (
	maxEntries = 1_000 // of one list
	maxCode    = 64
	maxNote    = 500 // of an address or opening hours, in bytes
)

var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]*$`)

// Entry is an entry of a list.
type Entry = store.Entry

// Entries is a page of a list in the order of codes, after a code ("": from the start).
func (o *Office) Entries(ctx context.Context, shop loyalty.ShopID, l List, after string, limit int) ([]Entry, error) {
	return o.st.Entries(ctx, shop, string(l), after, limit)
}

// Entry finds an entry; the problem `site_unknown`, `channel_unknown`, `source_unknown` or
// `group_unknown` when there is none.
func (o *Office) Entry(ctx context.Context, shop loyalty.ShopID, l List, code string) (Entry, error) {
	e, found, err := o.st.Entry(ctx, shop, string(l), code)
	if err == nil && !found {
		err = l.unknown("code")
	}
	return e, err
}

// SourcesByChannel gives all sources of a shop, in the order of codes.
func (o *Office) SourcesByChannel(ctx context.Context, shop loyalty.ShopID) (map[string][]Entry, error) {
	list, err := o.st.Entries(ctx, shop, string(Sources), "", maxEntries)
	out := map[string][]Entry{}
	for _, e := range list {
		out[e.Channel] = append(out[e.Channel], e)
	}
	return out, err
}

// PutEntry stores an entry, new or in place of the one with its code. A source names a
// channel that is there (`channel_unknown`).
func (o *Office) PutEntry(ctx context.Context, shop loyalty.ShopID, l List, e Entry) error {
	if err := checkEntry(&e); err != nil {
		return err
	}
	return o.st.Write(ctx, func(tx *store.Tx) error {
		if l == Sources {
			if e.Channel == "" {
				return loyalty.Invalid("channel", "required")
			}
			if there, err := tx.HoldEntry(ctx, shop, string(Channels), e.Channel); err != nil || !there {
				return orUnknown(err, loyalty.Invalid("channel", "channel_unknown"))
			}
		}
		there, err := tx.HoldEntry(ctx, shop, string(l), e.Code)
		if err != nil {
			return err
		}
		n, err := tx.CountEntries(ctx, shop, string(l))
		if err != nil {
			return err
		}
		if !there && n >= maxEntries {
			return loyalty.Conflict("code", "too_many", "max", fmt.Sprint(maxEntries))
		}
		return tx.PutEntry(ctx, shop, string(l), e)
	})
}

// DropEntry removes an entry and gives what it was. A channel that has sources stays
// (`channel_has_sources`). What carries the code keeps it; an entry that is only out of
// use is better archived.
func (o *Office) DropEntry(ctx context.Context, shop loyalty.ShopID, l List, code string) (Entry, error) {
	was, err := o.Entry(ctx, shop, l, code)
	if err != nil {
		return Entry{}, err
	}
	return was, o.st.Write(ctx, func(tx *store.Tx) error {
		there, err := tx.HoldEntry(ctx, shop, string(l), code)
		if err != nil || !there {
			return orUnknown(err, l.unknown("code"))
		}
		if l == Channels {
			n, err := tx.ChannelUse(ctx, shop, string(Sources), code)
			if err != nil {
				return err
			}
			if n > 0 {
				return loyalty.Conflict("code", "channel_has_sources")
			}
		}
		return tx.DropEntry(ctx, shop, string(l), code)
	})
}

// orUnknown is an error, or the problem that something is not there.
func orUnknown(err, unknown error) error {
	if err != nil {
		return err
	}
	return unknown
}

func checkEntry(e *Entry) (err error) {
	switch {
	case len(e.Code) > maxCode:
		return loyalty.Invalid("code", "too_long", "max", fmt.Sprint(maxCode))
	case !codeForm.MatchString(e.Code):
		return loyalty.Invalid("code", "invalid_code")
	}
	if e.Name, err = nameOf(e.Name); err != nil {
		return err
	}
	if err := plain("address", e.Address, maxNote); err != nil {
		return err
	}
	return plain("opening_hours", e.Hours, 2*maxNote)
}
