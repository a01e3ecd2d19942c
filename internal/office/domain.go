package office

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/moment"
)

// What can be said of the address of a portal.
const (
	DomainGood        = "good"        // the name leads to a server that proves itself by TLS
	DomainNone        = "none"        // there is no address
	DomainNumbers     = "numbers"     // numbers or a name of this machine, not a domain
	DomainPlain       = "plain"       // without TLS: http
	DomainUnknown     = "unknown"     // no such name is known
	DomainBlind       = "blind"       // this server cannot ask: nothing is said about the name
	DomainPrivate     = "private"     // the name leads into a private network; we do not go there
	DomainUnreachable = "unreachable" // nobody answers there, at least to this server
	DomainUntrusted   = "untrusted"   // whoever answers does not prove that he is that name
)

// domainTime is how long looking may take.
const domainTime = 5 * time.Second

// Domain is what was found out about an address.
type Domain struct {
	Code      string
	Host      string
	Addresses []string    // that the name leads to
	Ends      moment.Time // of the certificate
}

// Looker asks the world about a name; tests have one of their own.
type Looker struct {
	Lookup func(ctx context.Context, host string) ([]string, error)
	// Greet speaks TLS to an address on behalf of a host, and tells until when its certificate holds.
	Greet func(ctx context.Context, address, host string) (ends time.Time, err error)
}

// Outside asks by the machine's own resolver and network.
func Outside() Looker {
	return Looker{
		Lookup: net.DefaultResolver.LookupHost,
		Greet: func(ctx context.Context, address, host string) (time.Time, error) {
			c, err := (&tls.Dialer{Config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", net.JoinHostPort(address, "443"))
			if err != nil {
				return time.Time{}, err
			}
			ends := c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
			return ends, c.Close()
		},
	}
}

// Domain finds out whether the name in a portal's address leads somewhere that proves itself by
// TLS. It asks for names and greets at port 443, and never in a private network, so that nobody
// looks around there with it. Whether the server that answers is this one it cannot tell.
func (o *Office) Domain(ctx context.Context, base string) Domain {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return Domain{Code: DomainNone}
	}
	d := Domain{Host: strings.ToLower(u.Hostname())}
	if _, err := netip.ParseAddr(d.Host); err == nil || !strings.Contains(d.Host, ".") {
		d.Code = DomainNumbers
		return d
	}
	ctx, end := context.WithTimeout(ctx, domainTime)
	defer end()
	d.Addresses, err = o.Look.Lookup(ctx, d.Host)
	if missing, is := errors.AsType[*net.DNSError](err); err != nil {
		d.Code = DomainBlind
		if is && missing.IsNotFound {
			d.Code = DomainUnknown
		}
		return d
	}
	slices.Sort(d.Addresses)
	for _, a := range d.Addresses {
		if at, err := netip.ParseAddr(a); err != nil || !at.IsGlobalUnicast() || at.IsPrivate() {
			d.Code = DomainPrivate
			return d
		}
	}
	switch {
	case len(d.Addresses) == 0:
		d.Code = DomainUnknown
		return d
	case u.Scheme != "https":
		d.Code = DomainPlain
		return d
	}
	ends, err := o.Look.Greet(ctx, d.Addresses[0], d.Host)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	if _, strange := errors.AsType[x509.HostnameError](err); untrusted || strange {
		d.Code = DomainUntrusted
		return d
	}
	if err != nil {
		d.Code = DomainUnreachable
		return d
	}
	d.Code, d.Ends = DomainGood, moment.Of(ends)
	return d
}
