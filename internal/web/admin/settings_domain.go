package admin

import (
	"net/http"
	"strings"
)

// checkDomain says whether the address that stands in the form leads somewhere that proves
// itself; nothing is saved by that.
func (v *visit) checkDomain() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	d := v.Office.Domain(v.ctx, f.get("base"))
	f.values["domain"] = v.t("admin.domain."+d.Code, "Host", d.Host, "Addresses", strings.Join(d.Addresses, ", "), "Date", v.say.Date(d.Ends))
	return v.show(http.StatusOK, sectionView(v, f, sectionOf("portal")))
}
