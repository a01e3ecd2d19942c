package office_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"
	"time"

	"cagnotte/internal/moment"
	"cagnotte/internal/office"
)

// What is said of an address is what was found out, and nothing where nobody could ask. Nobody is
// greeted in a private network.
func TestTheDomainOfAPortal(t *testing.T) {
	t.Parallel()
	ends := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	names := map[string][]string{
		"club.example.com": {"93.184.216.34"}, "inside.example.com": {"93.184.216.34", "10.0.0.7"}, "self.example.com": {"127.0.0.1"},
		"six.example.com": {"fd00::1"}, "old.example.com": {"198.41.0.4"}, "dead.example.com": {"198.41.0.5"}, "empty.example.com": {},
	}
	for _, x := range []struct {
		base, code string
		greets     bool
	}{
		{"", office.DomainNone, false},
		{"not an address", office.DomainNone, false},
		{"http://127.0.0.1:8080", office.DomainNumbers, false},
		{"https://[::1]/p/x", office.DomainNumbers, false},
		{"http://localhost:8080", office.DomainNumbers, false},
		{"https://none.example.com", office.DomainUnknown, false},
		{"https://empty.example.com", office.DomainUnknown, false},
		{"https://blind.example.com", office.DomainBlind, false},
		{"https://inside.example.com", office.DomainPrivate, false},
		{"https://self.example.com:6379", office.DomainPrivate, false},
		{"https://six.example.com", office.DomainPrivate, false},
		{"http://club.example.com", office.DomainPlain, false},
		{"https://dead.example.com", office.DomainUnreachable, true},
		{"https://old.example.com", office.DomainUntrusted, true},
		{"https://Club.example.com/p/maison", office.DomainGood, true},
	} {
		greeted := false
		o := office.New(nil, nil)
		o.Look = office.Looker{
			Lookup: func(_ context.Context, host string) ([]string, error) {
				list, known := names[host]
				switch {
				case host == "blind.example.com":
					return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
				case !known:
					return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
				}
				return list, nil
			},
			Greet: func(_ context.Context, address, host string) (time.Time, error) {
				greeted = true
				switch address {
				case "198.41.0.4":
					return time.Time{}, &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}
				case "198.41.0.5":
					return time.Time{}, errors.New("connection refused")
				}
				return ends, nil
			},
		}
		d := o.Domain(t.Context(), x.base)
		if d.Code != x.code || greeted != x.greets || (d.Ends != 0) != (x.code == office.DomainGood) {
			t.Errorf("%q: %+v, greeted %v; want %s", x.base, d, greeted, x.code)
		}
		if x.code == office.DomainGood && (d.Ends != moment.Of(ends) || d.Host != "club.example.com") {
			t.Errorf("%+v", d)
		}
	}
}
