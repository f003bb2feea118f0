package payment

import (
	"context"

	"github.com/cardwright/emv/kernel"
)

// Reader takes one card: it arms the interfaces (terminal/armed), runs the kernels, and follows them from interface to
// interface. It talks to the engine through the Desk while it does.
type Reader interface {
	// Take runs until there is a result. It returns soon after ctx ends, with every interface disarmed and no card left
	// powered; the engine then has its own reason. An error is ctx's, one that the Desk gave, a driver's or a bug.
	//
	// The order of calls: Desk.CardIn each time a card is there, then Desk.Authorise when the kernel asks to go online, then
	// the second phase with what Authorise returned.
	Take(ctx context.Context, o Order, d Desk) (Taken, error)
}

// Order is what the card is asked for.
type Order struct {
	RequestID string
	Kind      Kind
	Amounts   Amounts // Total is Amount, Authorised (9F02)
	Currency  uint16
	Entries   []Entry // how the card may come in; never empty
	Offline   bool    // the card may approve by itself; otherwise the merchant forces it online (kernel.Transaction.Online)
	Token     string  // the only card that will do, where it is not empty: see Card.Token
}

// Type returns the order's Transaction Type (9C).
func (o *Order) Type() kernel.TransactionType {
	if o.Kind == Refund {
		return kernel.Refund
	}
	return kernel.Purchase
}

// Desk is the engine, as a Reader sees it.
type Desk interface {
	// CardIn says that a card was presented. A cancellation still wins. After an error the Reader gives up.
	CardIn(ctx context.Context, c Card) error

	// Authorise commits the payment and asks the host. Unable is for the card to be told that there was no answer. After an
	// error (cancelled first, the wrong card, the journal failed) nothing was sent, the Reader gives up and does not ask
	// the card for another cryptogram. It may be called once more where the host declined for want of a PIN or a chip.
	Authorise(ctx context.Context, o Online) (kernel.OnlineAnswer, error)
}

// Online is a kernel's online request.
type Online struct {
	Card   Card
	Chip   kernel.Objects // Outcome.Record; good until the call returns
	Sealed Sealed         // card number and track, enciphered for the host
	PIN    *PINBlock      // nil where there is none; the engine wipes it
}

// Taken is what came of it.
type Taken struct {
	Kind     kernel.Kind   // the final outcome
	Why      kernel.Reason // what decided
	Card     Card          // as it is at the end
	Reversal bool          // contact.After: the host approved and the card did not come to a TC

	// What clears an approval by the card alone; nothing else needs them.
	Chip   kernel.Objects // Outcome.Record with the TC; good until Take is called again
	Sealed Sealed         // card number and track, enciphered for the host; empty where Authorise was given them
}

// approves reports whether the card, or the kernel in its name, agrees with an approval of the host: an Online Request is
// what a contactless kernel ends with that leaves the decision to the host (Book A, 8.1.1.9).
func (t *Taken) approves() bool {
	switch t.Kind {
	case kernel.Approved, kernel.ApprovedOnline, kernel.OnlineRequest:
		return !t.Reversal
	default:
		return false
	}
}

// offline reports whether the card approved by itself.
func (t *Taken) offline() bool { return t.Kind == kernel.ApprovedOffline || t.Kind == kernel.Approved }

// declines reports whether the card, or the kernel in its name, said no.
func (t *Taken) declines() bool {
	switch t.Kind {
	case kernel.Declined, kernel.DeclinedOffline, kernel.DeclinedOnline:
		return true
	default:
		return false
	}
}
