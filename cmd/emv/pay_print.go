package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/pay"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
)

// payPrinter prints a payment for people, while it happens.
type payPrinter struct {
	w     io.Writer
	s     style.Style
	blank bool  // the last line is empty
	err   error // the first that writing gave
}

func (p *payPrinter) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	p.blank = text == ""
	if _, err := fmt.Fprintln(p.w, text); err != nil && p.err == nil {
		p.err = err
	}
}

// paragraph ends what stands above with one empty line.
func (p *payPrinter) paragraph() {
	if !p.blank {
		p.line("")
	}
}

// entry prints a line with a label.
func (p *payPrinter) entry(label, text string) {
	p.line("%s%s", p.s.Faint(fmt.Sprintf("%-10s", label)), text)
}

func (p *payPrinter) heading(o *pay.Order, use []profile.Interface) {
	words := make([]string, len(use))
	for i, on := range use {
		words[i] = string(on)
	}
	between := ", then "
	if o.Real() {
		between = " or "
	}
	p.entry("terminal", strings.Join(words, between)+", "+o.Profile.Country.Name)
	card := o.Card + " (simulated)"
	if o.Real() {
		card = "at " + o.Readers()
	}
	if len(o.Faults) > 0 {
		card += " with " + strings.Join(o.Faults, ", ")
	}
	p.entry("card", card)
	amount := o.Currency.Format(o.Amount)
	if o.Other > 0 {
		amount += ", of which cash " + o.Currency.Format(o.Other)
	}
	p.entry("pays", p.s.Strong(amount)+", "+pay.TypeText(o.Type))
	p.line("")
}

// watch prints what happens. A trace also has the exchanges with the card, with times where the clock runs.
func (p *payPrinter) watch(o *pay.Order, trace bool) pay.Watch {
	w := pay.Watch{
		Begin: func(use []profile.Interface) { p.heading(o, use) },
		Message: func(m pay.Message) {
			text := sentence(m.Text)
			if m.Amount != "" {
				text += ", " + m.Amount
			}
			if m.ID == "00" {
				return // it changes no text
			}
			p.entry("display", p.s.Strong(text))
		},
		Present: func(on profile.Interface, n int) {
			text := presents[on]
			switch {
			case n == 1:
			case on == profile.Tap:
				text += fmt.Sprintf(" again (tap %d)", n)
			default:
				text += " again"
			}
			p.entry("customer", text)
		},
		Chose:   func(name string) { p.entry("terminal", "chooses "+name) },
		PIN:     p.prompt,
		Wallet:  func(w *pay.WalletReport) { p.entry("wallet", w.String()) },
		Trouble: func(why string) { p.entry("terminal", p.s.Bad(why)) },
		Outcome: func(o pay.OutcomeReport) {
			if trace {
				p.entry("outcome", p.s.Strong(o.Outcome)+", "+o.Reason.String())
			}
			if o.CVM == kernel.OnlinePIN.String() && o.Outcome == kernel.OnlineRequest.String() {
				p.entry("customer", "would enter the PIN now, to be sent to the issuer (there is no PIN pad here)")
			}
		},
		Decision: func(r pay.Reason) {
			switch {
			case trace:
				p.entry("decision", r.String())
			case r.Stage == "offline data authentication":
				p.entry("terminal", p.s.Bad("can't verify the card's signature")+": "+r.Code+" ("+r.Ref+")")
			}
		},
		Online: p.online,
	}
	if !trace {
		return w
	}
	w.Step = func(name, ref string) { p.entry("kernel", p.s.Faint(name+" ("+ref+")")) }
	w.Exchange = func(sent, got decode.Part, x pay.Exchanged) {
		p.paragraph()
		p.part(sent)
		switch {
		case x.Err != nil:
			p.line("  < %s", p.s.Bad(x.Err.Error()))
		case o.Seed == nil:
			got.Title += fmt.Sprintf(", %.1f ms", float64(x.Took.Microseconds())/1000)
			p.part(got)
		default:
			p.part(got)
		}
		p.line("")
	}
	return w
}

func (p *payPrinter) part(d decode.Part) {
	p.blank = false
	if err := d.Write(p.w, p.s, "  "); err != nil && p.err == nil {
		p.err = err
	}
}

// presents says what the customer does.
var presents = map[profile.Interface]string{
	profile.Tap: "presents the card", profile.Insert: "inserts the card", profile.Stripe: "swipes the card",
}

// prompt prints what happened at the PIN pad.
func (p *payPrinter) prompt(r pay.PINPrompt) {
	text := "enters the PIN"
	switch r.Entry {
	case "entered":
	case "bypass":
		text = "leaves the PIN out"
	case "broken":
		text = "finds the PIN pad broken"
	default:
		text = "is asked for the PIN: " + r.Entry
	}
	if r.Use == "online" {
		text += ", to be sent to the issuer"
	}
	if r.TriesLeft == 1 { // Book 4, 6.3.4.1
		p.entry("display", p.s.Strong("Last PIN try"))
	}
	p.entry("customer", text)
}

