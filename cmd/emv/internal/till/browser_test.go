package till_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/browsertest"
	"github.com/cardwright/emv/terminal/wire"
)

// Tests with a real browser (terminal/browsertest).

// screens is where pictures are left for who looks at them later.
var screens = filepath.Join("..", "..", "..", "..", ".ci", "out", "screens")

// tab is the till's page in a browser.
type tab struct {
	*browsertest.Page
	t *testing.T
}

// browse opens the page in a Chromium of its own.
func browse(t *testing.T, r *till.Till, width, height int64) *tab {
	t.Helper()
	return visit(t, open(t, r).url+"/", width, height)
}

// visit opens a page in a Chromium of its own.
func visit(t *testing.T, url string, width, height int64) *tab {
	t.Helper()
	chromium := browsertest.Start(t, "go test ./cmd/emv/internal/till", browsertest.Still, chromedp.Flag("lang", "en-GB"))
	b := &tab{chromium.Tab(t), t}
	b.Open(url, browsertest.Device{Width: width, Height: height})
	b.Until(`document.body.dataset.ready === 'yes'`)
	return b
}

// click presses an element as soon as it is there. The page may draw it anew between looking and pressing: then it looks again.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), browsertest.GiveUp)
	defer cancel()
	for {
		err := chromedp.Run(ctx, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
		var gone *cdproto.Error
		if err == nil || !errors.As(err, &gone) || gone.Code != -32000 {
			if err != nil {
				b.t.Fatalf("%s: %v", selector, err)
			}
			return
		}
	}
}

// screenshot keeps a picture among the artefacts of CI.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	b.Drawn()
	b.Screenshot(filepath.Join(screens, "till-"+name+".png"))
}

// No camera: the address and the digits are typed. A refusal says why and leaves what was typed, so that it can be mended.
func TestPairTyped(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	b := browse(t, r, 1280, 800)
	b.click("#nav-more")
	for _, step := range []string{"settings", "hardware", "readers", "review"} {
		b.click("#step-" + step)
		b.Until(`document.getElementById('setup').dataset.step === '` + step + `'`)
	}
	b.click("#next-step")
	b.Until(`document.getElementById('pair-typed') !== null`)
	shown, done := d.show()
	b.Run(chromedp.SendKeys("#pair-address", shown.Address, chromedp.ByQuery),
		chromedp.SendKeys("#pair-digits-typed", otherCode(shown.Typed), chromedp.ByQuery))
	b.click("#pair-typed-connect")
	b.Until(`document.getElementById('pair-error')?.dataset.code === 'E_CODE_WRONG'`)
	if got := b.Eval(`document.getElementById('pair-error').textContent`); !strings.Contains(got, till.Text("E_CODE_WRONG", "en")) {
		t.Errorf("the page says %q", got)
	}
	if got := b.Eval(`document.getElementById('pair-address').value`); got != shown.Address {
		t.Errorf("the address is %q", got)
	}
	b.screenshot("pair-typed")
	b.Resize(480, 860)
	b.screenshot("pair-typed-narrow")
	if got := b.Eval(`document.documentElement.scrollWidth > innerWidth`); got != "false" {
		t.Error("the form is wider than the page")
	}
	b.Run(chromedp.Evaluate(`document.getElementById('pair-digits-typed').select()`, nil), chromedp.SendKeys("#pair-digits-typed", shown.Typed+"\r", chromedp.ByQuery))
	b.Until(`document.getElementById('setup').dataset.step === 'done'`)
	if got, want := b.Eval(`document.getElementById('pair-words').textContent + ' ' + document.getElementById('pair-digits').textContent`), <-done; got != want {
		t.Errorf("the till shows %q, the terminal %q", got, want)
	}
	b.click("#pair-done")
	b.Until(`document.getElementById('terminal-chip').dataset.state === 'ready'`)
}

// A refusal is told once, on the page of the code. What was pasted is gone then, the second time as well.
func TestPairRefused(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	b := browse(t, r, 1280, 800)
	b.Run(chromedp.Evaluate(`document.getElementById('nav-more').click(); setup.open('scan')`, nil))
	for range 2 {
		b.Run(chromedp.Evaluate(`(() => {
			const text = document.getElementById('pair-text');
			text.value = 'no code';
			text.dispatchEvent(new Event('input'));
			document.getElementById('pair-connect').click();
		})()`, nil))
		b.Until(`document.getElementById('pair-error')?.dataset.code === 'E_QR_INVALID' && document.getElementById('pair-text').value === ''`)
	}
	if got := b.Eval(`document.getElementById('toast').hidden`); got != "true" {
		t.Errorf("it is told twice: %s", b.Eval(`document.getElementById('toast').textContent`))
	}
}

