package driver

import (
	"fmt"

	"github.com/cardwright/emv/magstripe"
)

// What is what happened at a reader.
type What uint8

// The events.
const (
	Inserted What = iota + 1 // a card is in the slot
	Removed                  // the card left the slot
	InField                  // a card is in the field and activated
	Left                     // the card left the field
	Swiped                   // a stripe was read, or could not be read
	Gone                     // the reader was unplugged, or its driver went away
	Back                     // the reader is there again; sessions from before are dead
)

var whatNames = [...]string{"none", "inserted", "removed", "in-field", "left", "swiped", "gone", "back"}

// String returns the event in one word.
func (w What) String() string {
	if int(w) < len(whatNames) {
		return whatNames[w]
	}
	return "unknown"
}

// Event is one of them. Printed, it shows no card data.
type Event struct {
	What  What
	Swipe Swipe // where What is Swiped
}

// Swipe is what a magnetic head read: tracks, an envelope, or the reason why there is neither.
type Swipe struct {
	Tracks   magstripe.Swipe
	Envelope *Envelope // of a reader that enciphers; nil where the tracks are clear
	Err      error     // nil, a magstripe.Code, or ErrUnreadable
}

// Envelope is what a reader that enciphers gives in place of tracks: it is passed on to whoever holds the key, as it came.
// Masked tracks that it may show are not taken for a card's: Swipe.Tracks is empty beside an envelope.
type Envelope struct {
	Kind string // who can open it: the name that the driver documents
	Data []byte
}

// String returns kind and length.
func (e *Envelope) String() string { return fmt.Sprintf("%s, %d bytes", e.Kind, len(e.Data)) }

// Format writes what String returns, whatever the verb.
func (e *Envelope) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, e.String()) }
