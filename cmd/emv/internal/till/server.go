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

	"github.com/cardwright/emv/terminal/localpage"
	"github.com/cardwright/emv/terminal/text"
)

//go:embed page
var files embed.FS

var document = template.Must(template.ParseFS(files, "page/index.html"))

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
	mux.HandleFunc("GET /page.css", localpage.File(files, "page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", localpage.File(files, "page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", localpage.File(files, "page/icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /setup.js", localpage.File(files, "page/setup.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /socket", s.serveSocket)
	s.routes(mux)
	return localpage.Guard(mux, "this till is for this device", "camera")
}

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
