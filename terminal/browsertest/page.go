package browsertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is a page in a browser. Its methods fail the test where they can't do what they are for.
type Page struct {
	// Stuck is called before a wait in vain fails the test; nil for nothing.
	Stuck func()

	t    testing.TB
	name string
	ctx  context.Context

	mu      sync.Mutex
	server  string // host and port
	trouble []string
}

// newPage makes a page whose troubles are reported when the test ends.
func newPage(ctx context.Context, t testing.TB, name string) *Page {
	p := &Page{t: t, name: name, ctx: ctx}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, s := range p.trouble {
			t.Errorf("%s: %s", name, s)
		}
	})
	return p
}

// Trouble notes what fails the test at its end. It may be called while the browser waits, from a listener.
func (p *Page) Trouble(format string, a ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = append(p.trouble, fmt.Sprintf(format, a...))
}

// hear notes what the page does wrong.
func (p *Page) hear(e any) {
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		p.Trouble("it threw: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, cmp.Or(string(a.Value), a.Description))
			}
			p.Trouble("it complains: %s", strings.Join(said, " "))
		}
	case *network.EventRequestWillBeSent:
		p.asked(e.Request.URL)
	case *network.EventWebSocketCreated:
		p.asked(e.URL)
	}
}

// asked notes a request that goes to another server than the page's.
func (p *Page) asked(where string) {
	u, err := url.Parse(where)
	if err == nil && u.Host == "" { // about:blank and data:
		return
	}
	p.mu.Lock()
	own := err == nil && u.Host == p.server
	p.mu.Unlock()
	if !own {
		p.Trouble("it asks elsewhere: %s", where)
	}
}

// Device is what a page is shown on.
type Device struct {
	Width, Height int64  // pixels
	Touch         bool   // it has a touch screen
	Language      string // of its user, as "sv"; "" is the browser's own
}

// Open opens an address as a device has it.
func (p *Page) Open(address string, on Device) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	p.mu.Lock()
	p.server = u.Host
	p.mu.Unlock()
	p.Resize(on.Width, on.Height)
	if on.Language != "" {
		p.Run(emulation.SetUserAgentOverride("Mozilla/5.0 (X11; Linux x86_64) Chrome").WithAcceptLanguage(on.Language))
	}
	p.Run(emulation.SetTouchEmulationEnabled(on.Touch), chromedp.Navigate(address))
}

// Resize gives the page another size, in pixels.
func (p *Page) Resize(width, height int64) {
	p.t.Helper()
	p.Run(emulation.SetDeviceMetricsOverride(width, height, 1, false))
}

// Context is what actions and listeners of chromedp take for this page.
func (p *Page) Context() context.Context { return p.ctx }

// Run runs actions, all of them within GiveUp.
func (p *Page) Run(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, GiveUp)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// Eval returns the value of an expression as text.
func (p *Page) Eval(expression string) string {
	p.t.Helper()
	var v string
	p.Run(chromedp.Evaluate(`String(`+expression+`)`, &v))
	return v
}

// Await stores what a promise comes to. into is as of chromedp.Evaluate; nil for nothing.
func (p *Page) Await(promise string, into any) {
	p.t.Helper()
	p.Run(chromedp.Evaluate(promise, into, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
}

// Until waits until an expression is true. The page may be loaded anew meanwhile.
func (p *Page) Until(expression string) {
	p.t.Helper()
	for end := time.Now().Add(GiveUp); ; time.Sleep(5 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(p.ctx, GiveUp)
		var ok bool
		err := chromedp.Run(ctx, chromedp.Evaluate(`Boolean(`+expression+`)`, &ok))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			if p.Stuck != nil {
				p.Stuck()
			}
			p.t.Fatalf("%s: still not: %s (%v); it says: %s", p.name, expression, err, p.Text())
		}
	}
}

// Text is what can be read on the page, 2000 characters at most.
func (p *Page) Text() string {
	p.t.Helper()
	return strings.Join(strings.Fields(p.Eval(`document.body ? document.body.innerText.slice(0, 2000) : ''`)), " ")
}

// Drawn waits until what there is to see is drawn: pictures, and two frames for the layout.
func (p *Page) Drawn() {
	p.t.Helper()
	p.Await(`Promise.all([...document.images].filter((i) => i.getAttribute('src') && i.checkVisibility()).map((i) => i.decode().catch(() => {})))
		.then(() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(() => f(true)))))`, nil)
}

// Finger moves one finger along points of x, y, in pixels, and rests at the last of them before it leaves.
func (p *Page) Finger(rest time.Duration, points ...[2]float64) {
	p.t.Helper()
	at := func(p [2]float64) []*input.TouchPoint { return []*input.TouchPoint{{X: p[0], Y: p[1]}} }
	actions := []chromedp.Action{input.DispatchTouchEvent(input.TouchStart, at(points[0]))}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for k := 1.0; k <= 8; k++ {
			actions = append(actions, input.DispatchTouchEvent(input.TouchMove, at([2]float64{a[0] + (b[0]-a[0])*k/8, a[1] + (b[1]-a[1])*k/8})))
		}
	}
	const moment = 30 * time.Millisecond
	for ; rest > 0; rest -= moment {
		actions = append(actions, chromedp.Sleep(moment), input.DispatchTouchEvent(input.TouchMove, at(points[len(points)-1])))
	}
	p.Run(append(actions, input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))...)
}

// Screenshot keeps a PNG of what is in sight in a file, whose folder it makes, and returns it.
func (p *Page) Screenshot(file string) []byte {
	p.t.Helper()
	var png []byte
	p.Run(chromedp.CaptureScreenshot(&png))
	p.Keep(file, png)
	return png
}

// Keep writes a picture to a file, whose folder it makes.
func (p *Page) Keep(file string, png []byte) {
	p.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, png, 0o644)); err != nil {
		p.t.Fatal(err)
	}
}
