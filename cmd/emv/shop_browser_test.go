package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/browsertest"
)

// Tests of the whole shop in a real browser, through the DevTools protocol: what people do at the pages, and what they see.

// shop is a terminal and a till with their pages: the customer's display, the till, and the counter.
type shop struct {
	t                       *testing.T
	dir                     string
	browser                 *browsertest.Browser
	terminal                *shopTerminal
	display, till, customer *tab
}

// openShop starts both programs as they come, and opens their pages.
func openShop(t *testing.T, language, country string) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir(), browser: browse(t)}
	config := filepath.Join(s.dir, "terminal.json")
	file, err := json.Marshal(map[string]any{
		"format": "cardwright-terminal/1", "name": "Counter 1", "country": country,
		"appearance": map[string]any{"language": language, "post_payment": thanks},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s.terminal = startTerminal(t, nil, filepath.Join(s.dir, "terminal"), append([]string{"--config", config}, loopbackPorts()...)...)
	_, url := startTill(t, nil, filepath.Join(s.dir, "till"), "--name", "Till 1")
	s.display = open(t, s.browser, "display", s.terminal.display, browsertest.Device{Width: 480, Height: 800, Touch: true, Language: language})
	s.till = open(t, s.browser, "till", url, browsertest.Device{Width: 1280, Height: 800, Language: language})
	s.customer = open(t, s.browser, "counter", s.terminal.counter, browsertest.Device{Width: 1280, Height: 900, Language: "en"})
	s.till.Until(`document.body.dataset.ready === 'yes'`)
	s.customer.Until(`document.querySelectorAll('#cards li button').length > 20`)
	return s
}

var thanks = map[string]string{
	"en": "Thank you. See you soon!", "sv": "Tack för besöket. Välkommen åter!", "fr": "Merci de votre visite. À bientôt !",
}

// on waits until a screen is on the display.
func (s *shop) on(screens ...string) {
	s.t.Helper()
	list, _ := json.Marshal(screens)
	s.display.Until(string(list) + `.includes((document.querySelector('#stage > section:not([hidden])') || {dataset: {}}).dataset.screen)`)
}

// shows returns what can be read on the display's screen.
func (s *shop) shows() string {
	s.t.Helper()
	return strings.Join(strings.Fields(s.display.Eval(`document.querySelector('#stage > section:not([hidden])').innerText`)), " ")
}

// phase waits for a phase of the payment at the till.
func (s *shop) phase(name string) {
	s.t.Helper()
	s.till.Until(`document.getElementById('pay').dataset.phase === '` + name + `'`)
}

// pair takes the way of S42 to S45 with nothing but a picture of the terminal's screen. S29
func (s *shop) pair() []byte {
	s.t.Helper()
	s.on("qr")
	s.display.Until(`document.querySelector('[data-qr]').complete && document.querySelector('[data-qr]').naturalWidth > 0`)
	shot := s.display.picture("qr")
	code, err := till.ReadPicture(shot)
	if err != nil || !strings.HasPrefix(code, "CARDWRIGHT1:") {
		s.t.Fatalf("the code on the screen: %q, %v", code, err)
	}
	s.customer.Until(`document.getElementById('code').textContent === ` + strconv.Quote(code))
	s.customer.picture("qr")

	s.till.press("#nav-more")
	for _, step := range []string{"settings", "hardware", "readers", "review"} {
		s.till.press("#step-" + step)
		s.till.Until(`document.getElementById('setup').dataset.step === '` + step + `'`)
	}
	s.till.picture("review")
	s.till.press("#next-step")
	s.till.Until(`document.getElementById('setup').dataset.step === 'scan'`)
	s.till.picture("scan")
	file := filepath.Join(s.dir, "photo.png")
	if err := os.WriteFile(file, shot, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.till.Run(chromedp.SetUploadFiles("#pair-picture", []string{file}, chromedp.ByQuery))
	s.till.Until(`document.getElementById('setup').dataset.step === 'done'`)
	words, digits := s.till.Eval(`document.getElementById('pair-words').textContent`), s.till.Eval(`document.getElementById('pair-digits').textContent`)
	s.on("message")
	if got := s.shows(); len(words) < 8 || !strings.Contains(got, words) || !strings.Contains(got, digits) {
		s.t.Errorf("the till shows %q %q, the terminal %q", words, digits, got)
	}
	s.display.picture("paired")
	s.till.picture("paired")
	s.till.press("#pair-done") // S45
	s.till.Until(`document.body.dataset.view === 'sale' && document.getElementById('terminal-chip').dataset.state === 'ready'`)
	return shot
}

// ring rings products up, and waits until the customer sees them.
func (s *shop) ring(products ...string) {
	s.t.Helper()
	for _, p := range products {
		s.till.press("#product-" + p)
	}
	s.till.Until(`till.view.sale.count === ` + strconv.Itoa(len(products)) + ` && document.getElementById('on-screen').classList.contains('yes')`)
}

// checkout asks for the payment.
func (s *shop) checkout() {
	s.t.Helper()
	s.till.Until(`!document.getElementById('checkout').disabled`)
	s.till.press("#checkout")
	s.till.Until(`!document.getElementById('pay').hidden || !document.getElementById('toast').hidden`)
	if refused := s.till.Eval(`document.getElementById('toast').hidden ? '' : document.getElementById('toast').innerText`); refused != "" {
		s.till.keep("refused")
		s.t.Fatalf("the till can't ask for the payment: %s; %s", refused, s.till.Text())
	}
}

// hold takes a card out of the wallet.
func (s *shop) hold(card string) {
	s.t.Helper()
	s.customer.Run(chromedp.Evaluate(`(() => { const f = document.getElementById('find'); f.value = ''; f.focus(); })()`, nil),
		chromedp.SendKeys("#find", card, chromedp.ByQuery))
	name := strconv.Quote(card)
	s.customer.Until(`[...document.querySelectorAll('#cards li button b')].some((b) => b.firstChild.textContent === ` + name + `)`)
	s.customer.Run(chromedp.Evaluate(`[...document.querySelectorAll('#cards li button')].find((b) => b.querySelector('b').firstChild.textContent === `+name+`).click()`, nil))
	s.customer.Until(`document.getElementById('chosen').textContent === ` + name)
}

// done closes the payment's sheet at the till.
func (s *shop) done() {
	s.t.Helper()
	s.till.press("#pay-done")
	s.till.Until(`document.getElementById('pay').hidden`)
}

// closes has the customer read that the till is there. S45
func (s *shop) closes() {
	s.t.Helper()
	s.display.press(`[data-screen="message"] [data-buttons] button`)
	s.on("standby", "cart")
}

// pin has the customer enter the PIN at the counter, and looks at how little of it is on the display.
func (s *shop) pin() {
	s.t.Helper()
	s.on("pin")
	s.customer.Until(`document.getElementById('pad').classList.contains('asks')`)
	for n, key := range []string{"1", "2", "3", "4"} {
		s.customer.press(`#keys [data-key="` + key + `"]`)
		s.display.Until(`document.querySelectorAll('[data-screen="pin"] [data-dots] .on').length === ` + strconv.Itoa(n+1))
		if n == 2 {
			s.display.picture("pin")
			s.till.Until(`document.getElementById('pay').dataset.phase === 'waiting'`)
			s.till.picture("pin")
			s.customer.picture("pin")
		}
	}
	amount := s.display.Eval(`document.querySelector('[data-screen="pin"] [data-amount]').textContent`)
	if got := strings.ReplaceAll(s.shows(), amount, ""); strings.ContainsAny(got, "0123456789") {
		s.t.Errorf("digits beside the amount: %q", got)
	}
	if n := s.display.Eval(`document.querySelectorAll('[data-screen="pin"] input, [data-screen="pin"] button').length`); n != "0" {
		s.t.Errorf("%s things to type into at the display", n)
	}
	s.customer.press(`#keys [data-key="enter"]`)
}

// swiped draws the card through the head. The head listens a moment after the display says so.
func (s *shop) swiped() {
	s.t.Helper()
	s.customer.Until(`!document.getElementById('swipe').disabled`)
	s.customer.press("#swipe")
}

// receipt wants that the till's page shows this on the receipt.
func (s *shop) receipt(want ...string) {
	s.t.Helper()
	got := s.till.Eval(`document.getElementById('receipt').innerText`)
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.t.Errorf("the receipt lacks %q: %q", w, got)
		}
	}
}

