package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/outreach"
)

// said runs a command in this process and gives what it wrote.
func said(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs); code != want {
		t.Fatalf("%v ended with %d\n%s%s", args, code, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// A message that no mail server takes is read on the command line, as its reader would.
func TestTheLocalOutboxIsRead(t *testing.T) {
	folder := t.TempDir()
	said(t, 0, "shop", "create", "Lavande", "--data", folder)
	e := &env{ctx: t.Context(), out: t.Output(), err: t.Output()}
	at := place{Data: folder}
	err := outreachOf(e, at, "lavande", "", func(o *outreach.Outreach, shop *loyalty.Shop) error {
		return o.Post(t.Context(), shop.ID, message.Letter{
			Key: "k", Moment: message.SignIn, To: "zoe@members.example", Locale: "fr", Fields: map[string]string{"code": "482913", "minutes": "10"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if list := said(t, 0, "outbox", "--shop", "lavande", "--data", folder); !regexp.MustCompile(`(?m)^msg_\S+ .* sign_in +queued +zoe@members.example +Votre code de connexion.*482913$`).MatchString(list) {
		t.Errorf("it lists\n%s", list)
	}
	if done := (&serving{}).deliver(t, e, at); done != 1 {
		t.Fatalf("%d jobs were done", done)
	}
	list := said(t, 0, "outbox", "--shop", "lavande", "--data", folder)
	which := regexp.MustCompile(`msg_\S+`).FindString(list)
	if !strings.Contains(list, "sent") || !strings.Contains(list, "local") {
		t.Errorf("it lists\n%s", list)
	}
	whole := said(t, 0, "outbox", which, "--shop", "lavande", "--data", folder)
	if !strings.Contains(whole, "To: zoe@members.example") || !strings.Contains(whole, "Subject: Votre code de connexion\u00a0: 482913") || !strings.Contains(whole, "Valable 10 minutes") {
		t.Errorf("it reads\n%s", whole)
	}
	if page := said(t, 0, "outbox", which, "--shop", "lavande", "--html", "--data", folder); !strings.HasPrefix(page, "<!DOCTYPE html>") {
		t.Errorf("its HTML is\n%s", page)
	}
	said(t, 1, "outbox", "msg_00000000000000000000000000", "--shop", "lavande", "--data", folder)
}

// deliver does what a server would do with the jobs that are there.
func (s *serving) deliver(t *testing.T, e *env, at place) (done int) {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	st, box, err := at.open(e)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.wire(e, st, box, words)
	if err == nil {
		done, err = p.jobs.Round(t.Context())
		p.in.Close()
	}
	if err != nil {
		t.Error(err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	return done
}

func TestMessagesAreSwitched(t *testing.T) {
	folder := t.TempDir()
	said(t, 0, "shop", "create", "Lavande", "--data", folder)
	for _, x := range [][2]string{{"", "off"}, {"on", "on"}, {"", "on"}, {"off", "off"}} {
		args := []string{"messages", "lavande", "--data", folder}
		if x[0] != "" {
			args = append(args, x[0])
		}
		if got := said(t, 0, args...); got != "messages of lavande are "+x[1]+"\n" {
			t.Errorf("%v says %s", args, got)
		}
	}
}

func TestTheMailServerIsNamed(t *testing.T) {
	t.Setenv("CAGNOTTE_SMTP_FILE", "")
	for _, x := range []struct {
		flags mailing
		wrong string
		mail  bool
	}{
		{flags: mailing{}},
		{flags: mailing{Smtp: "smtp://u:secret@mx.example", MailFrom: "hello@lavande.example"}, mail: true},
		{flags: mailing{Smtp: "smtp://u:secret@mx.example"}, wrong: "wants --mail-from"},
		{flags: mailing{Smtp: "ftp://u:secret@mx.example", MailFrom: "hello@lavande.example"}, wrong: "want smtp://"},
		{flags: mailing{MailFrom: "Lavande <hello@lavande.example>"}, wrong: "want an address"},
	} {
		o, err := x.flags.options()
		if x.wrong == "" && (err != nil || (o.Mail != nil) != x.mail) || x.wrong != "" && (err == nil || !strings.Contains(err.Error(), x.wrong) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%+v: %v", x.flags.MailFrom, err)
		}
	}
	file := filepath.Join(t.TempDir(), "smtp")
	if err := os.WriteFile(file, []byte("smtp://u:secret@mx.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CAGNOTTE_SMTP_FILE", file)
	if o, err := (mailing{MailFrom: "hello@lavande.example"}).options(); err != nil || o.Mail == nil {
		t.Errorf("from a file: %v", err)
	}
}
