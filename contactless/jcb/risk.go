package jcb

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// manageRisk is Terminal Risk Management (C-5, 3.5), which stands before the processing restrictions here. All comparisons
// are "greater or equal". The error is Env.Rand's.
func (t *transaction) manageRisk() (kernel.Outcome, error) {
	t.Step(stageRisk, "C-5, 3.5")
	amount, limits := t.Transaction.Amount, &t.Combination.Limits
	if limits.Transaction != nil && amount >= *limits.Transaction { // C-5, 3.5.1
		return t.nextFor(stageRisk, errLimit, "C-5, 3.5.1"), nil
	}
	if limits.CVM != nil && amount >= *limits.CVM && t.Transaction.Type != kernel.Refund { // C-5, 3.5.2
		tipCVMRequired.Set(t.Data.Get(tagTIP))
		t.Note(stageRisk, "c5.cvm_required", "C-5, 3.5.2")
	}
	// C-5, 3.5.3. Public code asks for bits that types of offline terminals have too; the types are meant.
	if t.mode != emvMode || t.Data.TerminalType().OnlineOnly() {
		t.setTVR(tvr.FloorLimitExceeded, stageRisk, "c5.online_only", "C-5, 3.5.3")
	}
	if t.statusCheckRequested() { // C-5, 3.5.4
		t.setTVR(tvr.FloorLimitExceeded, stageRisk, "c5.status_check", "C-5, 3.5.4")
	}
	if t.mode != emvMode {
		return kernel.Outcome{}, nil
	}
	floor := uint64(kernel.MaxAmount + 1) // of a reader without one
	if limits.Floor != nil {
		floor = *limits.Floor
	}
	if amount >= floor { // C-5, 3.5.5
		t.setTVR(tvr.FloorLimitExceeded, stageRisk, "c5.floor_limit", "C-5, 3.5.5")
	}
	if err := t.selectRandomly(amount, floor); err != nil {
		return kernel.Outcome{}, err
	}
	if t.options.does(CombinationExceptionFile) && t.Listed(t.track2.PAN) { // C-5, 3.5.7
		t.setTVR(tvr.OnExceptionFile, stageRisk, "c5.exception_file", "C-5, 3.5.7")
	}
	return kernel.Outcome{}, nil
}

// statusCheckRequested is pre-processing's test (Book B, 3.1.1.3), which the Combination Options ask for as well.
func (t *transaction) statusCheckRequested() bool {
	limits := contactless.Limits{StatusCheck: t.options.does(CombinationStatusCheck)}
	return t.Indicators.StatusCheckRequested || contactless.Preprocess(&limits, nil, nil, t.Transaction).StatusCheckRequested
}

// selectRandomly is C-5, 3.5.6: what goes online already is not drawn for.
func (t *transaction) selectRandomly(amount, floor uint64) error {
	if !t.options.does(CombinationRandom) || tvr.FloorLimitExceeded.In(t.Data.Get(tagTVR)) {
		return nil
	}
	selected, err := t.options.Selection.Selects(t.Env.Rand, amount, floor)
	if selected {
		t.setTVR(tvr.SelectedRandomly, stageRisk, "c5.random", "C-5, 3.5.6")
	}
	return err
}
