package display_test

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/cardwright/emv/terminal/browsertest"
	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

// A till reads the pairing code from a picture of the screen (S29).
func TestQRCodeIsReadFromTheScreen(t *testing.T) {
	b := browser(t)
	for _, size := range []browsertest.Device{portrait, landscape} {
		d := plain(t, display.Config{})
		must(t, d.Step(display.Pair{Text: code, Typed: "4821 9306", Address: "192.168.178.120:27099"}))
		s := serve(t, b, d, size)
		m, err := png.Decode(bytes.NewReader(s.screenshot(fmt.Sprintf("qr-read-%dx%d", size.Width, size.Height))))
		must(t, err)
		bitmap, err := gozxing.NewBinaryBitmapFromImage(m)
		must(t, err)
		r, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil || r.GetText() != code {
			t.Errorf("%v: %v, %v", size, r, err)
		}
		if said := eval[string](s, `document.querySelector('[data-screen="qr"] footer').innerText`); !strings.Contains(said, "4821 9306") ||
			!strings.Contains(said, "192.168.178.120:27099") {
			t.Errorf("%v: below the code is %q", size, said)
		}
	}
}

// The settings panel comes from the right edge, from nowhere else, and never while a card is paid with (S56).
func TestSwipe(t *testing.T) {
	b := browser(t)
	var mu sync.Mutex
	var told []display.ActionKind
	d := plain(t, display.Config{Act: func(a display.Action) {
		mu.Lock()
		told = append(told, a.Kind)
		mu.Unlock()
	}})
	must(t, d.Step(paired))
	must(t, d.Step(facts))
	s := serve(t, b, d, portrait)
	inward := [][2]float64{{474, 400}, {250, 410}}
	// synced makes sure that whatever the fingers did has arrived: a mark goes the same way after it.
	synced := func() {
		t.Helper()
		s.step(facts)
	}
	for name, points := range map[string][][2]float64{
		"from the middle":   {{240, 400}, {20, 400}},
		"from the left":     {{4, 400}, {240, 400}},
		"from near":         {{440, 400}, {200, 400}},
		"along the edge":    {{474, 100}, {470, 700}},
		"down from the top": {{470, 4}, {440, 500}},
		"too short":         {{474, 400}, {440, 400}},
		"outward":           {{470, 400}, {479, 400}},
	} {
		s.finger(points...)
		if synced(); s.State().Screen == display.Settings {
			t.Errorf("%s: the panel opened", name)
			must(t, d.Step(display.CloseSettings{}))
		}
	}
	open := func() {
		t.Helper()
		s.finger(inward...)
		s.until("open", func() bool { return s.State().Screen == display.Settings })
		s.drawn()
	}
	open()
	for _, want := range []string{"Till 2 · Connected", "192.168.20.14", "Restore connection to POS"} {
		if got := eval[string](s, `document.getElementById('panel').innerText`); !strings.Contains(got, want) {
			t.Errorf("the panel lacks %q: %q", want, got)
		}
	}
	s.Run(chromedp.Click(`[data-panel-close]`, chromedp.ByQuery))
	s.until("closed by its button", func() bool { return s.State().Screen == display.Standby })
	s.drawn()
	open()
	s.finger([2]float64{200, 60}, [2]float64{460, 60})
	s.until("pushed out", func() bool { return s.State().Screen == display.Standby })
	s.drawn()
	open()
	s.Run(chromedp.Click(`[data-panel-restore]`, chromedp.ByQuery))
	s.until("told", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Contains(told, display.ActRestore)
	})
	must(t, d.Step(display.Pair{Text: code})) // what the terminal does then (S39)
	s.drawn()
	if got := s.State().Screen; got != display.QR {
		t.Errorf("restored to %s", got)
	}

	// During a payment, above all the card's part of it.
	card := display.Prompt{Request: request, Amount: usd(1), Methods: []display.Method{display.Tap}}
	for _, e := range []display.Event{
		card,
		display.PINProgress{Request: request, Amount: usd(1)},
		display.Working{Request: request, Step: display.Reading},
		display.Choose{Request: request, Labels: []string{"a", "b"}},
		display.TakeCard{Request: request},
	} {
		s.step(e)
		s.finger(inward...)
		s.step(display.Speak{Wanted: "en"})
		if got := s.State().Screen; got == display.Settings {
			t.Fatalf("%T: the panel opened", e)
		}
	}
}

