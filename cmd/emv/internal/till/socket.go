package till

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/localpage"
)

const (
	patience = 10 * time.Second
	pulse    = time.Second           // terminals go silent without an event
	apart    = 50 * time.Millisecond // of two views
)

// serveSocket sends the view whenever it has changed.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !localpage.SameOrigin(r) || !s.holds(r.URL.Query().Get("token")) {
		http.Error(w, "not a page of this till", http.StatusForbidden)
		return
	}
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // the client has been told
	}
	defer func() { _ = c.CloseNow() }()
	s.tell(c.CloseRead(r.Context()), c) // the page says nothing here
}

func (s *Server) tell(ctx context.Context, c *websocket.Conn) {
	changes, done := s.till.Watch()
	defer done()
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	var last []byte
	for beat := 0; ; beat++ {
		select {
		case <-ctx.Done():
			return
		case <-changes:
		case <-tick.C:
		}
		v := s.till.View()
		now := v.Now
		v.Now = 0
		b, err := json.Marshal(v)
		if err != nil {
			return
		}
		if bytes.Equal(b, last) && beat%5 != 0 { // the time alone, now and then: the page notices a till that is gone
			continue
		}
		last = b
		v.Now = now
		if b, err = json.Marshal(v); err != nil {
			return
		}
		if send(ctx, c, b) != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(apart):
		}
	}
}

func send(ctx context.Context, c *websocket.Conn, b []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Write(ctx, websocket.MessageText, b)
}
