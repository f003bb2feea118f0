package cvm

import (
	"context"
	"errors"

	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
)

// maxTries is how often the PIN is asked for: a PIN Try Counter counts to 15 (Book 3, 6.5.12.4: 'x' is one digit), and a
// card whose counter does not fall would ask for ever.
const maxTries = 15

// verifyOffline is offline PIN processing (Book 3, 10.5.1). Only 9000 to VERIFY is success.
func (v *verification) verifyOffline(ctx context.Context, enciphered bool) (bool, error) {
	if v.tries == 0 { // found out by a rule before
		return false, nil
	}
	if v.PINPad == nil || v.bypassed {
		return v.enter(ctx, kernel.PlaintextPIN, false, nil) // says why not
	}
	if err := v.askTries(ctx); err != nil || v.tries == 0 {
		return false, err
	}
	use, key := kernel.PlaintextPIN, cert.PublicKey{}
	if enciphered {
		var why error
		if key, why = v.pinKey(); why != nil {
			v.tell(kernel.CodeOf(why), "Book 2, 7.1")
			return false, nil
		}
		use = kernel.EncipheredPIN
	}
	for try := range maxTries {
		verified, again, err := v.try(ctx, use, try > 0, key)
		if err != nil || verified || !again {
			return verified, err
		}
	}
	v.tell("cvm.tries", "Book 3, 6.5.12.4")
	return false, nil
}

// askTries asks the card for its PIN Try Counter before the cardholder is asked for anything. A card that does not tell
// has the PIN asked for; one that says zero has not, and no message speaks of a PIN (Book 4, 6.3.4.1).
func (v *verification) askTries(ctx context.Context) error {
	answer, err := v.Card.Send(ctx, apdu.AppendGetData(v.Card.Buffer(), uint16(tagTryCounter)))
	if err != nil {
		return err
	}
	counter, ok := answer.DataObject(uint16(tagTryCounter))
	if !ok || len(counter) != 1 {
		v.tries = -1
		return nil
	}
	if v.tries = int(counter[0]); v.tries == 0 {
		v.r.Mark(tvr.PINTryLimitExceeded, "cvm.no_tries", "Book 4, 6.3.4.1")
	}
	return nil
}

// pinKey retrieves the key under which the PIN is enciphered (Book 2, 7.1). Without it the cardholder need not be asked.
func (v *verification) pinKey() (cert.PublicKey, error) {
	if v.Cert == nil || v.Static == nil {
		return cert.PublicKey{}, oda.CodeData
	}
	return oda.PINKey(oda.Input{Env: v.Env, Data: v.Data, Cert: v.Cert, Static: v.Static})
}

// try asks for the PIN once and lets the card verify it. again says that the PIN was wrong and may be entered once more.
func (v *verification) try(ctx context.Context, use kernel.PINUse, retry bool, key cert.PublicKey) (verified, again bool, err error) {
	var p pin.PIN
	defer p.Wipe()
	if entered, err := v.enter(ctx, use, retry, &p); err != nil || !entered {
		return false, false, err
	}
	if p.Len() == 0 {
		return false, false, errNoPIN
	}
	var command []byte
	if use == kernel.EncipheredPIN {
		command, err = v.encipheredPIN(ctx, &p, key)
	} else {
		command, err = v.plaintextPIN(&p)
	}
	if err != nil || command == nil {
		return false, false, err
	}
	answer, err := v.Card.Send(ctx, command)
	clear(command)
	if err != nil {
		return false, false, err
	}
	verified, again = v.judge(answer.SW)
	return verified, again, nil
}

// errNoPIN is a bug of the PIN pad.
var errNoPIN = &kernel.Error{Code: "cvm.pin_pad", Text: "the PIN pad said that a PIN was entered and gave none"}

// judge reads the status of VERIFY (Book 3, 6.5.12.4 and 10.5.1).
func (v *verification) judge(sw apdu.SW) (verified, again bool) {
	switch {
	case sw == apdu.OK:
		v.Env.Show(kernel.UIRequest{Message: msgPINOK, Status: kernel.Processing})
		return true, false
	case sw == apdu.MethodBlocked || sw == apdu.ReferenceInvalidated:
		v.tries = 0
		v.r.Mark(tvr.PINTryLimitExceeded, "cvm.pin_blocked", "Book 3, 10.5.1")
		return false, false
	case sw&0xFFF0 != 0x63C0:
		v.tell("cvm.verify_"+sw.String(), "Book 3, 10.5.1")
		return false, false
	}
	v.Env.Show(kernel.UIRequest{Message: msgIncorrectPIN, Status: kernel.Processing})
	if v.tries = int(sw & 0x0F); v.tries == 0 {
		v.r.Mark(tvr.PINTryLimitExceeded, "cvm.last_try_failed", "Book 3, 10.5.1")
		return false, false
	}
	return false, true
}

// plaintextPIN builds VERIFY with a PIN block in the clear (Book 3, 6.5.12.2).
func (v *verification) plaintextPIN(p *pin.PIN) ([]byte, error) {
	var block pin.Block
	defer block.Wipe()
	if err := block.Encode2(p); err != nil {
		return nil, err
	}
	return apdu.AppendVerify(v.Card.Buffer(), pin.VerifyPlaintext, block[:]), nil
}

// challengeLength is that of the ICC Unpredictable Number (Book 2, 7.2).
const challengeLength = 8

// encipheredPIN builds VERIFY with the PIN enciphered for the card (Book 2, 7.2). It returns nil where the card gave no
// challenge, or its key does not fit the command: the encipherment has failed then.
func (v *verification) encipheredPIN(ctx context.Context, p *pin.PIN, key cert.PublicKey) ([]byte, error) {
	answer, err := v.Card.Send(ctx, apdu.AppendGetChallenge(v.Card.Buffer()))
	if err != nil {
		return nil, err
	}
	if answer.SW != apdu.OK || len(answer.Data) != challengeLength {
		v.tell("cvm.challenge", "Book 2, 7.2")
		return nil, nil
	}
	var scratch [255]byte
	data, err := pin.EncipherOffline(scratch[:0], p, [challengeLength]byte(answer.Data), key, v.Env.Rand)
	switch {
	case err == nil:
		return apdu.AppendVerify(v.Card.Buffer(), pin.VerifyEnciphered, data), nil
	case errors.Is(err, &pin.Error{Code: pin.CodeRSAKey}):
		v.tell(kernel.CodeOf(err), "Book 2, 7.2")
		return nil, nil
	}
	return nil, err
}
