package interac

import (
	"context"
	"errors"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/risk"
	"github.com/cardwright/emv/kernel/tvr"
)

// manageRisk is Terminal Risk Management (Book 3, 10.6). The floor limit is tested although a card's AIP does not ask for the
// stage: a limit that the card can switch off is none (Interac, A14).
func (t *transaction) manageRisk(ctx context.Context) (kernel.Outcome, error) {
	err := risk.Perform(ctx, risk.Input{
		Env: t.Env, Card: t.Card, Data: t.Data, Log: t.options.Log, Selection: t.options.Selection,
		ForcedOnline: t.Transaction.Online,
	})
	switch {
	case err == nil:
	case errors.Is(err, kernel.ErrDataFull):
		return contactless.EndFor(stageRisk, err, "Book 3, 10.6"), nil
	case kernel.IsCardError(err):
		return t.silent(kernel.Reason{Stage: stageRisk, Code: kernel.CodeOf(err), Ref: "Interac, A8"}), nil
	default:
		return kernel.Outcome{}, err
	}
	if !risk.Requested(t.Data.Get(tagAIP)) && t.Transaction.Amount >= t.floorLimit() {
		t.mark(tvr.FloorLimitExceeded, stageRisk, "interac.floor_limit", "Interac, A14")
	}
	return kernel.Outcome{}, nil
}

// floorLimit returns the Terminal Floor Limit, a binary number; none is zero.
func (t *transaction) floorLimit() uint64 {
	limit := uint64(0)
	for _, b := range t.Data.Get(tagFloorLimit) {
		limit = limit<<8 | uint64(b)
	}
	return limit
}