// finals returns how the payments of the till's book ended, by order; "" for one that is open.
func (s *shop) finals() map[string][]string {
	s.t.Helper()
	var list []struct {
		Order string
		Final *struct{ Result string }
	}
	text := s.till.awaited(`fetch('api/payments', {headers: {'X-Till-Token': document.querySelector('meta[name=token]').content}}).then((r) => r.text())`)
	searchSecrets(s.t, "the till's payments", text)
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		s.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, p := range list {
		result := ""
		if p.Final != nil {
			result = p.Final.Result
		}
		out[p.Order] = append(out[p.Order], result)
	}
	return out
}

// closing looks through what the day left.
func (s *shop) closing() {
	s.t.Helper()
	for _, b := range []*tab{s.display, s.till, s.customer} {
		b.scan()
		b.leave(true) // the programs end before the pages do
	}
	searchFiles(s.t, s.dir)
	searchSecrets(s.t, "what the terminal printed", s.terminal.said())
}

// Pairing by a picture, a long cart, and the panel. S29, S39, S42 to S45, S54, S56, S76
func TestShopPairing(t *testing.T) {
	s := openShop(t, "en", "GB")
	shot := s.pair()
	corpus(t, decodePNG(t, shot))
	s.closes()
	s.on("standby")

	// 500 lines, as the till's own page rings them up.
	for from := 0; from < 500; from += 20 {
		s.till.awaited(`Promise.all(Array.from({length: 20}, (_, i) => till.ask('cart/amount', {name: 'Item number ' + (` + strconv.Itoa(from) + ` + i + 1), amount: 100 + ` + strconv.Itoa(from) + ` + i}))).then(() => 'done')`)
	}
	s.till.Until(`document.querySelectorAll('#lines li').length === 500 && document.getElementById('on-screen').classList.contains('yes')`)
	s.display.Until(`document.querySelectorAll('[data-lines] li').length === 500`)
	const total = `(() => { const e = document.querySelector('[data-total]'); const r = e.getBoundingClientRect();
		return document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2) === e ? e.textContent : 'hidden'; })()`
	const sum = "£1,747.50" // 500 × 1.00 + 0.01 × (0 + … + 499)
	if got := s.display.Eval(total); got != sum {
		t.Errorf("the display's total is %s", got)
	}
	if got := s.till.Eval(`document.getElementById('total').textContent`); got != sum {
		t.Errorf("the till's total is %s", got)
	}
	const list = `document.querySelector('[data-list]')`
	s.display.Until(list + `.scrollTop + ` + list + `.clientHeight >= ` + list + `.scrollHeight - 2`) // the newest is in sight
	s.display.picture("long-cart")
	s.till.picture("long-cart")
	last := -1
	for range 3 {
		before := s.display.Eval(list + `.scrollTop`)
		s.display.finger([2]float64{240, 200}, [2]float64{240, 600})
		s.display.Until(list + `.scrollTop < ` + before + ` - 100`)
		if got := s.display.Eval(total); got != sum {
			t.Errorf("the total is %s after scrolling", got)
		}
		last++
	}
	s.display.picture("long-cart-scrolled")
	s.till.press("#clear")
	s.on("standby")

	// The panel comes from the right edge, and from nowhere else.
	s.display.finger([2]float64{240, 400}, [2]float64{20, 400})
	s.display.finger([2]float64{440, 400}, [2]float64{200, 400})
	s.display.awaited(`new Promise((f) => setTimeout(() => f(''), 100))`)
	if s.display.Eval(`document.getElementById('panel').classList.contains('open')`) != "false" {
		t.Error("the panel opened from the middle")
	}
	s.pull()
	s.display.Until(`document.getElementById('panel').classList.contains('open')`)
	s.display.picture("panel")
	s.display.press("[data-panel-close]")
	s.display.Until(`!document.getElementById('panel').classList.contains('open')`)
	s.pull()
	s.display.Until(`document.getElementById('panel').classList.contains('open')`)
	s.display.press("[data-panel-restore]")
	s.on("qr")
	s.display.picture("qr-again")
	s.closing()
}

