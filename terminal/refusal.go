package terminal

import (
	"errors"
	"fmt"

	"github.com/cardwright/emv/terminal/display"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/payment"
	"github.com/cardwright/emv/terminal/wire"
)

// refusal is what a till gets for an error of the engine, the display or the mapping. The engine's codes are the till's;
// a terminal that is not ready says why with a code of its own where the till can do something about it.
func (t *Terminal) refusal(err error) *wire.Error {
	e := t.explain(err)
	if e.Check() != nil { // a detail that can't travel must not keep the refusal from arriving
		e = &wire.Error{Code: e.Code}
	}
	return e
}

func (t *Terminal) explain(err error) *wire.Error {
	var r *payment.Refusal
	if errors.As(err, &r) {
		return t.refused(r)
	}
	var w *wire.Error
	if errors.As(err, &w) {
		return w
	}
	var d *display.Refusal
	if errors.As(err, &d) {
		return &wire.Error{Code: wire.Code(d.Code), Detail: d.What}
	}
	return &wire.Error{Code: wire.CodeInternal, Err: err}
}

func (t *Terminal) refused(r *payment.Refusal) *wire.Error {
	e := &wire.Error{Code: wire.Code(r.Code), Detail: r.Text, RequestID: r.RequestID, Err: r.Err}
	switch r.Code {
	case payment.CodeBusy:
		e.Holder = r.Holder
		if record, ok := t.state.records.ByID(r.Holder); ok && record.Name != "" {
			e.Holder = record.Name
		}
	case payment.CodeOrder:
		if r.Outcome != nil && r.Outcome.Final != nil {
			e.Final = t.final(r.Outcome)
		}
	case payment.CodeInvalid:
		e.Detail = r.Field + ": " + r.Text
	case payment.CodeRemaining:
		e.Detail = fmt.Sprintf("%d is left", r.Remaining)
	case payment.CodeLimit:
		if r.Remaining != 0 {
			e.Detail = fmt.Sprintf("%s: %d at most", r.Text, r.Remaining)
		}
	case payment.CodeNotReady:
		var why *wire.Error
		if errors.As(r.Err, &why) {
			switch why.Code {
			case wire.CodeNotDocked, wire.CodeCountry, dock.CodeBatteryLow:
				return why
			default:
			}
			e.Detail = string(why.Code) + ": " + why.Detail
		}
	}
	return e
}
