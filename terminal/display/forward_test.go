package display_test

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/terminal/display"
)

// The panel has a button that sends what waits for the bank, while something does; and an approval by the card alone says so.
func TestForward(t *testing.T) {
	var d display.Machine
	press := func() (bool, error) {
		_, tell, err := d.Act(display.Action{Kind: display.ActForward, Since: d.State().Since})
		return tell, err
	}
	must(t, d.Step(display.Link{State: display.Connected}))
	must(t, d.Step(display.OpenSettings{}))
	if p := d.State().Panel; p == nil || p.Forward != "" {
		t.Errorf("%+v", p)
	}
	if tell, err := press(); tell || refused(err) != "E_REQUEST" {
		t.Error("nothing waits, and it can be sent")
	}
	must(t, d.Step(display.Facts{Waits: true}))
	if p := d.State().Panel; p.Forward != "Send to the bank now" {
		t.Errorf("%+v", p)
	}
	if tell, err := press(); !tell || err != nil || d.State().Screen != display.Settings {
		t.Errorf("%t, %v", tell, err)
	}
	must(t, d.Step(display.CloseSettings{}))
	if tell, err := press(); tell || refused(err) == "" {
		t.Error("it can be sent from behind the panel")
	}
	must(t, d.Step(display.Prompt{Request: "r", Methods: []display.Method{display.Tap}}))
	must(t, d.Step(display.Working{Request: "r"}))
	must(t, d.Step(display.Accepted{Request: "r", Alone: true, Sign: true}))
	if n := d.State().Notice; !strings.Contains(n, "Approved offline") || !strings.Contains(n, "sign the receipt") {
		t.Errorf("%q", n)
	}
}
