package portal

import "net/http"

// askStop asks whether nothing more is to be sent: mail scanners open links, so that opening
// one changes nothing.
func (v *visit) askStop() error {
	if _, err := v.Invitations.StopKey(v.shop.ID, v.r.PathValue("token")); err != nil {
		return err
	}
	return v.show(http.StatusOK, stopPage(v, false))
}

// stop puts the address on the list of those that are never written to again. A mail program
// that is asked to unsubscribe sends the same (RFC 8058).
func (v *visit) stop() error {
	if err := v.Invitations.Stop(v.ctx, v.shop.ID, v.r.PathValue("token")); err != nil {
		return err
	}
	return v.show(http.StatusOK, stopPage(v, true))
}
