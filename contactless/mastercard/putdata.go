package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// putCompleted is Post-Gen AC and Pre-Gen AC Put Data Status (DF810E, DF810F; C-2, Annex A): b8, all objects were written.
const putCompleted = 0x80

// listWrites makes Tags To Write Yet of a list that the terminal has, with the status of it (S1.16). Without a list there
// is no status.
func (t *transaction) listWrites(yet []byte, list, status tlv.Tag) []byte {
	if t.Data.From(list) == 0 {
		return yet
	}
	t.set(status, []byte{0x00})
	return appendWrites(yet, t.Data.Get(list))
}

// appendWrites adds the objects of a list that PUT DATA can write: those with a tag of up to two bytes, and a value that
// a command can hold.
func appendWrites(yet, list []byte) []byte {
	n := 0
	c := tlv.Read(yet)
	for c.Next() {
		n++
	}
	c = tlv.Read(list)
	for c.Next() && n < maxListed {
		if c.Tag() <= 0xFFFF && c.Len() > 0 && c.Len() <= 255 {
			yet = tlv.Append(yet, c.Tag(), c.Value())
			n++
		}
	}
	return yet
}

// appendPutData appends PUT DATA, which has no Le, for the first object of a list. It returns the list without it.
func appendPutData(dst, list []byte) (command, left []byte) {
	c := tlv.Read(list)
	c.Next()
	dst = append(dst, 0x80, apdu.InsPutData, byte(c.Tag()>>8), byte(c.Tag()&0xFF), byte(c.Len()))
	return append(dst, c.Value()...), list[c.Offset()+c.Len():]
}

// writeBefore is state S12, PUT DATA before GENERATE AC (C-2, S456.42). A card that refuses an object gets no further one, and
// GENERATE AC all the same.
func (t *transaction) writeBefore(ctx context.Context) (kernel.Outcome, error) {
	if len(t.dx.before) == 0 {
		return kernel.Outcome{}, nil
	}
	t.Step(stageExchange, "C-2, S12")
	t.set(tagPreStatus, []byte{0x00})
	for len(t.dx.before) > 0 {
		command, left := appendPutData(t.Card.Buffer(), t.dx.before)
		t.dx.before = left
		r, out, err := t.send(ctx, stageExchange, "C-2, S12", command)
		if err != nil || out.Made() {
			return out, err
		}
		if r.SW != apdu.OK {
			t.Note(stageExchange, "c2.put_"+r.SW.String(), "C-2, S12")
			return kernel.Outcome{}, nil
		}
	}
	t.set(tagPreStatus, []byte{putCompleted})
	return kernel.Outcome{}, nil
}

// writeAfter is state S15, PUT DATA after GENERATE AC. What was decided stands, whatever the card says, and also when the
// terminal asks to stop.
func (t *transaction) writeAfter(ctx context.Context) error {
	if len(t.dx.after) == 0 {
		return nil
	}
	t.Step(stageExchange, "C-2, S15")
	t.set(tagPostStatus, []byte{0x00})
	for len(t.dx.after) > 0 {
		command, left := appendPutData(t.Card.Buffer(), t.dx.after)
		t.dx.after = left
		r, err := t.Card.Send(ctx, command)
		switch {
		case err == nil && r.SW == apdu.OK:
			continue
		case err == nil:
			t.Note(stageExchange, "c2.put_"+r.SW.String(), "C-2, S15")
		case !kernel.IsCardError(err) && !stopped(ctx, err):
			return err
		}
		return nil
	}
	t.set(tagPostStatus, []byte{putCompleted})
	return nil
}
