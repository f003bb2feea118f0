package kernel

import "time"

// UI shows messages to cardholder and merchant.
type UI interface {
	// Show displays a user interface request. It must not wait for its hold time: a request that follows within the hold
	// time of another is for the implementation to queue (Book A, 6.2.4).
	Show(UIRequest)
}

// UIFunc makes a function a UI.
type UIFunc func(UIRequest)

// Show calls f.
func (f UIFunc) Show(r UIRequest) { f(r) }

// UIRequest is a user interface request (Book A, 6.2 and table 6-2). The zero value shows nothing.
type UIRequest struct {
	Message  Message
	Status   Status
	Hold     time.Duration // how long the message stays at least
	Language string        // Language Preference (5F2D) of the card, two letters each, best first; empty if it gave none
	Value    ValueQualifier
	Amount   uint64 // in minor units, where Value is not NoValue
	Currency uint16 // ISO 4217 numeric, where Value is not NoValue
}

// Present reports whether the request shows anything.
func (r UIRequest) Present() bool { return r.Message != NoMessage || r.Status != NoStatus }

// ValueQualifier says what the value of a user interface request is (Book A, table 6-2).
type ValueQualifier uint8

// The value qualifiers.
const (
	NoValue ValueQualifier = iota
	Amount
	Balance
)

// Message is a message identifier (Book A, 9.4). Their texts belong to the display: only identifiers travel.
type Message uint8

// The message identifiers. NoMessage stands for "N/A": it changes no text.
const (
	NoMessage           Message = 0x00
	MsgApproved         Message = 0x03
	MsgNotAuthorised    Message = 0x07
	MsgEnterPIN         Message = 0x09
	MsgProcessingError  Message = 0x0F
	MsgRemoveCard       Message = 0x10
	MsgWelcome          Message = 0x14
	MsgPresentCard      Message = 0x15
	MsgProcessing       Message = 0x16
	MsgCardReadOK       Message = 0x17
	MsgInsertOrSwipe    Message = 0x18
	MsgPresentOneCard   Message = 0x19
	MsgApprovedSign     Message = 0x1A
	MsgAuthorising      Message = 0x1B
	MsgTryAnotherCard   Message = 0x1C
	MsgInsertCard       Message = 0x1D
	MsgClearDisplay     Message = 0x1E
	MsgSeePhone         Message = 0x20
	MsgPresentCardAgain Message = 0x21
	MsgNotAvailable     Message = 0xFF // the coding of "N/A" in the data objects of Kernel 2
)

var messageNames = map[Message]string{
	NoMessage: "N/A", MsgApproved: "approved", MsgNotAuthorised: "not authorised", MsgEnterPIN: "enter PIN",
	MsgProcessingError: "processing error", MsgRemoveCard: "remove card", MsgWelcome: "welcome",
	MsgPresentCard: "present card", MsgProcessing: "processing", MsgCardReadOK: "card read OK, please remove card",
	MsgInsertOrSwipe: "please insert or swipe card", MsgPresentOneCard: "please present one card only",
	MsgApprovedSign: "approved, please sign", MsgAuthorising: "authorising, please wait",
	MsgTryAnotherCard: "insert, swipe or try another card", MsgInsertCard: "please insert card",
	MsgClearDisplay: "clear display", MsgSeePhone: "see phone for instructions",
	MsgPresentCardAgain: "present card again", MsgNotAvailable: "N/A",
}

// String returns the identifier's meaning in English, for logs and labs.
func (m Message) String() string {
	if s, ok := messageNames[m]; ok {
		return s
	}
	return "RFU"
}

// Status is the status of a user interface request (Book A, table 6-2 and 9.3).
type Status uint8

// The statuses. NoStatus stands for "N/A": it changes no light and no tone.
const (
	NoStatus Status = iota
	NotReady
	Idle
	ReadyToRead
	Processing
	CardReadSuccessfully
	ProcessingError
)

var statusNames = [...]string{
	"n/a", "not-ready", "idle", "ready-to-read", "processing", "card-read-successfully", "processing-error",
}

// String returns the status in the spelling of vectors: "ready-to-read".
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "rfu"
}
