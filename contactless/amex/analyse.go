package amex

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/kernel/tvr"
)

// manageRisk is Risk Management (C-4, 3.6): floor limit and exception file. There is neither random selection nor velocity
// checking.
func (t *transaction) manageRisk() {
	t.Step(stageRisk, "C-4, 3.6")
	if t.floorExceeded { // 3.6.1
		t.mark(tvr.FloorLimitExceeded, stageRisk, "c4.floor_limit", "C-4, 3.6.1")
	}
	if t.Listed(t.pan) { // 3.6.2
		t.mark(tvr.OnExceptionFile, stageRisk, "c4.exception_file", "C-4, 3.6.2")
	}
}

// analyseActions is Terminal Action Analysis (C-4, 3.7) by Book 3, 10.7, done once: a terminal that can't go online now
// takes its default codes at once. One of delayed authorisation needs no line.
func (t *transaction) analyseActions() {
	t.Step(stageAction, "C-4, 3.7")
	d := action.First(t.Env, t.Data, t.options.TAC.OrMinimum())
	if d.Request == kernel.ARQC && t.lineDown() && !t.options.Delayed { // 3.7.1
		d = action.Unable(t.Env, t.Data, t.options.TAC.OrMinimum())
	}
	t.request, t.why = d.Request, d.Why
	if d.Request != kernel.ARQC {
		code := d.Request.ResponseOffline()
		t.set(tagARC, code[:])
	}
}
