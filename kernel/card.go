package kernel

import (
	"context"
	"time"
)

// Card is all that a reader driver implements.
type Card interface {
	// Transmit sends one command APDU and appends the response APDU (data, SW1, SW2) to dst. The response is complete:
	// a driver whose transport needs GET RESPONSE or chaining has done that.
	//
	// It must return an error that wraps ErrRemoved, ErrTimeout, ErrTransmission, ErrProtocol or ErrCollision when the
	// card gave no answer, and ctx.Err() when ctx ended the wait; any other error is taken for a bug of the driver and
	// ends the transaction as one. It must never send a command twice on its own.
	Transmit(ctx context.Context, dst, command []byte) ([]byte, error)
}

// Field is what a contactless driver has beside Card: its operating field (Book A, 6; Book D). A Card without it counts
// as activated already and always in the field.
type Field interface {
	// Activate switches the field on if it is off, polls until exactly one card is there, and activates it. It returns
	// ErrCollision, at once, while there is more than one, and ctx.Err() when ctx ended the wait.
	Activate(ctx context.Context) error

	// Deactivate switches the field off and keeps it off for at least hold before Activate switches it on again.
	Deactivate(ctx context.Context, hold time.Duration) error
}

// Timed is what a driver has that measures its exchanges better than a clock around Transmit can: relay resistance
// (C-2, 3.10; C-8, 3.5) counts in hundreds of microseconds.
type Timed interface {
	// ExchangeTime returns the time from the end of the last command to the beginning of its answer.
	ExchangeTime() time.Duration
}
