package browsertest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Variable says whether tests with a browser must run (1), are left out (0), or run where they can.
const Variable = "CARDWRIGHT_REQUIRE_CHROMIUM"

// GiveUp bounds every wait. It is long enough for a slow machine; nothing waits for it to pass.
const GiveUp = 30 * time.Second

// Flags that a test may start the browser with.
var (
	Touch = chromedp.Flag("touch-events", "enabled")            // pages hear fingers
	Still = chromedp.Flag("force-prefers-reduced-motion", true) // pages need not move anything
)

// program finds the browser. command is how the test is started by hand.
func program(t testing.TB, command string) string {
	t.Helper()
	required := os.Getenv(Variable)
	if required == "0" {
		t.Skip("left out; to run it: " + Variable + "=1 " + command)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "no browser: apt-get install chromium fonts-noto-core, or put one called chromium on the PATH"
	if required == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// Browser is a Chromium of a test.
type Browser struct {
	ctx    context.Context
	unhear func() // ends listening to the page that has the tab
}

// Start starts a browser that ends with the test. command is how the test is started by hand.
func Start(t testing.TB, command string, flags ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program(t, command)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(GiveUp),
	}, flags)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil { // the context of the first Run is the browser's
		t.Fatalf("the browser did not start: %v", err)
	}
	return &Browser{ctx, func() {}}
}

// Tab is the tab that the browser starts with, empty. It is had by one page after the other, of one test or of several: a page
// is heard until the next one has the tab, or its test ends.
func (b *Browser) Tab(t testing.TB) *Page {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, GiveUp)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	b.unhear()
	ctx, b.unhear = context.WithCancel(b.ctx)
	t.Cleanup(b.unhear)
	return attach(ctx, t, "the page")
}

// Window opens a window that goes away at the end of the test. Pages that are looked at together have one each: tabs in
// the background draw nothing. What is said of the page begins with its name.
func (b *Browser) Window(t testing.TB, name string) *Page {
	t.Helper()
	var id target.ID
	create := chromedp.ActionFunc(func(ctx context.Context) (err error) {
		c := chromedp.FromContext(ctx)
		id, err = target.CreateTarget("about:blank").WithNewWindow(true).Do(cdp.WithExecutor(ctx, c.Browser))
		return err
	})
	if err := chromedp.Run(b.ctx, create); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil { // the context of the first Run is the window's
		t.Fatalf("%s: %v", name, err)
	}
	return attach(ctx, t, name)
}

// attach makes a page of a tab, and listens to it until the test ends.
func attach(ctx context.Context, t testing.TB, name string) *Page {
	p := newPage(ctx, t, name)
	chromedp.ListenTarget(ctx, p.hear)
	return p
}