// whys are the issuer's reasons in words.
var whys = map[string]string{
	"issuer.cryptogram":    "the cryptogram is not the card's",
	"issuer.key_index":     "the card's key is not known",
	"issuer.type":          "the cryptogram is of another type than the card says",
	"issuer.replay":        "the cryptogram has been used before",
	"issuer.card_declined": "the card itself declined",
}

func (p *payPrinter) online(on *pay.Online) {
	if on.Unable {
		p.entry("issuer", p.s.Bad("can't be reached"))
		return
	}
	if on.Why == pay.WhyNoCryptogram {
		p.entry("issuer", "has no cryptogram to verify")
	} else {
		p.entry("issuer", p.verdict(on.Verdict))
	}
	answer := "answers " + on.ARC + ", " + decided(on.Approved)
	if on.IssuerAuth {
		answer += ", with Issuer Authentication Data"
	}
	p.entry("", answer)
}

func decided(approved bool) string {
	if approved {
		return "approved"
	}
	return "declined"
}

func (p *payPrinter) verdict(v pay.Verdict) string {
	if v.Valid {
		return v.Cryptogram + " is " + p.s.Good("valid")
	}
	why := whys[v.Why]
	if why == "" {
		why = v.Why
	}
	return v.Cryptogram + " is " + p.s.Bad("not valid") + ": " + why
}

// result prints what comes after the last message.
func (p *payPrinter) result(r *pay.Report) {
	if r.Approved && r.Receipt.CVM == kernel.ObtainSignature.String() {
		p.entry("customer", "signs the receipt")
	}
	if r.Clearing != nil {
		p.entry("clearing", p.verdict(*r.Clearing))
	}
	if r.Reversal {
		p.entry("terminal", "reverses the issuer's approval")
	}
	for _, f := range r.IdleFault {
		p.entry("note", "the fault "+f+" had no effect")
	}
	p.paragraph()
	result := r.Result()
	if r.Approved {
		p.line("%s", p.s.Good(result))
	} else {
		p.line("%s", p.s.Bad(result))
	}
	p.line("%s", p.s.Faint("because of "+r.Reason.String()))
	p.line("")
	p.receipt(&r.Receipt)
}

// receiptWidth is how many characters a line of the receipt has.
const receiptWidth = 40

// cvmTexts are the receipt's lines about verification. Where the kernel had no word on it there is none.
var cvmTexts = map[string]string{
	kernel.NoCVM.String():                    "NO VERIFICATION REQUIRED",
	kernel.ObtainSignature.String():          "SIGN BELOW",
	kernel.OnlinePIN.String():                "PIN (DEMONSTRATION: NOT ENTERED)",
	kernel.ConfirmationCodeVerified.String(): "VERIFIED BY DEVICE",
	"offline-pin":                            "VERIFIED BY PIN",
}

func (p *payPrinter) receipt(r *pay.Receipt) {
	rule := strings.Repeat("-", receiptWidth)
	pair := func(name, value string) {
		if value != "" {
			p.line("%s%*s", name, receiptWidth-len(name), value)
		}
	}
	center := func(s string) { p.line("%*s", (receiptWidth+len(s))/2, s) }

	p.line("%s", rule)
	center(r.Merchant)
	pair("MERCHANT", r.MerchantID)
	pair("TERMINAL", r.TerminalID)
	pair("DATE", r.Time.Format("2006-01-02 15:04:05"))
	p.line("")
	pair(strings.ToUpper(r.Type), strings.ToUpper(r.Entry))
	pair("CARD", r.Card)
	pair("PAN SEQUENCE", r.Sequence)
	pair("APPLICATION", r.Label)
	pair("AID", r.AID)
	pair("TVR", r.TVR)
	pair("TSI", r.TSI)
	pair("CVM RESULTS", r.CVMResults)
	pair("ATC", r.ATC)
	pair(r.Kind, r.Cryptogram)
	pair("RESPONSE CODE", r.Response)
	p.line("")
	pair("OTHER", r.Other)
	pair("AMOUNT", r.Amount)
	p.line("")
	cvm := cvmTexts[r.CVM]
	if r.CVM == kernel.OnlinePIN.String() && r.Entry != "contactless" {
		cvm = "VERIFIED BY PIN"
	}
	if cvm != "" {
		center(cvm)
	}
	if r.CVM == kernel.ObtainSignature.String() && r.Result == "APPROVED" {
		p.line("")
		p.line("X%s", strings.Repeat("_", receiptWidth-1))
		p.line("")
	}
	center(r.Result)
	p.line("%s", rule)
}

// sentence writes a message with a capital first letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
