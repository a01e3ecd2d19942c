package web

import "testing"

func TestInsideStaysBelowItsPrefix(t *testing.T) {
	for _, c := range []struct{ address, prefix, want string }{
		{"https://club.example/gifts?x=1#y", "", "/gifts?x=1"},
		{"https://CLUB.example/p/shop/gifts", "/p/shop", "/gifts"},
		{"/p/shop/a%20b..c", "/p/shop", "/a%20b..c"},
		{"https://club.example/p/shop", "/p/shop", "/"},
		{"https://club.example/p/shopping", "/p/shop", "/"},
		{"https://club.example/p/shop/../other/gifts", "/p/shop", "/"},
		{"https://club.example/p/shop/a/../../../other", "/p/shop", "/"},
		{"https://club.example/p/shop/%2e%2E/other", "/p/shop", "/"},
		{"https://club.example/p/shop/.%2e", "/p/shop", "/"},
		{"https://club.example/p/shop/x/.", "/p/shop", "/"},
		{"https://club.example//evil.example", "", "/"},
		{"https://club.example/\\evil.example", "", "/"},
		{"https://a@club.example/gifts", "", "/"},
		{"https://evil.example/gifts", "", "/"},
	} {
		if got := Inside(c.address, "club.example", c.prefix); got != c.want {
			t.Errorf("%q below %q: %q, want %q", c.address, c.prefix, got, c.want)
		}
	}
}
