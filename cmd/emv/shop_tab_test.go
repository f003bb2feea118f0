package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// chromium finds the browser. Where it is absent the test is skipped, and fails if CARDWRIGHT_REQUIRE_CHROMIUM is 1; it is
// left out if that is 0.
func chromium(t *testing.T) string {
	t.Helper()
	required := os.Getenv("CARDWRIGHT_REQUIRE_CHROMIUM")
	if required == "0" {
		t.Skip("left out; to run it: CARDWRIGHT_REQUIRE_CHROMIUM=1 go test -run 'TestShop' ./cmd/emv")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	const why = "no browser: apt-get install chromium fonts-noto-core, or put one called chromium on the PATH"
	if required == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// browse starts one Chromium for a test.
func browse(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("touch-events", "enabled"),
		chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(shopGiveUp))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("the browser did not start: %v", err)
	}
	return ctx
}

// tab is a page in a window of its own: those in the background draw nothing.
type tab struct {
	t     *testing.T
	name  string // of its pictures
	ctx   context.Context
	touch bool

	mu      sync.Mutex
	away    bool // the program behind it is not there: that it can't be reached is no fault of the page
	heard   bytes.Buffer
	trouble []string
}

// open opens a page as a device of its own has it: with its size and its language, and with or without a touch screen.
func open(t *testing.T, browser context.Context, name, url, language string, width, height int64, touch bool) *tab {
	t.Helper()
	var id target.ID
	window := chromedp.ActionFunc(func(ctx context.Context) (err error) {
		c := chromedp.FromContext(ctx)
		id, err = target.CreateTarget("about:blank").WithNewWindow(true).Do(cdp.WithExecutor(ctx, c.Browser))
		return err
	})
	if err := chromedp.Run(browser, window); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	b := &tab{t: t, name: name, ctx: ctx, touch: touch}
	chromedp.ListenTarget(ctx, b.hear)
	actions := []chromedp.Action{
		network.Enable(), cdplog.Enable(), emulation.SetDeviceMetricsOverride(width, height, 1, false),
		emulation.SetUserAgentOverride("Mozilla/5.0 (X11; Linux x86_64) Chrome").WithAcceptLanguage(language),
		emulation.SetTouchEmulationEnabled(touch), chromedp.Navigate(url),
	}
	if err := chromedp.Run(ctx, actions...); err != nil { // the context of the first Run is the tab's
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, s := range b.trouble {
			t.Errorf("%s: %s", name, s)
		}
	})
	return b
}

// hear keeps what the browser complains of and what the page was sent.
func (b *tab) hear(e any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	trouble := func(format string, a ...any) { b.trouble = append(b.trouble, fmt.Sprintf(format, a...)) }
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		trouble("it threw: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			trouble("it complains: %s", e.Args[0].Value)
		}
	case *cdplog.EventEntryAdded:
		unreached := strings.Contains(e.Entry.Text, "net::ERR_") || strings.Contains(e.Entry.Text, "WebSocket connection to")
		if e.Entry.Level != cdplog.LevelError && e.Entry.Level != cdplog.LevelWarning || b.away && unreached {
			return
		}
		trouble("the browser complains: %s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *network.EventWebSocketFrameReceived:
		fmt.Fprintln(&b.heard, e.Response.PayloadData)
	case *network.EventEventSourceMessageReceived:
		fmt.Fprintln(&b.heard, e.Data)
	}
}

// leave says whether the program behind the page is away.
func (b *tab) leave(away bool) {
	b.mu.Lock()
	b.away = away
	b.mu.Unlock()
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, shopGiveUp)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
}

// eval returns the value of an expression as text.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	var v string
	b.run(chromedp.Evaluate(`String(`+expression+`)`, &v))
	return v
}

// awaited returns the value of a promise as text.
func (b *tab) awaited(expression string) string {
	b.t.Helper()
	var v string
	b.run(chromedp.Evaluate(expression, &v, awaitPromise))
	return v
}

func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// until waits until an expression is true. The page may be loaded anew meanwhile.
func (b *tab) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(shopGiveUp); ; time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, shopGiveUp)
		var ok bool
		err := chromedp.Run(ctx, chromedp.Evaluate(`Boolean(`+expression+`)`, &ok))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			b.keep("stuck")
			b.t.Fatalf("%s: still not: %s (%v); it says: %s", b.name, expression, err, b.text())
		}
	}
}