// 500 lines under a finger: the list scrolls, the total stays; what is rung up next comes into sight, unless the finger
// was there a moment ago (S76).
func TestLongCart(t *testing.T) {
	b := browser(t)
	d := plain(t, display.Config{})
	must(t, d.Step(paired))
	must(t, d.CartSet(long(500)))
	s := serve(t, b, d, portrait)
	const list = `document.querySelector('[data-list]')`
	top := func() float64 { return eval[float64](s, list+`.scrollTop`) }
	seen := func(text string) bool {
		return eval[bool](s, fmt.Sprintf(`(() => { const r = [...document.querySelectorAll('[data-lines] .name')].find((e) => e.textContent === %q).getBoundingClientRect();
			const b = %s.getBoundingClientRect(); return r.top >= b.top - 1 && r.bottom <= b.bottom + 1; })()`, text, list))
	}
	total := func() string {
		return eval[string](s, `(() => { const e = document.querySelector('[data-total]'); const r = e.getBoundingClientRect();
			return document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2) === e ? e.textContent : 'hidden'; })()`)
	}
	if n := eval[int](s, `document.querySelectorAll('[data-lines] li').length`); n != 500 {
		t.Fatalf("%d lines", n)
	}
	if !seen("Item number 500") || total() != "USD\u00a0500.00" && total() != "$500.00" {
		t.Errorf("the newest line or the total is not in sight: %s", total())
	}
	add := func(rev uint64, id string, lines int64) {
		t.Helper()
		resync, err := d.CartPatch(&wire.CartPatch{
			CartID: "long", Base: rev - 1, Rev: rev, Subtotal: lines * 100, Total: lines * 100,
			Ops: []wire.Op{{Op: "put", Line: &wire.CartLine{ID: id, Name: "Next " + id, Qty: "1", Unit: 100, Amount: 100}}},
		})
		if resync || err != nil {
			t.Fatal(resync, err)
		}
		s.drawn()
	}
	add(2, "a", 501)
	if !seen("Next a") {
		t.Error("the new line is out of sight")
	}
	before := top()
	s.finger([2]float64{240, 250}, [2]float64{240, 560})
	s.until("scrolled", func() bool { return top() < before-100 })
	rest := top()
	add(3, "b", 502)
	if got := top(); got > rest+1 || seen("Next b") {
		t.Errorf("the list ran away under the finger: %f, %f", rest, got)
	}
	if got := total(); !strings.Contains(got, "502.00") {
		t.Errorf("the total is %s", got)
	}
	// Sideways nothing moves, and the page itself never does.
	s.finger([2]float64{100, 300}, [2]float64{400, 300})
	if eval[float64](s, `scrollX + scrollY + document.scrollingElement.scrollTop`) != 0 {
		t.Error("the page moved")
	}
	s.screenshot("cart-scrolled")
}

// Taps arrive as actions, with the request they are for.
func TestTaps(t *testing.T) {
	b := browser(t)
	actions := make(chan display.Action, 8)
	d := plain(t, display.Config{Act: func(a display.Action) { actions <- a }})
	must(t, d.Step(paired))
	s := serve(t, b, d, portrait)
	tip := display.AskTip{Request: request, Amount: usd(1000), Options: []display.TipOption{{Percent: 10, Tip: 100}, {Percent: 20, Tip: 200}}, Other: true, Most: 1000}
	s.step(tip)
	s.Run(chromedp.Click(`[data-screen="tip"] [data-choices] button:nth-child(2)`, chromedp.ByQuery))
	if a := <-actions; a.Kind != display.ActTip || a.Amount != 200 || a.Request != request {
		t.Errorf("%+v", a)
	}
	s.step(tip)
	s.Run(chromedp.Click(`[data-screen="tip"] [data-choices] button:last-child`, chromedp.ByQuery))
	s.screenshot("tip-keypad")
	s.fits()
	for _, n := range []int{3, 2, 5} {
		s.Run(chromedp.Click(fmt.Sprintf(`[data-keys] button:nth-child(%d)`, n), chromedp.ByQuery))
	}
	if got := eval[string](s, `document.querySelector('[data-typing]').textContent`); got != "3.25USD" {
		t.Errorf("typed %q", got)
	}
	s.Run(chromedp.Click(`[data-add]`, chromedp.ByQuery))
	if a := <-actions; a.Kind != display.ActTip || a.Amount != 325 {
		t.Errorf("%+v", a)
	}
	s.step(display.AskConfirm{Request: request, Total: usd(1325), Tip: 325})
	s.Run(chromedp.Click(`[data-screen="confirm"] .primary`, chromedp.ByQuery))
	if a := <-actions; a.Kind != display.ActConfirm {
		t.Errorf("%+v", a)
	}
}

