package display

// State is what a page needs to draw a screen: texts in the customer's language, amounts as they are read, and nothing to
// compute. README.md describes it for those who draw it in another way. Texts are texts: a renderer must never take them
// for markup. No field ever holds a card number or a PIN.
type State struct {
	Revision  uint64 `json:"revision"` // grows with every change: draw the highest you have seen
	Since     uint64 `json:"since"`    // the revision at which the present question came up; actions carry it back
	Screen    Screen `json:"screen"`
	Under     Screen `json:"under,omitempty"` // settings: the screen below
	Language  string `json:"language"`        // of the texts: en, sv, fr
	Direction string `json:"direction"`       // "ltr" or "rtl", of the cart
	Swipe     bool   `json:"swipe"`           // the settings panel may be pulled in

	Request string `json:"request,omitempty"` // of the payment
	Title   string `json:"title,omitempty"`
	Text    string `json:"text,omitempty"`
	Notice  string `json:"notice,omitempty"` // something went not quite right
	Code    string `json:"code,omitempty"`   // stable code of a failure, with a word before it
	Amount  string `json:"amount,omitempty"`

	Steps   []string   `json:"steps,omitempty"`   // welcome: what to do
	Rows    []Labelled `json:"rows,omitempty"`    // confirm: what the amount is made of
	Choices []Choice   `json:"choices,omitempty"` // tip, choose-app
	Keypad  *Keypad    `json:"keypad,omitempty"`  // tip: another amount
	Entry   []Entry    `json:"entry,omitempty"`   // present: what is armed
	PIN     *PINView   `json:"pin,omitempty"`
	QR      *QRView    `json:"qr,omitempty"`
	Cart    *CartView  `json:"cart,omitempty"`
	Brands  *Brands    `json:"brands,omitempty"`
	Image   *ImageView `json:"image,omitempty"`
	Link    *LinkView  `json:"link,omitempty"`
	Panel   *Panel     `json:"panel,omitempty"`
	Buttons []Button   `json:"buttons,omitempty"`
	Busy    string     `json:"busy,omitempty"` // processing: the step
	Result  string     `json:"result,omitempty"`
}

// Labelled is a text with what it is about. Good is for a dot: true, false or none.
type Labelled struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Good  *bool  `json:"good,omitempty"`
}

// Choice is one of several; the action carries its number.
type Choice struct {
	Number int    `json:"number"`
	Label  string `json:"label"`
	Detail string `json:"detail,omitempty"`
}

// Keypad describes how an amount is typed: Exponent digits behind the point.
type Keypad struct {
	Label    string   `json:"label"` // of the button that opens it
	Exponent int      `json:"exponent"`
	Most     int64    `json:"most"`
	Point    string   `json:"point"`  // between whole units and their parts
	Symbol   string   `json:"symbol"` // the currency's letters
	Clear    string   `json:"clear"`
	Back     string   `json:"back"`
	Add      string   `json:"add"`
	Digits   []string `json:"digits"`
}

// Entry is a way to present the card.
type Entry struct {
	Method Method `json:"method"`
	Label  string `json:"label"`
}

// PINView is how many digits were entered at the keypad of the terminal.
type PINView struct {
	Entered int    `json:"entered"`
	Text    string `json:"text"` // the same for a screen reader
}

// QRView is the pairing code; the picture is fetched from Source.
type QRView struct {
	Source  string `json:"source"`
	Alt     string `json:"alt"`
	Typed   string `json:"typed,omitempty"`
	Address string `json:"address,omitempty"` // where to type it for
	Valid   string `json:"valid,omitempty"`
}

// CartView is the cart as it is read.
type CartView struct {
	ID     string     `json:"id"`
	Rev    uint64     `json:"rev"`
	Count  string     `json:"count"`
	Lines  []CartLine `json:"lines"`
	Sums   []Labelled `json:"sums,omitempty"` // subtotal, taxes and discounts, if there is more than the total
	Label  string     `json:"label"`
	Total  string     `json:"total"`
	Faulty bool       `json:"faulty,omitempty"` // it does not add up
}

// CartLine is a line of it.
type CartLine struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"` // 2 × $3.50
	Note   string `json:"note,omitempty"`
	Amount string `json:"amount"`
}

// Brands is what is accepted.
type Brands struct {
	Label string   `json:"label"`
	Names []string `json:"names"`
}

// ImageView is the store's picture.
type ImageView struct {
	Source string `json:"source"`
	Alt    string `json:"alt"`
}

// LinkView is shown where the till is not there.
type LinkView struct {
	State LinkState `json:"state"`
	Text  string    `json:"text"`
}

// Panel is the settings panel.
type Panel struct {
	Title   string  `json:"title"`
	Groups  []Group `json:"groups"`
	Restore string  `json:"restore"`
	Forward string  `json:"forward,omitempty"` // "": nothing waits for the bank
	Close   string  `json:"close"`
}

// Group is a part of it.
type Group struct {
	Title string     `json:"title"`
	Rows  []Labelled `json:"rows"`
}

// Button is something to press.
type Button struct {
	Action  ActionKind `json:"action"`
	Label   string     `json:"label"`
	Primary bool       `json:"primary,omitempty"`
}
