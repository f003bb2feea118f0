package display_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/wire"
)

const request = "01JD8W2Q4V9X6M0T3R5Y7B1CDE"

// code is as long as a pairing code may be (PRODUCT 3.1), in the characters of its alphabet.
const code = "CARDWRIGHT1:6BF+70790T9WTG2N9Q%3E*C8KF7T5IAQ/$D.2K:Y0M+8E-U1NB4Z6RS3VLHJ0XGWP5D9TC7A2QK%M8*4F/6B" +
	"+Y1R:Z3E.N0U$5JH9SL7VXT2WGPC4DAKQ8MF6B0YR1Z3ENU5"

// a scene is a screen as a customer meets it.
type scene struct {
	name   string
	screen display.Screen
	events func(region string) []any // display.Event or *wire.CartSet
}

var (
	paired   = display.Link{State: display.Connected, Register: "Till 2"}
	usd      = func(minor int64) display.Money { return display.Money{Minor: minor, Currency: "USD", Exponent: 2} }
	yes, bad = true, false
)

var facts = display.Facts{
	Connection: []display.Row{{Label: "settings.heartbeat", Value: "2 s"}, {Label: "settings.store", Value: "Main Street 12"}, {Label: "settings.certificate", Value: "2027-02-21"}},
	Network: []display.Row{
		{Label: "settings.interface", Value: "value.ethernet", Good: &yes},
		{Label: "settings.address", Value: "192.168.20.14"},
		{Label: "settings.gateway", Value: "192.168.20.1"},
		{Label: "settings.internet", Value: "value.failed", Good: &bad},
	},
	Device: []display.Row{{Label: "settings.version", Value: "1.4.0"}, {Label: "settings.key", Value: "TPM 2.0"}},
}

// lunch is a cart with taxes and a discount.
func lunch() *wire.CartSet {
	return &wire.CartSet{
		CartID: "c1", Rev: 7, Currency: "USD", Exponent: 2, Locale: "en-US",
		Lines: []wire.CartLine{
			{ID: "1", Name: "Flat white", Qty: "2", Unit: 450, Amount: 900, Note: "Oat milk"},
			{ID: "2", Name: "Sourdough toast with avocado and soft egg", Qty: "1", Unit: 1250, Amount: 1250},
			{ID: "3", Name: "Ethiopia Guji, whole beans", Qty: "0.350", Unit: 5200, Amount: 1820},
			{ID: "4", Name: "Cinnamon bun", Qty: "1", Unit: 475, Amount: 475},
		},
		Subtotal: 4445, Discounts: []wire.CartPart{{Name: "Neighbour’s discount", Amount: 400}},
		Taxes: []wire.CartPart{{Name: "Sales tax 8.875 %", Amount: 359}}, Total: 4404,
	}
}

// long is a cart of n lines.
func long(n int) *wire.CartSet {
	c := &wire.CartSet{CartID: "long", Rev: 1, Currency: "USD", Exponent: 2, Locale: "en-US"}
	for i := range n {
		c.Lines = append(c.Lines, wire.CartLine{ID: fmt.Sprint(i), Name: fmt.Sprintf("Item number %d", i+1), Qty: "1", Unit: 100, Amount: 100})
		c.Subtotal += 100
	}
	c.Total = c.Subtotal
	return c
}

// world is a cart in other scripts, with a currency of three decimals.
func world() *wire.CartSet {
	return &wire.CartSet{
		CartID: "w", Rev: 1, Currency: "KWD", Exponent: 3, Locale: "ar-KW",
		Lines: []wire.CartLine{
			{ID: "1", Name: "قهوة عربية بالهيل", Qty: "2", Unit: 1250, Amount: 2500, Note: "بدون سكر"},
			{ID: "2", Name: "抹茶ラテ（ホット）", Qty: "1", Unit: 1750, Amount: 1750},
			{ID: "3", Name: "아이스 아메리카노", Qty: "1", Unit: 1500, Amount: 1500},
			{ID: "4", Name: "קפה הפוך", Qty: "1", Unit: 1400, Amount: 1400},
			{ID: "5", Name: "拿铁 ☕️ with 👩‍🍳 extra", Qty: "1", Unit: 1900, Amount: 1900},
		},
		Subtotal: 9050, Total: 9050,
	}
}

