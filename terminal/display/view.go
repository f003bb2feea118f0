package display

import (
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// view builds states: the machine as it is, in one language.
type view struct {
	m        *Machine
	language string
	region   string
}

// State returns what is on the screen.
func (m *Machine) State() State {
	v := view{m, m.Language(), m.look.Region}
	s := State{
		Revision: m.revision, Since: m.since, Screen: m.Screen(), Language: v.language, Direction: "ltr", Request: m.payment,
	}
	_, pull := find(kindOpen, s.Screen)
	s.Swipe = pull && !m.open
	v.draw(&s)
	if m.open {
		s.Under, s.Panel = m.under(), v.panel()
	}
	if m.link.State == Lost {
		s.Link = &LinkView{Lost, v.get("lost.text")}
	}
	return s
}

// Language returns that of the texts.
func (m *Machine) Language() string {
	if m.spoken != "" {
		return m.spoken
	}
	return text.Pick(m.look.Language)
}

func (v view) get(code string, pairs ...string) string { return text.Get(code, v.language, pairs...) }

func (v view) tag() string {
	if v.region == "" {
		return v.language
	}
	return v.language + "-" + v.region
}

func (v view) money(a Money) string {
	if a.Currency == "" {
		return ""
	}
	return text.Amount(a.Minor, a.Currency, a.Exponent, v.tag())
}

// part returns another amount of the same currency.
func (v view) part(a Money, minor int64) string { return v.money(Money{minor, a.Currency, a.Exponent}) }

// notice returns the text of a notice: a message identifier, or one of the display's own. What is not in the catalogue
// is not shown.
func (v view) notice(code string) string {
	switch {
	case code == "":
		return ""
	case text.Has("notice." + code):
		return v.get("notice." + code)
	case strings.HasPrefix(code, "msg.") && text.Has(code):
		return v.get(code)
	}
	return ""
}

// draw fills a state with the screen.
func (v view) draw(s *State) {
	switch e := v.m.now.(type) {
	case Pair:
		v.pair(s, e)
	case Paired:
		s.Title = v.get("connected.title")
		s.Text = v.get("connected.text", "register", text.Clean(e.Register, 40))
		if e.Words != "" {
			s.Notice = v.get("connected.check", "words", text.Clean(e.Words, 60))
		}
		s.Result = "good"
		s.Buttons = []Button{{ActDone, v.get("message.done"), true}}
	case AskTip:
		v.tip(s, e)
	case AskConfirm:
		v.confirm(s, e)
	case Prompt:
		v.present(s, e)
	case Choose:
		s.Title, s.Text, s.Amount = v.get("choose.title"), v.get("choose.text"), v.money(e.Amount)
		for i, l := range e.Labels {
			s.Choices = append(s.Choices, Choice{Number: i, Label: text.Clean(l, 40)})
		}
		s.Buttons = []Button{{ActCancel, v.get("confirm.no"), false}}
	case PINProgress:
		s.Title, s.Text, s.Amount = v.get("pin.title"), v.get("pin.text"), v.money(e.Amount)
		s.PIN = &PINView{e.Entered, text.Count("pin.progress", v.language, e.Entered)}
		if e.Wrong {
			s.Notice = v.get("pin.wrong")
			if e.TriesLeft >= 0 {
				s.Notice += ". " + text.Count("pin.left", v.language, e.TriesLeft)
			}
		}
	case Working:
		s.Title, s.Amount, s.Busy = v.get("processing.title"), v.money(e.Amount), string(e.Step)
		if code := "processing." + string(e.Step); text.Has(code) {
			s.Text = v.get(code)
		}
	case TakeCard:
		s.Title, s.Text, s.Notice = v.get("remove.title"), v.get("remove.text"), v.notice(e.Notice)
	case Accepted:
		v.approved(s, e)
	case Refused:
		s.Title, s.Text, s.Amount, s.Result = v.get("declined.title"), v.get("declined.text"), v.money(e.Amount), "bad"
		if s.Notice = v.notice(e.Notice); s.Notice == "" {
			s.Notice = v.get("declined.other")
		}
		if e.CardIn {
			s.Notice = v.get("remove.title")
		}
	case Cancelled:
		s.Title, s.Text = v.get("cancelled.title"), v.get("cancelled.text")
	case Note:
		v.note(s, e)
	case Failed:
		s.Title, s.Text, s.Code = v.get("error.title"), v.failure(e.Code, e.Details), v.code(e.Code)
		s.Result = "bad"
	default:
		v.base(s)
	}
}

// failure is the text of a code. One that the catalogue lacks is told as an unknown fault, with its code below.
func (v view) failure(code string, details []string) string {
	if !text.Has(code) {
		code = "E_INTERNAL"
	}
	cleaned := make([]string, len(details))
	for i, d := range details {
		cleaned[i] = text.Clean(d, 40)
	}
	return v.get(code, cleaned...)
}

func (v view) code(code string) string { return v.get("error.code", "code", text.Clean(code, 40)) }

// maxAddress is the length of an IPv6 address with a port: 39 characters, brackets, colon, five digits.
const maxAddress = 47

func (v view) pair(s *State, e Pair) {
	s.Title, s.Text = v.get("qr.title"), v.get("qr.text")
	s.QR = &QRView{Source: "qr.svg?r=" + strconv.FormatUint(v.m.since, 10), Alt: v.get("qr.alt")}
	if e.Typed != "" {
		s.QR.Typed = v.get("qr.typed", "code", text.Clean(e.Typed, 20))
		if e.Address != "" {
			s.QR.Address = v.get("qr.address", "address", text.Clean(e.Address, maxAddress))
		}
	}
	if e.Valid > 0 {
		minutes := int((e.Valid + time.Minute - 1) / time.Minute)
		s.QR.Valid = text.Count("qr.expires", v.language, minutes)
	}
}

func (v view) tip(s *State, e AskTip) {
	s.Title, s.Amount = v.get("tip.title"), v.money(e.Amount)
	s.Text = v.get("tip.on", "amount", s.Amount)
	for i, o := range e.Options {
		c := Choice{Number: i, Label: v.part(e.Amount, o.Tip)}
		if o.Percent > 0 {
			c.Label, c.Detail = v.get("tip.percent", "percent", strconv.Itoa(o.Percent)), c.Label
		}
		s.Choices = append(s.Choices, c)
	}
	s.Choices = append(s.Choices, Choice{Number: noTip, Label: v.get("tip.none")})
	if e.Other {
		point := "."
		if v.language != "en" {
			point = ","
		}
		s.Keypad = &Keypad{
			Label: v.get("tip.other"), Exponent: e.Amount.Exponent, Most: e.Most, Point: point, Symbol: e.Amount.Currency,
			Clear: v.get("tip.clear"), Back: v.get("tip.back"), Add: v.get("tip.add"),
			Digits: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"},
		}
	}
	s.Buttons = []Button{{ActCancel, v.get("confirm.no"), false}}
}

func (v view) confirm(s *State, e AskConfirm) {
	s.Title, s.Amount = v.get("confirm.title"), v.money(e.Total)
	if e.Tip != 0 || e.Surcharge != 0 {
		s.Rows = append(s.Rows, Labelled{Label: v.get("confirm.amount"), Value: v.part(e.Total, e.Total.Minor-e.Tip-e.Surcharge)})
	}
	if e.Tip != 0 {
		s.Rows = append(s.Rows, Labelled{Label: v.get("confirm.tip"), Value: v.part(e.Total, e.Tip)})
	}
	if e.Surcharge != 0 {
		s.Rows = append(s.Rows, Labelled{Label: v.get("confirm.surcharge"), Value: v.part(e.Total, e.Surcharge)})
	}
	s.Buttons = []Button{{ActConfirm, v.get("confirm.yes"), true}, {ActCancel, v.get("confirm.no"), false}}
}

func (v view) present(s *State, e Prompt) {
	s.Amount, s.Notice = v.money(e.Amount), v.notice(e.Notice)
	var title []string
	for _, m := range []Method{Tap, Insert, Swipe, Manual} { // one order, however they are armed
		for _, armed := range e.Methods {
			if armed != m {
				continue
			}
			s.Entry = append(s.Entry, Entry{m, v.get("entry." + string(m))})
			if m != Manual {
				title = append(title, string(m))
			}
			break
		}
	}
	if len(title) == 0 {
		title = []string{string(Manual)}
	}
	s.Title = v.get("present." + strings.Join(title, "-"))
	if e.Refund {
		s.Text = v.get("present.refund")
	}
	s.Buttons = []Button{{ActCancel, v.get("confirm.no"), false}}
}

func (v view) approved(s *State, e Accepted) {
	s.Title, s.Amount, s.Result = v.get("approved.title"), v.money(e.Amount), "good"
	if e.Refund {
		s.Title = v.get("approved.refund")
	}
	if s.Text = text.Clean(e.PostPayment, text.MaxGraphemes); s.Text == "" {
		s.Text = v.get("approved.text")
	}
	switch {
	case e.Offline:
		s.Notice = v.get("approved.offline")
	case e.Alone && e.Sign:
		s.Notice = v.get("approved.alone") + ". " + v.get("approved.sign")
	case e.Alone:
		s.Notice = v.get("approved.alone")
	case e.Sign:
		s.Notice = v.get("approved.sign")
	case e.Tip > 0:
		s.Notice = v.get("approved.tip", "amount", v.part(e.Amount, e.Tip))
	}
	if e.CardIn && s.Notice == "" {
		s.Notice = v.get("remove.title")
	} else if e.CardIn {
		s.Notice += ". " + v.get("remove.title")
	}
}

func (v view) note(s *State, e Note) {
	switch {
	case strings.HasPrefix(e.Text, "msg.") && text.Has(e.Text):
		s.Title = v.get(e.Text)
	case text.Has("message." + e.Text):
		s.Title = v.get("message." + e.Text)
		if body := "message." + e.Text + ".text"; text.Has(body) {
			s.Text = v.get(body)
		}
	default: // a code that was forgotten in the catalogue must be seen
		s.Title, s.Code = v.get("error.title"), v.code(e.Text)
	}
	if e.Done {
		s.Buttons = []Button{{ActDone, v.get("message.done"), true}}
	}
}

func (v view) base(s *State) {
	switch v.m.under() {
	case Cart:
		v.cart(s, v.m.cart.shown)
	case Standby:
		s.Title = v.get("standby.title")
		if names := v.m.look.Brands; len(names) > 0 {
			s.Brands = &Brands{Label: v.get("standby.brands")}
			for _, n := range names {
				s.Brands.Names = append(s.Brands.Names, text.Clean(n, 24))
			}
		}
		if i := v.m.look.Image; i != nil {
			s.Image = &ImageView{Source: "image?h=" + i.Hash(), Alt: v.get("standby.image")}
		}
	default:
		s.Title, s.Text = v.get("welcome.title"), v.get("welcome.text")
		s.Steps = []string{v.get("welcome.step1"), v.get("welcome.step2"), v.get("welcome.step3")}
		if c := v.m.link.Cause; c != "" {
			s.Notice, s.Code = v.failure(c, v.m.link.Details), v.code(c)
		}
		s.Buttons = []Button{{ActStart, v.get("welcome.start"), true}}
	}
}

// cart draws the cart in the display's language, with the till's names as they are.
func (v view) cart(s *State, c *wire.CartSet) {
	if text.RightToLeft(c.Locale) {
		s.Direction = "rtl"
	}
	in := func(minor int64) string { return v.money(Money{minor, c.Currency, c.Exponent}) }
	view := &CartView{
		ID: c.CartID, Rev: c.Rev, Label: v.get("cart.total"), Total: in(c.Total), Faulty: v.m.cart.fault != "",
		Count: text.Count("cart.count", v.language, len(c.Lines)), Lines: make([]CartLine, 0, len(c.Lines)),
	}
	for _, l := range c.Lines {
		line := CartLine{
			ID: l.ID, Name: text.Clean(l.Name, text.MaxGraphemes), Note: text.Clean(l.Note, text.MaxGraphemes), Amount: in(l.Amount),
		}
		if l.Qty != "1" {
			q := l.Qty
			if v.language != "en" {
				q = strings.Replace(q, ".", ",", 1)
			}
			line.Detail = v.get("cart.each", "quantity", q, "amount", in(l.Unit))
		}
		view.Lines = append(view.Lines, line)
	}
	if len(c.Taxes)+len(c.Discounts) > 0 {
		view.Sums = append(view.Sums, Labelled{Label: v.get("cart.subtotal"), Value: in(c.Subtotal)})
		for _, d := range c.Discounts {
			view.Sums = append(view.Sums, Labelled{Label: text.Clean(d.Name, 60), Value: in(-d.Amount)})
		}
		for _, t := range c.Taxes {
			view.Sums = append(view.Sums, Labelled{Label: text.Clean(t.Name, 60), Value: in(t.Amount)})
		}
	}
	s.Title, s.Cart = v.get("cart.title"), view
	if len(c.Lines) == 0 {
		s.Text = v.get("cart.empty")
	}
	if view.Faulty {
		s.Notice, s.Code = v.failure(v.m.cart.fault, nil), v.code(v.m.cart.fault)
	}
}

// panel draws the settings.
func (v view) panel() *Panel {
	p := &Panel{Title: v.get("settings.title"), Restore: v.get("settings.restore"), Close: v.get("settings.close")}
	if v.m.facts.Waits {
		p.Forward = v.get("settings.forward")
	}
	link := Labelled{Label: v.get("settings.register"), Value: v.get("value.unpaired"), Good: new(bool)}
	if st := v.m.link.State; st == Connected || st == Lost {
		good := st == Connected
		link.Value, link.Good = v.get("value."+string(st)), &good
		if v.m.link.Register != "" {
			link.Value = text.Clean(v.m.link.Register, 40) + " · " + link.Value
		}
	}
	groups := []struct {
		title string
		rows  []Row
	}{
		{"settings.connection", v.m.facts.Connection},
		{"settings.network", v.m.facts.Network},
		{"settings.device", v.m.facts.Device},
	}
	for i, g := range groups {
		group := Group{Title: v.get(g.title)}
		if i == 0 {
			group.Rows = []Labelled{link}
		}
		for _, r := range g.rows {
			value := text.Clean(r.Value, 60)
			if text.Has(r.Value) {
				value = v.get(r.Value)
			}
			group.Rows = append(group.Rows, Labelled{Label: v.get(r.Label), Value: value, Good: r.Good})
		}
		if len(group.Rows) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}
