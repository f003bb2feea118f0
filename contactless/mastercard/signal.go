package mastercard

import (
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// takeSignals takes the DET signals that are there, without waiting for any (C-2, S3 and every state that has a command on
// its way).
func (t *transaction) takeSignals(ctx context.Context) error {
	if t.options.Exchange == nil {
		return nil
	}
	for t.dx.signals < maxSignals {
		objects, err := t.options.Exchange.DET(ctx, 0)
		if err != nil {
			return err
		}
		if objects == nil {
			return nil
		}
		t.take(objects)
	}
	return nil
}

// waitFor waits for a DET signal, in S2 for those that complete the PDOL, for as long as Time Out Value (DF8127) says.
// Without them the application ends (C-2, S2, S6 and S8).
func (t *transaction) waitFor(ctx context.Context, ref string) (kernel.Outcome, error) {
	t.Step(stageExchange, ref)
	limit := time.Duration(t.binary(tagTimeOut)) * time.Millisecond
	begin := t.Env.Clock.Now()
	for {
		left := limit - t.Env.Clock.Since(begin)
		if left <= 0 || t.dx.signals >= maxSignals {
			return t.timeOut(ref), nil
		}
		objects, err := t.options.Exchange.DET(ctx, left)
		switch {
		case err != nil:
			return kernel.Outcome{}, err
		case objects == nil:
			return t.timeOut(ref), nil
		}
		if t.take(objects); t.hasPDOLData() {
			return kernel.Outcome{}, nil
		}
	}
}

// take stores the objects of a DET signal (C-2, Annex A: update conditions). A signal that is not TLV is passed over whole.
func (t *transaction) take(objects []byte) {
	t.dx.signals++
	if err := tlv.Check(objects); err != nil {
		t.Note(stageExchange, "c2.det_"+kernel.CodeOf(err), "C-2, Annex A")
		return
	}
	var object []byte
	c := tlv.Read(objects)
	for c.Next() {
		if !updatable(c.Tag(), c.Len()) {
			t.Note(stageExchange, "c2.det_refused", "C-2, Annex A")
			continue
		}
		object = tlv.Append(object[:0], c.Tag(), c.Value())
		if err := t.Data.Load(object); err != nil {
			t.lack(err)
			break
		}
		t.took(c.Tag(), c.Value())
	}
	clear(object)
}

// took adds what a DET signal has to the lists that are worked off. S1 makes the lists of what there is by then.
func (t *transaction) took(tag tlv.Tag, value []byte) {
	switch {
	case !t.dx.open:
	case tag == tagTagsToRead:
		t.listTags(value)
	case tag == tagWriteBefore:
		t.dx.before = appendWrites(t.dx.before, value)
	case tag == tagWriteAfter:
		t.dx.after = appendWrites(t.dx.after, value)
	}
}

// waitPDOL is the end of S1, and S2: a PDOL names objects that the terminal has not told yet (S1.11 to S1.14, S1.21).
func (t *transaction) waitPDOL(ctx context.Context) (kernel.Outcome, error) {
	if t.options.Exchange == nil || t.hasPDOLData() {
		return kernel.Outcome{}, nil
	}
	t.askForListed(t.Data.Get(tagPDOL))
	if err := t.sendDEK(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	return t.waitFor(ctx, "C-2, S2")
}

// hasPDOLData reports whether nothing that the PDOL names is still to come from the terminal; behind S2 nothing is.
func (t *transaction) hasPDOLData() bool {
	if t.Data.From(tagPDOLData) != 0 {
		return true
	}
	d := tlv.ReadDOL(t.Data.Get(tagPDOL))
	for d.Next() {
		if t.empty(d.Tag()) {
			return false
		}
	}
	return true
}

// waitFirstWrite is states S6 and S8: the kernel goes on to GENERATE AC, or to COMPUTE CRYPTOGRAPHIC CHECKSUM, when the
// terminal lets it (Proceed To First Write Flag; C-2, S456.2 and S78).
func (t *transaction) waitFirstWrite(ctx context.Context, ref string) (kernel.Outcome, error) {
	if t.options.Exchange == nil {
		return kernel.Outcome{}, nil
	}
	for t.Data.From(tagProceed) != 0 && t.byteOf(tagProceed) == 0 {
		t.askFor(tagProceed)
		t.drain()
		if err := t.sendDEK(ctx); err != nil {
			return kernel.Outcome{}, err
		}
		if out, err := t.waitFor(ctx, ref); err != nil || out.Made() {
			return out, err
		}
		if t.magstripe {
			continue
		}
		if out, err := t.readData(ctx); err != nil || out.Made() { // S5
			return out, err
		}
	}
	return kernel.Outcome{}, nil
}