func scenes() []scene {
	pay := func(more ...any) func(string) []any {
		return func(string) []any { return append([]any{paired, lunch()}, more...) }
	}
	total := usd(4404)
	return []scene{
		{"welcome", display.Welcome, func(string) []any { return nil }},
		{"welcome-refused", display.Welcome, func(string) []any {
			return []any{display.Link{State: display.Unpaired, Cause: "E_APP_TOO_OLD", Details: []string{"least", "8.16.0"}}}
		}},
		{"qr", display.QR, func(string) []any {
			return []any{display.Pair{Text: code, Typed: "4821 9306", Address: "192.168.178.120", Valid: 5 * time.Minute}}
		}},
		{"qr-address", display.QR, func(string) []any {
			return []any{display.Pair{
				Text: code, Typed: "4821 9306", Address: "[2001:db8:1234:5678:9abc:def0:1234:5678]:65535", Valid: 5 * time.Minute,
			}}
		}},
		{"connected", display.Message, func(string) []any {
			return []any{paired, display.Paired{Register: "Till 2", Words: "amber river 4821"}}
		}},
		{"standby", display.Standby, func(string) []any { return []any{paired} }},
		{"standby-lost", display.Standby, func(string) []any { return []any{display.Link{State: display.Lost, Register: "Till 2"}} }},
		{"standby-image", display.Standby, func(region string) []any {
			return []any{paired, display.Appearance{Language: "", Region: region, Brands: brands, Image: picture()}}
		}},
		{"cart", display.Cart, pay()},
		{"cart-long", display.Cart, func(string) []any { return []any{paired, long(500)} }},
		{"cart-world", display.Cart, func(string) []any { return []any{paired, world()} }},
		{"cart-faulty", display.Cart, func(string) []any {
			c := lunch()
			c.Total++
			return []any{paired, c}
		}},
		{"tip", display.Tip, pay(display.AskTip{Request: request, Amount: total, Options: []display.TipOption{
			{Percent: 15, Tip: 661}, {Percent: 18, Tip: 793}, {Percent: 20, Tip: 881},
		}, Other: true, Most: 4404})},
		{"confirm", display.Confirm, pay(display.AskConfirm{Request: request, Total: usd(5197), Tip: 793})},
		{"present", display.Present, pay(display.Prompt{
			Request: request, Amount: usd(5197), Methods: []display.Method{display.Tap, display.Insert, display.Swipe},
		})},
		{"present-chip", display.Present, pay(display.Prompt{
			Request: request, Amount: usd(5197), Methods: []display.Method{display.Insert}, Notice: "insert-instead",
		})},
		{"present-refund", display.Present, pay(display.Prompt{
			Request: request, Amount: display.Money{Minor: 123456789, Currency: "KWD", Exponent: 3}, Refund: true,
			Methods: []display.Method{display.Tap, display.Insert}, Notice: "msg.21",
		})},
		{"choose-app", display.ChooseApp, pay(
			display.Prompt{Request: request, Amount: usd(5197), Methods: []display.Method{display.Insert}},
			display.Choose{Request: request, Amount: usd(5197), Labels: []string{"Visa Debit", "US Debit", "Savings"}},
		)},
		{"pin", display.PIN, pay(
			display.Prompt{Request: request, Amount: usd(5197), Methods: []display.Method{display.Insert}},
			display.PINProgress{Request: request, Amount: usd(5197), Entered: 3, Wrong: true, TriesLeft: 2},
		)},
		{"processing", display.Processing, pay(display.Working{Request: request, Amount: usd(5197), Step: display.Authorising})},
		{"remove", display.Remove, pay(display.TakeCard{Request: request})},
		{"approved", display.Approved, pay(display.Accepted{
			Request: request, Amount: usd(5197), Tip: 793, PostPayment: "Thank you for stopping by! Show this screen next door for a free refill.",
		})},
		{"declined", display.Declined, pay(display.Refused{Request: request, Amount: usd(5197)})},
		{"cancelled", display.Message, pay(display.Working{Request: request}, display.Cancelled{Request: request})},
		{"message", display.Message, func(string) []any { return []any{display.Note{Text: "remove-case", Done: true}} }},
		{"error", display.Error, pay(display.Failed{Code: "E_NO_ANSWER"})},
		{"settings", display.Settings, func(string) []any { return []any{paired, facts, display.OpenSettings{}} }},
	}
}

var brands = []string{"Visa", "Mastercard", "American Express", "Discover", "Diners Club", "Interac"}

// start returns a display in a language that shows a scene.
func (s scene) start(t testing.TB, language string) *display.Display {
	t.Helper()
	region := map[string]string{"en": "US", "sv": "SE", "fr": "CA"}[language]
	d := plain(t, display.Config{Appearance: display.Appearance{Language: language, Region: region, Brands: brands}})
	for _, e := range s.events(region) {
		var err error
		switch e := e.(type) {
		case *wire.CartSet:
			if err = d.CartSet(e); s.name == "cart-faulty" {
				err = nil
			}
		case display.Appearance:
			e.Language = language
			err = d.Step(e)
		case display.Event:
			err = d.Step(e)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	if got := d.State().Screen; got != s.screen {
		t.Fatalf("%s is on screen %s", s.name, got)
	}
	return d
}

// plain returns a display that the test closes.
func plain(t testing.TB, c display.Config) *display.Display {
	t.Helper()
	d, err := display.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// picture is a store's picture: hills at dawn.
func picture() *display.Image {
	const w, h = 960, 960
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			f := float64(y) / h
			c := color.RGBA{uint8(250 - 40*f), uint8(222 - 50*f), uint8(190 - 20*f), 255}
			for i := range 4 {
				fi := float64(i)
				if ridge := 0.45 + 0.13*fi + 0.05*math.Sin(float64(x)/(140-18*fi)+2*fi); f > ridge {
					c = color.RGBA{uint8(150 - 36*i), uint8(170 - 30*i), uint8(160 - 30*i), 255}
				}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	i, err := display.NewImage(b.Bytes())
	if err != nil {
		panic(err)
	}
	return i
}