// pull pulls the settings panel in from the right edge.
func (s *shop) pull() {
	s.t.Helper()
	s.display.finger([2]float64{474, 400}, [2]float64{250, 410})
}

// panelStays wants that the panel can't be pulled in now.
func (s *shop) panelStays(when string) {
	s.t.Helper()
	s.pull()
	s.display.awaited(`new Promise((f) => setTimeout(() => f(''), 50))`)
	if s.display.Eval(`document.getElementById('panel').classList.contains('open')`) != "false" {
		s.t.Errorf("the panel opened %s", when)
	}
}

// Whole sales as people make them.
func TestShopSales(t *testing.T) {
	s := openShop(t, "en", "GB")
	s.pair()
	s.closes()
	s.on("standby")
	s.display.picture("standby")
	s.hold("visa-credit")

	// Tapped.
	s.ring("flat-white", "bun")
	s.on("cart")
	s.display.picture("cart")
	s.till.picture("sale")
	s.checkout()
	s.on("present")
	s.panelStays("while a card is asked for")
	s.display.picture("present")
	s.till.picture("waiting")
	s.customer.picture("tap")
	s.customer.press("#tap")
	s.on("approved")
	s.display.picture("approved")
	s.phase("approved")
	s.receipt("£7.40", "VISA TEST CARD ************0176", "tap")
	s.till.picture("approved")
	s.done()
	s.on("standby")

	// Inserted, with a PIN.
	s.hold("mastercard-contact")
	s.ring("mug", "gift", "gift")
	s.checkout()
	s.on("present")
	s.customer.press("#insert")
	s.on("pin")
	s.panelStays("while a PIN is entered")
	s.pin()
	s.on("approved")
	if got := s.shows(); !strings.Contains(got, "Remove your card") {
		t.Errorf("the card is in the slot, and the display says %q", got)
	}
	s.display.picture("chip")
	s.customer.press("#remove")
	s.phase("approved")
	s.receipt("£82.00", "MASTERCARD ************0509", "chip", "PIN")
	s.till.picture("chip")
	s.done()

	// Swiped: a card that has no chip.
	s.hold("visa-stripe")
	s.ring("tea")
	s.checkout()
	s.on("present")
	s.swiped()
	s.on("approved")
	s.display.picture("swiped")
	s.phase("approved")
	s.receipt("£3.10", "Visa ************0176", "stripe", "signature")
	s.till.picture("swiped")
	s.done()

	// With a tip that the customer chooses.
	s.hold("visa-credit")
	s.ring("sandwich", "soup")
	s.till.Run(chromedp.Evaluate(`document.getElementById('tip').click()`, nil))
	s.checkout()
	s.on("tip")
	s.display.picture("tip")
	s.till.picture("tip")
	tip := s.display.Eval(`document.querySelector('[data-screen="tip"] [data-choices] button').innerText`)
	s.display.press(`[data-screen="tip"] [data-choices] button`)
	s.on("confirm", "present")
	if s.display.Eval(`document.querySelector('[data-screen="confirm"]').hidden`) == "false" {
		s.display.picture("confirm")
		s.display.press(`[data-screen="confirm"] .primary`)
	}
	s.on("present")
	s.display.picture("present-tip")
	s.customer.press("#tap")
	s.on("approved")
	s.phase("approved")
	s.till.picture("tipped")
	s.receipt("£14.15", "Tip")
	if !strings.HasPrefix(tip, "10") || s.till.Eval(`document.getElementById('pay-amount').textContent`) != "£15.57" { // 1.415, half up
		t.Errorf("a tip of %q", tip)
	}
	s.done()
	s.till.Run(chromedp.Evaluate(`document.getElementById('tip').click()`, nil))

	// Declined by the bank.
	s.customer.press(`#misbehave [data-fault="decline"]`)
	s.ring("cake")
	s.checkout()
	s.on("present")
	s.customer.press("#tap")
	s.on("declined")
	s.display.picture("declined")
	s.phase("declined")
	s.till.picture("declined")
	// Once more, and the cashier gives up.
	s.till.press("#pay-again")
	s.on("present")
	s.till.press("#pay-cancel")
	s.phase("cancelled")
	s.till.picture("cancelled")
	s.on("message", "cart")
	s.display.picture("cancelled")
	// And the customer.
	s.till.press("#pay-again")
	s.on("present")
	s.display.press(`[data-screen="present"] [data-buttons] button`)
	s.phase("cancelled")
	s.on("message", "cart")
	s.till.press("#pay-cash")
	s.phase("cash")
	s.till.picture("cash")
	s.done()
	s.on("standby")
	s.till.press("#nav-payments")
	s.till.Until(`document.querySelectorAll('#payments .entry').length === 7`)
	s.till.Run(chromedp.Click(`#payments li:last-child .entry`, chromedp.ByQuery))
	s.till.picture("payments")
	s.customer.picture("ledger")
	count := map[string]int{}
	for order, results := range s.finals() {
		for _, r := range results {
			count[r]++
		}
		if len(results) > 1 && len(results) != 3 {
			t.Errorf("%s: %v", order, results)
		}
	}
	if count["approved"] != 4 || count["declined"] != 1 || count["cancelled"] != 2 {
		t.Errorf("the till's book: %v", count)
	}
	s.closing()
}