// The PIN screen has nothing to type into, and keys do nothing there.
func TestThePINIsNotTypedHere(t *testing.T) {
	b := browser(t)
	d := plain(t, display.Config{Act: func(a display.Action) { t.Errorf("told of %+v", a) }})
	must(t, d.Step(paired))
	must(t, d.Step(display.Working{Request: request, Amount: usd(1)}))
	must(t, d.Step(display.PINProgress{Request: request, Amount: usd(1), Entered: 2}))
	s := serve(t, b, d, portrait)
	before := s.text()
	if n := eval[int](s, `document.querySelectorAll('input, textarea, select, [contenteditable]').length +
		[...document.querySelectorAll('[data-screen="pin"] button')].length`); n != 0 {
		t.Errorf("%d things to type into or press", n)
	}
	for _, k := range "1234" {
		s.Run(input.DispatchKeyEvent(input.KeyDown).WithText(string(k)).WithKey(string(k)), input.DispatchKeyEvent(input.KeyUp).WithKey(string(k)))
	}
	s.step(facts)
	if got := s.text(); got != before {
		t.Errorf("%q became %q", before, got)
	}
}

// hostile is text that tries to be more than text.
var hostile = []string{
	`<script>window.pwned=1</script>`, `<img src=x onerror="window.pwned=1">`, `"><svg onload=window.pwned=1>`,
	`javascript:window.pwned=1`, `<iframe srcdoc="<script>parent.pwned=1</script>">`, `{{constructor.constructor('pwned=1')()}}`,
	`<style>*{display:none}</style>`, `</section></main><h1>Approved</h1>`, `<a href="http://example.com">x</a>`, `&lt;b&gt;`,
	"\u202egnp.exe", "`${window.pwned=1}`", `'-window.pwned=1-'`, `<math><mtext><table><mglyph><style><img src onerror=pwned=1>`,
}

// Whatever a till, a card or an administrator writes is shown as text and does nothing.
func TestHostileText(t *testing.T) {
	b := browser(t)
	for _, text := range hostile {
		c := &wire.CartSet{
			CartID: "x", Rev: 1, Currency: "USD", Exponent: 2, Locale: "en", Total: 1, Subtotal: 1, Taxes: []wire.CartPart{{Name: text}},
			Lines: []wire.CartLine{{ID: "1", Name: text, Note: text, Qty: "1", Unit: 1, Amount: 1}},
		}
		d := plain(t, display.Config{Appearance: display.Appearance{Brands: []string{text}}})
		must(t, d.Step(display.Link{State: display.Connected, Register: text}))
		s := serve(t, b, d, portrait)
		nodes := eval[int](s, `document.querySelectorAll('script, iframe, style, img, a, math').length`)
		must(t, d.CartSet(c))
		s.drawn()
		if got := s.text(); !strings.Contains(got, strings.Join(strings.Fields(strings.TrimPrefix(text, "\u202e")), " ")) {
			t.Errorf("%q is not on the screen as it is: %q", text, got)
		}
		s.step(display.Prompt{Request: request, Amount: usd(1), Methods: []display.Method{display.Insert}})
		s.step(display.Choose{Request: request, Labels: []string{text}})
		s.step(display.Accepted{Request: request, Amount: usd(1), PostPayment: text})
		s.step(display.OpenSettings{})
		if eval[bool](s, `'pwned' in window`) || eval[int](s, `document.querySelectorAll('script, iframe, style, img, a, math').length`) != nodes {
			t.Fatalf("%q did something", text)
		}
	}
	s := serve(t, b, plain(t, display.Config{}), portrait)
	if eval[bool](s, `(() => { try { document.body.innerHTML = '<b>x</b>'; return true; } catch { return false; } })()`) {
		t.Error("markup can be written: the policy does not hold")
	}
}
