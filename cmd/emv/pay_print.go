package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/pay"
	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
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

func (p *payPrinter) heading(o *pay.Order) {
	p.entry("terminal", "contactless, "+o.Country.Name)
	card := o.Card + " (simulated)"
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
		Begin: func() { p.heading(o) },
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
		Tap: func(n int) {
			if n == 1 {
				p.entry("customer", "presents the card")
				return
			}
			p.entry("customer", fmt.Sprintf("presents the card again (tap %d)", n))
		},
		Outcome: func(o pay.OutcomeReport) {
			if trace {
				p.entry("outcome", p.s.Strong(o.Outcome)+", "+o.Reason.String())
			}
			if o.CVM == kernel.OnlinePIN.String() {
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
	p.entry("issuer", p.verdict(on.Verdict))
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
	for _, f := range r.IdleFault {
		p.entry("note", "the fault "+f+" had no effect")
	}
	p.paragraph()
	result := strings.ToUpper(strings.ReplaceAll(r.Outcome, "-", " "))
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

// cvmTexts are the receipt's lines about verification.
var cvmTexts = map[string]string{
	kernel.NoCVM.String():                    "NO VERIFICATION REQUIRED",
	kernel.ObtainSignature.String():          "SIGN BELOW",
	kernel.OnlinePIN.String():                "PIN (DEMONSTRATION: NOT ENTERED)",
	kernel.ConfirmationCodeVerified.String(): "VERIFIED BY DEVICE",
	kernel.NotApplicable.String():            "NOT VERIFIED",
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
	pair(strings.ToUpper(r.Type), "CONTACTLESS")
	pair("CARD", r.Card)
	pair("PAN SEQUENCE", r.Sequence)
	pair("APPLICATION", r.Label)
	pair("AID", r.AID)
	pair("TVR", r.TVR)
	pair("ATC", r.ATC)
	pair(r.Kind, r.Cryptogram)
	pair("RESPONSE CODE", r.Response)
	p.line("")
	pair("OTHER", r.Other)
	pair("AMOUNT", r.Amount)
	p.line("")
	center(cvmTexts[r.CVM])
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
