package payment

import "fmt"

// The codes of refusals, as the till gets them.
const (
	CodeInvalid        = "E_INVALID"           // Field says what
	CodeReused         = "E_REUSED"            // this request id was used with another body
	CodeBusy           = "E_BUSY"              // Holder and RequestID say with what
	CodeOrder          = "E_ORDER_HAS_OUTCOME" // Outcome is it
	CodeFenced         = "E_FENCED"            // the till does not hold the lease, or holds an older one
	CodeNotFound       = "E_NOT_FOUND"         // the journal proves that this id was never accepted
	CodeTooOld         = "E_TOO_OLD"           // the id is older than what the journal keeps
	CodeCart           = "E_CART_HASH"         // the request is for another cart than the one that is shown
	CodeReference      = "E_REFERENCE"         // the original can't be used for this; Text says why
	CodeRemaining      = "E_REMAINING"         // more than Remaining
	CodeCardRequired   = "E_CARD_REQUIRED"     // this refund needs the card that paid
	CodeNotPermitted   = "E_PERMISSION"        // the terminal's policy or the role forbids it
	CodeLimit          = "E_LIMIT"             // above the policy's limit
	CodeOffline        = "E_OFFLINE"           // payments are not stored to be sent later, or not in this currency
	CodeStored         = "E_STORED"            // the original waits to be sent to the host: it can be voided, nothing else
	CodeNotReady       = "E_NOT_READY"         // Text says why
	CodeJournalDamaged = "E_JOURNAL_DAMAGED"   // no payment can be taken
	CodeJournalFailed  = "E_JOURNAL_FAILED"    // the disk refused: the terminal has to start again
	CodeClosed         = "E_CLOSED"            // the terminal is shutting down
)

// Refusal is a command that was not carried out. Errors of Engine's methods are all of this type.
type Refusal struct {
	Code      string
	Field     string  // with CodeInvalid
	Text      string  // what it means in English, without data; what is shown comes from the catalogue of texts
	Holder    string  // with CodeBusy: the till whose payment is under way
	RequestID string  // with CodeBusy and CodeOrder
	Outcome   *Status // with CodeOrder
	Remaining uint64  // with CodeRemaining, in minor units
	Err       error   // what is behind it, nil for nothing
}

func (r *Refusal) Error() string {
	s := r.Code
	switch {
	case r.Field != "":
		s += ": " + r.Field
	case r.Holder != "":
		s += ": " + r.Holder + " with " + r.RequestID
	case r.Code == CodeRemaining:
		s += fmt.Sprintf(": %d is left", r.Remaining)
	}
	if r.Text != "" {
		s += ": " + r.Text
	}
	return s
}

// ErrorCode returns the stable code.
func (r *Refusal) ErrorCode() string { return r.Code }

// Unwrap returns what is behind it.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code, text string) *Refusal { return &Refusal{Code: code, Text: text} }

func invalid(field, text string) *Refusal {
	return &Refusal{Code: CodeInvalid, Field: field, Text: text}
}
