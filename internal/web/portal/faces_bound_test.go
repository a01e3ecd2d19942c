package portal

import (
	"fmt"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Whoever follows many links fills no more memory than a page for each of some.
func TestFacesAreBounded(t *testing.T) {
	f, shop, look := newFaces(), &loyalty.Shop{}, &loyalty.Portal{}
	for n := range 5 * maxHosts {
		code := fmt.Sprint(n)
		key := faceKey{shop: shop, look: look, code: code}
		f.keep(key, &face{since: 10, body: []byte(code)})
		f.hosts.Add(hostKey{1, code}, recent{})
		if x := f.page(key, 10); x == nil || string(x.body) != code {
			t.Fatalf("the page of %s is not kept", code)
		}
	}
	if p, h := f.pages.Len(), f.hosts.Len(); p != maxFaces || h != maxHosts {
		t.Errorf("%d pages and %d members are kept", p, h)
	}
	f.keep(faceKey{code: "late"}, &face{since: 10 + faceFor})
	if p := f.pages.Len(); p != 1 {
		t.Errorf("%d pages are kept that nobody may see any more", p-1)
	}
}

func TestYoung(t *testing.T) {
	for _, x := range []struct {
		after int64
		want  bool
	}{{-1, false}, {0, true}, {int64(faceFor) - 1, true}, {int64(faceFor), false}} {
		if got := young(1000, moment.Time(1000+x.after)); got != x.want {
			t.Errorf("after %d: %t", x.after, got)
		}
	}
}
