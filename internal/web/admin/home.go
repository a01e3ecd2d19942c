package admin

import "net/http"

// task is one step of setting a shop up.
type task struct {
	Name string
	Done bool
	Path string
}

// home is the first screen: what is still to be done. Who serves at the till alone has nothing
// else here than his account.
func (v *visit) home() error {
	if !v.can("see") {
		return v.redirectTo("/admin/account")
	}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	portal, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, homeView(v, []task{
		{"program", len(list) > 0, "/programs"},
		{"portal", portal.On, "/settings"},
	}))
}