// A shop's day: the wizard to a terminal, a sale with a tip, a decline, another tender, a refund. S42 to S51.
func TestDay(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	b := browse(t, r, 1280, 800)

	// More > Settings > Set up hardware > Card readers > POS Terminal > review > Next step. S42
	b.click("#nav-more")
	for _, step := range []string{"settings", "hardware", "readers", "review"} {
		b.click("#step-" + step)
		b.Until(`document.getElementById('setup').dataset.step === '` + step + `'`)
	}
	b.screenshot("review")
	b.click("#next-step")
	code, done := d.code()
	file := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(file, picture(t, code, 5, true), 0o600); err != nil {
		t.Fatal(err)
	}
	b.screenshot("scan")
	b.Run(chromedp.SetUploadFiles("#pair-picture", []string{file}, chromedp.ByQuery))
	b.Until(`document.getElementById('setup').dataset.step === 'done'`)
	if got, want := b.Eval(`document.getElementById('pair-words').textContent + ' ' + document.getElementById('pair-digits').textContent`), <-done; got != want {
		t.Errorf("the till shows %q, the terminal %q", got, want)
	}
	b.screenshot("paired")
	b.click("#pair-done") // S45
	b.Until(`document.body.dataset.view === 'sale' && document.getElementById('terminal-chip').dataset.state === 'ready'`)

	for _, p := range []string{"flat-white", "flat-white", "bun", "sandwich"} {
		b.click("#product-" + p)
	}
	b.Until(`document.querySelectorAll('#lines li').length === 3`)
	b.click("#discount-10")
	b.Until(`document.getElementById('total').textContent === '£16.60'`) // 7.60 + 3.60 + 7.25 = 18.45, less 1.85 (half up)
	b.Run(chromedp.Evaluate(`document.getElementById('tip').click()`, nil))
	b.Until(`document.getElementById('on-screen').classList.contains('yes')`)
	b.screenshot("sale")

	d.set(func() { d.hold, d.tip = true, 150 })
	b.Run(chromedp.DoubleClick("#checkout", chromedp.ByQuery))
	b.Until(`document.getElementById('pay').dataset.phase === 'waiting'`)
	b.screenshot("waiting")
	d.release()
	b.Until(`document.getElementById('pay').dataset.phase === 'approved'`)
	if got := b.Eval(`document.getElementById('pay-amount').textContent`); got != "£18.10" {
		t.Errorf("paid %s", got)
	}
	if len(d.asked) != 1 {
		t.Errorf("asked %v", d.asked)
	}
	b.screenshot("approved")
	b.click("#pay-done")
	b.Until(`document.getElementById('pay').hidden && document.querySelectorAll('#lines li').length === 0`)

	d.set(func() { d.result = wire.Declined })
	b.click("#product-mug")
	b.Until(`!document.getElementById('checkout').disabled`)
	b.click("#checkout")
	b.Until(`document.getElementById('pay').dataset.phase === 'declined'`)
	b.screenshot("declined")
	d.set(func() { d.result, d.hold = wire.Approved, true })
	b.click("#pay-again")
	b.Until(`document.getElementById('pay').dataset.phase === 'waiting'`)
	b.click("#pay-tender") // the customer has had enough of cards. S49
	b.Until(`document.getElementById('pay').dataset.phase === 'cash'`)
	b.screenshot("cash")
	b.click("#pay-done")
	d.set(func() { d.hold = false })

	b.click("#nav-payments")
	b.Until(`document.querySelectorAll('#payments .entry').length === 3`)
	b.click(`#payments li:last-child .entry`)
	b.screenshot("payments")
	b.click("#refund")
	b.Run(chromedp.Evaluate(`for (const k of ['5', '00']) [...document.querySelectorAll('#keys button')].find((x) => x.textContent === k).click()`, nil))
	b.screenshot("refund")
	b.click("#keypad-ok")
	b.Until(`document.getElementById('pay').dataset.phase === 'approved'`)
	if d.last.Kind != wire.KindRefund || d.last.Amount != 500 {
		t.Errorf("%+v", d.last)
	}
	b.click("#pay-done")
	b.Until(`document.querySelectorAll('#payments .entry').length === 4`)

	b.click("#nav-more")
	b.click("#step-settings")
	b.click("#step-language")
	b.click("#language-sv")
	b.Until(`document.getElementById('nav-sale').innerText.trim() === 'Försäljning'`)
	b.click("#step-back")
	b.click("#step-hardware")
	b.click("#step-readers")
	b.Until(`document.querySelectorAll('#terminals li').length === 1`)
	b.screenshot("readers")
}

