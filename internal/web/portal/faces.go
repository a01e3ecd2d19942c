package portal

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/klauspost/compress/gzip"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

const (
	faceFor  = moment.Second // how long a friend's page may show what was
	maxFaces = 1_024         // pages that are kept, some 3 kB each
	maxHosts = 4_096         // members whose pages were looked at
)

// faces keeps friends' pages for a second, and whose they are: a link that goes round is
// followed by many people at once, and to all who are not known here its page is the same.
type faces struct {
	pages *lru.Cache[faceKey, *face]
	hosts *lru.Cache[hostKey, recent]
}

// faceKey is all that a page of people who are not known depends on and that may change without
// the clock: the shop's row and its portal are the same pointers while they are the same.
type faceKey struct {
	shop     *loyalty.Shop
	look     *loyalty.Portal
	programs int64 // their revision
	prefix   string
	language string
	code     string
}

// face is a page, compressed, with what its headers say.
type face struct {
	since    moment.Time
	body     []byte
	policy   string
	language string
}

type hostKey struct {
	shop loyalty.ShopID
	code string
}

// recent is what a look has to know of a member, as it was a moment ago; never who he is.
type recent struct {
	since   moment.Time
	member  id.Member
	blocked bool
}

func recentOf(m *people.Member, now moment.Time) recent {
	return recent{now, m.ID, m.State == loyalty.Blocked}
}

func newFaces() *faces {
	pages, err := lru.New[faceKey, *face](maxFaces)
	if err != nil {
		panic(err) // our own size
	}
	hosts, err := lru.New[hostKey, recent](maxHosts)
	if err != nil {
		panic(err) // our own size
	}
	return &faces{pages, hosts}
}

func young(since, now moment.Time) bool { return since <= now && now < since+faceFor }

// page gives a page that is young enough; nil when there is none.
func (f *faces) page(key faceKey, now moment.Time) *face {
	if x, ok := f.pages.Get(key); ok && young(x.since, now) {
		return x
	}
	return nil
}

// keep keeps a page, and lets those go that are too old: a page tells a first name.
func (f *faces) keep(key faceKey, x *face) {
	f.pages.Add(key, x)
	for {
		old, was, ok := f.pages.GetOldest()
		if !ok || young(was.since, x.since) {
			return
		}
		f.pages.Remove(old)
	}
}

// alike names the page that everybody gets who is not known here; false where the page is for
// this reader alone: he is signed in, or his browser was given a name, or his link carries
// something of its own.
func (v *visit) alike() (faceKey, bool, error) {
	if v.r.URL.RawQuery != "" || v.kept(sessionCookie) != "" || v.kept(visitorCookie) != "" || !zips(v.r) {
		return faceKey{}, false, nil
	}
	code, ok := loyalty.CanonicalCode(v.r.PathValue("code"))
	if !ok {
		return faceKey{}, false, nil
	}
	if err := v.Limits.Follow(v.r); err != nil {
		return faceKey{}, false, err
	}
	o, err := v.Referrals.Offer(v.ctx, v.shop)
	if err != nil {
		return faceKey{}, false, err
	}
	return faceKey{v.shop, v.look, o.Rev, v.prefix, v.say.Tag(), code}, true, nil
}

// zips tells whether a browser takes pages compressed. One that says more about it than the
// name gets his page another way.
func zips(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(part) == "gzip" {
			return true
		}
	}
	return false
}

// zippers are large, and are used again.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// draw renders and compresses the page of a friend whom nobody knows.
func (v *visit) draw(x *welcoming, now moment.Time) (*face, error) {
	v.mayLeave(x)
	var body bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&body)
	if err := landingPage(v, x, v.blank()).Render(v.ctx, w); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &face{now, body.Bytes(), v.w.Header().Get("Content-Security-Policy"), v.say.Tag()}, nil
}

// send answers with a page that was drawn.
func (v *visit) send(x *face) error {
	h := v.w.Header()
	h.Set("Content-Security-Policy", x.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", x.language)
	h.Set("Content-Encoding", "gzip")
	h.Set("Content-Length", strconv.Itoa(len(x.body)))
	_, _ = v.w.Write(x.body) // a caller who is gone needs no answer
	return nil
}

// recentHost is what a look has to know of host, as it was within the last second.
func (v *visit) recentHost() (x recent, code string, err error) {
	now := v.Office.Clock()
	code, ok := loyalty.CanonicalCode(v.r.PathValue("code"))
	key := hostKey{v.shop.ID, code}
	if x, known := v.faces.hosts.Get(key); ok && known && young(x.since, now) {
		return x, code, v.Limits.Follow(v.r)
	}
	m, code, err := v.host()
	if err != nil {
		return recent{}, "", err
	}
	x = recentOf(m, now)
	v.faces.hosts.Add(key, x)
	return x, code, nil
}
