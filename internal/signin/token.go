package signin

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// The shop's own sign-on is a JWT (RFC 7519), signed by HS256 with a secret that the shop
// reads once by API. Every language has a library for it.

// tokenFor is how long a token may be valid at most, skew how far clocks may differ.
const (
	tokenFor = 5 * time.Minute
	skew     = 30 * time.Second
)

// Named is whom a shop's token names: by the id of his account there.
type Named struct {
	ExternalID string
	Email      string
	FirstName  string
	LastName   string
	Locale     string
	once       string
	ends       moment.Time
}

type claims struct {
	Email      string `json:"email"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	Locale     string `json:"locale"`
	jwt.RegisteredClaims
}

// Secret signs the tokens of a shop. With another number it is another one.
func (s *SignIn) Secret(shop loyalty.ShopID, no int) string {
	return s.box.Match("sign_on", strconv.FormatInt(int64(shop), 10)+"/"+strconv.Itoa(no))
}

// Verify reads a token of a shop's own sign-on: whom it names. `aud` is the shop's slug,
// `sub` the id of the account there, `exp` at most five minutes ahead, `jti` a name that is
// used once. The problem `token_wrong` is all that a bad one is told.
func (s *SignIn) Verify(ctx context.Context, shop *loyalty.Shop, token string) (*Named, error) {
	wrong := loyalty.Invalid("token", "token_wrong")
	portal, err := s.st.Portal(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	now := s.st.Clock()
	var c claims
	_, err = jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(s.Secret(shop.ID, portal.SecretNo)), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(shop.Slug), jwt.WithExpirationRequired(), jwt.WithLeeway(skew),
		jwt.WithTimeFunc(func() time.Time { return now.Std() }))
	if err != nil || c.Subject == "" || c.ID == "" || len(c.Subject) > loyalty.MaxRefBytes || len(c.ID) > loyalty.MaxRefBytes ||
		c.ExpiresAt.After(now.Std().Add(tokenFor+skew)) {
		return nil, wrong
	}
	return &Named{
		ExternalID: c.Subject, Email: c.Email, FirstName: c.GivenName, LastName: c.FamilyName, Locale: c.Locale,
		once: c.ID, ends: moment.Of(c.ExpiresAt.Time) + moment.Hour,
	}, nil
}

// OpenNamed opens a session for whom a token names; the same token again is `token_wrong`.
func (s *SignIn) OpenNamed(ctx context.Context, shop loyalty.ShopID, n *Named, m id.Member) (secret string, err error) {
	secret = rand.Text() + rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		first, err := tx.UseToken(ctx, shop, digest(n.once), n.ends)
		if err != nil {
			return err
		}
		if !first {
			return loyalty.Invalid("token", "token_wrong")
		}
		return tx.PutSession(ctx, shop, digest(secret), m, tx.Now+lasts)
	})
	return secret, err
}
