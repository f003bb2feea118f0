package replay

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/cardwright/emv/kernel"
)

// Exchange is one command that the card expects, and its answer or the error that takes the answer's place.
type Exchange struct {
	Command  Pattern
	Response []byte        // data and status word
	Err      error         // one of the card errors of package kernel, or nil
	Took     time.Duration // the card's time
}

// Script is what a card says.
type Script struct {
	Exchanges []Exchange

	// AnyOrder lets the first unused exchange answer whose command matches. Otherwise each command must be the next one.
	AnyOrder bool

	// AnyCommand lets the exchanges answer in their order whatever is asked.
	AnyCommand bool

	// Otherwise answers, with AnyOrder, what no exchange matches; nil answers nothing: it is a Mismatch.
	Otherwise []byte
}

// Tap is what is in the field after one activation: a script, another card, or several cards at once.
type Tap struct {
	Script    *Script
	Card      kernel.Card
	Collision bool

	// Again lets the next activation go on in the same script while it has unused exchanges; where their order is free,
	// while one of them answers a SELECT that came before.
	Again bool
}

// Mismatch says that a card was asked what its script does not expect. It is not one of the card errors: a kernel that
// meets it ends, and the test with it.
type Mismatch struct {
	Tap  int    // which presentment, from 0
	At   int    // which command of this tap, from 0
	Got  string // the command, hexadecimal
	Want string // what the script expects; "" when it expects no further command
}

func (m *Mismatch) Error() string {
	want := m.Want
	if want == "" {
		want = "no further command"
	}
	return "replay.mismatch: command " + m.Got + " where the script expects " + want
}

// ErrorCode returns "replay.mismatch".
func (*Mismatch) ErrorCode() string { return "replay.mismatch" }

// What a Card reports that is neither a card's doing nor a Mismatch.
var (
	ErrNoCard   = &kernel.Error{Code: "replay.no_card", Text: "the field was polled and no further card is there"}
	ErrCommands = &kernel.Error{Code: "replay.commands", Text: "more commands than any card is asked"}
)

func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
