package display_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/terminal/display"
)

// Tests with a real browser, through the DevTools protocol. They need chromium on the PATH; where it is absent they are
// skipped, and fail if CARDWRIGHT_REQUIRE_CHROMIUM is 1. They are left out if it is 0.

// long enough for a slow machine; nothing waits for it to pass.
const giveUp = 20 * time.Second

// Two ways to hold the device.
var (
	portrait  = [2]int64{480, 800}
	landscape = [2]int64{800, 480}
)

// browser starts one Chromium for a test.
func browser(t *testing.T) context.Context {
	t.Helper()
	required := os.Getenv("CARDWRIGHT_REQUIRE_CHROMIUM")
	if required == "0" {
		t.Skip("left out; to run it: CARDWRIGHT_REQUIRE_CHROMIUM=1 go test ./terminal/display")
	}
	found := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			found = p
			break
		}
	}
	if found == "" {
		why := "no browser: apt-get install chromium, or put one called chromium on the PATH"
		if required == "1" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("touch-events", "enabled"),
		chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(giveUp))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("the browser did not start: %v", err)
	}
	return ctx
}

// shown is a display on a tab.
type shown struct {
	*display.Display
	t   *testing.T
	ctx context.Context
	url string
}

// serve shows a display on the browser's one tab: those in the background draw nothing.
func serve(t *testing.T, ctx context.Context, d *display.Display, size [2]int64) *shown {
	t.Helper()
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(d.Close) // before the server, which waits for its sockets
	listening, cancel := context.WithCancel(ctx)
	t.Cleanup(cancel)
	s := &shown{d, t, ctx, server.URL + "/"}
	chromedp.ListenTarget(listening, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				t.Errorf("the page complains: %s", e.Args[0].Value)
			}
		}
	})
	s.run(emulation.SetDeviceMetricsOverride(size[0], size[1], 1, false), emulation.SetTouchEmulationEnabled(true),
		chromedp.Navigate(s.url))
	s.drawn()
	return s
}

func (s *shown) run(actions ...chromedp.Action) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, giveUp)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// eval returns the value of an expression in the page.
func eval[T any](s *shown, expression string) T {
	s.t.Helper()
	var v T
	s.run(chromedp.Evaluate(expression, &v))
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
	// Pictures, and two frames for the layout.
	s.run(chromedp.Evaluate(`Promise.all([...document.images].filter((i) => i.getAttribute('src') && !i.hidden)
		.map((i) => i.decode().catch(() => {}))).then(() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(() => f(true)))))`,
		nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
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
	var png []byte
	s.run(chromedp.CaptureScreenshot(&png))
	dir := filepath.Join("..", "..", ".ci", "out", "screens")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)); err != nil {
		s.t.Fatal(err)
	}
	return png
}

// finger moves one finger along points of x, y.
func (s *shown) finger(points ...[2]float64) {
	s.t.Helper()
	at := func(p [2]float64) []*input.TouchPoint { return []*input.TouchPoint{{X: p[0], Y: p[1]}} }
	actions := []chromedp.Action{input.DispatchTouchEvent(input.TouchStart, at(points[0]))}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for k := 1.0; k <= 8; k++ {
			actions = append(actions, input.DispatchTouchEvent(input.TouchMove, at([2]float64{a[0] + (b[0]-a[0])*k/8, a[1] + (b[1]-a[1])*k/8})))
		}
	}
	s.run(append(actions, input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))...)
}

// text returns what can be read on the screen.
func (s *shown) text() string {
	s.t.Helper()
	return strings.Join(strings.Fields(eval[string](s, `document.querySelector('#stage > section:not([hidden])').innerText`)), " ")
}
