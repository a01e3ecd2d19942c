package web

import (
	"net/url"
	"strings"
)

// Inside gives the path of an address of a host below a prefix, without the prefix; "/" for
// everything else. What it gives never leads to another host.
func Inside(address, host, prefix string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" && !strings.EqualFold(u.Host, host) || u.User != nil || u.Opaque != "" || strings.ContainsAny(address, "\\\r\n\t") {
		return "/"
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), prefix)
	if !ok || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}
