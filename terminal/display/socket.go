package display

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/localpage"
)

const (
	maxPages = 4 // a browser that opens more is broken
	patience = 10 * time.Second
)

// said is what a page sends: a revision that it has drawn, or an action.
type said struct {
	Drawn  *uint64         `json:"drawn"`
	Action json.RawMessage `json:"action"`
}

// serveSocket sends states and takes actions. Origin must be the page's own: a site in the same browser can't connect.
func (d *Display) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !localpage.SameOrigin(r) || !d.holds(r) {
		http.Error(w, "not a page of this display", http.StatusForbidden)
		return
	}
	p, ok := d.join()
	if !ok {
		http.Error(w, "too many pages", http.StatusServiceUnavailable)
		return
	}
	defer d.leave(p)
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // the client has been told
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(2 * maxAction)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		d.listen(ctx, c)
	}()
	d.tell(ctx, c, p)
	cancel()
	_ = c.CloseNow()
	<-done
}

func (d *Display) join() (*page, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.pages) == maxPages {
		return nil, false
	}
	p := &page{changed: make(chan struct{}, 1), urgent: make(chan struct{}, 1)}
	p.changed <- struct{}{} // the first state
	d.pages[p] = struct{}{}
	return p, true
}

func (d *Display) leave(p *page) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.pages, p)
}

// tell sends the newest state whenever there is one, until the page is gone.
func (d *Display) tell(ctx context.Context, c *websocket.Conn, p *page) {
	alive := time.NewTicker(patience)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-alive.C:
			if within(ctx, c.Ping) != nil {
				return
			}
			continue
		case _, open := <-p.changed:
			if !open {
				return
			}
		}
		b, err := json.Marshal(d.State())
		if err != nil {
			return
		}
		if within(ctx, func(ctx context.Context) error { return c.Write(ctx, websocket.MessageText, b) }) != nil {
			return
		}
		select { // the next one waits, unless it is another screen
		case <-ctx.Done():
			return
		case <-p.urgent:
		case <-time.After(d.config.Every):
		}
	}
}

func within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return f(ctx)
}

// listen takes what the page says. What makes no sense is dropped: the page draws the newest state in any case.
func (d *Display) listen(ctx context.Context, c *websocket.Conn) {
	for {
		kind, b, err := c.Read(ctx)
		if err != nil {
			return
		}
		var s said
		if kind != websocket.MessageText || json.Unmarshal(b, &s) != nil {
			continue
		}
		if s.Drawn != nil {
			d.drew(*s.Drawn)
		}
		if s.Action != nil {
			if a, err := decodeAction(s.Action); err == nil {
				_ = d.act(a) // a refusal is for a finger that was late
			}
		}
	}
}

// drew notes what a page has drawn.
func (d *Display) drew(revision uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if revision <= d.machine.revision {
		d.rendered = max(d.rendered, revision)
	}
}
