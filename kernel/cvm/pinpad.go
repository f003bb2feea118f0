package cvm

import (
	"context"

	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// enter asks for a PIN and puts what is no PIN into the TVR. It reports whether there is one. A PIN that was bypassed
// once counts as bypassed for the rest of the transaction (Book 4, 6.3.4.3 leaves that to the terminal).
func (v *verification) enter(ctx context.Context, use kernel.PINUse, retry bool, dst *pin.PIN) (bool, error) {
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
	case kernel.PINEntered:
		return true, nil
	case kernel.PINBypassed:
		v.bypassed = true
		v.r.Mark(tvr.PINNotEntered, "cvm.bypassed", "Book 4, 6.3.4.3")
	case kernel.PINCancelled:
		v.out.End = Cancelled
		v.r.Mark(tvr.PINNotEntered, "cvm.cancelled", "Book 4, 6.3.4.3")
		v.because("cvm.cancelled", "Book 4, 6.3.4.3")
	case kernel.PINTimeout:
		v.out.End = TimedOut
		v.r.Mark(tvr.PINNotEntered, "cvm.timeout", "Book 4, 6.3.4.3")
		v.because("cvm.timeout", "Book 4, 6.3.4.3")
	default: // broken, and whatever no PIN pad should answer
		v.r.Mark(tvr.PINPadMissing, "cvm.pin_pad_broken", "Book 3, 10.5.1")
	}
	return false, nil
}

func (v *verification) prompt(use kernel.PINUse, retry bool) kernel.PINRequest {
	r := kernel.PINRequest{Use: use, Retry: retry, TriesLeft: -1, Language: string(v.Data.Get(tagLanguage))}
	if use != kernel.PINForIssuer {
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
	entered, err := v.enter(ctx, kernel.PINForIssuer, false, &unused)
	if err != nil || !entered {
		return failed, err
	}
	v.r.Mark(tvr.OnlinePINEntered, "cvm.online_pin", "Book 3, 10.5.2")
	v.because("cvm.online_pin", "Book 3, 10.5.2")
	v.out.OnlinePIN = true
	return unknown, nil
}
