package web

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// drawn makes a guess: 18 symbols, of which a guesser who knows how computes the last one.
func drawn(t *testing.T, knows bool) string {
	t.Helper()
	var secret [32]byte
	_, _ = rand.Read(secret[:])
	if knows {
		return loyalty.BearerCode(secret)
	}
	b := make([]byte, 18)
	for i := range b {
		b[i] = alphabet[int(secret[i])%len(alphabet)]
	}
	return string(b)
}

// A million guesses at 10,000 a second find nothing, and at most one in a thousand is asked of
// the database; whoever comes with a right code meanwhile is answered (V6).
func TestAMillionGuesses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		clients int // that a server asks for; 0: it names none
		knows   bool
	}{
		{"many clients who draw lots", 10_000, false},
		{"some clients who compute the check character", 200, true},
		{"a key alone", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const tries, perSecond = 1_000_000, 10_000
			l := NewLimiter(Limits{Guesses: Guesses{Key: Rate{2, 300}, Client: 10}}, nil)
			key, at := id.Key{1}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			ours := map[string]bool{}
			var codes []string
			for range 100_000 {
				codes = append(codes, drawn(t, true))
				ours[codes[len(codes)-1]] = true
			}
			asked, hits, honest, turnedAway := 0, 0, 0, 0
			for n := range tries {
				at = at.Add(time.Second / perSecond)
				if n%100 == 0 && tt.clients > 0 { // somebody who has a code, and types it right
					honest++
					if l.guesses.wait(key, fmt.Sprintf("customer %d", n), at) > 0 || loyalty.Mistyped(codes[n/100]) || !ours[codes[n/100]] {
						turnedAway++
					}
				}
				name := ""
				if tt.clients > 0 {
					name = fmt.Sprintf("guesser %d", n%tt.clients)
				}
				if l.guesses.wait(key, name, at) > 0 {
					continue
				}
				guess := drawn(t, tt.knows)
				if !loyalty.Mistyped(guess) {
					if asked++; ours[guess] {
						hits++
						continue
					}
				}
				l.guesses.wrong(key, name, at)
			}
			t.Logf("%d of %d guesses were asked of the database, %d hits; %d of %d honest customers were turned away", asked, tries, hits, turnedAway, honest)
			if hits > 0 || asked > tries/1_000 || asked == 0 || turnedAway*100 > honest {
				t.Errorf("asked %d, hits %d, turned away %d of %d", asked, hits, turnedAway, honest)
			}
		})
	}
}

// Without limits nobody waits.
func TestGuessesWithoutLimits(t *testing.T) {
	t.Parallel()
	l := NewLimiter(Limits{}, nil)
	for range 1_000 {
		l.guesses.wrong(id.Key{1}, "x", time.Time{})
	}
	if l.guesses.wait(id.Key{1}, "x", time.Time{}) > 0 || l.guesses.wait(id.Key{1}, "", time.Time{}) > 0 {
		t.Error("somebody waits")
	}
}
