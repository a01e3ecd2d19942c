package office

import "context"

// FirstOperatorKey makes the operator's first key: the token, or "" when there has been one
// before.
func (o *Office) FirstOperatorKey(ctx context.Context) (token string, err error) {
	keys, err := o.st.Keys(ctx, 0)
	if err != nil || len(keys) > 0 {
		return "", err
	}
	return o.CreateKey(ctx, 0, ScopeShops)
}
