package display

import (
	"bytes"
	"crypto/subtle"
	"embed"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/cardwright/emv/terminal/text"
)

//go:embed page
var files embed.FS

var document = template.Must(template.ParseFS(files, "page/index.html"))

// policy lets the page do what it does and nothing else: its own script, style and pictures, its own socket. Trusted
// types forbid to write markup from a script at all.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Handler serves the page, its parts and its socket, below whichever path it is mounted at with http.StripPrefix. It
// answers loopback alone, whatever it listens on.
func (d *Display) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.serveDocument)
	mux.HandleFunc("GET /page.css", part("page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", part("page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", part("page/icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /qr.svg", d.serveQR)
	mux.HandleFunc("GET /image", d.serveImage)
	mux.HandleFunc("GET /socket", d.serveSocket)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Local(r) {
			http.Error(w, "the customer display is for this device", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=(), serial=()")
		mux.ServeHTTP(w, r)
	})
}

// Local reports whether a request comes from this device and is meant for it: a name that an attacker's resolver points
// at 127.0.0.1 is refused by the Host that comes with it.
func Local(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	to, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && to.Unmap().IsLoopback()
}

func (d *Display) serveDocument(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	language := d.machine.Language()
	d.mu.Unlock()
	var b bytes.Buffer
	err := document.Execute(&b, map[string]string{
		"Language": language, "Token": d.token,
		"OfflineTitle": text.Get("offline.title", language), "OfflineText": text.Get("offline.text", language),
	})
	if err != nil {
		http.Error(w, "the page can't be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func part(name, mime string) http.HandlerFunc {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("display: " + err.Error()) // embedded: a fault of the build
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mime)
		_, _ = w.Write(b)
	}
}

// serveQR draws the code that is on the screen; it holds a secret, so it takes the token.
func (d *Display) serveQR(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	pair, shown := d.machine.now.(Pair)
	d.mu.Unlock()
	if !shown || !d.holds(r) {
		http.NotFound(w, r)
		return
	}
	b, err := qrSVG(pair.Text)
	if err != nil {
		http.Error(w, "the code can't be drawn", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(b)
}

func (d *Display) serveImage(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	i := d.machine.look.Image
	d.mu.Unlock()
	if i == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", i.mime)
	_, _ = w.Write(i.data)
}

// holds reports whether a request has the token of this start.
func (d *Display) holds(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(d.token)) == 1
}