// What goes wrong in a shop: the terminal is started again, loses its power in mid-payment, is pulled out of its dock.
func TestShopTroubles(t *testing.T) {
	s := openShop(t, "en", "GB")
	s.pair()
	s.closes()
	s.hold("visa-credit")
	sale := func(amount string) {
		t.Helper()
		s.checkout()
		s.on("present")
		s.customer.press("#tap")
		s.on("approved")
		s.phase("approved")
		s.receipt(amount)
		s.done()
	}
	s.ring("flat-white")
	sale("£3.80")

	// Started again. The till finds it without a code.
	pages := []*tab{s.display, s.customer}
	away := func(is bool) {
		for _, b := range pages {
			b.leave(is)
		}
	}
	back := func() {
		t.Helper()
		s.terminal = s.terminal.again(t, nil, filepath.Join(s.dir, "terminal"))
		s.till.Until(`document.getElementById('terminal-chip').dataset.state === 'ready'`)
		s.display.Until(`document.getElementById('offline').hidden && document.querySelector('#stage > section:not([hidden])')`)
		s.customer.Until(`document.getElementById('offline').hidden`)
		away(false)
	}
	away(true)
	s.terminal.interrupt()
	s.till.Until(`document.getElementById('terminal-chip').dataset.state === 'offline'`)
	s.display.Until(`!document.getElementById('offline').hidden`)
	s.display.picture("offline")
	s.till.picture("offline")
	s.customer.Until(`!document.getElementById('offline').hidden`)
	s.customer.picture("offline")
	back()
	s.on("standby")
	s.ring("bun")
	sale("£3.60")

	// Without power while the bank thinks: the till gets one outcome, and the bank charges as that says.
	s.ring("cake")
	s.checkout()
	s.on("present")
	s.customer.press(`#misbehave [data-fault="delay=5s"]`)
	s.customer.press("#tap")
	s.till.Until(`document.getElementById('pay-title').textContent === till.t('pay.bank')`)
	s.display.picture("processing")
	s.till.picture("bank")
	away(true)
	s.terminal.kill()
	s.display.Until(`!document.getElementById('offline').hidden`)
	s.customer.Until(`!document.getElementById('offline').hidden`)
	back()
	s.till.Until(`['approved', 'declined', 'cancelled', 'failed'].includes(document.getElementById('pay').dataset.phase)`)
	s.till.picture("after-power")
	s.display.picture("after-power")
	phase := s.till.Eval(`document.getElementById('pay').dataset.phase`)
	approved := 0
	for order, results := range s.finals() {
		if len(results) != 1 || results[0] == "" {
			t.Errorf("%s: %v", order, results)
		}
		if results[0] == "approved" {
			approved++
		}
	}
	if want := map[string]int{"approved": 1}[phase]; approved != 2+want {
		t.Errorf("the till says %s; the book has %d approved", phase, approved)
	}
	if phase == "approved" {
		s.done()
	} else {
		s.till.press("#pay-again")
		s.on("present")
		s.customer.press("#tap")
		s.on("approved")
		s.phase("approved")
		s.done()
	}

	// Out of the dock and into it again.
	s.customer.press("#dock")
	s.till.Until(`document.getElementById('terminal-chip').dataset.state === 'offline'`)
	s.on("message")
	s.display.picture("undocked")
	s.till.picture("undocked")
	s.customer.picture("undocked")
	s.customer.press("#dock")
	s.till.Until(`document.getElementById('terminal-chip').dataset.state === 'ready'`)
	s.on("standby")
	s.ring("tea")
	sale("£3.10")
	s.closing()
}

