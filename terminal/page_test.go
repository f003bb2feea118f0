package terminal_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cardwright/emv/terminal/display"
)

// page is the display's page without a browser: it sees what the page is sent, and does what a finger does.
type page struct {
	url   string
	token string
	conn  *websocket.Conn
	done  chan struct{}

	mu  sync.Mutex
	now display.State
	all []display.State
	set chan struct{}
}

var tokenIn = regexp.MustCompile(`name="token" content="([^"]+)"`)

func (s *shop) look() *page {
	s.Helper()
	r := must[*http.Response](s.T)(http.Get(s.where.Display))
	defer r.Body.Close()
	m := tokenIn.FindSubmatch(must[[]byte](s.T)(io.ReadAll(r.Body)))
	if m == nil {
		s.Fatal("the page has no token")
	}
	p := &page{url: s.where.Display, token: string(m[1]), done: make(chan struct{}), set: make(chan struct{}, 1)}
	origin := strings.TrimSuffix(p.url, "/display/")
	conn, _, err := websocket.Dial(context.Background(), p.url+"socket?token="+p.token, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil {
		s.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	p.conn = conn
	go p.read()
	return p
}

func (p *page) read() {
	defer close(p.done)
	for {
		_, b, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		var st display.State
		if json.Unmarshal(b, &st) != nil {
			return
		}
		p.mu.Lock()
		p.now = st
		p.all = append(p.all, st)
		p.mu.Unlock()
	}
}

func (p *page) close() {
	_ = p.conn.CloseNow()
	<-p.done
}

func (p *page) state() display.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// screens are all that were shown since the page was opened, each once in a row.
func (p *page) screens() (list []display.Screen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.all {
		if len(list) == 0 || list[len(list)-1] != s.Screen {
			list = append(list, s.Screen)
		}
	}
	return list
}

func (p *page) wait(t *testing.T, want display.Screen) display.State {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if s := p.state(); s.Screen == want {
			return s
		} else if time.Now().After(end) {
			t.Fatalf("the screen is %s (%s %s), want %s; there were %v", s.Screen, s.Title, s.Code, want, p.screens())
		}
	}
}

// do is a finger on the present screen.
func (p *page) do(t *testing.T, a display.Action) {
	t.Helper()
	s := p.state()
	a.Since, a.Request = s.Since, s.Request
	b := must[[]byte](t)(json.Marshal(map[string]any{"action": a}))
	if err := p.conn.Write(context.Background(), websocket.MessageText, b); err != nil {
		t.Fatal(err)
	}
}
