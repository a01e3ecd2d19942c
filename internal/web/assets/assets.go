// Package assets holds the style sheets and scripts of the pages, as the sources in
// frontend/ were built. Each is served under a name that carries its own digest, so that a
// browser may keep it for ever.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"cagnotte/internal/web"
)

//go:embed dist
var dist embed.FS

// asset is one file, as it is sent.
type asset struct {
	kind       string
	body, zip  []byte
	digestName string
}

var byName, byDigest = load()

func load() (names, digests map[string]*asset) {
	names, digests = map[string]*asset{}, map[string]*asset{}
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		body, err := dist.ReadFile("dist/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		a := &asset{kind: kinds[ext], body: body, zip: zipped(body)}
		a.digestName = strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:5]) + ext
		names[e.Name()], digests[a.digestName] = a, a
	}
	return names, digests
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // in memory
	}
	return out.Bytes()
}

// Path is where a page finds an asset, such as "portal.css". A name that there is not is a
// mistake of ours, and panics.
func Path(name string) string {
	a, ok := byName[name]
	if !ok {
		panic(fmt.Sprintf("assets: there is no %s", name))
	}
	return "/a/" + a.digestName
}

// Size is how many bytes of an asset go over the wire.
func Size(name string) int { return len(byName[name].zip) }

// forever is what a browser may do with a name that carries a digest.
const forever = "public, max-age=31536000, immutable"

// Mount serves the assets below /a/.
func Mount(mux web.Mux) {
	mux.HandleFunc("GET /a/{name}", func(w http.ResponseWriter, r *http.Request) {
		a, ok := byDigest[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", forever)
		send(w, r, a)
	})
	mux.HandleFunc("GET /a/hue/{hue}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimSuffix(r.PathValue("hue"), ".css"))
		if err != nil || n < 0 || n > 359 {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kinds[".css"])
		w.Header().Set("Cache-Control", forever)
		fmt.Fprintf(w, ":root{--h:%d}\n", n)
	})
}

// Send answers with an asset under a name that shops write into their pages, such as
// "t.js": a browser asks again after an hour.
func Send(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	send(w, r, byName[name])
}

func send(w http.ResponseWriter, r *http.Request, a *asset) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the shop's pages load what is theirs
	body := a.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a caller who is gone needs no answer
}
