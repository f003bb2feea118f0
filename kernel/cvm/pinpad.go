package cvm

import (
	"context"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// PINPad asks the cardholder for a PIN.
type PINPad interface {
	// Enter shows the prompt and waits for the cardholder. For an offline PIN it writes the PIN to dst, which the stage
	// wipes. For an online PIN it keeps the PIN, to encipher it for the online request, and leaves dst alone.
	//
	// An error is for what is no cardholder's doing: ctx ended (ctx.Err()), the card left while it was waited for (wraps
	// kernel.ErrRemoved), a bug. A PIN pad that does not work answers Broken.
	Enter(ctx context.Context, r Request, dst *pin.PIN) (Entry, error)
}

// Request is a prompt.
type Request struct {
	Use       Use
	Retry     bool   // the PIN before was wrong
	TriesLeft int    // as the card says, -1 where it does not; 1 is the last try (Book 4, 6.3.4.1)
	Amount    uint64 // Amount, Authorised in minor units
	Currency  uint16 // ISO 4217 numeric
	Language  string // Language Preference of the card, two letters each, best first; empty if it gave none
}

// Use is what a PIN is for.
type Use uint8

// The uses. The two of offline PINs are one to the cardholder.
const (
	Plaintext Use = iota
	Enciphered
	Online
)

// Entry is how a prompt ended.
type Entry uint8

// The ends of a prompt.
const (
	Entered  Entry = iota
	Bypassed       // by the cardholder or the merchant, where the terminal allows it (Book 4, 6.3.4.3)
	Cancel         // the cardholder pressed "cancel": the transaction ends
	Timeout        // nothing was entered in time: the transaction ends
	Broken         // the PIN pad does not work
)

// enter asks for a PIN and puts what is no PIN into the TVR. It reports whether there is one. A PIN that was bypassed
// once counts as bypassed for the rest of the transaction (Book 4, 6.3.4.3 leaves that to the terminal).
func (v *verification) enter(ctx context.Context, use Use, retry bool, dst *pin.PIN) (bool, error) {
	switch {
	case v.PINPad == nil:
		v.r.Mark(tvr.PINPadMissing, "cvm.no_pin_pad", "Book 3, 10.5.1")
		return false, nil
	case v.bypassed:
		return false, nil
	}
	entry, err := v.PINPad.Enter(ctx, v.prompt(use, retry), dst)
	if err != nil {
		return false, err
	}
	switch entry {
	case Entered:
		return true, nil
	case Bypassed:
		v.bypassed = true
		v.r.Mark(tvr.PINNotEntered, "cvm.bypassed", "Book 4, 6.3.4.3")
	case Cancel:
		v.out.End = Cancelled
		v.r.Mark(tvr.PINNotEntered, "cvm.cancelled", "Book 4, 6.3.4.3")
		v.because("cvm.cancelled", "Book 4, 6.3.4.3")
	case Timeout:
		v.out.End = TimedOut
		v.r.Mark(tvr.PINNotEntered, "cvm.timeout", "Book 4, 6.3.4.3")
		v.because("cvm.timeout", "Book 4, 6.3.4.3")
	default: // Broken, and whatever no PIN pad should answer
		v.r.Mark(tvr.PINPadMissing, "cvm.pin_pad_broken", "Book 3, 10.5.1")
	}
	return false, nil
}

func (v *verification) prompt(use Use, retry bool) Request {
	r := Request{Use: use, Retry: retry, TriesLeft: -1, Language: string(v.Data.Get(tagLanguage))}
	if use != Online {
		r.TriesLeft = v.tries
	}
	r.Amount, _ = kernel.BCD(v.Data.Get(tagAmount))
	currency, _ := kernel.BCD(v.Data.Get(tagCurrency))
	r.Currency = uint16(currency)
	return r
}

// enterOnline is online PIN (Book 3, 10.5.2). Whether the PIN is right, the issuer says.
func (v *verification) enterOnline(ctx context.Context) (byte, error) {
	var unused pin.PIN // wiped even so: the PIN pad may not keep to its contract
	defer unused.Wipe()
	entered, err := v.enter(ctx, Online, false, &unused)
	if err != nil || !entered {
		return failed, err
	}
	v.r.Mark(tvr.OnlinePINEntered, "cvm.online_pin", "Book 3, 10.5.2")
	v.because("cvm.online_pin", "Book 3, 10.5.2")
	v.out.OnlinePIN = true
	return unknown, nil
}
