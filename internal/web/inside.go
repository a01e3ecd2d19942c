package web

import (
	"net/url"
	"strings"
)

// Inside gives the path of an address of a host below a prefix, without the prefix; "/" for
// everything else. What it gives never leads to another host, nor above the prefix: another
// shop may be there.
func Inside(address, host, prefix string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" && !strings.EqualFold(u.Host, host) || u.User != nil || u.Opaque != "" || strings.ContainsAny(address, "\\\r\n\t") {
		return "/"
	}
	path, ok := strings.CutPrefix(u.EscapedPath(), prefix)
	if !ok || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || climbs(path) {
		return "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}

// climbs tells whether a path goes up on its way, as browsers read it. Those of our pages do
// not, and a browser names a page without it.
func climbs(path string) bool {
	for step := range strings.SplitSeq(path, "/") {
		if s := strings.ReplaceAll(strings.ToLower(step), "%2e", "."); s == "." || s == ".." {
			return true
		}
	}
	return false
}
