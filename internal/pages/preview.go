package pages

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// previewTime is how long the link of a preview opens.
const previewTime = moment.Hour

// PreviewToken signs a link to a version of a page (0: the newest) that is not published,
// and says when it ends, an hour from now. Whoever has it may read the page, filled with
// samples.
func (p *Pages) PreviewToken(ctx context.Context, shop loyalty.ShopID, slug, tag string, version int64) (token string, ends moment.Time, err error) {
	x, err := p.Get(ctx, shop, slug, tag, version)
	if err != nil {
		return "", 0, err
	}
	ends = p.st.Clock() + previewTime
	said := fmt.Sprintf("%s.%d.%d", x.Locale, x.Version, int64(ends))
	return said + "." + p.sign(shop, slug, said), ends, nil
}

// Preview opens a link that PreviewToken made; the problem `page_unknown` for any other, and
// for one that has ended.
func (p *Pages) Preview(ctx context.Context, shop loyalty.ShopID, slug, token string) (Page, error) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 || subtle.ConstantTimeCompare([]byte(token[cut+1:]), []byte(p.sign(shop, slug, token[:cut]))) != 1 {
		return Page{}, loyalty.NotFound("slug", "page_unknown")
	}
	said := strings.Split(token[:cut], ".") // we signed it, so it is of our form
	version, _ := strconv.ParseInt(said[1], 10, 64)
	ends, _ := strconv.ParseInt(said[2], 10, 64)
	if p.st.Clock() >= moment.Time(ends) {
		return Page{}, loyalty.NotFound("slug", "page_unknown")
	}
	return p.Get(ctx, shop, slug, said[0], version)
}

func (p *Pages) sign(shop loyalty.ShopID, slug, said string) string {
	return p.box.Match("page preview", fmt.Sprintf("%d\x00%s\x00%s", shop, slug, said))
}
