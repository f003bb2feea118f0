package display

import "encoding/json"

// ActionKind is what a customer did.
type ActionKind string

// The actions.
const (
	ActStart   ActionKind = "start"   // welcome: "Let's go!" (S38): show the pairing code
	ActRestore ActionKind = "restore" // settings: "Restore connection to POS" (S39, S54): show the pairing code
	ActForward ActionKind = "forward" // settings: send what waits for the bank now
	ActOpen    ActionKind = "open"    // the panel was pulled in
	ActClose   ActionKind = "close"   // and closed
	ActDone    ActionKind = "done"    // a message was read (S45)
	ActTip     ActionKind = "tip"     // Choice is the number of the tip, or -1 with Amount
	ActConfirm ActionKind = "confirm" // the amount is right
	ActCancel  ActionKind = "cancel"  // tip, confirm, present, choose-app: the customer does not want to
	ActChoose  ActionKind = "choose"  // Choice is the number of the application
)

// Action is what a customer did, and on what.
type Action struct {
	Kind    ActionKind `json:"kind"`
	Since   uint64     `json:"since"` // of the state that was on the screen
	Request string     `json:"request,omitempty"`
	Choice  int        `json:"choice,omitempty"`
	Amount  int64      `json:"amount,omitempty"` // minor units
}

// maxAction bounds what a page sends.
const maxAction = 1 << 10

// decodeAction reads an action; the page, like everything that comes over a socket, is not believed.
func decodeAction(b []byte) (Action, error) {
	var a Action
	if len(b) > maxAction {
		return a, &Refusal{Code: "E_TOO_LARGE", What: "an action"}
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, &Refusal{Code: "E_REQUEST", What: "not an action"}
	}
	return a, nil
}

// Act checks an action against what is on the screen, and carries out what concerns the display alone: the panel and
// messages that were read. tell reports whether the terminal must hear of it: for a tip, Amount is then the tip. What was
// meant for a screen that is gone is refused with E_STALE (P3).
func (m *Machine) Act(a Action) (told Action, tell bool, err error) {
	if a.Kind == ActOpen { // the panel slides over whatever is there by then
		return a, false, m.Step(OpenSettings{})
	}
	if a.Since != m.since || a.Request != m.payment {
		return a, false, m.refuse("E_STALE", "the action is of another screen")
	}
	on := m.Screen()
	if on.Paying() && m.answered == m.since {
		return a, false, m.refuse("E_STALE", "the question was answered before")
	}
	defer func() {
		if tell && on.Paying() { // one answer to a question: a finger that taps twice agrees once
			m.answered = m.since
		}
	}()
	switch {
	case a.Kind == ActClose && on == Settings:
		return a, false, m.Step(CloseSettings{})
	case a.Kind == ActRestore && on == Settings, a.Kind == ActStart && on == Welcome:
		return a, true, nil
	case a.Kind == ActForward && on == Settings && m.facts.Waits:
		return a, true, nil
	case a.Kind == ActDone && on == Message && m.dismissible():
		return a, true, m.Step(Expire{})
	case a.Kind == ActConfirm && on == Confirm:
		return a, true, nil
	case a.Kind == ActCancel && (on == Tip || on == Confirm || on == Present || on == ChooseApp):
		return a, true, nil
	case a.Kind == ActChoose && on == ChooseApp:
		if c, ok := m.now.(Choose); ok && a.Choice >= 0 && a.Choice < len(c.Labels) {
			return a, true, nil
		}
	case a.Kind == ActTip && on == Tip:
		if tip, ok := m.tip(a); ok {
			a.Amount = tip
			return a, true, nil
		}
	}
	return a, false, m.refuse("E_REQUEST", "no such action here")
}

// dismissible reports whether the message has a button to close it.
func (m *Machine) dismissible() bool {
	switch e := m.now.(type) {
	case Note:
		return e.Done
	case Paired:
		return true
	}
	return false
}

// tip returns the tip that an action chose.
func (m *Machine) tip(a Action) (int64, bool) {
	ask, ok := m.now.(AskTip)
	switch {
	case !ok:
		return 0, false
	case a.Choice == -1:
		return a.Amount, ask.Other && a.Amount >= 0 && a.Amount <= ask.Most
	case a.Choice == noTip:
		return 0, true
	case a.Choice >= 0 && a.Choice < len(ask.Options):
		return ask.Options[a.Choice].Tip, true
	}
	return 0, false
}

// noTip is the number of "No tip".
const noTip = 100
