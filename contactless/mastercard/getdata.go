package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// readByGetData reports whether an object is read with GET DATA: the balance, and the envelopes of standalone data storage.
// Other objects of Tags To Read come with the records and answers of the card, or not at all. The book names no such list:
// public implementations ask for whatever the terminal wants.
func readByGetData(tag tlv.Tag) bool { return tag == tagBalance || tag >= 0x9F70 && tag <= 0x9F79 }

// readData is state S5: GET DATA for what Tags To Read Yet have, one after the other.
func (t *transaction) readData(ctx context.Context) (kernel.Outcome, error) {
	for {
		tag, ok := t.nextGetData()
		if !ok {
			return kernel.Outcome{}, nil
		}
		t.Step(stageExchange, "C-2, S5")
		r, out, err := t.send(ctx, stageExchange, "C-2, S5", apdu.AppendGetData(t.Card.Buffer(), uint16(tag)))
		if err != nil || out.Made() {
			return out, err
		}
		t.takeData(tag, r)
		if err := t.sendDue(ctx); err != nil {
			return kernel.Outcome{}, err
		}
	}
}

// nextGetData takes the next tag off Tags To Read Yet that GET DATA reads: Active Tag.
func (t *transaction) nextGetData() (tlv.Tag, bool) {
	for i, tag := range t.dx.read {
		if readByGetData(tag) {
			t.dx.read = append(t.dx.read[:i], t.dx.read[i+1:]...)
			return tag, true
		}
	}
	return 0, false
}

// takeData keeps the object of an answer that is the one asked for. Any other answer leaves it empty. Either way the
// terminal gets it.
func (t *transaction) takeData(tag tlv.Tag, r apdu.Response) {
	if v, ok := r.DataObject(uint16(tag)); ok && r.SW == apdu.OK {
		if e := dict.Lookup(tag, dict.C2); e != nil && e.ValidLength(len(v)) {
			if _, err := t.Data.ReceiveValue(dict.Card, tag, v); err != nil {
				t.lack(err)
			}
			if t.options.Exchange != nil {
				t.dx.send = tlv.Append(t.dx.send, tag, v)
			}
			return
		}
	}
	if t.options.Exchange != nil {
		t.dx.send = tlv.Append(t.dx.send, tag, nil)
	}
}
