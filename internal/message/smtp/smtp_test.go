package smtp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"cagnotte/internal/id"
	"cagnotte/internal/message"
	"cagnotte/internal/message/smtp"
)

// server is a mail server in the test's own process. Its answers are the functions that are
// set.
type server struct {
	mu       sync.Mutex
	got      []mailed
	onRcpt   func(n int) error
	afterAll func(c *gosmtp.Conn) error // when the whole message is there
	rcpts    int
	users    []string
	secret   string // the password that it wants; empty: none
}

type mailed struct {
	from, to, body string
	encrypted      bool
}

func (s *server) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	return &session{s: s, c: c}, nil
}

type session struct {
	s        *server
	c        *gosmtp.Conn
	from, to string
	user     string
}

func (x *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != x.s.secret {
			return &gosmtp.SMTPError{Code: 535, EnhancedCode: gosmtp.EnhancedCode{5, 7, 8}, Message: "no"}
		}
		x.user = user
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if x.s.secret != "" && x.user == "" {
		return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	}
	x.from = from
	return nil
}

func (x *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.rcpts++
	x.to = to
	if x.s.onRcpt != nil {
		return x.s.onRcpt(x.s.rcpts)
	}
	return nil
}

func (x *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, encrypted := x.c.TLSConnectionState()
	x.s.mu.Lock()
	x.s.got = append(x.s.got, mailed{x.from, x.to, string(body), encrypted})
	x.s.users = append(x.s.users, x.user)
	x.s.mu.Unlock()
	if x.s.afterAll != nil {
		return x.s.afterAll(x.c)
	}
	return nil
}

func (x *session) Reset() {}

func (x *session) Logout() error { return nil }

// start listens on this machine and gives the address; with a certificate it offers STARTTLS.
func (s *server) start(t *testing.T, cert *tls.Certificate) (port string) {
	t.Helper()
	srv := gosmtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "mx.example", true
	if cert != nil {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12}
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-done; err != nil && !errors.Is(err, gosmtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	_, port, _ = net.SplitHostPort(ln.Addr().String())
	return port
}

func letter() *message.Message {
	return &message.Message{
		ID: id.Mint[id.MessageKind](1, [8]byte{1}), From: "hello@lavande.example", FromName: "Zoé via Maison Lavande", ReplyTo: "zoe@members.example",
		To: "friend@friends.example", Subject: "Votre récompense\u00a0: 10,00\u00a0€", Text: "Bonjour\n", HTML: "<p>Bonjour</p>\n",
		Headers: map[string]string{
			"Date": "Tue, 31 Mar 2026 10:00:00 +0000", "Message-ID": "<msg_1@lavande.example>",
			"List-Unsubscribe": "<https://lavande.example/p/stop/" + strings.Repeat("k7", 60) + ">",
		},
	}
}

func send(t *testing.T, url string, roots *tls.Config, m *message.Message) error {
	t.Helper()
	s, err := smtp.New(url, roots)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), m)
}

func TestAMessageArrivesWhole(t *testing.T) {
	t.Parallel()
	s := &server{}
	if err := send(t, "smtp://127.0.0.1:"+s.start(t, nil), nil, letter()); err != nil {
		t.Fatal(err)
	}
	m := letter()
	got := s.got[0]
	if got.from != m.From || got.to != m.To {
		t.Errorf("from %s to %s", got.from, got.to)
	}
	read, err := netmail.ReadMessage(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range m.Headers {
		if h := strings.Join(strings.Fields(read.Header.Get(name)), " "); h != want {
			t.Errorf("%s is %q, want %q", name, h, want)
		}
	}
	words := new(mime.WordDecoder)
	for name, want := range map[string]string{
		"Subject": m.Subject, "From": `"Zoé via Maison Lavande" <hello@lavande.example>`, "To": "<friend@friends.example>", "Reply-To": "<zoe@members.example>",
	} {
		if h := header(t, words, read.Header.Get(name)); h != want && strings.ReplaceAll(h, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s is %q, want %q", name, h, want)
		}
	}
	if !strings.HasPrefix(read.Header.Get("Content-Type"), "multipart/alternative") {
		t.Errorf("it is %s", read.Header.Get("Content-Type"))
	}
	text, page := strings.Index(got.body, "text/plain"), strings.Index(got.body, "text/html")
	if text < 0 || page < text {
		t.Errorf("no text before HTML in\n%s", got.body)
	}
	for _, none := range []string{"X-Mailer", "User-Agent", "Bcc"} {
		if read.Header.Get(none) != "" {
			t.Errorf("it says %s: %s", none, read.Header.Get(none))
		}
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	refuse := func(code int) func(int) error {
		return func(int) error {
			return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 1, 1}, Message: "friend@friends.example: no"}
		}
	}
	for _, x := range []struct {
		name   string
		server *server
		url    string
		final  bool
		says   string
	}{
		{"unknown recipient", &server{onRcpt: refuse(550)}, "", true, "refused with 550 5.1.1"},
		{"greylisted", &server{onRcpt: refuse(451)}, "", false, "refused with 451 4.1.1"},
		{"content", &server{afterAll: func(*gosmtp.Conn) error { return refuse(554)(0) }}, "", true, "refused with 554 5.1.1"},
		{"too busy for it", &server{afterAll: func(*gosmtp.Conn) error { return refuse(452)(0) }}, "", false, "refused with 452 4.1.1"},
		{"broken behind DATA", &server{afterAll: func(c *gosmtp.Conn) error { return c.Conn().Close() }}, "", false, "the connection to the mail server broke"},
		{"it wants a password", &server{secret: "pw"}, "", false, "refused with 530 5.7.0"},
		{"another password", &server{secret: "pw"}, "me:no@", false, "the mail server does not let us in"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			err := send(t, "smtp://"+x.url+"127.0.0.1:"+x.server.start(t, nil), nil, letter())
			if err == nil || message.IsFinal(err) != x.final || !strings.HasPrefix(err.Error(), x.says) {
				t.Errorf("final %v: %v", message.IsFinal(err), err)
			}
			if err != nil && strings.Contains(err.Error(), "@") {
				t.Errorf("the error holds an address: %v", err)
			}
		})
	}
}

