package admin

import (
	"cagnotte/internal/loyalty"
)

// origin is the address of this back office as far as somebody has set it, without a slash at
// its end: what the operator named (--url), else where the shop's portal is. Empty: nobody has.
// It never comes from a request, so links in letters may begin with it (P5).
func (v *visit) origin(live *loyalty.Shop) (string, error) {
	if v.URL != "" {
		return v.URL, nil
	}
	p, err := v.Office.Portal(v.ctx, live.ID)
	if err != nil || !p.On || p.Base == "" {
		return "", err
	}
	return p.Origin(), nil
}

// here is the address that this request was sent to. It is for the reader's own eyes.
func (v *visit) here() string {
	if v.secure() {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}
