package host

import (
	_ "embed"
	"slices"

	"github.com/moov-io/iso8583"

	"github.com/cardwright/emv/tlv"
)

// Dialect is how an acquirer speaks ISO 8583:1987. It is read from a file (see LoadDialect), does not change, and may be
// used concurrently.
type Dialect struct {
	Name, About string

	header     []byte
	maxMessage int
	fields     map[int]*definition
	messages   map[MTI]*list
	operations map[Operation]MTI
	codes      map[string]meaning
	security   security
	chip       []tlv.Tag
	echo       []int
	constants  map[int]string
	amounts    amountTypes
	spec       *iso8583.MessageSpec
}

//go:embed data/cardwright-87.json
var defaultDialect []byte

// Default returns the embedded dialect: the common core of ISO 8583:1987 in ASCII, AES DUKPT, CMAC, and card data
// enciphered. It is no real acquirer's.
func Default() *Dialect {
	d, err := LoadDialect(defaultDialect)
	if err != nil { // a test reads it
		panic(err)
	}
	return d
}

// list is which fields a message has.
type list struct {
	must, may []int
	any       bool // every field that the dialect has
}

func (l *list) takes(n int) bool {
	return l.any || slices.Contains(l.must, n) || slices.Contains(l.may, n)
}

// Operation is what a message is for.
type Operation string

// The operations, and their usual message types.
const (
	OpAuthorise Operation = "authorise" // 0100: an authorisation that is captured later
	OpFinancial Operation = "financial" // 0200: authorised and captured at once
	OpAdvice    Operation = "advice"    // 0220: what has happened: a capture, a sale that the card approved
	OpReverse   Operation = "reverse"   // 0400 or 0420
	OpSettle    Operation = "settle"    // 0500
	OpNetwork   Operation = "network"   // 0800
)

var operations = []Operation{OpAuthorise, OpFinancial, OpAdvice, OpReverse, OpSettle, OpNetwork}

// MTI returns the type of the message that an operation sends, "" where the dialect does not have it.
func (d *Dialect) MTI(o Operation) MTI { return d.operations[o] }

// Action is what an answer's code asks of the terminal.
type Action string

// The actions. A code that the dialect does not list declines.
const (
	Approve     Action = "approve"
	ApprovePart Action = "approve_part"   // approved, but for less: the amount of the answer
	ApproveZero Action = "approve_zero"   // approved where nothing is charged: a look at the card
	Decline     Action = "decline"        //
	PickUp      Action = "pick_up"        // decline, and keep the card
	AskPIN      Action = "ask_pin"        // send it again with the PIN
	WrongPIN    Action = "wrong_pin"      // send it again with another PIN
	Insert      Action = "insert"         // the customer has to authenticate: insert the card
	Unavailable Action = "unavailable"    // nobody could decide now: what has to get there is sent again
	NotFound    Action = "not_found"      // of a reversal or an advice: there is nothing that it is about, which is final
	SignOn      Action = "sign_on"        // terminal, key or MAC not known: sign on
	Unbalanced  Action = "out_of_balance" // of a settlement
)

var actions = []Action{
	Approve, ApprovePart, ApproveZero, Decline, PickUp, AskPIN, WrongPIN, Insert, Unavailable, NotFound, SignOn, Unbalanced,
}

// meaning is what a dialect says of a code.
type meaning struct {
	action Action
	arc    string // Authorisation Response Code for the card (8A); empty is the code itself
}

// Meaning returns what field 39 asks for, and the Authorisation Response Code (8A) for the card. A code that is not listed
// declines, and the card gets "05".
func (d *Dialect) Meaning(code string) (Action, [2]byte) {
	m, known := d.codes[code]
	if !known {
		return Decline, [2]byte{'0', '5'}
	}
	if m.arc == "" {
		m.arc = code
	}
	return m.action, [2]byte([]byte(m.arc))
}

// security is where a dialect has its keys and what is enciphered.
type security struct {
	MAC    macRule    `json:"mac"`
	PIN    placeRule  `json:"pin"`
	Values valuesRule `json:"p2pe"`
}

// macRule is how messages are authenticated.
type macRule struct {
	// Algorithm is "cmac-aes" (AES DUKPT, NIST SP 800-38B), "retail" (TDES DUKPT, ISO/IEC 9797-1 algorithm 3 with padding
	// method 1, as ANSI X9.19 has it), or empty for none. The first 8 bytes are the field.
	Algorithm string `json:"algorithm"`

	// Zeros has the MAC computed over the field itself, too, with zeros in it; otherwise over everything in front of it.
	Zeros bool `json:"zeros"`

	// Header has it computed over the dialect's header, too.
	Header bool `json:"header"`

	KSN int `json:"ksn"` // the field of the key serial number
}

// placeRule is where an enciphered PIN goes.
type placeRule struct {
	Block int `json:"block"`
	KSN   int `json:"ksn"`
}

// valuesRule is where enciphered card data goes. Field 0 is nowhere: clear fields are allowed then.
type valuesRule struct {
	Field int `json:"field"`
}

// amountTypes are the amount types of field 54.
type amountTypes struct {
	Tip       string `json:"tip"`
	Surcharge string `json:"surcharge"`
	Cashback  string `json:"cashback"`
}

// macField returns the field that the MAC of a message is in: the last one. ISO 8583:1987, 4.4.
func (d *Dialect) macField(m *Message) int {
	for n := range m.fields {
		if n > fieldMAC {
			return fieldMAC2
		}
	}
	return fieldMAC
}
