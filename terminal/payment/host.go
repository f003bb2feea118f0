package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cardwright/emv/crypto/mask"
	"github.com/cardwright/emv/kernel"
)

// Host is the way to the acquirer. Its methods are safe for concurrent use; each waits until ctx ends at most. Answers that
// come after that are dropped: a late approval does not undo a reversal.
type Host interface {
	// Authorise asks for an authorisation (0100, a Preauth) or a financial transaction (0200, a Sale or Refund). An error
	// that wraps ErrNotSent says that no byte has left; any other one, that nobody knows what the host did.
	Authorise(ctx context.Context, a *Authorisation) (Answer, error)

	// Reverse undoes an earlier request (0400 or 0420; a repeat is 0401 or 0421). Any error means: not acknowledged.
	Reverse(ctx context.Context, r *Reversal) (Answer, error)

	// Advise tells of what has happened (0220, a repeat is 0221): a Capture, an Adjust, or a Sale that the card approved. Any
	// error: not acknowledged.
	Advise(ctx context.Context, a *Advice) (Answer, error)
}

// ErrNotSent is a request of which no byte has left the terminal.
var ErrNotSent = errors.New("payment: the request was not sent")

// Trace is by what a host knows a request again: a repeat has the same.
type Trace struct {
	STAN uint32    `json:"stan"` // 1 to 999999
	RRN  string    `json:"rrn"`  // 12 digits
	Time time.Time `json:"time"` // date and time of the transaction
}

// Sealed are enciphered card data, as they go to the host: a record of crypto/p2pe with its key serial. They may be kept.
type Sealed []byte

// PINBlock is an enciphered PIN with its key serial, in the form that Reader and Host agree on. It prints as its mask, is
// never kept, and is wiped as soon as the host has answered.
type PINBlock struct {
	mask.PIN
	Block []byte
}

// Wipe overwrites the block.
func (p *PINBlock) Wipe() { clear(p.Block) }

// Authorisation is a request to the host.
type Authorisation struct {
	Trace
	Kind     Kind
	Amounts  Amounts
	Currency uint16
	Card     Card           // Entry is NoEntry where there was no card
	Chip     kernel.Objects // the kernel's data objects, card number and track among them: the host's field 55 leaves those out
	Sealed   Sealed
	PIN      *PINBlock // nil where there is none
	Original *Sent     // of a Refund that refers to a payment
}

// Format writes what may be seen, whatever the verb.
func (a *Authorisation) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s %06d %s %d", a.Kind, a.STAN, a.RRN, a.Amounts.Total)
}

// Sent is a request that may have reached the host.
type Sent struct {
	Trace
	Kind     Kind   `json:"kind"`
	Total    uint64 `json:"total"`
	Currency uint16 `json:"currency"`
	Entry    Entry  `json:"entry"`
	Digest   string `json:"digest"` // SHA-256 of all that was sent of the chip
	Sealed   Sealed `json:"sealed,omitempty"`
	AuthCode string `json:"auth_code,omitempty"` // where the host had given one
	Offline  bool   `json:"offline,omitempty"`   // the card approved: the host was told by an advice
}

// Reason is why something is reversed.
type Reason string

// The reasons.
const (
	NoAnswer     Reason = "no_answer"     // the host was silent
	PowerLoss    Reason = "power_loss"    // the terminal does not know what the host did
	CardRefused  Reason = "card_refused"  // the host approved, the card did not
	OnRequest    Reason = "on_request"    // the till asked for it
	PartialOnly  Reason = "partial_only"  // the host approved less than the amount
	AnswerBroken Reason = "answer_broken" // the host's answer could not be believed
)

// Reversal undoes a request.
type Reversal struct {
	Trace            // its own, the same for each repeat
	Of        Sent   // what is undone
	Reason    Reason // why
	Repeat    bool
	Completed bool // the original was answered, and its AuthCode is known
}

