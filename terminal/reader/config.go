package reader

import (
	"context"
	"time"

	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/driver"
	"github.com/cardwright/emv/terminal/profile"
)

// Screen is what the customer sees while a card is read. Only Choose waits; the others must not, and are called from one
// goroutine at a time. What a payment shows besides (present, processing, the result) is the payment engine's to show.
type Screen interface {
	// Prompt shows which interfaces are armed, and what the cardholder should know. It replaces the Prompt before.
	Prompt(p Prompt)

	// Reading shows that a card was found and is being read.
	Reading(request string)

	// Choose has the cardholder choose one of several applications, or confirm a single one. It returns the place in labels.
	// The error is ctx's; payment.ErrCustomerCancelled where the cardholder gave up.
	Choose(ctx context.Context, request string, labels []string) (int, error)

	// PIN shows how far the entry of a PIN is.
	PIN(p PINProgress)

	// RemoveCard asks for the card in the slot to be taken out. Notice as in Prompt.
	RemoveCard(request, notice string)

	// Language is told the Language Preference (5F2D) of the card as it is read: two letters each, best first.
	Language(tags string)
}

// Prompt asks for the card.
type Prompt struct {
	Request string
	Kinds   driver.Kind // what is armed; none while a card from before is in the slot

	// Notice is a code of terminal/text without its "notice.", as "insert-instead", or "msg." with a message identifier of
	// Book A, 9.4, as "msg.21"; empty for none.
	Notice string
}

// PINProgress is how far the entry of a PIN is. It never holds the PIN.
type PINProgress struct {
	Request   string
	Entered   int  // digits
	TriesLeft int  // as the card says, -1 where it does not
	Retry     bool // the PIN before was wrong
}

// PINPad is where a PIN is entered.
type PINPad interface {
	// Enter waits for the cardholder and writes the PIN to dst, whatever it is for; the caller wipes it. entered is told how
	// many digits there are each time that changes; it does not wait.
	//
	// An error is ctx's or a bug; a pad that does not work answers kernel.PINPadBroken.
	Enter(ctx context.Context, r kernel.PINRequest, dst *pin.PIN, entered func(digits int)) (kernel.PINEntry, error)
}

// Keys gives the keys under which card data and PIN leave the reader.
type Keys interface {
	// Transaction begins a DUKPT transaction. The caller wipes what it returns.
	Transaction(ctx context.Context) (*p2pe.Terminal, error)
}

// Config is what a Reader is made of.
type Config struct {
	Readers []driver.Reader  // at least one; they stay the caller's to close
	Profile *profile.Profile // the country's

	// Terminal holds the TLV data objects of merchant and device that no profile has: 9F01, 9F15, 9F16, 9F1C, 9F1E, 9F4E.
	Terminal []byte

	// Env is what the kernels are given: Clock, Rand, CAPKs, revoked certificates, exception file and events. Its UI is
	// told of the messages of Book A as they come, after the reader's own lights, tones and Screen; nil tells nobody.
	Env kernel.Env

	Screen Screen // nil shows nothing, and takes the card's first choice of its applications
	PINPad PINPad // nil where there is none
	Keys   Keys   // required: without it nothing of a card may leave

	// TokenKey is the key of Card.Token, at least 16 bytes: HMAC-SHA-256 over the card number's digits. The same key gives
	// the same card the same token, on every terminal that has it.
	TokenKey []byte

	// Foreign reports whether a card with these first six digits was issued in another country, where the rules of fallback
	// ask for it. nil counts every card as the country's own.
	Foreign func(bin string) bool

	// Away reports whether the host is known not to answer; it must not wait. Where it does, a card may approve by itself when
	// the order allows it (Order.Offline), within the profile's Forward. Where it does not, such an order goes online all the
	// same, and a chip in the slot may stand in when it turns out that the host is not reached. nil is always away.
	Away func() bool

	// SecondTap is how long a tap is waited for that brings the card the issuer's answer: the payment is decided then, and
	// the card may be gone. 0 is DefaultSecondTap.
	SecondTap time.Duration

	// Removal is how long Take waits, once all is decided, for the card to be taken out of the slot. 0 does not wait:
	// Screen.RemoveCard was called, and Present tells as long as the card is there.
	Removal time.Duration
}

// DefaultSecondTap is the Config.SecondTap of a configuration that sets none.
const DefaultSecondTap = 10 * time.Second
