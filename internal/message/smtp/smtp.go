// Package smtp delivers messages to the mail server of the operator. Each message has a
// connection of its own and is handed over whole: the server has it when Send returns nil.
//
// The connection is encrypted by STARTTLS, or from its beginning (smtps://); in clear only
// to this machine itself, or where the operator says so in the URL. What the server says
// is not passed on, since it repeats addresses: errors name the step and the codes.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"cagnotte/internal/message"
)

// Timeout is the longest that a mail server may take for one answer.
const Timeout = 20 * time.Second

// Server is a mail server; it is safe for many goroutines.
type Server struct {
	host    string
	whole   bool // encrypted from the beginning
	options []mail.Option
}

// ErrURL is returned for a URL that names no mail server. It does not repeat the URL, which
// holds a password.
var ErrURL = errors.New("want smtp://user:password@host:587 or smtps://user:password@host:465")

// New reads the URL of a mail server: smtp:// with STARTTLS (port 587 unless it says
// another), smtps:// encrypted from the beginning (465). `?tls=none` leaves a connection in
// clear, `?tls=required` wants STARTTLS of this machine, too. roots are the certificates
// that are believed; nil: those of the system.
func New(text string, roots *tls.Config) (*Server, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, ErrURL
	}
	s := &Server{host: u.Hostname()}
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12}
	if roots != nil {
		tlsConfig = roots.Clone()
	}
	tlsConfig.ServerName = s.host
	s.options = []mail.Option{mail.WithTimeout(Timeout), mail.WithTLSConfig(tlsConfig), mail.WithoutNoop(), mail.WithoutRset()}
	port, clear := 587, false
	switch u.Scheme {
	case "smtps":
		port, s.whole = 465, true
		s.options = append(s.options, mail.WithSSL())
	case "smtp":
		switch tlsSaid := u.Query().Get("tls"); {
		case tlsSaid == "none", tlsSaid == "" && loopback(s.host):
			clear = true
			s.options = append(s.options, mail.WithTLSPolicy(mail.NoTLS))
		case tlsSaid == "", tlsSaid == "required":
			s.options = append(s.options, mail.WithTLSPolicy(mail.TLSMandatory))
		default:
			return nil, ErrURL
		}
	default:
		return nil, ErrURL
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, ErrURL
		}
	}
	s.options = append(s.options, mail.WithPort(port))
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		how := mail.SMTPAuthAutoDiscover
		if clear {
			how = mail.SMTPAuthPlainNoEnc
		}
		s.options = append(s.options, mail.WithSMTPAuth(how), mail.WithUsername(user), mail.WithPassword(password))
	}
	if _, err := mail.NewClient(s.host, s.options...); err != nil {
		return nil, ErrURL
	}
	return s, nil
}

// Host is where messages go.
func (s *Server) Host() string { return s.host }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands a message over. What the server refuses for good (5xx of sender, recipient or
// content) is final; whatever else goes wrong may be mended by time or by the operator.
func (s *Server) Send(ctx context.Context, m *message.Message) error {
	out, err := letter(m)
	if err != nil {
		return message.Final(err)
	}
	ctx, end := context.WithTimeout(ctx, 2*Timeout)
	defer end()
	options := slices.Clone(s.options)
	if !s.whole { // the library takes a connection of ours for one in clear
		options = append(options, mail.WithDialContextFunc(closing(ctx)))
	}
	c, err := mail.NewClient(s.host, options...)
	if err != nil {
		return errors.New("the mail server cannot be used as it is configured")
	}
	if err := c.DialWithContext(ctx); err != nil {
		return dialling(ctx, err)
	}
	defer func() { _ = c.Close() }() // the server has answered for the message by then
	if err := c.Send(out); err != nil && !out.IsDelivered() {
		return refusal(err)
	}
	return nil
}

// closing dials connections that end with a context: the library looks at it while it
// connects alone, and then knows only its own timeout.
func closing(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: Timeout}).DialContext(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// letter is the message in the library's words. A new one is made for each, so that
// nothing of another person's can be left in it.
func letter(m *message.Message) (*mail.Msg, error) {
	if m.From == "" {
		return nil, errors.New("there is no sender's address: --mail-from names it")
	}
	out := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := out.FromFormat(m.FromName, m.From); err != nil {
		return nil, errors.New("the sender's address cannot be used")
	}
	if err := out.To(m.To); err != nil {
		return nil, errors.New("the recipient's address cannot be used")
	}
	if m.ReplyTo != "" {
		if err := out.ReplyTo(m.ReplyTo); err != nil {
			return nil, errors.New("the address for replies cannot be used")
		}
	}
	for name, value := range m.Headers {
		if strings.ContainsAny(name+value, "\r\n") {
			return nil, errors.New("a header holds a line break")
		}
		if name == "List-Unsubscribe" {
			out.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, value) // a link must not be folded or encoded
			continue
		}
		out.SetGenHeader(mail.Header(name), value)
	}
	out.Subject(m.Subject)
	out.SetBodyString(mail.TypeTextPlain, m.Text)
	out.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return out, nil
}

func dialling(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errors.New("the mail server took too long")
	case errors.Is(err, mail.ErrNoActiveConnection):
		return errors.New("the mail server ended the connection")
	}
	if strings.Contains(err.Error(), "STARTTLS") {
		return errors.New("the mail server offers no STARTTLS; smtp://…?tls=none would send in clear")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errors.New("the certificate of the mail server is not believed")
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return errors.New("the mail server cannot be reached")
	}
	return errors.New("the mail server does not let us in")
}

// notOfTheMessage are refusals of 5xx by which the server wants us to sign in otherwise.
var notOfTheMessage = []int{530, 534, 535, 538}

func refusal(err error) error {
	if err == nil {
		return nil
	}
	s, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return errors.New("the connection to the mail server broke")
	}
	code := s.ErrorCode()
	if code == 0 {
		return fmt.Errorf("the connection to the mail server broke (%s)", s.Reason)
	}
	said := fmt.Errorf("refused with %d", code)
	if more := s.EnhancedStatusCode(); more != "" {
		said = fmt.Errorf("refused with %d %s", code, more)
	}
	if code >= 500 && !slices.Contains(notOfTheMessage, code) {
		return message.Final(said)
	}
	return said
}