func TestATemporaryRefusalThenTaken(t *testing.T) {
	t.Parallel()
	s := &server{onRcpt: func(n int) error {
		if n == 1 {
			return &gosmtp.SMTPError{Code: 450, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "later"}
		}
		return nil
	}}
	url := "smtp://127.0.0.1:" + s.start(t, nil)
	if err := send(t, url, nil, letter()); err == nil || message.IsFinal(err) {
		t.Errorf("first: %v", err)
	}
	if err := send(t, url, nil, letter()); err != nil {
		t.Errorf("then: %v", err)
	}
	if len(s.got) != 1 {
		t.Errorf("%d messages", len(s.got))
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	s := &server{secret: "pass/word"}
	if err := send(t, "smtp://me:pass%2Fword@127.0.0.1:"+s.start(t, nil), nil, letter()); err != nil {
		t.Fatal(err)
	}
	if len(s.users) != 1 || s.users[0] != "me" {
		t.Errorf("signed in as %v", s.users)
	}
}

// STARTTLS is wanted of every other machine; `tls=required` wants it of this one, too.
func TestEncryption(t *testing.T) {
	t.Parallel()
	plain := &server{}
	err := send(t, "smtp://127.0.0.1:"+plain.start(t, nil)+"?tls=required", nil, letter())
	if err == nil || message.IsFinal(err) || !strings.Contains(err.Error(), "no STARTTLS") || len(plain.got) != 0 {
		t.Errorf("without STARTTLS: %v, %d messages", err, len(plain.got))
	}
	cert, roots := certificate(t)
	s := &server{secret: "pw"}
	port := s.start(t, cert)
	if err := send(t, "smtp://me:pw@127.0.0.1:"+port+"?tls=required", roots, letter()); err != nil || len(s.got) != 1 || !s.got[0].encrypted {
		t.Errorf("with STARTTLS: %v, %+v", err, s.got)
	}
	err = send(t, "smtp://me:pw@127.0.0.1:"+port+"?tls=required", nil, letter())
	if err == nil || message.IsFinal(err) || !strings.Contains(err.Error(), "certificate") || len(s.got) != 1 {
		t.Errorf("an unknown certificate: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "smtp://" + ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if err := send(t, url, nil, letter()); err == nil || message.IsFinal(err) || err.Error() != "the mail server cannot be reached" {
		t.Errorf("got %v", err)
	}
}

func TestLineBreaksNeverReachAHeader(t *testing.T) {
	t.Parallel()
	s := &server{}
	url := "smtp://127.0.0.1:" + s.start(t, nil)
	for name, change := range map[string]func(*message.Message){
		"subject":   func(m *message.Message) { m.Subject = "a\r\nBcc: eve@evil.example" },
		"name":      func(m *message.Message) { m.FromName = "a\r\nBcc: eve@evil.example" },
		"recipient": func(m *message.Message) { m.To = "a@b.example\r\nBcc: eve@evil.example" },
		"replies":   func(m *message.Message) { m.ReplyTo = "a@b.example\r\nBcc: eve@evil.example" },
		"header": func(m *message.Message) {
			m.Headers["List-Unsubscribe"] = "<https://a.example>\r\nBcc: eve@evil.example"
		},
	} {
		m := letter()
		change(m)
		before := len(s.got)
		if err := send(t, url, nil, m); err != nil {
			if !message.IsFinal(err) {
				t.Errorf("%s: %v would be tried again", name, err)
			}
			continue
		}
		read, err := netmail.ReadMessage(strings.NewReader(s.got[before].body))
		if err != nil || read.Header.Get("Bcc") != "" {
			t.Errorf("%s: %v\n%s", name, err, s.got[before].body)
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"smtp://mx.example", "smtps://u:p@mx.example", "smtp://mx.example:25?tls=none", "smtp://[::1]:2525"} {
		if _, err := smtp.New(url, nil); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"", "mx.example", "http://mx.example", "smtp://", "smtp://mx.example:99999", "smtp://u:secret@mx.example/x", "smtp://mx.example?tls=maybe", "smtp://u:sec ret@mx.example"} {
		_, err := smtp.New(url, nil)
		if !errors.Is(err, smtp.ErrURL) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// certificate makes one for 127.0.0.1 that nobody but the returned configuration believes.
func certificate(t *testing.T) (*tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, own, own, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func header(t *testing.T, words *mime.WordDecoder, text string) string {
	t.Helper()
	out, err := words.DecodeHeader(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
