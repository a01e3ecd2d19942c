package office

import (
	"context"

	"cagnotte/internal/store"
)

// FirstOperatorKey makes the operator's first key: the token, or "" when there is one.
func (o *Office) FirstOperatorKey(ctx context.Context) (token string, err error) {
	live := 0
	err = o.st.Write(ctx, func(tx *store.Tx) (err error) {
		live, err = tx.LiveKeys(ctx, 0)
		return err
	})
	if err != nil || live > 0 {
		return "", err
	}
	return o.CreateKey(ctx, 0)
}
