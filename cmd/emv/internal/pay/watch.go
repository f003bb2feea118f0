package pay

import (
	"fmt"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/profile"
)

// Watch is called while a payment runs, in the order in which things happen. Nil functions are left out.
type Watch struct {
	Begin    func(use []profile.Interface)            // order and configuration are good
	Present  func(on profile.Interface, n int)        // the card is presented, from 1
	Chose    func(application string)                 // an application was chosen at the display
	PIN      func(PINPrompt)                          // the PIN pad asked for a PIN
	Wallet   func(*WalletReport)                      // what the tap told of the device behind it
	Trouble  func(why string)                         // the card is not taken
	Message  func(Message)                            // the display shows something
	Outcome  func(OutcomeReport)                      // the kernel or the entry point has come to an outcome
	Online   func(*Online)                            // the issuer was asked
	Step     func(name, ref string)                   // a step of the kernel begins
	Decision func(Reason)                             // a rule changed the course
	Exchange func(sent, got decode.Part, x Exchanged) // a command and its answer, masked; read only where it is set
}

// Exchanged is what an exchange was beside its bytes.
type Exchanged struct {
	Took time.Duration
	Err  error // took the place of the answer
}

// watcher hears what kernel and terminal say, keeps it for the report and passes it on.
type watcher struct {
	Watch
	report  *Report
	decoder decode.Decoder
	offered profile.Offers // what the card's directory lists
}

// event receives what happens inside the terminal.
func (w *watcher) event(ev kernel.Event) {
	switch e := ev.(type) {
	case kernel.ExchangeEvent:
		w.offered.Take(e.Response.Unmasked())
		w.exchange(e)
	case kernel.StepEvent:
		if w.Step != nil {
			w.Step(e.Name, e.Ref)
		}
	case kernel.DecisionEvent:
		w.report.Decisions = append(w.report.Decisions, reasonOf(e.Reason))
		if w.Decision != nil {
			w.Decision(reasonOf(e.Reason))
		}
	}
}

func (w *watcher) exchange(e kernel.ExchangeEvent) {
	if w.Exchange == nil {
		return
	}
	// The decoder masks what it returns, and for a command that it can't read it has shown nothing.
	sent, err := w.decoder.Command(e.Command.Unmasked())
	if err != nil {
		sent.Notes = append(sent.Notes, err.Error())
	}
	var got decode.Part
	if e.Err == nil {
		if got, err = w.decoder.Response(e.Response.Unmasked()); err != nil {
			got.Notes = append(got.Notes, err.Error())
		}
	}
	w.report.Trace = append(w.report.Trace, sent, got)
	if e.Err != nil {
		w.report.Trace[len(w.report.Trace)-1] = decode.Part{Kind: "response", Title: kernel.CodeOf(e.Err)}
	}
	w.Exchange(sent, got, Exchanged{e.Took, e.Err})
}

// Show is the terminal's display (kernel.UI).
func (w *watcher) Show(r kernel.UIRequest) {
	m := Message{ID: fmt.Sprintf("%02X", byte(r.Message)), Text: textOf(r.Message), Status: r.Status.String()}
	if r.Value != kernel.NoValue {
		if c, ok := iso.CurrencyOf(r.Currency); ok {
			m.Amount = c.Format(r.Amount)
		}
	}
	w.report.Display = append(w.report.Display, m)
	if w.Message != nil {
		w.Message(m)
	}
}

// textOf is a message in words: those of contact terminals that package kernel does not name, too (Book 4, 11.2).
func textOf(m kernel.Message) string {
	if s, ok := contactTexts[m]; ok {
		return s
	}
	return m.String()
}

var contactTexts = map[kernel.Message]string{
	0x04: "call your bank", 0x05: "cancel or enter", contact.MsgCardError: "card error", 0x08: "enter amount",
	0x0A: "incorrect PIN", 0x0B: "insert card", contact.MsgNotAccepted: "not accepted", 0x0D: "PIN OK",
	0x0E: "please wait", 0x11: "use chip reader", contact.MsgUseStripe: "please swipe card", contact.MsgTryAgain: "try again",
}
