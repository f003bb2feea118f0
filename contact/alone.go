package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// Select runs application selection alone, from the card's reset to the application that answered (Book 1, 12), for a
// laboratory and for devices that ask for the amount afterwards. The Outcome is empty where an application was selected.
func (t *Terminal) Select(ctx context.Context, card kernel.Card, tx kernel.Transaction) (kernel.Outcome, error) {
	if err := t.begin(card, tx); err != nil {
		return kernel.Outcome{}, err
	}
	defer t.link.Close()
	out, err := t.reset(ctx)
	if err != nil || out.Made() {
		return out, err
	}
	return t.selectApplication(ctx)
}

// Known is where a stage begins that runs alone.
type Known struct {
	Application int            // in Config.Applications
	FCI         []byte         // the card's answer to SELECT, nil for none
	Data        kernel.Objects // what terminal and card have told each other besides
}

// InitiateAlone runs Initiate Application Processing alone (Book 3, 10.1), on an application that has been selected: for a
// laboratory. A card that asks for another application ends in NotAccepted, there being none. The Outcome is empty where
// the application was initiated.
func (t *Terminal) InitiateAlone(
	ctx context.Context, card kernel.Card, tx kernel.Transaction, at Known,
) (kernel.Outcome, error) {
	if err := t.know(card, tx, at); err != nil {
		return kernel.Outcome{}, err
	}
	defer t.link.Close()
	again, out, err := t.initiate(ctx)
	if again {
		out = t.notAccepted(stageInitiate, "contact.gpo_6985", "Book 3, 10.1")
	}
	return out, err
}

// ReadAlone runs Read Application Data alone (Book 3, 10.2), on an AFL that is among the data objects or in an answer to
// GET PROCESSING OPTIONS, options, if that is not nil: for a laboratory. The Outcome is empty where all was read.
func (t *Terminal) ReadAlone(
	ctx context.Context, card kernel.Card, tx kernel.Transaction, at Known, options []byte,
) (kernel.Outcome, error) {
	if err := t.know(card, tx, at); err != nil {
		return kernel.Outcome{}, err
	}
	defer t.link.Close()
	if options != nil {
		if why := t.takeOptions(options); why != nil {
			return t.end(stageInitiate, why, "Book 3, 6.5.8.4"), nil
		}
	}
	return t.readData(ctx)
}

// ActionAlone runs Terminal and Card Action Analysis alone (Book 3, 10.7 and 10.8), and what follows them: for a laboratory.
// static are the static data to be authenticated, under which a combined signature's key is found where AIP and Terminal
// Capabilities lead to one; where there is none, the TVR that is given has said so already. TVR and TSI that are not among
// the data objects begin at zero. An error of the Host ends the run at the online request.
func (t *Terminal) ActionAlone(
	ctx context.Context, card kernel.Card, tx kernel.Transaction, at Known, static []byte,
) (kernel.Outcome, error) {
	if err := t.know(card, tx, at); err != nil {
		return kernel.Outcome{}, err
	}
	defer t.link.Close()
	r := tvr.Load(&t.env, t.data, stageAction, "Book 3, 10.7")
	if err := r.Store(t.data); err != nil {
		return kernel.Outcome{}, err
	}
	if !t.data.Has(tagUN) {
		if err := t.drawUN(); err != nil {
			return kernel.Outcome{}, err
		}
	}
	t.static.Add(static)
	t.static.CheckTagList(t.data)
	if oda.Choose(t.data.Get(tagAIP), t.data.Get(tagTermCap)) == oda.MethodCDA && !tvr.CDAFailed.In(r.TVR[:]) {
		t.method = oda.MethodCDA
		t.combined = t.findKey() == nil
	}
	return t.cardAction(ctx)
}

// know makes the data store of a stage alone.
func (t *Terminal) know(card kernel.Card, tx kernel.Transaction, at Known) error {
	if err := t.begin(card, tx); err != nil {
		return err
	}
	a := &t.config.Applications[at.Application]
	t.selected.application = at.Application
	t.selected.name.set(a.AID)
	t.answer = append(t.answer[:0], at.FCI...)
	if c, ok := readFCI(t.answer); ok {
		t.selected.name = c.name
		if _, err := t.takeFCI(); err != nil {
			return err
		}
	} else {
		if err := t.load(a); err != nil {
			return err
		}
		if err := t.data.Set(tagAID, a.AID); err != nil {
			return err
		}
		if err := t.receiveFCI(at.FCI); err != nil {
			return err
		}
	}
	return t.data.Load(at.Data)
}

// receiveFCI takes what a laboratory gives for an FCI although it is none: its objects, as far as they can be read.
func (t *Terminal) receiveFCI(fci []byte) error {
	if fci == nil || tlv.Check(fci) != nil {
		return nil
	}
	if _, err := t.data.TakeObjects(&t.env, fci); err != nil {
		return err
	}
	t.data.Mark()
	return nil
}
