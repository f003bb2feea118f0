package pay

import (
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/decode"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/capture"
)

// Report is the account of a payment. Its JSON form is stable: keys may be added, none renamed. It holds no unmasked
// card data.
type Report struct {
	Outcome   string          `json:"outcome"`  // "approved", "declined", "end-application", "try-another-interface" …
	Approved  bool            `json:"approved"` // the customer may go with the goods
	Reason    Reason          `json:"reason"`
	Order     OrderReport     `json:"order"`
	Interface string          `json:"interface"`           // the last that was used: "contactless", "contact", "swipe"
	Trouble   string          `json:"trouble,omitempty"`   // why the card is not taken, in words
	Taps      int             `json:"taps"`                // how often the card was presented, by whichever interface
	Outcomes  []OutcomeReport `json:"outcomes"`            // of the kernel, in order
	Decisions []Reason        `json:"decisions,omitempty"` // rules that changed the course, in order
	Display   []Message       `json:"display"`
	Online    *Online         `json:"online,omitempty"`
	Clearing  *Verdict        `json:"clearing,omitempty"` // of an approval that the card signed
	PINs      []PINPrompt     `json:"pin_prompts,omitempty"`
	Wallet    *WalletReport   `json:"wallet,omitempty"` // of a tap by a device
	Stripe    *StripeReport   `json:"stripe,omitempty"`
	Reversal  bool            `json:"reversal,omitempty"` // the issuer approved and must be told that it came to nothing
	Advice    bool            `json:"advice,omitempty"`   // the card asks for an advice message
	Receipt   Receipt         `json:"receipt"`
	Record    []decode.Object `json:"record,omitempty"` // the Data Record that went online or goes to clearing, masked
	IdleFault []string        `json:"idle_faults,omitempty"`
	Trace     []decode.Part   `json:"trace,omitempty"`

	// Captures are the transactions that were taken down, for capture.Suite. They hold unmasked card data.
	Captures []*capture.Recorder `json:"-"`
}

// Reason is kernel.Reason in JSON.
type Reason struct {
	Stage string `json:"stage,omitempty"`
	Code  string `json:"code,omitempty"`
	Ref   string `json:"ref,omitempty"`
}

func reasonOf(r kernel.Reason) Reason { return Reason(r) }

// String returns all three in one line.
func (r Reason) String() string { return kernel.Reason(r).String() }

// OrderReport is what was asked for.
type OrderReport struct {
	Card     string   `json:"card"`
	Reader   string   `json:"reader,omitempty"` // of a real card; Card is empty then
	Faults   []string `json:"faults,omitempty"`
	Type     string   `json:"type"`
	Amount   string   `json:"amount"` // major units: "12.50"
	Other    string   `json:"other,omitempty"`
	Currency string   `json:"currency"` // three letters
	Country  string   `json:"country"`  // two letters
	Seed     *uint64  `json:"seed,omitempty"`
}

// OutcomeReport is one outcome of a kernel or of the entry point.
type OutcomeReport struct {
	Outcome string `json:"outcome"`
	CVM     string `json:"cvm"`
	Start   string `json:"start"`
	Reason  Reason `json:"reason"`
}

// Message is something that the display showed.
type Message struct {
	ID     string `json:"message"` // Book A, 9.4, in hexadecimal
	Text   string `json:"text"`
	Status string `json:"status"`
	Amount string `json:"amount,omitempty"`
}

// Online is the exchange with the issuer.
type Online struct {
	Bytes  int    `json:"de55_bytes"`
	Unable bool   `json:"unable,omitempty"` // the issuer could not be reached
	ARC    string `json:"arc,omitempty"`    // Authorisation Response Code
	Verdict
	IssuerAuth bool `json:"issuer_authentication_data"` // the answer holds it
}

// Verdict is what the issuer says about a cryptogram.
type Verdict struct {
	Cryptogram string `json:"cryptogram"` // "ARQC", "TC", "AAC"
	Valid      bool   `json:"cryptogram_valid"`
	Approved   bool   `json:"approved"`
	Why        string `json:"why"` // stable code: "issuer.approved"
}

// StripeReport is what a swipe said and what the rules of fallback made of it.
type StripeReport struct {
	Number      string `json:"number"`
	ServiceCode string `json:"service_code"`
	Verdict     string `json:"verdict,omitempty"` // "accept", "use-chip", "fallback", "refuse"
	Rule        string `json:"rule,omitempty"`    // "fallback.technical"
}

// Receipt is what is printed for the customer. Fields that the card gave nothing for are empty.
type Receipt struct {
	Merchant   string    `json:"merchant"`
	MerchantID string    `json:"merchant_id"`
	TerminalID string    `json:"terminal_id"`
	Time       time.Time `json:"time"`
	Type       string    `json:"type"`
	Card       string    `json:"card,omitempty"` // the last four digits: "************0176"
	Sequence   string    `json:"pan_sequence,omitempty"`
	Label      string    `json:"label,omitempty"`
	AID        string    `json:"aid,omitempty"`
	Amount     string    `json:"amount"` // with currency: "12.50 USD"
	Other      string    `json:"other,omitempty"`
	CVM        string    `json:"cvm"`   // as in outcomes: "no-cvm", "signature"; "offline-pin" where the card verified it
	Entry      string    `json:"entry"` // "contactless", "chip", "swipe", "fallback swipe"
	TVR        string    `json:"tvr,omitempty"`
	TSI        string    `json:"tsi,omitempty"`         // chip only
	CVMResults string    `json:"cvm_results,omitempty"` // chip only
	ATC        string    `json:"atc,omitempty"`
	Kind       string    `json:"cryptogram_type,omitempty"` // "ARQC", "TC", "AAC"
	Cryptogram string    `json:"cryptogram,omitempty"`
	Response   string    `json:"response,omitempty"` // Authorisation Response Code of the issuer
	Result     string    `json:"result"`             // "APPROVED"
}
