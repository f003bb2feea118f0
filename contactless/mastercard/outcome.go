package mastercard

import (
	"context"
	"errors"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// errorIndication is Error Indication (DF8115; C-2, Annex A).
type errorIndication struct {
	l1, l2, l3 byte
	sw         apdu.SW
	message    kernel.Message
}

// The values of L1, L2 and L3 (C-2, Annex A). "Amount not present" is no value here: a Transaction always has an amount.
const (
	l1TimeOut      = 0x01
	l1Transmission = 0x02
	l1Protocol     = 0x03

	l2CardDataMissing = 0x01
	l2CAMFailed       = 0x02
	l2StatusBytes     = 0x03
	l2Parsing         = 0x04
	l2MaxLimit        = 0x05
	l2CardData        = 0x06
	l2NoMagstripe     = 0x07
	l2IDSRead         = 0x0B
	l2IDSWrite        = 0x0C
	l2IDSData         = 0x0D
	l2IDSNoAC         = 0x0E

	l3OK      = 0x00
	l3TimeOut = 0x01
	l3Stop    = 0x02
)

// append appends the value of the object.
func (e *errorIndication) append(dst []byte) []byte {
	return append(dst, e.l1, e.l2, e.l3, e.sw.SW1(), e.sw.SW2(), byte(e.message))
}

// tryAgain is what follows when the card gave no answer: End Application, Start B, "present card again" on restart
// (C-2, S3; every state has the same exit for L1RSP).
func (t *transaction) tryAgain(stage string, err error, ref string) kernel.Outcome {
	t.indication.l1, t.indication.message = l1Of(err), kernel.MsgPresentCardAgain
	return t.finish(kernel.Outcome{
		Kind: kernel.EndApplication, Start: kernel.StartB,
		UIRestart: kernel.UIRequest{Message: kernel.MsgPresentCardAgain, Status: kernel.ReadyToRead},
		Why:       kernel.Reason{Stage: stage, Code: kernel.CodeOf(err), Ref: ref},
	})
}

// l1Of tells the L1 errors of C-2 apart. A card that left does not answer in time; several cards garble each other.
func l1Of(err error) byte {
	switch {
	case errors.Is(err, kernel.ErrProtocol):
		return l1Protocol
	case errors.Is(err, kernel.ErrTransmission), errors.Is(err, kernel.ErrCollision):
		return l1Transmission
	}
	return l1TimeOut
}

// fail is End Application with "insert, swipe or try another card", because of what the card said or did not say. Where the
// card may have written into its slot the outcome has a Data Record, and the torn record of a transaction that may have
// (C-2, S9, S11 and S910).
func (t *transaction) fail(stage string, l2 byte, code, ref string) kernel.Outcome {
	t.indication.l2, t.indication.message = l2, kernel.MsgTryAnotherCard
	out := kernel.Outcome{
		Kind: kernel.EndApplication,
		UI:   kernel.UIRequest{Message: kernel.MsgTryAnotherCard, Status: kernel.NotReady, Hold: t.hold()},
		Why:  kernel.Reason{Stage: stage, Code: code, Ref: ref},
	}
	if t.tornRecord != nil {
		t.set(tagTornRecord, t.tornRecord)
	}
	if t.idsWrite() {
		return t.finishWithRecord(out)
	}
	return t.finish(out)
}

// loseWrite is what follows when the card gave no answer to a GENERATE AC that writes into its slot, and can't recover
// (C-2, S9).
func (t *transaction) loseWrite(stage string, err error, ref string) kernel.Outcome {
	t.indication.l1 = l1Of(err)
	return t.fail(stage, 0x00, kernel.CodeOf(err), ref)
}

// endApplication is End Application without a message.
func (t *transaction) endApplication(stage string, l2, l3 byte, code, ref string) kernel.Outcome {
	t.indication.l2, t.indication.l3 = l2, l3
	return t.finish(kernel.Outcome{Kind: kernel.EndApplication, Why: kernel.Reason{Stage: stage, Code: code, Ref: ref}})
}

// timeOut is what follows when the terminal did not send what the kernel waits for (C-2, S2, S6 and S8).
func (t *transaction) timeOut(ref string) kernel.Outcome {
	return t.endApplication(stageExchange, 0x00, l3TimeOut, "c2.det_time_out", ref)
}

// stop is the STOP signal (C-2, S3; every state that looks at it has the same exit).
func (t *transaction) stop() kernel.Outcome {
	return t.endApplication(stageExchange, 0x00, l3Stop, "c2.stop", "C-2, S3")
}

// stopped reports whether an error is the STOP signal: the end of the context.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// failStatus is fail because of a status word.
func (t *transaction) failStatus(stage, code string, sw apdu.SW, ref string) kernel.Outcome {
	t.indication.sw = sw
	return t.fail(stage, l2StatusBytes, code+sw.String(), ref)
}

// selectNext is Select Next, Start C.
func (t *transaction) selectNext(stage string, l2 byte, code, ref string) kernel.Outcome {
	t.indication.l2 = l2
	return t.finish(kernel.Outcome{
		Kind: kernel.SelectNext, Start: kernel.StartC, Why: kernel.Reason{Stage: stage, Code: code, Ref: ref},
	})
}

// hold is Message Hold Time (DF812D), in units of 100 ms.
func (t *transaction) hold() time.Duration {
	n, _ := kernel.BCD(t.Data.Get(tagMessageHold))
	return time.Duration(n) * 100 * time.Millisecond
}

// finish completes an outcome: what the Outcome Parameter Set has gathered on the way, the Discretionary Data, and the
// data objects that tell it all (C-2, Annex A).
func (t *transaction) finish(o kernel.Outcome) kernel.Outcome {
	o.CVM, o.Receipt = t.cvm, t.receipt
	if t.fieldOff {
		o.FieldOff = kernel.FieldOffNow
		if v := t.Data.Get(tagHoldTime); v != nil && v[0] != 0 {
			o.FieldOff = time.Duration(v[0]) * 100 * time.Millisecond
		}
	}
	var indication [6]byte
	t.set(tagError, t.indication.append(indication[:0]))
	t.Out.Discretionary = t.Data.AppendObjects(t.Out.Discretionary[:0], t.discretionary())
	o.Discretionary = t.Out.Discretionary
	var set [8]byte
	t.set(tagOutcome, appendOutcome(set[:0], &o))
	var request [22]byte
	switch {
	case o.UI.Present():
		t.set(tagUIRequest, t.appendUI(request[:0], o.UI))
	case o.UIRestart.Present():
		t.set(tagUIRequest, t.appendUI(request[:0], o.UIRestart))
	}
	t.set(tagDiscretionary, o.Discretionary)
	return o
}

// finishWithRecord is finish with the Data Record of the mode.
func (t *transaction) finishWithRecord(o kernel.Outcome) kernel.Outcome {
	t.Out.Record = t.Data.AppendObjects(t.Out.Record[:0], t.record())
	o.Record = t.Out.Record
	t.set(tagDataRecord, o.Record)
	return t.finish(o)
}

// appendOutcome appends the value of the Outcome Parameter Set (DF8129; C-2, Annex A).
func appendOutcome(dst []byte, o *kernel.Outcome) []byte {
	kinds := [...]byte{
		kernel.Approved: 0x10, kernel.Declined: 0x20, kernel.OnlineRequest: 0x30, kernel.EndApplication: 0x40,
		kernel.SelectNext: 0x50, kernel.TryAnotherInterface: 0x60, kernel.TryAgain: 0x70,
	}
	starts := [...]byte{kernel.NoStart: 0xF0, kernel.StartA: 0x00, kernel.StartB: 0x10, kernel.StartC: 0x20, kernel.StartD: 0x30}
	cvms := [...]byte{
		kernel.NotApplicable: 0xF0, kernel.NoCVM: 0x00, kernel.ObtainSignature: 0x10, kernel.OnlinePIN: 0x20,
		kernel.ConfirmationCodeVerified: 0x30,
	}
	alternates := [...]byte{kernel.NoAlternate: 0xF0, kernel.ContactChip: 0x10, kernel.MagneticStripe: 0x20}
	var flags byte
	for i, b := range [...]bool{o.UI.Present(), o.UIRestart.Present(), len(o.Record) > 0, len(o.Discretionary) > 0, o.Receipt} {
		if b {
			flags |= 0x80 >> i
		}
	}
	off := byte(0xFF)
	if o.FieldOff != 0 {
		off = byte(max(o.FieldOff, 0) / (100 * time.Millisecond))
	}
	return append(dst, kinds[o.Kind], starts[o.Start], 0xF0, cvms[o.CVM], flags, alternates[o.Alternate], off, 0x00)
}

// appendUI appends the value of the User Interface Request Data (DF8116; C-2, Annex A).
func (t *transaction) appendUI(dst []byte, r kernel.UIRequest) []byte {
	message, status := byte(r.Message), byte(r.Status)-1 // N/A is FF in both
	if r.Message == kernel.NoMessage {
		message = byte(kernel.MsgNotAvailable)
	}
	var hold [3]byte
	var language [8]byte
	copy(language[:], t.Data.Get(tagLanguage))
	dst = append(dst, message, status)
	dst = append(dst, kernel.PutBCD(hold[:], uint64(r.Hold/(100*time.Millisecond)))...)
	dst = append(dst, language[:]...)
	var value [6]byte
	var currency [2]byte
	var qualifier byte
	if r.Value != kernel.NoValue {
		qualifier = byte(r.Value) << 4
		kernel.PutBCD(value[:], r.Amount)
		kernel.PutBCD(currency[:], uint64(r.Currency))
	}
	dst = append(dst, qualifier)
	dst = append(dst, value[:]...)
	return append(dst, currency[:]...)
}
