package mastercard

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// maxStatic is how much of static data the kernel keeps (C-2, S4.32).
const maxStatic = 2048

// readRecords is S3R1 and states S4 and S5: whether CDA is performed, the records of the Active AFL, and before each of them
// the objects that the terminal wants by GET DATA. The book sends the next command before it looks at the record that came;
// what a card sees of that, one READ RECORD more after a record that is bad or was the last one needed, is done here too.
func (t *transaction) readRecords(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRead, "C-2, S4")
	if len(t.activeAFL) == 0 {
		return t.fail(stageRead, l2CardData, "c2.afl_empty", "C-2, S3R1"), nil
	}
	afl, err := apdu.ReadAFL(t.activeAFL)
	if err != nil {
		return t.fail(stageRead, l2CardData, kernel.CodeOf(err), "Book 3, 10.2"), nil
	}
	t.readStorage()
	if err := t.sendDue(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	if t.cda = t.idsRead() || kernel.AIPCDA.In(t.Data.Get(tagAIP)) && kernel.CapCDA.In(t.Data.Get(tagTermCap)); !t.cda {
		t.setTVR(tvr.ODANotPerformed)
	}
	enough := false
	for {
		if out, err := t.readData(ctx); err != nil || out.Made() { // C-2, S5
			return out, err
		}
		if !afl.Next() {
			return kernel.Outcome{}, nil
		}
		if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
			return out, err
		}
		t.askForCDOL1()
		t.askForStorage()
		if err := t.sendDue(ctx); err != nil { // C-2, S456.1
			return kernel.Outcome{}, err
		}
		if enough {
			return kernel.Outcome{}, nil
		}
		enough = t.enough()
	}
}

// askForCDOL1 asks the terminal for what CDOL1 names, once it is there (C-2, S4).
func (t *transaction) askForCDOL1() {
	if !t.dx.asked && t.Data.Has(tagCDOL1) {
		t.dx.asked = true
		t.askForListed(t.Data.Get(tagCDOL1))
	}
}

func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	command := apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record)
	r, out, err := t.send(ctx, stageRead, "C-2, S4", command)
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.failStatus(stageRead, "c2.record_", r.SW, "C-2, S4"), nil
	}
	message, err := t.takeRecord(at.SFI, r.Data)
	if err == nil {
		t.addStatic(at, message)
		return kernel.Outcome{}, nil
	}
	if at.Next() { // S4': the next record has been asked for already
		command := apdu.AppendReadRecord(t.Card.Buffer(), at.SFI, at.Record)
		if _, err := t.Card.Send(ctx, command); err != nil && !kernel.IsCardError(err) {
			return kernel.Outcome{}, err
		}
	}
	return t.fail(stageRead, l2Parsing, kernel.CodeOf(err), "C-2, S4"), nil
}

// takeRecord stores a record: its objects where it is EMV's (Book 3, 7.1), and just its bytes, which may be signed, where it
// is not.
func (t *transaction) takeRecord(sfi byte, record []byte) ([]byte, error) {
	if sfi > 10 {
		r, err := t.Data.Keep(record)
		return r.Bytes, err
	}
	template, _, err := apdu.Single(record)
	if err == nil && template != 0x70 {
		err = apdu.ErrTemplate
	}
	if err != nil {
		return nil, err
	}
	r, err := t.receive(record, 0)
	return r.Bytes, err
}

// addStatic adds a record to the Static Data To Be Authenticated (C-2, S4.31 to S4.35).
func (t *transaction) addStatic(at *apdu.AFL, record []byte) {
	if !at.Signed || !t.cda {
		return
	}
	c := tlv.Read(record)
	ok := c.Next() && c.Tag() == 0x70
	n := len(record)
	if at.SFI <= 10 {
		n = c.Len()
	}
	if t.static += n; !ok || t.static > maxStatic {
		t.setTVR(tvr.CDAFailed)
		return
	}
	t.Static.AddRecord(at.SFI, record)
}

// sufficient are the objects with which a card has told all that a transaction without CDA takes.
var sufficient = [...]tlv.Tag{
	tagExpiry, tagPAN, tagPSN, tagAUC, tagCVMList, tagIACDefault, tagIACDenial, tagIACOnline, tagIssuer, tagTrack2Eq,
	tagCDOL1,
}

// enough reports whether the records that are left, with the keys of CDA, need not be read (C-2, S4.36 to S4.38). One
// public implementation has the sense of the bit and of the CDA condition the other way round.
func (t *transaction) enough() bool {
	if t.cda || configReadAll.In(t.Data.Get(tagKernelConfig)) {
		return false
	}
	for _, tag := range sufficient {
		if !t.Data.Has(tag) {
			return false
		}
	}
	return true
}
