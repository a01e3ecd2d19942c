package portal

import (
	"net/url"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// codeInShop is the name under which the shop's own pages are told whose friend comes.
const codeInShop = "cgr"

// target is where a friend is sent: to an address that he came with, if it is one of the shop's
// own hosts, else to the shop; always with the code. Empty when the shop has no address.
func target(look *loyalty.Portal, to, code string) string {
	u := inShop(look, to)
	if u == nil {
		var err error
		if u, err = url.Parse(look.Shop); err != nil || look.Shop == "" {
			return ""
		}
	}
	q := u.Query()
	q.Set(codeInShop, code)
	u.RawQuery = q.Encode()
	return u.String()
}

// inShop reads an address that somebody else wrote; nil unless a browser can only understand it
// as a page of one of the shop's hosts.
func inShop(look *loyalty.Portal, to string) *url.URL {
	if to == "" || len(to) > loyalty.MaxText || strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\\\"<>^`{|}", r) }) {
		return nil
	}
	u, err := url.Parse(to)
	if err != nil || u.User != nil || u.Opaque != "" || u.Host == "" || strings.Contains(u.Host, "%") {
		return nil
	}
	shop, _ := url.Parse(look.Shop)
	own := shop != nil && u.Scheme == shop.Scheme && strings.EqualFold(u.Host, shop.Host) && shop.Host != ""
	if !own && (u.Scheme != "https" || !slices.Contains(look.Hosts, strings.ToLower(u.Host))) {
		return nil
	}
	if !strings.HasPrefix(strings.ToLower(to), u.Scheme+"://"+strings.ToLower(u.Host)) {
		return nil
	}
	return u
}

// origin is the host of an address as a policy of content names it.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
