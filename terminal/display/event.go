package display

import "time"

// Event is something that the terminal tells its display.
type Event interface{ kind() kind }

// payments are events of a payment: they carry its request id, so that nothing of an earlier one gets to the screen (P3).
type payments interface{ request() string }

// Money is an amount of minor units; Currency is the letters of ISO 4217.
type Money struct {
	Minor    int64
	Currency string
	Exponent int
}

// LinkState is how the terminal stands with its till.
type LinkState string

// The states of the link.
const (
	Unpaired  LinkState = "unpaired"
	Connected LinkState = "connected"
	Lost      LinkState = "lost" // paired, but not heard of (S71)
)

// Link tells of the till. Register is its name. Cause is the code of why pairing or connecting failed, with what its text
// asks for in Details ("least", "holder"); it is shown on the welcome screen, which then stays (S67).
type Link struct {
	State    LinkState
	Register string
	Cause    string
	Details  []string
}

// Pair shows the pairing code (S29, S39). Text is what the QR code holds. Typed is the code for a till without a camera,
// "" for none, and Address the terminal's, which is typed with it. Valid is how long it can be used.
type Pair struct {
	Text    string
	Typed   string
	Address string
	Valid   time.Duration
}

// Paired says that a till has been paired, with the words that both sides show (S44).
type Paired struct {
	Register string
	Words    string
	Hold     time.Duration // 0: until the customer says "Done"
}

// cartChanged says that the till's cart is another one; Machine.CartSet and CartPatch take it in.
type cartChanged struct{}

// CartCleared takes the cart away: it was paid, or the till has none. With Owner the next one is another till's, which counts
// revisions of its own, be it of the same cart.
type CartCleared struct{ Owner bool }

// TipOption is a choice of the tip screen. Percent is 0 for a fixed amount.
type TipOption struct {
	Percent int
	Tip     int64
}

// AskTip asks for a tip on an amount. Other allows any amount up to Most.
type AskTip struct {
	Request string
	Amount  Money
	Options []TipOption
	Other   bool
	Most    int64
}

// AskConfirm asks whether the amount is right. Tip and Surcharge are parts of the total, 0 for none.
type AskConfirm struct {
	Request        string
	Total          Money
	Tip, Surcharge int64
}

// Method is a way to present a card.
type Method string

// The methods.
const (
	Tap    Method = "tap"
	Insert Method = "insert"
	Swipe  Method = "swipe"
	Manual Method = "manual"
)

// Prompt asks for the card. Methods are those that are armed. Notice is what the cardholder should know besides: the
// code of a text without its "notice.", as "insert-instead", or of a message identifier, as "msg.21".
type Prompt struct {
	Request string
	Amount  Money
	Refund  bool
	Methods []Method
	Notice  string
}

// Choose asks which application of the card is used.
type Choose struct {
	Request string
	Amount  Money
	Labels  []string
}

// PINProgress tells how far the PIN is: never which digits. TriesLeft is shown after a wrong PIN; -1 for not known.
type PINProgress struct {
	Request   string
	Amount    Money
	Entered   int
	Wrong     bool
	TriesLeft int
}

// Step is what goes on while the customer waits.
type Step string

// The steps.
const (
	Reading     Step = "reading"
	Authorising Step = "authorising"
	Finishing   Step = "finishing"
	Reversing   Step = "reversing"
)

// Working says that the customer has to wait.
type Working struct {
	Request string
	Amount  Money
	Step    Step
}

// TakeCard asks to take the card out of the slot. Notice as with Prompt.
type TakeCard struct {
	Request string
	Notice  string
}

// Accepted shows that a payment was approved. PostPayment is the merchant's message (S64).
type Accepted struct {
	Request     string
	Amount      Money
	Tip         int64
	Refund      bool
	Sign        bool
	Alone       bool // the card approved it, and the bank hears of it later
	Offline     bool // the till has not heard of it yet
	CardIn      bool // the card is still in the slot
	PostPayment string
	Hold        time.Duration
}

// Refused shows that a payment was declined. Notice as with Prompt, "" for the usual advice.
type Refused struct {
	Request string
	Amount  Money
	Notice  string
	CardIn  bool // as with Accepted
	Hold    time.Duration
}

