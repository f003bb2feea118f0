package armed

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/magstripe"
	"github.com/cardwright/emv/terminal/driver"
)

// Config is what is armed.
type Config struct {
	Readers []driver.Reader

	// Kinds are the interfaces that this sale may use; 0 is all that the readers have.
	Kinds driver.Kind

	// Judge says what to do with a stripe that was read, and why, by a stable code. Accept and Fallback make it an Entry.
	// nil judges by the service code alone: a chip card is told to insert, where there is a slot, and is refused otherwise.
	Judge func(*driver.Swipe) (magstripe.Verdict, string)

	// Notify is told of what needs the cardholder's eye, one at a time; it must not wait. nil is silent.
	Notify func(Notice)
}

// Entry is the card that won.
type Entry struct {
	Kind   driver.Kind
	Reader driver.Reader

	// Session is that of a chip; the caller closes it. Card is the same for a kernel: use it for the transaction. Both are
	// nil for a stripe.
	Session driver.Session
	Card    kernel.Card

	// Swipe is what was read of a stripe, and Verdict and Why what was said of it: Accept or Fallback.
	Swipe   driver.Swipe
	Verdict magstripe.Verdict
	Why     string
}

// Close ends the entry's session, if it has one.
func (e *Entry) Close() error {
	if e.Session == nil {
		return nil
	}
	return e.Session.Close()
}

// About is what a notice is about.
type About uint8

// The notices.
const (
	RemoveFirst   About = iota + 1 // a card was in the slot before: it has to leave
	Armed                          // all interfaces are ready now
	OneCardOnly                    // more than one card in the field
	OneCardAgain                   // that is over
	InsertInstead                  // a chip card was swiped
	SwipeAgain                     // the stripe could not be read
	SwipeRefused                   // the stripe must not be used
	ReaderLost                     // a reader went away, or can't be used; Err says why
	ReaderBack                     // it is there again
)

var aboutNames = [...]string{
	"none", "remove-first", "armed", "one-card-only", "one-card-again", "insert-instead", "swipe-again", "swipe-refused",
	"reader-lost", "reader-back",
}

// String returns the notice in a word or two.
func (a About) String() string {
	if int(a) < len(aboutNames) {
		return aboutNames[a]
	}
	return "unknown"
}

// Notice is something that the cardholder, or whoever looks after the reader, should know.
type Notice struct {
	About  About
	Reader string // its name; empty where it is about all of them
	Why    string // of a stripe: the verdict's code or that of the error
	Err    error  // of a reader
}

// UI returns the notice as the message that Book A has for it (Book A, 9.4), and the zero request where it has none.
func (n Notice) UI() kernel.UIRequest {
	switch n.About {
	case RemoveFirst:
		return kernel.UIRequest{Message: kernel.MsgRemoveCard, Status: kernel.NotReady}
	case Armed:
		return kernel.UIRequest{Message: kernel.MsgPresentCard, Status: kernel.ReadyToRead}
	case OneCardOnly: // Book B, 3.2.1.4
		return kernel.UIRequest{Message: kernel.MsgPresentOneCard, Status: kernel.ProcessingError}
	case OneCardAgain: // Book B, 3.2.1.5
		return kernel.UIRequest{Message: kernel.MsgPresentOneCard, Status: kernel.ReadyToRead}
	case InsertInstead:
		return kernel.UIRequest{Message: kernel.MsgInsertCard, Status: kernel.ReadyToRead}
	case SwipeAgain, SwipeRefused:
		return kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.ReadyToRead}
	case ReaderLost, ReaderBack:
	}
	return kernel.UIRequest{}
}

// Switched is the error of a tap that was going to be tried again when another interface won, or a new field of a reader
// that had been away.
type Switched struct{ To *Entry }

func (s *Switched) Error() string {
	return s.ErrorCode() + ": a card came by another interface: " + s.To.Kind.String()
}

// ErrorCode returns "armed.switched".
func (*Switched) ErrorCode() string { return "armed.switched" }

// errNone is a configuration without a reader that could be armed.
var errNone = &kernel.Error{Code: "armed.none", Text: "no reader has an interface that this sale may use"}
