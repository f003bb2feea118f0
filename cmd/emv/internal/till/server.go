package till

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/text"
)

//go:embed page
var files embed.FS

var document = template.Must(template.ParseFS(files, "page/index.html"))

// policy lets the page do what it does and nothing else: its own script, style, socket and camera. Trusted types forbid to
// write markup from a script at all.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Server is the till's page.
type Server struct {
	till  *Till
	token string // of this start: who has loaded the page has it
}

// NewServer makes the page of a till.
func NewServer(t *Till) (*Server, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
		return nil, err
	}
	return &Server{t, hex.EncodeToString(b[:])}, nil
}

// Handler serves the page, its parts, its socket and what its buttons do. It answers loopback alone, whatever it listens on.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.serveDocument)
	mux.HandleFunc("GET /page.css", part("page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", part("page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", part("page/icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /setup.js", part("page/setup.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /socket", s.serveSocket)
	s.routes(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !display.Local(r) {
			http.Error(w, "this till is for this device", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), usb=(), serial=()")
		mux.ServeHTTP(w, r)
	})
}

// sameOrigin reports whether a request is of this page: a browser says where one comes from when it is not a plain
// navigation.
func sameOrigin(r *http.Request) bool { return r.Header.Get("Origin") == "http://"+r.Host }

// holds reports whether a request has the token of this start.
func (s *Server) holds(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request) {
	var wanted []string
	for l := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(l, ";")
		wanted = append(wanted, strings.TrimSpace(tag))
	}
	var b bytes.Buffer
	if err := document.Execute(&b, map[string]string{"Token": s.token, "Language": text.Pick(wanted...)}); err != nil {
		http.Error(w, "the page can't be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

func part(name, mime string) http.HandlerFunc {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("till: " + err.Error()) // embedded: a fault of the build
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mime)
		_, _ = w.Write(b)
	}
}
