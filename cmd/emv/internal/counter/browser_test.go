package counter

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
)

// A test with a real browser, through the DevTools protocol. It needs chromium on the PATH; where it is absent it is
// skipped, and fails if CARDWRIGHT_REQUIRE_CHROMIUM is 1. It is left out if that is 0.

// long enough for a slow machine; nothing waits for it to pass.
const giveUp = 20 * time.Second

func chromium(t *testing.T) string {
	t.Helper()
	required := os.Getenv("CARDWRIGHT_REQUIRE_CHROMIUM")
	if required == "0" {
		t.Skip("left out; to run it: CARDWRIGHT_REQUIRE_CHROMIUM=1 go test ./cmd/emv/internal/counter")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	why := "no browser: apt-get install chromium, or put one called chromium on the PATH"
	if required == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// TestInABrowser plays the customer with the page alone: a card in and out, a PIN by click and by key, staff at work, the dock.
func TestInABrowser(t *testing.T) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(giveUp))
	b := newBench(t)
	s := httptest.NewServer(b.Handler())
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	t.Cleanup(s.Close) // when the browser is gone, whose stream it would wait for
	chromedp.ListenTarget(ctx, func(e any) {
		if e, ok := e.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw: %s", e.ExceptionDetails.Error())
		}
	})
	if err := chromedp.Run(ctx); err != nil { // the browser lives as long as this context
		t.Fatalf("the browser did not start: %v", err)
	}
	do := func(actions ...chromedp.Action) {
		t.Helper()
		within, cancel := context.WithTimeout(ctx, giveUp)
		defer cancel()
		if err := chromedp.Run(within, actions...); err != nil {
			t.Fatal(err)
		}
	}
	says := func(js string) chromedp.Action {
		return chromedp.Poll(js, nil, chromedp.WithPollingInterval(10*time.Millisecond))
	}
	click := func(id string) chromedp.Action { return chromedp.Click(id, chromedp.ByQuery, chromedp.NodeVisible) }

	do(emulation.SetDeviceMetricsOverride(1400, 1000, 1, false), chromedp.Navigate(s.URL+"/"),
		says(`document.querySelectorAll('#cards button').length > 90`),
		chromedp.SendKeys("#find", "visa-contact", chromedp.ByQuery),
		says(`document.querySelector('#cards b').firstChild.data === 'visa-contact'`), click("#cards button"),
		click("#insert"), says(`document.getElementById('slot').textContent === 'visa-contact'`))
	if got := b.State(t.Context()).Reader.Slot; got != "visa-contact" {
		t.Errorf("the slot holds %q", got)
	}
	do(click("#insert"), says(`!document.getElementById('said').hidden`))
	do(click("#remove"), says(`document.getElementById('slot').textContent === 'nothing'`))

	var got, want pin.PIN
	end := ask(t, t.Context(), b.pad, kernel.PINRequest{TriesLeft: 3}, &got, nil)
	do(says(`document.getElementById('pad').classList.contains('asks')`),
		click(`[data-key="4"]`), click(`[data-key="7"]`), says(`document.getElementById('dots').childElementCount === 2`))
	picture(t, do, "counter.png")
	do(chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("1"), chromedp.KeyEvent("1"),
		says(`document.getElementById('dots').childElementCount === 4`), chromedp.KeyEvent("\r"))
	if how := <-end; how != kernel.PINEntered {
		t.Errorf("the prompt ended with %v", how)
	}
	if err := pin.Parse(&want, []byte("4711")); err != nil || !got.Equal(&want) {
		t.Error("another PIN than that which was entered")
	}

	reads := func(id, text string) chromedp.Action {
		return says(`document.getElementById('` + id + `').textContent === '` + text + `'`)
	}
	nobody := []chromedp.Action{reads("staff-who", "nobody is signed in"), reads("scanner", "closed"), reads("scanned", "nothing")}
	do(nobody...)
	do(says(`document.getElementById('scanning').disabled`),
		chromedp.SendKeys("#staff-name", "Ada", chromedp.ByQuery), chromedp.SendKeys("#staff-pin", "1111\r", chromedp.ByQuery),
		reads("said", "That is not the PIN of the staff."),
		chromedp.SendKeys("#staff-pin", StaffPIN, chromedp.ByQuery), click("#sign-in button"), reads("staff-who", "Ada"),
		says(`document.getElementById('sign-in').hidden`), click("#scanning"), reads("scanner", "open"),
		chromedp.SendKeys("#barcode", "5901234123457\r", chromedp.ByQuery), reads("scanned", "5901234123457"))
	picture(t, do, "counter-staff.png")
	do(click("#scanning"), reads("scanner", "closed"), click("#sign-out"))
	do(nobody...)
	do(chromedp.SendKeys("#staff-name", "Ada", chromedp.ByQuery), chromedp.SendKeys("#staff-pin", StaffPIN+"\r", chromedp.ByQuery),
		reads("staff-who", "Ada"), click("#scanning"), reads("scanner", "open"),
		click("#dock"), reads("docked", "in"))
	do(nobody...)
	do(says(`[...document.querySelectorAll('#staff button, #staff input')].every((e) => e.disabled || !e.checkVisibility())`))
	picture(t, do, "counter-docked.png")
	do(click("#plug"), says(`document.getElementById('cable').textContent === 'pulled'`))
	if !b.dock.Docked() {
		t.Error("it is not in the dock")
	}
}

// picture keeps what the page looks like among the artefacts of CI.
func picture(t *testing.T, do func(...chromedp.Action), name string) {
	t.Helper()
	var png []byte
	do(chromedp.Evaluate(`document.getElementById('said').hidden = true`, nil), chromedp.FullScreenshot(&png, 100))
	dir := filepath.Join("..", "..", "..", "..", ".ci", "out", "screens")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name), png, 0o644)); err != nil {
		t.Fatal(err)
	}
}
