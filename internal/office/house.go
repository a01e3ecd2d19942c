package office

import (
	"context"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// houseFor is how long what another process changed may go unseen.
const houseFor = moment.Second

// house is all shops and their portals as they were a moment ago: every page of every portal
// asks for them first. It is never changed; a new one takes its place.
type house struct {
	since   moment.Time
	slugs   map[string]*loyalty.Shop
	shops   map[loyalty.ShopID]*loyalty.Shop
	portals map[loyalty.ShopID]*loyalty.Portal
	hosts   map[string]loyalty.ShopID // whose portal answers at the root of a host
	rooted  []loyalty.ShopID          // all that answer at a root
}

// houses keeps the newest house.
type houses struct {
	mu      sync.RWMutex
	now     *house
	rev     int // rises when this process changed something: what was read before may be wrong
	reading singleflight.Group
}

// get gives a house that is young enough, and what to call it by when it is read.
func (h *houses) get(now moment.Time) (*house, int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.now == nil || now < h.now.since || now >= h.now.since+houseFor {
		return nil, h.rev
	}
	return h.now, h.rev
}

// put keeps a house, unless something was changed since it was read. Shops and portals that are
// as they were stay the same pointers, so that what was made from them is known to be good.
func (h *houses) put(x *house, rev int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if rev != h.rev {
		return
	}
	if was := h.now; was != nil {
		for n, s := range x.shops {
			if old := was.shops[n]; old != nil && sameShop(old, s) {
				x.shops[n], x.slugs[s.Slug] = old, old
			}
		}
		for n, p := range x.portals {
			if old := was.portals[n]; old != nil && reflect.DeepEqual(old, p) {
				x.portals[n] = old
			}
		}
	}
	h.now = x
}

// forget lets the next who asks read anew.
func (h *houses) forget() {
	h.mu.Lock()
	h.rev++
	h.now = nil
	h.mu.Unlock()
}

func sameShop(a, b *loyalty.Shop) bool {
	x, y := *a, *b
	x.Zone, y.Zone = nil, nil
	return a.Zone.String() == b.Zone.String() && reflect.DeepEqual(x, y)
}

// house gives all shops and their portals: as they are, where this process changed them, else
// as they were within the last second. Nobody may change what it gives.
func (o *Office) house(ctx context.Context) (*house, error) {
	x, rev := o.houses.get(o.st.Clock())
	if x != nil {
		return x, nil
	}
	// Once for all who ask at the same time, and not for the first one only.
	got, err, _ := o.houses.reading.Do(strconv.Itoa(rev), func() (any, error) {
		x, err := o.readHouse(context.WithoutCancel(ctx))
		if err == nil {
			o.houses.put(x, rev)
		}
		return x, err
	})
	if err != nil {
		return nil, err
	}
	return got.(*house), nil
}

func (o *Office) readHouse(ctx context.Context) (*house, error) {
	x := &house{since: o.st.Clock(), slugs: map[string]*loyalty.Shop{}, shops: map[loyalty.ShopID]*loyalty.Shop{}}
	list, err := o.st.Shops(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		x.slugs[s.Slug], x.shops[s.ID] = s, s
	}
	if x.portals, err = o.st.PortalsOf(ctx, list); err != nil {
		return nil, err
	}
	x.hosts = map[string]loyalty.ShopID{}
	for shop, p := range x.portals {
		at, err := url.Parse(p.Base)
		if err != nil || !p.On || at.Path != "" {
			continue // one with a path of its own never answers at the root
		}
		x.hosts[strings.ToLower(at.Host)] = shop
		x.rooted = append(x.rooted, shop)
	}
	return x, nil
}
