package staff

import (
	"context"

	"github.com/alexedwards/argon2id"

	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// WaitFrom is how long somebody would have to wait for his next try from somewhere.
func (s *Staff) WaitFrom(ctx context.Context, x *Session, from From) (wait moment.Time, err error) {
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		place, err := s.knows(ctx, tx, x.Shop, x.ID, from)
		if err != nil {
			return err
		}
		if place == nil {
			place = s.place(x.ID, from)
		}
		until, err := tx.TriesLocked(ctx, x.Shop, place)
		wait = max(0, until-tx.Now)
		return err
	})
	return wait, err
}

// Cheap makes hashes that cost little, for tests of a thousand passwords.
func (s *Staff) Cheap() {
	s.cost = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	s.nobody, _ = argon2id.CreateHash("nobody", s.cost)
}
