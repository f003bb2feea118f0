package payment

import (
	"context"
	"time"
)

// Screen is the customer's display. Only AskTip waits.
type Screen interface {
	// Cart returns the cart that is shown; false for none. It must not wait, and not call the engine.
	Cart() (Cart, bool)

	// Show changes what is shown. It must not wait, and not call the engine.
	Show(s Showing)

	// AskTip asks the customer and returns the tip in minor units, 0 for none. The error is ctx's; ErrCustomerCancelled
	// where the customer gave up.
	AskTip(ctx context.Context, q TipQuestion) (uint64, error)
}

// Cart is what of a cart the engine needs.
type Cart struct {
	Hash  string // SHA-256 of its canonical JSON, 64 hexadecimal digits in lower case
	Valid bool   // its lines add up
}

// Showing is what the screen should show of a payment.
type Showing struct {
	About     About
	RequestID string
	Kind      Kind // of the payment, 0 with AboutDamaged
	Amounts   Amounts
	Currency  uint16
	Code      string // of a Final, for the text; empty where there is none
}

// About is what is shown.
type About string

// What is shown.
const (
	AboutPresent         About = "present_card"
	AboutProcessing      About = "processing"
	AboutApproved        About = "approved"
	AboutDeclined        About = "declined"
	AboutCancelled       About = "cancelled"
	AboutFailed          About = "error"
	AboutRecovering      About = "recovering"       // a payment from before a loss of power is being reversed
	AboutRegisterOffline About = "register_offline" // approved, and no till has taken note of it
	AboutDamaged         About = "journal_damaged"  // by Code; no payment goes on, whichever was shown
)

// TipQuestion is what the customer is asked.
type TipQuestion struct {
	RequestID string
	Amount    uint64
	Currency  uint16
	Options   []TipOption
	Custom    bool
}

// Lease says which till may command.
type Lease interface {
	// Holds reports whether the till holds the lease in this epoch, now. It must not wait, and not call the engine.
	Holds(pos string, epoch uint64) bool
}

// Clock is time.
type Clock interface {
	Now() time.Time

	// AfterFunc calls f in its own goroutine after d, unless stop was called before.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// SystemClock is the machine's own clock.
type SystemClock struct{}

// Now returns the time of day.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc is that of package time.
func (SystemClock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
