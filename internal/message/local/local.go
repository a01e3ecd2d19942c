// Package local is the sender of whoever has no mail server yet, and of every test twin:
// nothing leaves the machine. The message stays where outreach keeps it, sealed in its own
// row, and can be read there (`cagnotte outbox`) until it is forgotten.
package local

import (
	"context"
	"errors"

	"cagnotte/internal/message"
)

// Outbox takes every message and hands it to nobody.
type Outbox struct{}

// Send refuses what no sender would take, so that a test shop finds it before a live one
// does.
func (Outbox) Send(_ context.Context, m *message.Message) error {
	if m.To == "" || m.Subject == "" || m.Text == "" || m.HTML == "" {
		return message.Final(errors.New("the message is not whole"))
	}
	return nil
}
