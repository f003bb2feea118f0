package visa

import (
	"bytes"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// applyReaderLimits is Dynamic Reader Limits (C-3, 5.2.1.2): where the card's Application Program ID (9F5A) has a set of
// limits of its own, pre-processing is done again with them, before the card is told the TTQ.
//
// The whole Program ID must be equal. Some readers match its first bytes only; the book says "matches" and no more, and
// equality can't take a set that was not meant.
func (t *transaction) applyReaderLimits() kernel.Outcome {
	id := t.Data.Get(tagProgramID)
	if id == nil || len(t.options.Limits) == 0 {
		return kernel.Outcome{}
	}
	for i := range t.options.Limits {
		set := &t.options.Limits[i]
		if !bytes.Equal(set.ProgramID, id) {
			continue
		}
		t.Step(stageLimits, "C-3, 5.2.1.2")
		// A set takes the place of all of the combination's limits: what it leaves out is not tested, the Terminal Floor
		// Limit included.
		t.Indicators = contactless.Preprocess(&set.Limits, t.Combination.TTQ, nil, t.Transaction)
		if t.Indicators.NotAllowed {
			return contactless.SelectNext(kernel.Reason{Stage: stageLimits, Code: "c3.not_allowed", Ref: "C-3, 5.2.1.2"})
		}
		if err := t.Data.Set(tagTTQ, t.Indicators.TTQ[:]); err != nil {
			return contactless.EndFor(stageLimits, err, "C-3, 5.2.1.2")
		}
		break
	}
	return kernel.Outcome{}
}