// hostile is text that tries to be more than text.
var hostile = []string{
	`<img src=x onerror="window.hacked=1">`, `</script><script>window.hacked=1</script>`, `"><svg onload=window.hacked=1>`,
	`{{constructor.constructor('window.hacked=1')()}}`, `javascript:window.hacked=1`, `'-window.hacked=1-'`, "\u202egnp.tiecer", `${window.hacked=1}`,
	`<style>*{display:none}</style>`, `&lt;img src=x&gt;`,
}

// Names of goods, of terminals, and what a card says of itself are text, whatever they try to be.
func TestHostileNames(t *testing.T) {
	d := newDevice(t, 1, hostile[0], "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	b := browse(t, r, 1280, 800)
	for _, name := range hostile {
		if err := r.AddAmount(name, 100); err != nil {
			t.Fatal(err)
		}
	}
	b.Until(`document.querySelectorAll('#lines li').length === 10`)
	d.set(func() { d.label = hostile[1] })
	b.click("#checkout")
	b.Until(`document.getElementById('pay').dataset.phase === 'approved'`)
	if got := b.Eval(`document.getElementById('receipt').textContent`); !strings.Contains(got, hostile[1]) {
		t.Errorf("the receipt says %s", got)
	}
	b.click("#pay-done")
	b.click("#terminal-chip")
	b.Until(`!document.getElementById('picker').hidden`)
	if got := b.Eval(`document.querySelector('#picker-list strong').textContent`); !strings.Contains(got, hostile[0]) {
		t.Errorf("the list says %s", got)
	}
	if got := b.Eval(`window.hacked + ' ' + document.querySelectorAll('script').length + document.querySelectorAll('img, style, iframe').length`); got != "undefined 20" {
		t.Errorf("something ran, or markup came about: %s", got)
	}
}

// Two terminals are ready, and the one that is the default is not: the cashier is asked. S91
func TestPicker(t *testing.T) {
	a, c := newDevice(t, 1, "Counter 1", "GB"), newDevice(t, 2, "Counter 2", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, a)
	pair(t, r, c)
	b := browse(t, r, 1280, 800)
	b.click("#product-tea")
	b.Until(`document.querySelectorAll('#lines li').length === 1`)
	b.click("#terminal-chip")
	b.Until(`document.querySelectorAll('#picker-list li').length === 2`)
	b.screenshot("picker")
	b.click(`#picker-list li[data-id="` + c.id.String() + `"] .use`)
	b.Until(`document.getElementById('chip-name').textContent === 'Counter 2'`)
	b.Until(`document.getElementById('on-screen').classList.contains('yes')`)
	b.click("#checkout")
	b.Until(`document.getElementById('pay').dataset.phase === 'approved'`)
	if len(a.asked) != 0 || len(c.asked) != 1 {
		t.Errorf("%v, %v", a.asked, c.asked)
	}
	b.Resize(480, 860)
	b.click("#pay-done")
	b.click("#product-tea")
	b.Until(`document.querySelectorAll('#lines li').length === 1`)
	b.screenshot("narrow")
}

// The till is closed and started again at the same place: the page says so, and comes back by itself.
func TestPageComesBack(t *testing.T) {
	o := options(t, t.TempDir())
	serve := func(address string) (url string, r *till.Till, stop func()) {
		r, end := start(t, o)
		s := must[*till.Server](t)(till.NewServer(r))
		l := must[net.Listener](t)(net.Listen("tcp", address))
		ctx, cancel := context.WithCancel(context.Background()) // sockets end with it
		web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: browsertest.GiveUp, BaseContext: func(net.Listener) context.Context { return ctx }}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = web.Serve(l)
		}()
		var once sync.Once
		stop = func() {
			once.Do(func() {
				end()
				cancel()
				_ = web.Close()
				<-done
			})
		}
		t.Cleanup(stop)
		return l.Addr().String(), r, stop
	}
	address, r, stop := serve("127.0.0.1:0")
	b := visit(t, "http://"+address+"/", 1280, 800)
	ring(t, r, "tea", "mug")
	b.Until(`document.querySelectorAll('#lines li').length === 2`)
	order := b.Eval(`document.getElementById('order').textContent`)
	stop()
	b.Until(`!document.getElementById('offline').hidden`)
	_, r, _ = serve(address)
	b.Until(`document.body.dataset.ready === 'yes' && document.getElementById('offline').hidden && document.querySelectorAll('#lines li').length === 2`)
	if got := b.Eval(`document.getElementById('order').textContent`); got != order || r.View().Sale.Order != order {
		t.Errorf("order %s, was %s", got, order)
	}
	b.click("#product-tea")
	b.Until(`document.querySelector('#lines .qty b').textContent === '2'`)
}
