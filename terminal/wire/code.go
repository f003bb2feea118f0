package wire

import "fmt"

// Code names why something was refused. Codes are stable: programs compare them, terminal/text has their texts.
type Code string

// Pairing, in the order in which the terminal checks.
const (
	CodeFormat      Code = "E_QR_INVALID"        // what was scanned is no pairing code, or not a whole one
	CodeExpired     Code = "E_QR_EXPIRED"        // the code is older than five minutes
	CodeUsed        Code = "E_QR_USED"           // the code has served: another till was faster, or it is scanned again
	CodeSpoiled     Code = "E_QR_SPOILED"        // the code was tried three times with a wrong proof
	CodeForged      Code = "E_PAIR_FORGED"       // the proof does not hold: not this terminal's code, or a relay between
	CodeWrongCode   Code = "E_CODE_WRONG"        // the typed code is not the one on the screen, or somebody is between
	CodeWaitCode    Code = "E_CODE_WAIT"         // no code can be typed just now: there were too many wrong ones
	CodeProtocol    Code = "E_PROTOCOL"          // no protocol version that both speak
	CodeAppTooOld   Code = "E_APP_TOO_OLD"       // the till's version is below the least one
	CodePlatform    Code = "E_PLATFORM"          // the till's platform is not accepted
	CodeChain       Code = "E_CHAIN"             // the certificate is not of the merchant's authority
	CodeCertExpired Code = "E_CERT_EXPIRED"      // the certificate is past its date
	CodeMerchant    Code = "E_MERCHANT_MISMATCH" // the till is signed in to another merchant
	CodeLocation    Code = "E_LOCATION_MISMATCH" // the till is signed in to another location
	CodeCountry     Code = "E_COUNTRY_MISMATCH"  // location and store are of different countries
	CodeNetwork     Code = "E_NETWORK_MISMATCH"  // the till is on another network
	CodeLeased      Code = "E_LEASED"            // another till holds the terminal
)

// Session and lease.
const (
	CodeUnpaired    Code = "E_UNPAIRED"           // the key of the other side is not in the pair records
	CodeFenced      Code = "E_FENCED"             // the command carries the epoch of a lease that has passed on
	CodeNoLease     Code = "E_NO_LEASE"           // the command needs the lease
	CodeStale       Code = "E_STALE_CONNECTION"   // a newer connection of the same till is there
	CodeBadMessage  Code = "E_BAD_MESSAGE"        // a frame or body that is not as the schema says
	CodeTooLarge    Code = "E_TOO_LARGE"          // more than the bounds of the protocol
	CodeUnknownType Code = "E_UNKNOWN_TYPE"       // a frame type that this side does not know
	CodeOverflow    Code = "E_OVERFLOW"           // the other side has not acknowledged for too long
	CodeUnreachable Code = "E_UNREACHABLE"        // no address answered
	CodePermission  Code = "E_LOCAL_NETWORK"      // the platform forbids the local network to the till
	CodeInterrupted Code = "E_INTERRUPTED"        // the connection ended before the answer
	CodeInternal    Code = "E_INTERNAL"           // the other side has a fault of its own
	CodeNoReader    Code = "E_UNKNOWN_TERMINAL"   // no terminal is paired under that name
	CodeChoose      Code = "E_CHOOSE_TERMINAL"    // several terminals are there and none is the default
	CodeOrderOpen   Code = "E_ORDER_OPEN"         // the order has a payment whose final is not known yet
	CodePendingFull Code = "E_TOO_MANY_UNSETTLED" // too many payments without a known final
)

// Cart and payment.
const (
	CodeCartSum         Code = "E_CART_SUM"          // lines, taxes and discounts do not make the total
	CodeCartMismatch    Code = "E_CART_HASH"         // the request is for another cart than the one on the screen
	CodeCartResync      Code = "E_CART_RESYNC"       // a patch of a revision that is not here: the whole cart is needed
	CodeReused          Code = "E_REUSED"            // the request id was used for another request
	CodeBusy            Code = "E_BUSY"              // another payment is under way: holder and request id are told
	CodeOrderHasOutcome Code = "E_ORDER_HAS_OUTCOME" // the order has an outcome already; it is told
	CodeNotFound        Code = "E_NOT_FOUND"         // the request id was never accepted
	CodeDeadline        Code = "E_DEADLINE"          // the deadline of the request has passed
	CodeNotDocked       Code = "E_NOT_DOCKED"        // the terminal is not in its dock
	CodeNotReady        Code = "E_NOT_READY"         // no card reader, no provider, or a journal that is damaged
	CodeNotPermitted    Code = "E_PERMISSION"        // the operation needs a permission that the till does not have
	CodeCardRequired    Code = "E_CARD_REQUIRED"     // this refund needs the card
	CodeUnsupported     Code = "E_UNSUPPORTED"       // a kind or policy that the profile does not have
)

// Codes returns all codes: a catalogue of texts is checked against it.
func Codes() []Code {
	return []Code{
		CodeFormat, CodeExpired, CodeUsed, CodeSpoiled, CodeForged, CodeWrongCode, CodeWaitCode, CodeProtocol, CodeAppTooOld, CodePlatform,
		CodeChain, CodeCertExpired, CodeMerchant, CodeLocation, CodeCountry, CodeNetwork, CodeLeased,
		CodeUnpaired, CodeFenced, CodeNoLease, CodeStale, CodeBadMessage, CodeTooLarge, CodeUnknownType, CodeOverflow,
		CodeUnreachable, CodePermission, CodeInterrupted, CodeInternal, CodeNoReader, CodeChoose,
		CodeOrderOpen, CodePendingFull,
		CodeCartSum, CodeCartMismatch, CodeCartResync, CodeReused, CodeBusy, CodeOrderHasOutcome, CodeNotFound, CodeDeadline, CodeNotDocked,
		CodeNotReady, CodeNotPermitted, CodeCardRequired, CodeUnsupported,
	}
}

// Error is a refusal, as it travels and as Go code finds it with errors.As. Its members tell a person or a program more,
// where there is more to tell; none of them is secret.
type Error struct {
	Code      Code   `json:"code"`
	Detail    string `json:"detail,omitempty"`     // for engineers, in English: what there was and what is asked for
	Holder    string `json:"holder,omitempty"`     // E_LEASED, E_BUSY: the name of the till that holds the terminal
	RequestID string `json:"request_id,omitempty"` // E_BUSY, E_ORDER_HAS_OUTCOME: of the payment that is in the way
	Least     string `json:"least,omitempty"`      // E_APP_TOO_OLD: the least version
	Final     *Final `json:"final,omitempty"`      // E_ORDER_HAS_OUTCOME: that outcome

	Err error `json:"-"` // what the platform said, possibly nil; it stays on its side
}

func (e *Error) Error() string {
	text := string(e.Code)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, &Error{Code: c}) true for every Error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Detail == "" && t.Err == nil
}

// Unwrap returns what the platform said.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code as text.
func (e *Error) ErrorCode() string { return string(e.Code) }

// Refuse makes an Error with a detail.
func Refuse(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}

func bad(format string, args ...any) error { return Refuse(CodeBadMessage, format, args...) }
