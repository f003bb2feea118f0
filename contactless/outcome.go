package contactless

import (
	"context"

	"github.com/cardwright/emv/kernel"
)

// The stages that outcomes and decisions of the entry point name.
const (
	stagePreprocess = "pre-processing"
	stageActivation = "protocol activation"
	stageSelection  = "combination selection"
)

// settle is outcome processing (Book B, 3.5.1). It returns where to go on after an outcome that is not final; card is nil
// where none has been looked for.
func (t *Terminal) settle(ctx context.Context, card kernel.Card, o *kernel.Outcome) (kernel.Start, error) {
	o.UI.Language = t.language(o.UI)
	o.UIRestart.Language = t.language(o.UIRestart)
	if t.env.Watched() {
		t.env.Emit(OutcomeEvent{Outcome: *o, Data: t.data})
	}
	if o.UI.Present() { // 3.5.1.1
		t.env.Show(o.UI)
	}
	if field, ok := card.(kernel.Field); ok && o.FieldOff != 0 { // 3.5.1.2
		if err := field.Deactivate(ctx, max(o.FieldOff, 0)); err != nil {
			return kernel.NoStart, err
		}
	}
	switch o.Kind {
	case kernel.TryAgain: // 3.5.1.3
		t.restarts++
		t.restarted, t.restartUI, t.entered = true, o.UIRestart, kernel.StartB
		return kernel.StartB, nil
	case kernel.SelectNext: // 3.5.1.4
		t.drop(t.selected.candidate)
		t.entered = kernel.StartC
		return kernel.StartC, nil
	default: // 3.5.1.5
		t.start, t.restartUI = o.Start, o.UIRestart
		return kernel.NoStart, nil
	}
}

// language fills in the card's Language Preference (5F2D; Book A, table 6-2) where a kernel has not.
func (t *Terminal) language(r kernel.UIRequest) string {
	if r.Language != "" || !r.Present() {
		return r.Language
	}
	if v := t.data.Get(0x5F2D); string(v) != t.preference { // the same as the card's before needs no new string
		t.preference = string(v)
	}
	return t.preference
}

// Show shows a message of a kernel's during processing, in the card's language.
func (a *Activation) Show(r kernel.UIRequest) {
	if a.Env.UI == nil {
		return
	}
	if r.Language == "" {
		r.Language = string(a.Data.Get(0x5F2D))
	}
	a.Env.Show(r)
}

// decide reports a rule that changed the course of selection.
func (t *Terminal) decide(stage, code, ref string) {
	if t.env.Watched() {
		t.env.Emit(kernel.DecisionEvent{Reason: kernel.Reason{Stage: stage, Code: code, Ref: ref}})
	}
}
