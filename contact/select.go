package contact

import (
	"bytes"
	"context"
	"slices"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Chooser is the cardholder at the display during application selection (Book 1, 12.4; Book 4, 11.3).
type Chooser interface {
	// Choose has one of several applications chosen, which come in the order of their priority. It returns its place, or
	// -1 when the cardholder cancelled. again says that an earlier choice could not be used ("try again").
	Choose(ctx context.Context, list []Candidate, again bool) (int, error)

	// Confirm asks whether the one application is to be used.
	Confirm(ctx context.Context, c Candidate) (bool, error)
}

// selectApplication is application selection (Book 1, 12.3 and 12.4): the list, which is built once, then final selection
// of what is left of it, until an application answers.
func (t *transaction) selectApplication(ctx context.Context) (kernel.Outcome, error) {
	if !t.listed {
		if out, err := t.buildCandidates(ctx); err != nil || out.Made() {
			return out, err
		}
	}
	for len(t.candidates) > 0 {
		i, out, err := t.choose(ctx)
		if err != nil || out.Made() {
			return out, err
		}
		t.selected = t.candidates[i]
		t.candidates = slices.Delete(t.candidates, i, i+1)
		ok, out, err := t.finalSelect(ctx)
		if err != nil || out.Made() {
			return out, err
		}
		if ok {
			return kernel.Outcome{}, nil
		}
		t.selected = candidate{}
		if t.asked && len(t.candidates) > 0 { // Book 4, 11.3: what the cardholder chose can't be used
			t.show(MsgTryAgain, kernel.ProcessingError)
		}
	}
	return t.notAccepted(stageSelect, "select.no_application", "Book 1, 12.4"), nil // step 1
}

// choose returns the candidate to select (Book 1, 12.4 steps 2 to 5).
func (t *transaction) choose(ctx context.Context) (int, kernel.Outcome, error) {
	if len(t.candidates) == 1 {
		return t.chooseOnly(ctx)
	}
	if t.with.Chooser == nil { // step 5: the terminal decides, by priority, leaving out what needs a confirmation
		i := slices.IndexFunc(t.candidates, func(c candidate) bool { return !c.confirm() })
		if i < 0 {
			return 0, t.unconfirmed("select.needs_confirmation"), nil
		}
		return i, kernel.Outcome{}, nil
	}
	i, err := t.with.Chooser.Choose(ctx, t.list(), t.asked) // step 4
	if err != nil {
		return 0, kernel.Outcome{}, err
	}
	t.asked = true
	if i < 0 || i >= len(t.candidates) {
		return 0, t.unconfirmed("select.cancelled"), nil
	}
	return i, kernel.Outcome{}, nil // choosing it is confirming it
}

// chooseOnly is step 2: the only application is selected, after confirmation where its issuer asks for one. A terminal
// that can't ask must not select it.
func (t *transaction) chooseOnly(ctx context.Context) (int, kernel.Outcome, error) {
	c := &t.candidates[0]
	if !c.confirm() {
		return 0, kernel.Outcome{}, nil
	}
	if t.with.Chooser == nil {
		return 0, t.unconfirmed("select.needs_confirmation"), nil
	}
	ok, err := t.with.Chooser.Confirm(ctx, t.describe(c))
	if err != nil || ok {
		return 0, kernel.Outcome{}, err
	}
	return 0, t.unconfirmed("select.cancelled"), nil
}

func (t *transaction) unconfirmed(code string) kernel.Outcome {
	return t.terminate(stageSelect, code, "Book 1, 12.4")
}

// finalSelect selects the application that was chosen and fills the data store (Book 1, 12.4 step 5). It reports false
// when the candidate can't be used and the next one is to be tried.
func (t *transaction) finalSelect(ctx context.Context) (bool, kernel.Outcome, error) {
	t.step(stageSelect, "Book 1, 12.4")
	r, out, err := t.send(ctx, stageSelect, appendSelect(t.link.Buffer(), t.selected.aid(), false))
	if err != nil || out.Made() {
		return false, out, err
	}
	switch {
	case r.SW == apdu.FunctionNotSupported:
		return false, t.cardBlocked("Book 1, 12.4"), nil
	case r.SW != apdu.OK: // 6283: blocked
		t.decide(stageSelect, "select.final_"+r.SW.String(), "Book 1, 12.4")
		return false, kernel.Outcome{}, nil
	}
	t.answer = append(t.answer[:0], r.Data...)
	ok, err := t.takeFCI()
	return ok, kernel.Outcome{}, err
}

// takeFCI stores what the FCI in t.answer holds. It reports false for an FCI that can't be used: not one, or that of
// another application than the one that was asked for (Book 1, 12.4: the DF name is the ADF name).
func (t *transaction) takeFCI() (bool, error) {
	c, ok := readFCI(t.answer)
	if !ok || !bytes.Equal(c.aid(), t.selected.aid()) {
		t.decide(stageSelect, "select.df_name", "Book 1, 12.4")
		return false, nil
	}
	if err := t.load(&t.config.Applications[t.selected.application]); err != nil {
		return false, err
	}
	fci, _ := tlv.Find(t.answer, tagFCI)
	t.data.Mark()
	r, err := t.data.Receive(dict.Card, fci)
	if err != nil { // well formed, as readFCI has seen: there is no room
		t.decide(stageSelect, kernel.CodeOf(err), "Book 1, 12.4")
		return false, nil
	}
	t.env.EmitReceived(r)
	t.data.Mark()
	// Book 1, 12.4: the terminal's AID becomes the DF name, partial selection or not.
	if err := t.data.Set(tagAID, t.selected.aid()); err != nil {
		return false, err
	}
	if t.env.Watched() {
		t.env.Emit(SelectedEvent{AID: t.selected.aid(), FCI: fci, Data: t.data})
	}
	return true, nil
}

// codeTables returns the Additional Terminal Capabilities (9F40) with which a candidate is displayed.
func (t *transaction) codeTables(c *candidate) []byte {
	for _, objects := range [...][]byte{t.config.Applications[c.application].Data, t.config.Terminal} {
		if v, ok := tlv.Find(objects, tagAddCap); ok {
			return v
		}
	}
	return nil
}
