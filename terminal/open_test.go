package terminal_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cardwright/emv/terminal"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/driver/simulated"
)

// TestConfig refuses what can't work, with a code and the place.
func TestConfig(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*terminal.Config)
		code   string
		field  string
	}{
		{"no folder", func(c *terminal.Config) { c.State = "" }, terminal.CodeMissing, "State"},
		{"no host", func(c *terminal.Config) { c.Host = nil }, terminal.CodeMissing, "Host"},
		{"no keys", func(c *terminal.Config) { c.Keys = nil }, terminal.CodeMissing, "Keys"},
		{"no key store", func(c *terminal.Config) { c.Store = nil }, terminal.CodeMissing, "Store"},
		{"no clock", func(c *terminal.Config) { c.Env.Clock = nil }, terminal.CodeMissing, "Env.Clock"},
		{"no reader", func(c *terminal.Config) { c.Readers = nil }, "E_NO_READER", "Readers"},
		{"a reader that is none", func(c *terminal.Config) { c.Readers = []driver.Reader{nil} }, terminal.CodeMissing, "Readers[0]"},
		{"no profile", func(c *terminal.Config) { c.Profile = nil }, "E_COUNTRY_UNKNOWN", "Profile"},
		{"merchant without location", func(c *terminal.Config) { c.Merchant = "acme" }, terminal.CodeValue, "Location"},
		{"location with a blank", func(c *terminal.Config) { c.Merchant, c.Location = "acme", "store 1" }, terminal.CodeValue, "Location"},
		{"country in words", func(c *terminal.Config) { c.Country = "Canada" }, terminal.CodeValue, "Country"},
		{"address without port", func(c *terminal.Config) { c.Ports.Plain = "127.0.0.1" }, terminal.CodeValue, "Ports.Plain"},
		{"port in words", func(c *terminal.Config) { c.Ports.Session = ":https" }, terminal.CodeValue, "Ports.Session"},
		{"time below zero", func(c *terminal.Config) { c.Times.Deadline = -1 }, terminal.CodeValue, "Times"},
		{"long name", func(c *terminal.Config) { c.Name = strings.Repeat("x", 65) }, terminal.CodeValue, "Name"},
	} {
		s := newShop(t, "US", nil)
		c.change(&s.config)
		_, err := terminal.Open(s.config)
		var e *terminal.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Field != c.field {
			t.Errorf("%s: %v, want %s of %s", c.name, err, c.code, c.field)
		}
	}
}

// TestInterfaces is S3: any one card interface will do, and tills are told which there are.
func TestInterfaces(t *testing.T) {
	for _, kinds := range []driver.Kind{driver.Contact, driver.Contactless, driver.Stripe} {
		t.Run(kinds.String(), func(t *testing.T) {
			s := open(t, "US", func(s *shop) {
				s.hands = simulated.New(simulated.Config{Kinds: kinds})
				s.config.Readers = []driver.Reader{s.hands}
			})
			k := s.till("till-1")
			s.pair(k)
			s.ready()
			paid := s.pay(k.terminal(s), s.sale("order-1", 1250))
			st := s.screen(display.Present)
			want := map[driver.Kind]display.Method{driver.Contact: display.Insert, driver.Contactless: display.Tap, driver.Stripe: display.Swipe}[kinds]
			if len(st.Entry) != 1 || st.Entry[0].Method != want {
				t.Errorf("%v: %+v", kinds, st.Entry)
			}
			s.page.do(t, display.Action{Kind: display.ActCancel})
			s.wants(paid, "cancelled", "customer_cancelled")
		})
	}
}

