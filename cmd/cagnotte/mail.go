package main

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"

	"cagnotte/internal/message/local"
	"cagnotte/internal/message/smtp"
	"cagnotte/internal/outreach"
)

// mailing are the flags about messages: docs/messages.md.
type mailing struct {
	Smtp     string `help:"The mail server: smtp://user:password@host:587, or smtps://…:465. CAGNOTTE_SMTP_FILE names a file with it. Without one no message leaves this machine." env:"CAGNOTTE_SMTP" placeholder:"URL"`
	MailFrom string `help:"The sender's address of messages." env:"CAGNOTTE_MAIL_FROM" placeholder:"ADDRESS"`
}

// options reads the flags; the server's URL may stand in a file, since it holds a password.
func (m mailing) options() (o outreach.Options, err error) {
	o = outreach.Options{Kept: local.Outbox{}, From: m.MailFrom}
	url := m.Smtp
	if file := os.Getenv("CAGNOTTE_SMTP_FILE"); url == "" && file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return o, fmt.Errorf("mail server: %w", err)
		}
		url = strings.TrimSpace(string(b))
	}
	if m.MailFrom != "" {
		if a, err := mail.ParseAddress(m.MailFrom); err != nil || a.Address != m.MailFrom {
			return o, errors.New("--mail-from: want an address such as hello@shop.example")
		}
	}
	if url == "" {
		return o, nil
	}
	if m.MailFrom == "" {
		return o, errors.New("--smtp wants --mail-from, too: the address that messages come from")
	}
	if o.Mail, err = smtp.New(url, nil); err != nil {
		return o, fmt.Errorf("--smtp: %w", err)
	}
	return o, nil
}
