package display

import (
	"bytes"
	"crypto/subtle"
	"embed"
	"html/template"
	"net/http"

	"github.com/cardwright/emv/terminal/localpage"
	"github.com/cardwright/emv/terminal/text"
)

//go:embed page
var files embed.FS

var document = template.Must(template.ParseFS(files, "page/index.html"))

// Handler serves the page, its parts and its socket, below whichever path it is mounted at with http.StripPrefix. It
// answers loopback alone, whatever it listens on.
func (d *Display) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.serveDocument)
	mux.HandleFunc("GET /page.css", localpage.File(files, "page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", localpage.File(files, "page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", localpage.File(files, "page/icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /qr.svg", d.serveQR)
	mux.HandleFunc("GET /image", d.serveImage)
	mux.HandleFunc("GET /socket", d.serveSocket)
	return localpage.Guard(mux, "the customer display is for this device")
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