// Cancelled shows that a payment was cancelled.
type Cancelled struct {
	Request string
	Hold    time.Duration
}

// Note shows a text of the catalogue: "set-up-first" is the texts "message.set-up-first" and, below it,
// "message.set-up-first.text" (S25, S26). A message identifier, "msg.10", stands alone. Hold is 0 for until further notice.
type Note struct {
	Text string
	Done bool // with a button "Done"
	Hold time.Duration
}

// Failed shows an error with its code. Request is that of the payment that it ends, "" for none. Details fill in places
// of its text.
type Failed struct {
	Request string
	Code    string
	Details []string
	Hold    time.Duration
}

// OpenSettings opens the panel, CloseSettings closes it.
type (
	OpenSettings  struct{}
	CloseSettings struct{}
)

// Expire ends what was shown for a time. The display does it by itself where Hold was given.
type Expire struct{}

// Speak changes the language for the customer until the payment is over: Language Preference of the card (5F2D).
type Speak struct{ Wanted string }

// Appearance is how the store wants its display. A zero Image is none.
type Appearance struct {
	Language string   // of the display when nobody is paying
	Region   string   // two letters: how amounts are written
	Brands   []string // names of what is accepted, drawn as text (S61)
	Image    *Image
}

// Row is a line of the settings panel. Label is a code of the catalogue; Value is data, or a code ("value.ok").
type Row struct {
	Label string
	Value string
	Good  *bool // draws a dot; nil for none
}

// Facts fills the settings panel (S52). Waits says that something waits to be sent to the bank: there is a button for it.
type Facts struct {
	Connection, Network, Device []Row
	Waits                       bool
}

func (Link) kind() kind          { return kindLink }
func (Pair) kind() kind          { return kindPair }
func (Paired) kind() kind        { return kindMessage }
func (cartChanged) kind() kind   { return kindCart }
func (CartCleared) kind() kind   { return kindCart }
func (AskTip) kind() kind        { return kindTip }
func (AskConfirm) kind() kind    { return kindConfirm }
func (Prompt) kind() kind        { return kindPresent }
func (Choose) kind() kind        { return kindChoose }
func (PINProgress) kind() kind   { return kindPIN }
func (Working) kind() kind       { return kindProcessing }
func (TakeCard) kind() kind      { return kindRemove }
func (Accepted) kind() kind      { return kindApproved }
func (Refused) kind() kind       { return kindDeclined }
func (Cancelled) kind() kind     { return kindCancelled }
func (Note) kind() kind          { return kindMessage }
func (Failed) kind() kind        { return kindFailed }
func (OpenSettings) kind() kind  { return kindOpen }
func (CloseSettings) kind() kind { return kindClose }
func (Expire) kind() kind        { return kindExpire }
func (Speak) kind() kind         { return kindUpdate }
func (Appearance) kind() kind    { return kindUpdate }
func (Facts) kind() kind         { return kindUpdate }

func (e AskTip) request() string      { return e.Request }
func (e AskConfirm) request() string  { return e.Request }
func (e Prompt) request() string      { return e.Request }
func (e Choose) request() string      { return e.Request }
func (e PINProgress) request() string { return e.Request }
func (e Working) request() string     { return e.Request }
func (e TakeCard) request() string    { return e.Request }
func (e Accepted) request() string    { return e.Request }
func (e Refused) request() string     { return e.Request }
func (e Cancelled) request() string   { return e.Request }
func (e Failed) request() string      { return e.Request }

// Refusal is an event, a cart or an action that was not taken. Codes: E_STATE, not on this screen; E_BUSY, another payment
// is on the screen; E_STALE, an action on what is no longer shown; E_REQUEST, an action or event that makes no sense;
// those of wire for carts.
type Refusal struct {
	Code   string
	Screen Screen
	What   string // in English, for engineers
}

func (r *Refusal) Error() string { return r.Code + " on screen " + string(r.Screen) + ": " + r.What }

// ErrorCode returns the stable code.
func (r *Refusal) ErrorCode() string { return r.Code }
