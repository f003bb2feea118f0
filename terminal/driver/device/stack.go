package device

import (
	"context"
	"time"
)

// Card is what a stack says of a card that it has activated.
type Card struct {
	Answer   []byte // ATS or ATQB; nil where the system keeps it to itself
	Extended bool   // extended length passes
}

// Stack is a device's own contactless interface. New makes a reader of it; its calls come one at a time, Aborted and Close
// aside.
//
// Errors wrap kernel.ErrRemoved, ErrTimeout, ErrTransmission, ErrProtocol or ErrCollision for cards, driver.ErrBusy,
// ErrUnsupported or ErrGone for the stack itself, or are ctx's.
type Stack interface {
	// Name tells readers apart.
	Name() string

	// On switches the field on, if it is off, and returns once just one card is active: at once, if one is already. It
	// returns kernel.ErrCollision while there is more than one.
	On(ctx context.Context) (Card, error)

	// Off lets the card go and switches the field off.
	Off(ctx context.Context) error

	// Transceive gives a command APDU to the card, once, and appends its answer to dst. took is the card's time, 0 where it
	// is not known.
	Transceive(ctx context.Context, dst, command []byte) (answer []byte, took time.Duration, err error)

	// Watch is called once, before anything else: the stack keeps the callbacks and makes them from any goroutine until
	// Close, but never from inside a call of its own.
	Watch(Callbacks)

	// Close lets the interface go. A call under way ends.
	Close() error
}

// Callbacks are what a stack has to say unasked.
type Callbacks struct {
	Left func()          // the card that was active has left the field
	Gone func(err error) // the stack is of no use any more
}
