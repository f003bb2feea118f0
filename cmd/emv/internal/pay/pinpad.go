package pay

import (
	"context"
	"slices"
	"strings"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
)

// PINWords are what a customer may do instead of entering a PIN.
var PINWords = []string{"bypass", "cancel", "timeout", "broken"}

// CheckPIN refuses what is neither a PIN nor one of PINWords. The error's code is "input.pin"; it does not repeat what was
// given.
func CheckPIN(s string) error {
	var p pin.PIN
	defer p.Wipe()
	if !slices.Contains(PINWords, s) && pin.Parse(&p, []byte(s)) != nil {
		return &kernel.Error{Code: "input.pin", Text: "a PIN has 4 to 12 digits; else one of " + strings.Join(PINWords, " ")}
	}
	return nil
}

// PINPrompt is a prompt of the PIN pad and what came of it. It never holds the PIN.
type PINPrompt struct {
	Use       string `json:"use"`        // "offline", "online"
	TriesLeft int    `json:"tries_left"` // -1 where the card does not say
	Retry     bool   `json:"retry"`      // the PIN before was wrong
	Entry     string `json:"entry"`      // "entered", or one of PINWords
}

// pinPad is the simulated PIN pad with a customer before it.
type pinPad struct {
	sale *sale
	left []string
}

// Enter answers a prompt.
func (p *pinPad) Enter(ctx context.Context, r kernel.PINRequest, dst *pin.PIN) (kernel.PINEntry, error) {
	if err := ctx.Err(); err != nil {
		return kernel.PINPadBroken, err
	}
	next := card.TestPIN
	if p.sale.order.Real() {
		next = "broken"
	}
	if len(p.left) > 0 {
		if next = p.left[0]; len(p.left) > 1 {
			p.left = p.left[1:]
		}
	}
	prompt := PINPrompt{Use: "offline", TriesLeft: r.TriesLeft, Retry: r.Retry, Entry: next}
	if r.Use == kernel.PINForIssuer {
		prompt.Use = "online"
	}
	if !slices.Contains(PINWords, next) {
		prompt.Entry = "entered"
	}
	if next == "bypass" && !p.sale.order.Profile.CVM.Bypass { // not offered: the customer gives up
		next, prompt.Entry = "cancel", "cancel"
	}
	p.sale.prompted(prompt)
	if p.sale.log != nil {
		p.sale.log.PIN(prompt.Entry)
	}
	switch next {
	case "bypass":
		return kernel.PINBypassed, nil
	case "cancel":
		return kernel.PINCancelled, nil
	case "timeout":
		return kernel.PINTimeout, nil
	case "broken":
		return kernel.PINPadBroken, nil
	}
	if r.Use == kernel.PINForIssuer {
		return kernel.PINEntered, nil
	}
	return kernel.PINEntered, pin.Parse(dst, []byte(next))
}

func (s *sale) prompted(p PINPrompt) {
	s.report.PINs = append(s.report.PINs, p)
	if s.PIN != nil {
		s.PIN(p)
	}
}
