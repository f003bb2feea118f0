package display_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/terminal/browsertest"
	"github.com/cardwright/emv/terminal/display"
)

// Tests with a real browser (terminal/browsertest).

// giveUp bounds every wait.
const giveUp = browsertest.GiveUp

// screens is where pictures are left for who looks at them later.
var screens = filepath.Join("..", "..", ".ci", "out", "screens")

// Two ways to hold the device.
var (
	portrait  = browsertest.Device{Width: 480, Height: 800, Touch: true}
	landscape = browsertest.Device{Width: 800, Height: 480, Touch: true}
)

// browser starts one Chromium for a test.
func browser(t *testing.T) *browsertest.Browser {
	t.Helper()
	return browsertest.Start(t, "go test ./terminal/display", browsertest.Touch, browsertest.Still)
}

// shown is a display on a tab.
type shown struct {
	*display.Display
	*browsertest.Page
	t *testing.T
}

// serve shows a display on the browser's one tab: those in the background draw nothing.
func serve(t *testing.T, b *browsertest.Browser, d *display.Display, on browsertest.Device) *shown {
	t.Helper()
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(d.Close) // before the server, which waits for its sockets
	s := &shown{d, b.Tab(t), t}
	s.Open(server.URL+"/", on)
	s.drawn()
	return s
}

// eval returns the value of an expression in the page.
func eval[T any](s *shown, expression string) T {
	s.t.Helper()
	var v T
	s.Run(chromedp.Evaluate(expression, &v))
	return v
}

// until waits for something that will be.
func (s *shown) until(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(giveUp); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("still not: %s; on screen %s", what, s.State().Screen)
		}
	}
}

// drawn waits until the page has drawn what the display shows.
func (s *shown) drawn() {
	s.t.Helper()
	s.until("drawn", func() bool {
		_, revision := s.Pages()
		return revision == s.State().Revision
	})
	s.Drawn()
}

func (s *shown) step(e display.Event) {
	s.t.Helper()
	if err := s.Step(e); err != nil {
		s.t.Fatal(err)
	}
	s.drawn()
}

// screenshot keeps a picture among the artefacts of CI, and returns it.
func (s *shown) screenshot(name string) []byte {
	s.t.Helper()
	return s.Screenshot(filepath.Join(screens, name+".png"))
}

// finger moves one finger along points of x, y, and leaves while it moves.
func (s *shown) finger(points ...[2]float64) {
	s.t.Helper()
	s.Finger(0, points...)
}

// text returns what can be read on the screen.
func (s *shown) text() string {
	s.t.Helper()
	return strings.Join(strings.Fields(eval[string](s, `document.querySelector('#stage > section:not([hidden])').innerText`)), " ")
}
