package counter

import (
	"bytes"
	"embed"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/localpage"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

//go:embed page
var files embed.FS

// lookEvery is how often a page is told of changes at most.
const lookEvery = 100 * time.Millisecond

// maxBody bounds a request.
const maxBody = 1 << 14

// Handler serves the page and the API to this device alone.
func (c *Counter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", localpage.File(files, "page/index.html", "text/html; charset=utf-8"))
	mux.HandleFunc("GET /page.css", localpage.File(files, "page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", localpage.File(files, "page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /icon.svg", localpage.File(files, "page/icon.svg", "image/svg+xml"))
	mux.HandleFunc("GET /cards", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, Cards()) })
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, http.StatusOK, c.State(r.Context())) })
	mux.HandleFunc("GET /events", c.serveEvents)

	mux.HandleFunc("POST /tap", withCard(c.Tap))
	mux.HandleFunc("POST /insert", withCard(c.Insert))
	mux.HandleFunc("POST /swipe", withCard(c.Swipe))
	mux.HandleFunc("POST /leave", act(c.Leave))
	mux.HandleFunc("POST /remove", act(c.Remove))
	mux.HandleFunc("POST /plug", act(func() error { return c.Plug(true) }))
	mux.HandleFunc("POST /unplug", act(func() error { return c.Plug(false) }))
	mux.HandleFunc("POST /dock", act(func() error { return c.SetDock(true) }))
	mux.HandleFunc("POST /undock", act(func() error { return c.SetDock(false) }))
	mux.HandleFunc("POST /pad", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Key string }
		if read(w, r, &in) {
			answer(w, c.Press(in.Key))
		}
	})
	c.handleStaff(mux)
	c.handleBank(mux)

	foreign := http.NewCrossOriginProtection() // a page of another origin can't press keys here
	return localpage.Guard(foreign.Handler(mux), "the counter is for this device")
}

// handleStaff adds what staff do out of the dock.
func (c *Counter) handleStaff(mux *http.ServeMux) {
	mux.HandleFunc("POST /sign-in", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Name, PIN string }
		if read(w, r, &in) {
			answer(w, c.SignIn(in.Name, in.PIN))
		}
	})
	mux.HandleFunc("POST /sign-out", act(c.SignOut))
	mux.HandleFunc("POST /scanner-on", act(func() error { return c.Scanning(true) }))
	mux.HandleFunc("POST /scanner-off", act(func() error { return c.Scanning(false) }))
	mux.HandleFunc("POST /scan", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Code string }
		if read(w, r, &in) {
			answer(w, c.Scan(in.Code))
		}
	})
}

// handleBank adds the bank's side.
func (c *Counter) handleBank(mux *http.ServeMux) {
	bank := c.config.Bank
	if bank == nil {
		none := func(w http.ResponseWriter, _ *http.Request) { answer(w, ErrNoBank) }
		mux.HandleFunc("/ledger", none)
		mux.HandleFunc("/charged", none)
		mux.HandleFunc("/faults", none)
		return
	}
	mux.Handle("GET /ledger", bank.Control())
	mux.Handle("GET /charged", bank.Control())
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, &kernel.Error{Code: "counter.request", Text: "too long"})
			return
		}
		faults, err := iso.ParseFaults(string(text))
		if err != nil {
			refuse(w, http.StatusBadRequest, &kernel.Error{Code: "counter.fault", Text: err.Error()})
			return
		}
		answer(w, c.Misbehave(faults...))
	})
	mux.HandleFunc("DELETE /faults", act(c.Behave))
}

// serveEvents sends the state at each change, until the page goes or the counter is closed.
func (c *Counter) serveEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	var last []byte
	for {
		now, err := json.Marshal(c.State(r.Context()))
		if err == nil && !bytes.Equal(now, last) {
			last = now
			if _, err = w.Write(slices.Concat([]byte("data: "), now, []byte("\n\n"))); err == nil {
				err = out.Flush()
			}
		}
		if err != nil {
			return
		}
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		case <-c.ctx.Done():
			return
		}
	}
}

func withCard(do func(name string, faults []string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Card   string
			Faults []string
		}
		if read(w, r, &in) {
			answer(w, do(in.Card, in.Faults))
		}
	}
}

func act(do func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, do()) }
}

// read takes a small JSON body. What is wrong with it is answered without repeating any of it.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		refuse(w, http.StatusBadRequest, &kernel.Error{Code: "counter.request", Text: "the request is not the JSON that it must be"})
		return false
	}
	return true
}

func answer(w http.ResponseWriter, err error) {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	status := http.StatusConflict
	switch code := kernel.CodeOf(err); {
	case code == ErrKey.Code, code == ErrName.Code, code == ErrBarcode.Code,
		!strings.HasPrefix(code, "counter.") && !strings.HasPrefix(code, "E_"): // E_ are refusals of the terminal's
		status = http.StatusBadRequest
	}
	refuse(w, status, err)
}

// refuse says why not.
func refuse(w http.ResponseWriter, status int, err error) {
	text := err.Error()
	if _, after, ok := strings.Cut(text, ": "); ok {
		text = after
	}
	writeJSON(w, status, map[string]string{"code": kernel.CodeOf(err), "text": text})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