// TestState refuses a folder that others can read, and is the same terminal at each start.
func TestState(t *testing.T) {
	s := open(t, "US", nil)
	id := s.terminal.ID()
	_, location := s.terminal.Location()
	s.again()
	if _, l := s.terminal.Location(); s.terminal.ID() != id || l != location || len(location) != 32 {
		t.Errorf("another terminal after a start: %s %s, %s %s", id, location, s.terminal.ID(), l)
	}
	for _, name := range []string{"terminal.json", "lease.json", "tills.json"} {
		i, err := os.Stat(filepath.Join(s.config.State, name))
		if err == nil && i.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, i.Mode())
		}
	}
	s.off()
	if err := os.Chmod(s.config.State, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := terminal.Open(s.config)
	var e *terminal.Error
	if !errors.As(err, &e) || e.Code != terminal.CodeState {
		t.Errorf("%v", err)
	}
	if err := os.Chmod(s.config.State, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.config.State, "terminal.json"), []byte(`{"version":1,"id":"zz"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = terminal.Open(s.config); !errors.As(err, &e) || e.Code != terminal.CodeState {
		t.Errorf("%v", err)
	}
}

// TestPortTaken names the port that can't be opened.
func TestPortTaken(t *testing.T) {
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	for name, set := range map[string]func(*terminal.Ports, string){
		"session": func(p *terminal.Ports, a string) { p.Session = a },
		"plain":   func(p *terminal.Ports, a string) { p.Plain = a },
	} {
		s := newShop(t, "US", nil)
		set(&s.config.Ports, l.Addr().String())
		term := must[*terminal.Terminal](t)(terminal.Open(s.config))
		err := term.Run(context.Background())
		var e *terminal.Error
		if !errors.As(err, &e) || e.Code != terminal.CodePort || !strings.HasPrefix(e.Field, name+" ") {
			t.Errorf("%s: %v", name, err)
		}
		if err := term.Close(); err != nil {
			t.Error(err)
		}
		s.nothingRuns()
	}
}

// TestPlain has three paths and no more, and the display for this device alone.
func TestPlain(t *testing.T) {
	var from atomic.Pointer[net.TCPAddr]
	s := open(t, "US", func(s *shop) {
		s.config.Ports.Listen = func(ctx context.Context, network, address string) (net.Listener, error) {
			l, err := (&net.ListenConfig{}).Listen(ctx, network, address)
			return elsewhere{l, &from}, err
		}
	})
	at := "http://" + s.where.Plain.String()
	get := func(method, path string) (int, string) {
		t.Helper()
		q := must[*http.Request](t)(http.NewRequest(method, at+path, nil))
		c := &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		r := must[*http.Response](t)(c.Do(q))
		defer r.Body.Close()
		return r.StatusCode, string(must[[]byte](t)(io.ReadAll(r.Body)))
	}
	for _, c := range []struct {
		method, path string
		local, other int
	}{
		{"GET", "/hello", 200, 200},
		{"GET", "/upnp.xml", 200, 200},
		{"GET", "/display/", 200, 403},
		{"GET", "/display/page.js", 200, 403},
		{"GET", "/display/qr.svg", 404, 403},
		{"GET", "/", 404, 404},
		{"GET", "/status", 404, 404},
		{"GET", "/debug/pprof/", 404, 404},
		{"GET", "/session", 404, 404},
		{"POST", "/hello", 405, 405},
		{"POST", "/display/", 405, 405},
	} {
		from.Store(nil)
		if got, _ := get(c.method, c.path); got != c.local {
			t.Errorf("%s %s from here: %d, want %d", c.method, c.path, got, c.local)
		}
		from.Store(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4000})
		if got, text := get(c.method, c.path); got != c.other {
			t.Errorf("%s %s from elsewhere: %d, want %d", c.method, c.path, got, c.other)
		} else if strings.Contains(text, s.terminal.ID()) || strings.Contains(text, "Counter") || strings.Contains(text, "standalone") {
			t.Errorf("%s tells a passer-by who this is: %s", c.path, text)
		}
	}
}

// elsewhere is a listener whose connections seem to come from another machine.
type elsewhere struct {
	net.Listener
	from *atomic.Pointer[net.TCPAddr]
}

func (l elsewhere) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if from := l.from.Load(); err == nil && from != nil {
		c = faraway{c, from}
	}
	return c, err
}

type faraway struct {
	net.Conn
	from net.Addr
}

func (c faraway) RemoteAddr() net.Addr { return c.from }

// TestPanel tells what is so.
func TestPanel(t *testing.T) {
	s := open(t, "US", nil)
	k := s.till("till-1")
	s.pair(k)
	s.page.do(t, display.Action{Kind: display.ActOpen})
	var text string
	until(t, "the panel", func() bool {
		text = ""
		if p := s.page.state().Panel; p != nil {
			for _, g := range p.Groups {
				for _, r := range g.Rows {
					text += r.Label + ": " + r.Value + "\n"
				}
			}
		}
		return strings.Contains(text, "Last contact")
	})
	for _, want := range []string{"Till till-1 · Connected", "Address: 127.0.0.1", "Version: test", "Key kept in: memory", "Terminal: Counter 1", "Certificate until: 20"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
