package display

import "slices"

// Screen is what the customer looks at.
type Screen string

// The screens.
const (
	Welcome    Screen = "welcome"    // not paired: what to do about it, and why the last attempt failed
	QR         Screen = "qr"         // the pairing code
	Standby    Screen = "standby"    // the store's picture and the brands that are accepted
	Cart       Screen = "cart"       // what the till has rung up
	Tip        Screen = "tip"        // a choice of tips
	Confirm    Screen = "confirm"    // the amount, to be agreed to
	Present    Screen = "present"    // tap, insert or swipe
	ChooseApp  Screen = "choose-app" // the card has several applications
	PIN        Screen = "pin"        // how many digits were entered elsewhere
	Processing Screen = "processing"
	Remove     Screen = "remove" // take the card out
	Approved   Screen = "approved"
	Declined   Screen = "declined"
	Message    Screen = "message"
	Error      Screen = "error"
	Settings   Screen = "settings" // a panel over another screen

	// base is whichever of welcome, standby and cart the terminal rests on.
	base Screen = ""
)

// Screens returns all screens.
func Screens() []Screen {
	return append(append([]Screen{}, idle...), append(paying, Settings)...)
}

// idle are the screens without a payment, paying those of one. Settings lies over an idle one.
var (
	idle   = []Screen{Welcome, QR, Standby, Cart, Approved, Declined, Message, Error}
	paying = []Screen{Tip, Confirm, Present, ChooseApp, PIN, Processing, Remove}
)

// Paying reports whether a payment is on the screen.
func (s Screen) Paying() bool { return slices.Contains(paying, s) }

// kind names an event in the table of transitions.
type kind string

const (
	kindLink       kind = "link"
	kindPair       kind = "pair"
	kindCart       kind = "cart"
	kindTip        kind = "tip"
	kindConfirm    kind = "confirm"
	kindPresent    kind = "present"
	kindChoose     kind = "choose"
	kindPIN        kind = "pin"
	kindProcessing kind = "processing"
	kindRemove     kind = "remove"
	kindApproved   kind = "approved"
	kindDeclined   kind = "declined"
	kindCancelled  kind = "cancelled"
	kindMessage    kind = "message"
	kindFailed     kind = "failed"
	kindOpen       kind = "open-settings"
	kindClose      kind = "close-settings"
	kindExpire     kind = "expire"
	kindUpdate     kind = "update"
)

// transition is a row of the table: events of that kind are taken on those screens and lead to another, to the base, or
// nowhere (Stay).
type transition struct {
	on   kind
	from []Screen
	to   Screen
	stay bool
}

func screens(groups ...[]Screen) (all []Screen) { return slices.Concat(groups...) }

// table is the whole of the machine's ways. An event that has no row for the screen is refused with E_STATE. Settings
// close by themselves when an event leads to another screen. A connection that comes or goes and a cart never take a
// payment off the screen (P14). A card that was tapped is gone when its PIN is asked for, so remove leads to pin.
var table = []transition{
	{kindLink, []Screen{Welcome, QR, Standby, Cart}, base, false},
	{kindLink, screens(paying, []Screen{Approved, Declined, Message, Error}), base, true},
	{kindPair, idle, QR, false},
	{kindCart, []Screen{Welcome, QR}, base, true},
	{kindCart, []Screen{Standby, Cart, Approved, Declined, Message, Error}, Cart, false},
	{kindCart, paying, base, true},
	{kindTip, screens(idle, []Screen{Tip}), Tip, false},
	{kindConfirm, screens(idle, []Screen{Tip, Confirm}), Confirm, false},
	{kindPresent, screens(idle, paying), Present, false},
	{kindChoose, []Screen{Present, ChooseApp, PIN, Processing}, ChooseApp, false},
	{kindPIN, []Screen{Present, ChooseApp, PIN, Processing, Remove}, PIN, false},
	{kindProcessing, screens(idle, paying), Processing, false},
	{kindRemove, screens(idle, []Screen{Present, ChooseApp, PIN, Processing, Remove}), Remove, false},
	{kindApproved, screens(idle, paying), Approved, false},
	{kindDeclined, screens(idle, paying), Declined, false},
	{kindCancelled, paying, Message, false},
	{kindMessage, idle, Message, false},
	{kindFailed, screens(idle, paying), Error, false},
	{kindOpen, idle, Settings, false},
	{kindOpen, []Screen{Settings}, base, true},
	{kindClose, []Screen{Settings}, base, false},
	{kindExpire, []Screen{QR, Approved, Declined, Message, Error}, base, false},
	{kindUpdate, screens(idle, paying, []Screen{Settings}), base, true},
}

// find returns the row for an event on a screen.
func find(on kind, from Screen) (transition, bool) {
	for _, t := range table {
		if t.on == on && slices.Contains(t.from, from) {
			return t, true
		}
	}
	return transition{}, false
}
