package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/replay"
	"github.com/cardwright/emv/tlv"
)

// Signal is one element of given.det: a DET signal of Kernel 2's data exchange, and when it comes.
type Signal struct {
	When    string        // the state of C-2 that it comes in; empty for any
	Needs   []tlv.Tag     // what the kernel must have asked for before
	After   time.Duration // how long a wait for it takes
	Objects []byte        // its data objects
	Stop    bool          // it is the STOP signal
}

// signalStates are the states of C-2 that look at signals.
var signalStates = []string{"S1", "S2", "S3", "SR1", "S4", "S5", "S6", "S7", "S8", "S12", "S16"}

func readSignals(o *object) []Signal {
	var out []Signal
	for _, e := range o.objects("det") {
		out = append(out, readSignal(e))
	}
	if _, there := o.m["det"]; there && out == nil {
		out = []Signal{} // data exchange with a terminal that says nothing
	}
	return out
}

func readSignal(o *object) Signal {
	s := Signal{When: o.one("when", signalStates...), After: readMilliseconds(o, "after_ms")}
	for i, v := range o.list("needs") {
		text, _ := v.(string)
		t, err := tlv.ParseTag(text)
		if err != nil {
			o.add(fmt.Sprintf("%s[%d]", o.at("needs"), i), CodeValue, "%v is not a tag", v)
		}
		s.Needs = append(s.Needs, t)
	}
	s.Objects = append(o.tags("data").Append([]byte{}), o.bytes("bytes")...)
	s.Stop, _ = o.flag("stop")
	o.done()
	return s
}

// exchange is the terminal's side of data exchange: it gives the signals of a case in their order, and records what it is
// told.
type exchange struct {
	clock   *replay.Clock
	rec     *recorder
	signals []Signal
	needed  []tlv.Tag // asked for so far
	told    []any     // the DEK signals, for want.dek
}

// DEK records what the kernel says.
func (x *exchange) DEK(_ context.Context, needed mastercard.TagList, data kernel.Objects) error {
	for t := range needed.All {
		x.needed = append(x.needed, t)
	}
	objects := map[string]any{}
	for _, d := range objectsOf(data) {
		objects[d.Tag.String()] = upper(d.Value)
	}
	x.told = append(x.told, map[string]any{"state": x.rec.state, "needed": upper(needed), "data": objects})
	return nil
}

// DET gives the next signal when it is its turn. Where none comes, the time that the kernel waits for it goes by.
func (x *exchange) DET(ctx context.Context, wait time.Duration) (kernel.Objects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(x.signals) == 0 || !x.due(&x.signals[0], wait) {
		x.clock.Advance(wait)
		return nil, nil
	}
	s := x.signals[0]
	x.signals = x.signals[1:]
	x.clock.Advance(s.After)
	if s.Stop {
		return nil, context.Canceled
	}
	return s.Objects, nil
}

func (x *exchange) due(s *Signal, wait time.Duration) bool {
	asked := func(t tlv.Tag) bool { return slices.Contains(x.needed, t) }
	for _, t := range s.Needs {
		if !asked(t) {
			return false
		}
	}
	return (s.When == "" || s.When == x.rec.state) && s.After <= wait
}
