package api

import (
	"context"
	"net/http"

	"cagnotte/internal/office"
	"cagnotte/internal/web"
)

// once answers a request that has an Idempotency-Key: the first time by doing it, later
// with the answer that was stored. What failed on our side is not stored: it may be tried
// again under the same key.
func (a *API) once(w http.ResponseWriter, c *call, raw []byte, do func() (int, []byte)) {
	token, err := bearer(c.r)
	if err != nil {
		a.edge.Fail(w, c.r, err)
		return
	}
	same := append([]byte(c.r.Method+" "+c.r.URL.RequestURI()+"\n"), raw...)
	claim, before, err := a.office.Claim(c.ctx, office.Request{Shop: c.access.Shop, Bearer: token, Key: c.key, Body: same})
	if err != nil {
		a.edge.Fail(w, c.r, err)
		return
	}
	if before != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		write(w, before.Status, before.Body)
		return
	}
	status, body := do()
	// The effect is there, or not, whether or not the caller still listens.
	ctx := context.WithoutCancel(c.ctx)
	if status >= http.StatusInternalServerError {
		err = claim.Drop(ctx)
	} else {
		err = claim.Keep(ctx, office.Answered{Status: status, Body: body})
	}
	if err != nil { // the answer is true all the same
		a.log.Error("keep the answer of a request", "request_id", web.RequestID(c.ctx), "error", err)
	}
	if status >= 400 {
		web.Hints(w.Header(), &web.Problem{Status: status})
	}
	write(w, status, body)
}
