package kernel

import (
	"context"

	"github.com/cardwright/emv/crypto/pin"
)

// PINPad asks the cardholder for a PIN.
type PINPad interface {
	// Enter shows the prompt and waits for the cardholder. For an offline PIN it writes the PIN to dst, the one buffer that
	// holds it, which the kernel wipes. For an online PIN it keeps the PIN, to encipher it for the online request, and
	// leaves dst alone.
	//
	// An error is for what is no cardholder's doing: ctx ended (ctx.Err()), the card left while it was waited for (wraps
	// ErrRemoved), a bug. A PIN pad that does not work answers PINPadBroken.
	Enter(ctx context.Context, r PINRequest, dst *pin.PIN) (PINEntry, error)
}

// PINRequest is a prompt.
type PINRequest struct {
	Use       PINUse
	Retry     bool   // the PIN before was wrong
	TriesLeft int    // as the card says, -1 where it does not; 1 is the last try (Book 4, 6.3.4.1)
	Amount    uint64 // Amount, Authorised in minor units
	Currency  uint16 // ISO 4217 numeric
	Language  string // Language Preference of the card, two letters each, best first; empty if it gave none
}

// PINUse is what a PIN is for.
type PINUse uint8

// The uses. The two of offline PINs are one to the cardholder.
const (
	PlaintextPIN PINUse = iota
	EncipheredPIN
	PINForIssuer // online PIN
)

// PINEntry is how a prompt ended.
type PINEntry uint8

// The ends of a prompt.
const (
	PINEntered   PINEntry = iota
	PINBypassed           // by the cardholder or the merchant, where the terminal allows it (Book 4, 6.3.4.3)
	PINCancelled          // the cardholder pressed "cancel": the transaction ends
	PINTimeout            // nothing was entered in time: the transaction ends
	PINPadBroken          // the PIN pad does not work
)