// The languages of S64, each in a shop of its own: what people see on the way from the code to the receipt.
func TestShopLanguages(t *testing.T) {
	for language, country := range map[string]string{"sv": "IE", "fr": "CA"} {
		t.Run(language, func(t *testing.T) {
			s := openShop(t, language, country)
			s.pair()
			s.closes()
			s.display.picture("standby")
			s.pull()
			s.display.Until(`document.getElementById('panel').classList.contains('open')`)
			s.display.picture("panel")
			s.display.press("[data-panel-close]")
			s.on("standby")
			s.hold("visa-stripe")
			s.ring("flat-white", "bun", "beans", "beans")
			s.on("cart")
			s.display.picture("cart")
			s.till.picture("sale")
			s.till.Run(chromedp.Evaluate(`document.getElementById('tip').click()`, nil))
			s.checkout()
			s.on("tip")
			s.display.picture("tip")
			s.display.press(`[data-screen="tip"] [data-choices] button`)
			s.on("confirm", "present")
			if s.display.Eval(`document.querySelector('[data-screen="confirm"]').hidden`) == "false" {
				s.display.picture("confirm")
				s.display.press(`[data-screen="confirm"] .primary`)
			}
			s.on("present")
			s.display.picture("present")
			s.till.picture("waiting")
			s.swiped() // a stripe has no language of its own
			s.on("approved")
			if got := s.shows(); !strings.Contains(got, thanks[language]) {
				t.Errorf("the display says %q", got)
			}
			s.display.picture("approved")
			s.phase("approved")
			s.till.picture("approved")
			s.done()
			s.till.Run(chromedp.Evaluate(`document.getElementById('tip').click()`, nil))
			s.ring("tea")
			s.customer.press(`#misbehave [data-fault="decline"]`)
			s.checkout()
			s.on("present")
			s.swiped()
			s.on("declined")
			s.display.picture("declined")
			s.phase("declined")
			s.till.picture("declined")
			s.till.press("#pay-again")
			s.on("present")
			s.till.press("#pay-cancel")
			s.phase("cancelled")
			s.on("message")
			s.display.picture("cancelled")
			s.till.picture("cancelled")
			s.customer.press("#dock")
			s.till.Until(`document.getElementById('terminal-chip').dataset.state === 'offline'`)
			s.display.Until(`!document.querySelector('#stage [data-screen="message"] .notice, #stage [data-screen="message"] h1').hidden`)
			s.display.picture("undocked")
			s.till.press("#pay-back")
			s.till.Until(`!document.getElementById('on-screen').classList.contains('yes')`)
			s.till.picture("undocked")
			s.closing()
		})
	}
}