// text is what can be read on the page.
func (b *tab) text() string {
	b.t.Helper()
	return strings.Join(strings.Fields(b.eval(`document.body.innerText.slice(0, 2000)`)), " ")
}

// press presses something where it is to be seen and nothing lies over it, with a finger where the device has no mouse.
func (b *tab) press(selector string) {
	b.t.Helper()
	find := fmt.Sprintf(`(async () => {
		const place = () => {
			const e = document.querySelector(%q);
			if (!e || e.disabled || !e.checkVisibility()) return null;
			e.scrollIntoView({block: 'nearest'});
			const r = e.getBoundingClientRect();
			const at = [r.left + r.width / 2, r.top + r.height / 2];
			const top = document.elementFromPoint(...at);
			return top && (e === top || e.contains(top)) ? at : null;
		};
		const before = place();
		await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)));
		const at = place();
		return before && at && before[0] === at[0] && before[1] === at[1] ? at : null; // nobody hits what moves
	})()`, selector)
	var at []float64
	for end := time.Now().Add(shopGiveUp); ; time.Sleep(10 * time.Millisecond) {
		b.run(chromedp.Evaluate(find, &at, awaitPromise))
		if len(at) == 2 {
			break
		}
		if time.Now().After(end) {
			b.keep("stuck")
			b.t.Fatalf("%s: %s can't be pressed; it says: %s", b.name, selector, b.text())
		}
	}
	if b.touch {
		b.finger([2]float64{at[0], at[1]})
	} else {
		b.run(chromedp.MouseClickXY(at[0], at[1]))
	}
}

// finger moves one finger along points of x, y.
func (b *tab) finger(points ...[2]float64) {
	b.t.Helper()
	at := func(p [2]float64) []*input.TouchPoint { return []*input.TouchPoint{{X: p[0], Y: p[1]}} }
	actions := []chromedp.Action{input.DispatchTouchEvent(input.TouchStart, at(points[0]))}
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		for k := 1.0; k <= 8; k++ {
			actions = append(actions, input.DispatchTouchEvent(input.TouchMove, at([2]float64{from[0] + (to[0]-from[0])*k/8, from[1] + (to[1]-from[1])*k/8})))
		}
	}
	if last := points[len(points)-1]; len(points) > 1 { // it rests before it leaves: the browser takes a tap after a fling for its end
		for range 3 {
			actions = append(actions, chromedp.Sleep(30*time.Millisecond), input.DispatchTouchEvent(input.TouchMove, at(last)))
		}
	}
	b.run(append(actions, input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))...)
}

// picture keeps a picture of the page among the artefacts of CI, and returns it. What it shows is searched for secrets.
func (b *tab) picture(name string) []byte {
	b.t.Helper()
	b.awaited(`Promise.all([...document.images].filter((i) => i.getAttribute('src') && i.checkVisibility()).map((i) => i.decode().catch(() => {})))
		.then(() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(() => f('drawn')))))`)
	b.scan()
	return b.keep(name)
}

func (b *tab) keep(name string) []byte {
	b.t.Helper()
	var shot []byte
	b.run(chromedp.CaptureScreenshot(&shot))
	file := filepath.Join(shopOut, strings.TrimPrefix(b.t.Name(), "TestShop")+"-"+name+"-"+b.name+".png")
	file = filepath.Join(shopOut, strings.TrimLeft(strings.ReplaceAll(filepath.ToSlash(strings.TrimPrefix(file, shopOut)), "/", "-"), "-"))
	if err := errors.Join(os.MkdirAll(shopOut, 0o755), os.WriteFile(file, shot, 0o644)); err != nil {
		b.t.Fatal(err)
	}
	return shot
}

// scan searches all that is in the page, and all that it was sent so far, for card data.
func (b *tab) scan() {
	b.t.Helper()
	all := b.eval(`document.documentElement.outerHTML + '\n' + document.body.innerText + '\n' +
		[...document.querySelectorAll('input, textarea')].map((e) => e.value).join('\n')`)
	b.mu.Lock()
	all += "\n" + b.heard.String()
	b.heard.Reset()
	b.mu.Unlock()
	searchSecrets(b.t, b.name, all)
}

func decodePNG(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
