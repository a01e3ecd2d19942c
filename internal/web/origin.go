package web

import (
	"fmt"
	"net/url"
	"strings"
)

// Origin is where people reach this server, as the operator says: a scheme and a host, without
// a path.
type Origin string

// UnmarshalText reads it from a flag.
func (o *Origin) UnmarshalText(text []byte) error {
	at := strings.TrimSuffix(string(text), "/")
	if at != "" {
		u, err := url.Parse(at)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || at != u.Scheme+"://"+u.Host {
			return fmt.Errorf("%q is no address such as https://club.shop.example", at)
		}
	}
	*o = Origin(at)
	return nil
}
