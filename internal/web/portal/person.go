package portal

import (
	"net/http"
	"slices"
	"strings"
)

// machines are pieces of the names by which programs call themselves that fetch links without
// anybody before them: networks that draw a preview, search engines, and scanners of mail. The
// list is short and ours. What is not on it has to run our script for a second, or press a
// button, before it counts.
var machines = []string{
	// Previews of networks and messengers.
	"facebookexternalhit", "facebot", "whatsapp", "twitterbot", "telegrambot", "linkedinbot", "slackbot", "slack-imgproxy", "discordbot",
	"pinterest", "skypeuripreview", "redditbot", "mastodon", "bluesky", "viber", "signal-", "imessagebot",
	// Search engines and archives.
	"googlebot", "google-inspectiontool", "googleother", "bingbot", "bingpreview", "yandex", "duckduckbot", "baiduspider", "applebot", "petalbot",
	"ahrefsbot", "semrushbot", "gptbot", "claudebot", "ccbot", "bytespider", "archive.org_bot",
	// Scanners of mail.
	"barracuda", "proofpoint", "mimecast", "safelinks", "microsoft office", "ms-office", "microsoft outlook", "symantec", "trendmicro", "fireeye",
	"cloudmark", "zscaler", "googleimageproxy", "yahoomailproxy", "urlscan",
	// Programs without a browser.
	"headlesschrome", "phantomjs", "curl/", "wget/", "python-", "go-http-client", "okhttp", "java/", "libwww", "axios/", "node-fetch", "scrapy",
	"bot/", "bot;", "crawler", "spider",
}

// person tells whether a request may be somebody's who has the page before him: no program that
// is known to fetch links, nothing that a browser fetches ahead, shows small or frames in
// another page.
func person(r *http.Request) bool {
	name := strings.ToLower(r.UserAgent())
	if name == "" || r.Method == http.MethodHead || slices.ContainsFunc(machines, func(m string) bool { return strings.Contains(name, m) }) {
		return false
	}
	for _, h := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, sign := range []string{"prefetch", "prerender", "preview"} {
			if strings.Contains(strings.ToLower(r.Header.Get(h)), sign) {
				return false
			}
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document" || dest == "empty" // a form, or the note of our script
}