// Advice tells of a capture, of an adjustment, or of a sale that the card approved.
type Advice struct {
	Trace
	Kind     Kind
	Total    uint64 // the new amount
	Currency uint16
	Of       Sent // the pre-authorisation or the sale; of a Sale nothing
	Repeat   bool

	// Of a Sale alone.
	Amounts Amounts
	Card    Card
	Chip    []byte // the data objects of the TC, nothing confidential among them
	Sealed  Sealed
	ARC     string // Authorisation Response Code: "Y1", or "Y3" where the host could not be reached
}

// Format writes what may be seen, whatever the verb.
func (a *Advice) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s %06d %s %d", a.Kind, a.STAN, a.RRN, a.Total)
}

// Answer is what the host said. The zero Answer is none.
type Answer struct {
	Code       string `json:"code"`                // field 39, two characters
	AuthCode   string `json:"auth_code,omitempty"` // field 38
	RRN        string `json:"rrn,omitempty"`       // field 37, where it differs
	Amount     uint64 `json:"amount,omitempty"`    // field 4, where the host approved less; 0 is all
	Text       string `json:"text,omitempty"`      // what the host wants to be shown
	IssuerAuth []byte `json:"-"`                   // 91: for the card, not for keeping
	Scripts    []byte `json:"-"`                   // 71 and 72
}

// The longest that an answer may hold for a card: Issuer Authentication Data (Book 3, Annex A), scripts (Book 3, 10.10).
const (
	maxIssuerAuth = 16
	maxScripts    = 512
)

// believable reports whether an answer is one at all.
func (a *Answer) believable() bool {
	if len(a.Code) != 2 || clean(a.Code) != a.Code || len(a.AuthCode) > 6 || len(a.RRN) > 12 ||
		len(a.IssuerAuth) > maxIssuerAuth || len(a.Scripts) > maxScripts {
		return false
	}
	return clean(a.AuthCode) == a.AuthCode && !strings.ContainsFunc(a.RRN, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// approved reports whether the host said yes to an amount: what is not on this list is a no.
func (a *Answer) approved(total uint64) bool {
	switch a.Code {
	case "00", "08", "11":
		return a.Amount == 0 || a.Amount == total
	case "85": // no reason to decline: of a card that is only looked at
		return total == 0
	}
	return false
}

// partial reports whether the host approved, but less than was asked for: a reversal is due.
func (a *Answer) partial(total uint64) bool {
	switch a.Code {
	case "00", "08", "10", "11":
		return !a.approved(total)
	}
	return false
}

// again reports whether the host could not answer now: what has to reach it is sent again.
func (a *Answer) again() bool {
	switch a.Code {
	case "06", "19", "68", "91", "92", "96":
		return true
	case "89", "97", "98": // terminal, key or MAC not known: nobody has looked at it
		return true
	}
	return false
}

// duplicate reports whether the host says that it has had the message before.
func (a *Answer) duplicate() bool { return a.Code == "94" }

// gone reports whether the host knows of nothing to undo: acknowledged as well as done.
func (a *Answer) gone() bool {
	switch a.Code {
	case "21", "25", "76", "77":
		return true
	}
	return false
}

// forCard is the answer as the card gets it (Book 4, Annex A6: Authorisation Response Code).
func (a *Answer) forCard(approved bool) kernel.OnlineAnswer {
	o := kernel.OnlineAnswer{AuthCode: []byte(a.AuthCode), IssuerAuth: a.IssuerAuth, Scripts: a.Scripts}
	switch {
	case approved && (a.Code == "00" || a.Code == "11"):
		o.ARC = [2]byte([]byte(a.Code))
	case approved:
		o.ARC = [2]byte{'0', '0'}
	case a.Code == "00" || a.Code == "10" || a.Code == "11" || a.Code == "08" || a.Code == "01" || a.Code == "02":
		o.ARC, o.IssuerAuth = [2]byte{'0', '5'}, nil // a yes that is none here, or a referral that nobody makes
	default:
		o.ARC = [2]byte([]byte(a.Code))
	}
	return o
}
