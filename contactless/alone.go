package contactless

import (
	"context"

	"github.com/cardwright/emv/kernel"
)

// Selected is a combination that has been selected already, for RunKernel.
type Selected struct {
	Combination int    // its place in Config.Combinations
	ADF         []byte // the name that was selected
	FCI         []byte // the value of the FCI template (6F) of the answer; nil if it was none

	// Indicators are those of pre-processing; nil has them computed.
	Indicators *Indicators
}

// RunKernel runs one kernel alone, from Start D (Book B, 3.4.1) to its outcome, which is processed and not followed: for
// a laboratory that tests a kernel without an entry point around it. A nil answer begins a new transaction; another one
// gives the kernel the issuer's answer to the transaction before.
func (t *Terminal) RunKernel(
	ctx context.Context, card kernel.Card, tx kernel.Transaction, at Selected, answer *kernel.OnlineAnswer,
) (kernel.Outcome, error) {
	if answer == nil {
		if err := t.begin(tx, kernel.StartD); err != nil {
			return kernel.Outcome{}, err
		}
		t.preprocess()
	}
	t.answer, t.restarted = answer, answer != nil
	s := &t.selected
	s.combination = at.Combination
	s.adf = append(s.adf[:0], at.ADF...)
	s.answer = append(s.answer[:0], at.FCI...)
	s.fci = s.answer
	if at.Indicators != nil {
		t.states[at.Combination].Indicators = *at.Indicators
	}
	t.link.Open(&t.env, card)
	defer t.link.Close()
	out, err := t.activate(ctx, false)
	if err != nil {
		return out, err
	}
	_, err = t.settle(ctx, card, &out)
	return out, err
}
