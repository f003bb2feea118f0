package kernel

import "time"

// Outcome is the result of processing (Book A, 6.1): a kernel's, of the entry point, or of a contact transaction.
// The zero value of every parameter is the book's "N/A" or "not present".
type Outcome struct {
	Kind           Kind
	Start          Start
	OnlineResponse OnlineResponse
	CVM            CVM
	UI             UIRequest     // UI Request on Outcome Present
	UIRestart      UIRequest     // UI Request on Restart Present
	Alternate      Alternate     // Alternate Interface Preference
	Receipt        bool          // a receipt is asked for; false is N/A
	FieldOff       time.Duration // Field Off Request: how long the field stays off; FieldOffNow for zero, 0 is N/A
	RemovalTimeout time.Duration
	Record         Objects // Data Record: TLV data objects for clearing or the online request; nil is not present
	Discretionary  Objects // Discretionary Data: TLV data objects; nil is not present
	Why            Reason  // what decided
}

// Made reports whether there is an outcome: a step that ends processing makes one.
func (o *Outcome) Made() bool { return o.Kind != NoOutcome }

// FieldOffNow is the Field Off Request of zero: switch off, and on again as soon as wanted.
const FieldOffNow = time.Duration(-1)

// Reason says what decided an outcome: for the journal, the lab and the engineer, not for the cardholder.
type Reason struct {
	Stage string // the processing step: "offline data authentication"
	Code  string // stable: "c3.oda_failed", "cert.icc.hash", "card.removed"
	Ref   string // the rule: "C-3, 5.6.1.2"
}

// String returns all three in one line.
func (r Reason) String() string {
	s := r.Code
	if r.Stage != "" {
		s = r.Stage + ": " + s
	}
	if r.Ref != "" {
		s += " (" + r.Ref + ")"
	}
	return s
}

// Kind is the outcome itself (Book A, 6.1.1; Book 4, 6.3 and 12 for contact).
type Kind uint8

// The outcomes of contactless processing and, from ApprovedOffline on, of contact processing. NoOutcome is no result.
const (
	NoOutcome Kind = iota
	SelectNext
	TryAgain
	Approved
	Declined
	OnlineRequest
	TryAnotherInterface
	EndApplication
	RequestOnlinePIN // older books only

	ApprovedOffline
	ApprovedOnline
	DeclinedOffline
	DeclinedOnline
	Terminated
	NotAccepted
	Fallback
)

var kindNames = [...]string{
	"none", "select-next", "try-again", "approved", "declined", "online-request", "try-another-interface",
	"end-application", "request-online-pin", "approved-offline", "approved-online", "declined-offline",
	"declined-online", "terminated", "not-accepted", "fallback",
}

// String returns the outcome in the spelling of vectors: "online-request".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Final reports whether the outcome leaves the entry point (Book B, 3.5.1.5): all but Select Next and Try Again.
func (k Kind) Final() bool { return k > TryAgain }

// Start is where the entry point begins again (Book A, table 6-1).
type Start uint8

// The starts.
const (
	NoStart Start = iota
	StartA
	StartB
	StartC
	StartD
)

// String returns the letter, or "na".
func (s Start) String() string {
	if s < StartA || s > StartD {
		return "na"
	}
	return string(rune('A' + s - StartA))
}

// OnlineResponse says which answers of the issuer lead to a restart (Book A, table 6-1).
type OnlineResponse uint8

// The values of Online Response Data.
const (
	NoOnlineResponse OnlineResponse = iota
	EMVData                         // when the answer holds Issuer Authentication Data or a script
	AnyResponse                     // on every answer
)

var onlineResponseNames = [...]string{"na", "emv-data", "any"}

// String returns the value in the spelling of vectors.
func (o OnlineResponse) String() string {
	if int(o) < len(onlineResponseNames) {
		return onlineResponseNames[o]
	}
	return "unknown"
}

// CVM is the cardholder verification that the outcome asks for or reports (Book A, table 6-1).
type CVM uint8

// The cardholder verification methods of an outcome. NotApplicable is the book's "N/A".
const (
	NotApplicable CVM = iota
	NoCVM
	ObtainSignature
	OnlinePIN
	ConfirmationCodeVerified
)

var cvmNames = [...]string{"na", "no-cvm", "signature", "online-pin", "confirmation-code-verified"}

// String returns the method in the spelling of vectors.
func (c CVM) String() string {
	if int(c) < len(cvmNames) {
		return cvmNames[c]
	}
	return "unknown"
}

// Alternate is the interface that the kernel would rather see used (Book A, table 6-1).
type Alternate uint8

// The interfaces.
const (
	NoAlternate Alternate = iota
	ContactChip
	MagneticStripe
)

var alternateNames = [...]string{"na", "contact-chip", "magnetic-stripe"}

// String returns the interface in the spelling of vectors.
func (a Alternate) String() string {
	if int(a) < len(alternateNames) {
		return alternateNames[a]
	}
	return "unknown"
}
