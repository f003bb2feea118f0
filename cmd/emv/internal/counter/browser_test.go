package counter

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/browsertest"
)

// A test with a real browser (terminal/browsertest).

// screens is where pictures are left for who looks at them later.
var screens = filepath.Join("..", "..", "..", "..", ".ci", "out", "screens")

// TestInABrowser plays the customer with the page alone: a card in and out, a PIN by click and by key, staff at work, the dock.
func TestInABrowser(t *testing.T) {
	b := newBench(t)
	s := httptest.NewServer(b.Handler())
	t.Cleanup(s.Close) // when the browser is gone, whose stream it would wait for
	page := browsertest.Start(t, "go test ./cmd/emv/internal/counter").Tab(t)
	do := page.Run
	says := func(js string) chromedp.Action {
		return chromedp.Poll(js, nil, chromedp.WithPollingInterval(10*time.Millisecond))
	}
	click := func(id string) chromedp.Action { return chromedp.Click(id, chromedp.ByQuery, chromedp.NodeVisible) }

	page.Open(s.URL+"/", browsertest.Device{Width: 1400, Height: 1000})
	do(says(`document.querySelectorAll('#cards button').length > 90`),
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
	picture(page, "counter.png")
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
	picture(page, "counter-staff.png")
	do(click("#scanning"), reads("scanner", "closed"), click("#sign-out"))
	do(nobody...)
	do(chromedp.SendKeys("#staff-name", "Ada", chromedp.ByQuery), chromedp.SendKeys("#staff-pin", StaffPIN+"\r", chromedp.ByQuery),
		reads("staff-who", "Ada"), click("#scanning"), reads("scanner", "open"),
		click("#dock"), reads("docked", "in"))
	do(nobody...)
	do(says(`[...document.querySelectorAll('#staff button, #staff input')].every((e) => e.disabled || !e.checkVisibility())`))
	picture(page, "counter-docked.png")
	do(click("#plug"), says(`document.getElementById('cable').textContent === 'pulled'`))
	if !b.dock.Docked() {
		t.Error("it is not in the dock")
	}
}

// picture keeps what the page looks like among the artefacts of CI.
func picture(page *browsertest.Page, name string) {
	var png []byte
	page.Run(chromedp.Evaluate(`document.getElementById('said').hidden = true`, nil), chromedp.FullScreenshot(&png, 100))
	page.Keep(filepath.Join(screens, name), png)
}
