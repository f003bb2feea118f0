package runner

import (
	"context"
	"testing"

	"github.com/cardwright/emv/testvectors/replay"
)

// offline returns the recorded offline approval.
func offline(t testing.TB) *Case {
	t.Helper()
	for _, s := range load(t) {
		for i := range s.Cases {
			if s.Name == "recorded-contactless" && s.Cases[i].ID == "visa-offline" {
				return &s.Cases[i]
			}
		}
	}
	t.Fatal("the recorded offline approval is gone")
	return nil
}

// TestChangedByte changes every byte of the signature and of the records of the recorded offline approval, one at a time:
// none of them may still end in an approval.
func TestChangedByte(t *testing.T) {
	c := offline(t)
	table := runTable()
	original := c.Given.Cards[0].Script
	changed := 0
	for i := 2; i < len(original.Exchanges); i++ {
		response := original.Exchanges[i].Response
		from, to := 0, len(response)-2
		if i == 2 { // GET PROCESSING OPTIONS: the Signed Dynamic Application Data stand first
			from, to = 6, 6+0x70
		}
		for at := from; at < to; at++ {
			script := *original
			script.Exchanges = append([]replay.Exchange{}, original.Exchanges...)
			flipped := append([]byte{}, response...)
			flipped[at] ^= 0x01
			script.Exchanges[i].Response = flipped
			given := *c.Given
			given.Cards = []Card{{Script: &script}}
			one := *c
			one.Given = &given
			got, err := (&job{Case: &one}).perform(context.Background(), table)
			if err != nil {
				t.Fatalf("exchange %d byte %d: %v", i, at, err)
			}
			if got["outcome"] == "approved" {
				t.Errorf("exchange %d: byte %d was changed and the transaction was approved", i, at)
			}
			changed++
		}
	}
	if changed < 500 {
		t.Errorf("only %d bytes changed", changed)
	}
}

// TestMismatchIsNotACardError holds that a command which no script expects fails the case and is not processed.
func TestMismatchIsNotACardError(t *testing.T) {
	c := *offline(t)
	given := *c.Given
	script := *given.Cards[0].Script
	script.AnyOrder, script.Otherwise, script.Exchanges = false, nil, script.Exchanges[:2]
	given.Cards = []Card{{Script: &script}}
	c.Given = &given
	got, err := (&job{Case: &c}).perform(context.Background(), runTable())
	var r Result
	r.Case = &c
	r.judge(got, err)
	if r.Status != Fail || len(r.Mismatches) != 1 || r.Mismatches[0].Key != "command" || got["outcome"] == "try-again" {
		t.Errorf("%s %v %v", r.Status, r.Mismatches, got["outcome"])
	}
}
