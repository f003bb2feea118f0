package driver

import (
	"context"
	"strings"

	"github.com/cardwright/emv/kernel"
)

// Kind is an interface that a reader has, or a set of them.
type Kind uint8

// The kinds.
const (
	Contact     Kind = 1 << iota // a slot (EMV Book 1)
	Contactless                  // a field (EMV Contactless Book D)
	Stripe                       // a magnetic head (ISO/IEC 7811)
)

// Kinds are all of them, in the order in which they are listed.
var Kinds = [...]Kind{Contact, Contactless, Stripe}

var kindNames = [...]string{"contact", "contactless", "stripe"}

// Has reports whether all kinds of other are in k.
func (k Kind) Has(other Kind) bool { return k&other == other }

// String returns the kinds with a plus between them: "contact+stripe"; "none" for no kind.
func (k Kind) String() string {
	var names []string
	for i, one := range Kinds {
		if k.Has(one) {
			names = append(names, kindNames[i])
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, "+")
}

// Identity is what a reader says of itself. Only the name is always there.
type Identity struct {
	Name     string // unique on this device: what --reader takes
	Maker    string
	Model    string
	Serial   string
	Firmware string
}

// Status is how things are at a reader now.
type Status struct {
	Gone    bool // the reader is not connected
	Present Kind // where a card is known to be. A field that is off knows of none
}

// Reader is one device.
type Reader interface {
	Identity() Identity

	// Kinds returns the interfaces that the reader has.
	Kinds() Kind

	// Status asks how things are now. A reader that is not there is a Status, no error.
	Status(ctx context.Context) (Status, error)

	// Wait returns the next event. Events that nobody waited for are kept, up to Backlog of them, and older ones are
	// dropped: Status says how things are. Swipes alone are never kept: one that nobody waits for is gone. What was there
	// when the reader was opened is no event. The error is ctx.Err(), ErrClosed after Close, or ErrGone where the reader is
	// gone and will not come back under this Reader. One goroutine at a time waits.
	Wait(ctx context.Context) (Event, error)

	// Open begins a session with a card at one of the reader's interfaces. At a slot the card must be in it, or the error
	// wraps kernel.ErrRemoved; a field is off until Session's Activate. Errors wrap ErrUnsupported for a kind that the
	// reader lacks and for Stripe, whose swipes are events; ErrBusy while there is a session of this kind, here or in
	// another program; ErrGone; ErrClosed; or are ctx's.
	Open(ctx context.Context, kind Kind) (Session, error)

	// Close ends all sessions and waits, switches fields off and lets the device go. A second Close does nothing.
	Close() error
}

// Session is one card in a slot, or a field and the cards that come into it. It has more where the reader can do more:
//
//	kernel.Field   every contactless session
//	contact.Slot   every contact session
//	kernel.Timed   where the reader measures its exchanges itself
//
// Transmit keeps the contract of kernel.Card. Beyond the card errors it returns ErrGone when the reader went away, which is
// no card's fault, and ErrClosed after Close.
type Session interface {
	kernel.Card

	// Answer returns what the card introduced itself with: the answer to reset at a slot, the answer to select (type A) or
	// the ATQB (type B) in a field. It is nil before there is a card or where the reader keeps it to itself.
	Answer() []byte

	// Extended reports whether commands and answers of extended length pass (ISO/IEC 7816-4, 5.1).
	Extended() bool

	// AwaitRemoval returns nil once the card has left slot or field, and at once if there is none. A field stays on as
	// long as that takes (Book A, 8.1.1.12). The error is ctx.Err(), ErrGone or ErrClosed.
	AwaitRemoval(ctx context.Context) error

	// Close ends the session: a contact card loses its power, a field goes off. A second Close does nothing.
	Close() error
}

// Family finds readers of one kind of driver.
type Family interface {
	// Name is the folder's: "pcsc", "pn532".
	Name() string

	// List returns what is there now. A family that this build or this machine lacks returns an error that wraps
	// ErrUnsupported and says how to get it.
	List(ctx context.Context) ([]Found, error)

	// Open opens the reader of this name. Errors wrap ErrNotFound, ErrBusy, ErrPermission, ErrUnsupported or ErrDevice.
	Open(ctx context.Context, name string) (Reader, error)
}

// Found is a reader that could be opened.
type Found struct {
	Identity Identity
	Kinds    Kind
	Note     string // what keeps it from being used, or what it may be; empty if all is known
}
