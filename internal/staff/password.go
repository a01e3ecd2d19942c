package staff

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"cagnotte/internal/loyalty"
)

// A password stands beside a second factor, so eight characters are enough, whatever they are
// (NIST SP 800-63B-4, 3.1.1.2): no rule about kinds of characters, nothing cut off, but none
// that everybody tries first.
const (
	minPassword = 8
	maxPassword = 256 // bytes
)

// cost is what one try costs (OWASP's second choice for Argon2id: little memory).
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// tried first: what lists of stolen passwords begin with, eight characters and more, without
// the digits and signs that people put around them.
var triedFirst = strings.Fields(`password passwort motdepasse haslo zaq qwerty qwertyuiop azerty azertyuiop asdfghjkl
	iloveyou jetaime kochamcie sunshine soleil princess princesse football trustno letmein welcome bienvenue dragon monkey
	superman batman charlie michael jessica admin administrator administrateur changeme secret default cagnotte polska
	misiek marseille doudou chouchou starwars whatever computer internet samsung google qazwsx qazwsxedc pass passpass`)

// same is a password as every keyboard types it: letters with accents come in one piece or in
// two (SP 800-63B-4, 3.1.1.2).
func same(password string) string { return norm.NFKC.String(password) }

func checkPassword(password, email, shop string) error {
	password = same(password)
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return loyalty.Invalid("password", "short_password", "min", "8")
	case len(password) > maxPassword || !utf8.ValidString(password):
		return loyalty.Invalid("password", "too_long", "max", "256")
	case easy(password, email, shop):
		return loyalty.Invalid("password", "easy_password")
	}
	return nil
}

// easy are passwords that a thief tries first: well-known words with digits around them, one
// character or row alone, the person's address, the shop's name.
func easy(password, email, shop string) bool {
	low := strings.ToLower(password)
	word := strings.Trim(low, "0123456789!@#$%&*?.,;:-_+= ")
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	if slices.Contains(append([]string{"", name, strings.ToLower(shop), strings.ReplaceAll(strings.ToLower(shop), " ", "")}, triedFirst...), word) {
		return true
	}
	for n := 1; n <= 4; n++ { // the same few characters again and again
		if strings.Repeat(low[:min(n, len(low))], len(low)/n+1)[:len(low)] == low {
			return true
		}
	}
	const rows = "abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm azertyuiopqsdfghjklmwxcvbn"
	return strings.Contains(rows, word)
}

// hash makes what is stored of a password. Few are made at once: each takes a core and 19 MiB.
func (s *Staff) hash(ctx context.Context, password string) (string, error) {
	if err := s.turn(ctx); err != nil {
		return "", err
	}
	defer s.done()
	return argon2id.CreateHash(same(password), s.cost)
}

// matches tells whether a password is the one of a hash. Without a hash it takes as long.
func (s *Staff) matches(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > 4*maxPassword { // nobody has one that long; shown the same, it may be shorter
		password = ""
	}
	password = same(password)
	if err := s.turn(ctx); err != nil {
		return false, err
	}
	defer s.done()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, s.nobody)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (s *Staff) turn(ctx context.Context) error {
	select {
	case s.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Staff) done() { <-s.busy }
