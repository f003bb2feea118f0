package payment

import "time"

// The codes of finals, for the catalogue of texts. With Declined HostCode says what the host said.
const (
	CodeApproved       = "approved"
	CodeApprovedAlone  = "approved_offline" // by the card: stored, and sent to the host later
	CodeHostDeclined   = "host_declined"
	CodeCardDeclined   = "card_declined"
	CodeCardRemoved    = "card_removed"       // after the host had approved: it is reversed
	CodeCardMismatch   = "card_mismatch"      // not the card that paid
	CodePartial        = "partial_approval"   // the host approved less: it is reversed
	CodeCancelled      = "cancelled"          // by the till
	CodeByCustomer     = "customer_cancelled" // at the terminal
	CodeReversedAsked  = "reversed_on_request"
	CodeDeadline       = "deadline"
	CodeNoAnswer       = "no_answer"        // of the host: a reversal is due
	CodeUnreachable    = "host_unreachable" // nothing was sent
	CodeOfflineRefused = "offline_refused"  // the card approved by itself, which is not taken
	CodeOfflineLimit   = "offline_limit"    // the same: it is more than may be stored
	CodeNotCompleted   = "card_not_completed"
	CodeReaderFailed   = "reader_failed"
	CodeAmount         = "amount" // with tip and surcharge it has more than twelve digits
	CodePowerLoss      = "power_loss_before_commit"
	CodeReversed       = "reversed"         // after a loss of power; the host has acknowledged it
	CodeReversalWaits  = "reversal_pending" // after a loss of power; the host has not acknowledged it yet, and will be asked on
)

// Final is the outcome of a payment: there is one for each request that was accepted, and it never changes.
type Final struct {
	Result   Result    `json:"result"`
	Code     string    `json:"code"`                // stable, one of those above
	HostCode string    `json:"host_code,omitempty"` // field 39
	HostText string    `json:"host_text,omitempty"`
	Reason   string    `json:"reason,omitempty"` // stable code of what decided at the card: kernel.Reason.Code
	Kind     Kind      `json:"kind"`
	Amounts  Amounts   `json:"amounts"`
	Currency uint16    `json:"currency"`
	At       time.Time `json:"at"`
	Reversal bool      `json:"reversal,omitempty"` // the host is told to undo what it may have done
	Receipt  *Receipt  `json:"receipt,omitempty"`  // where the host was asked, or will be told
}

// Receipt is what a receipt shows besides the merchant's own lines.
type Receipt struct {
	Card        Card      `json:"card,omitzero"` // AID, label, 9F26, TVR, TSI, masked number, entry
	Time        time.Time `json:"time"`
	STAN        uint32    `json:"stan,omitempty"`
	RRN         string    `json:"rrn,omitempty"`
	AuthCode    string    `json:"auth_code,omitempty"`
	HostCode    string    `json:"host_code,omitempty"`
	Signature   bool      `json:"signature,omitempty"`   // the customer signs
	Offline     bool      `json:"offline,omitempty"`     // the card approved; the host may still refuse: Status.Sending
	Disclaimers []string  `json:"disclaimers,omitempty"` // what the country wants to be printed
}

// Status is how a payment stands.
type Status struct {
	POS       string  `json:"pos"`
	RequestID string  `json:"request_id"`
	OrderRef  string  `json:"order_ref"`
	Kind      Kind    `json:"kind"`
	State     State   `json:"state"`
	Sending   State   `json:"sending,omitempty"` // how far reversal or advice are; NoState where there is none
	Amounts   Amounts `json:"amounts"`
	Currency  uint16  `json:"currency"`
	Final     *Final  `json:"final,omitempty"`

	// Of a payment that was stored: Sending says SAF_DONE when the host has taken it, and SAF_DECLINED when it refused and
	// nobody is charged. HostCode is field 39 of that refusal.
	Offline  bool   `json:"offline,omitempty"`
	HostCode string `json:"host_code,omitempty"`

	// What became of it since, in minor units.
	Refunded uint64 `json:"refunded,omitempty"`
	Captured uint64 `json:"captured,omitempty"`
	Voided   bool   `json:"voided,omitempty"`
}

// Event is a change of a payment, for the till that asked for it.
type Event struct {
	POS       string `json:"pos"`
	RequestID string `json:"request_id"`
	State     State  `json:"state"`
	Final     *Final `json:"final,omitempty"`     // where State is FINAL; the same each time that it is told again
	HostCode  string `json:"host_code,omitempty"` // where State is SAF_DECLINED: why the host refused what was stored
}

// CancelResult is what a cancellation came to.
type CancelResult struct {
	Cancelled bool   `json:"cancelled"`       // nobody is charged, and nobody will be
	State     State  `json:"state"`           // how far the payment is
	Reversing bool   `json:"reversing"`       // too late, and an approval will be reversed as asked
	Final     *Final `json:"final,omitempty"` // where there is one
}
