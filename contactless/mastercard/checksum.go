package mastercard

import (
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// computeChecksum is COMPUTE CRYPTOGRAPHIC CHECKSUM and states S13, without on-device verification, and S14, with it.
func (t *transaction) computeChecksum(ctx context.Context) (kernel.Outcome, error) {
	ref := "C-2, S13"
	if t.deviceCVM {
		ref = "C-2, S14"
	}
	list := t.Data.Get(tagUDOL)
	if list == nil {
		list = t.Data.Get(tagDefaultUDOL)
	}
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], list, t.Data)
	if err == nil {
		err = t.full
	}
	if err != nil {
		return t.fail(stageMagstripe, l2Parsing, kernel.CodeOf(err), "C-2, S78.17"), nil
	}
	command := apdu.AppendCommand(t.Card.Buffer(), 0x80, apdu.InsComputeCryptographicChecksum, 0x8E, 0x80, data)
	r, out, err := t.sendAlone(ctx, stageMagstripe, ref, command)
	switch {
	case err != nil:
		return out, err
	case out.Made():
		return out, t.backOff(ctx)
	case r.SW != apdu.OK:
		return t.failStatus(stageMagstripe, "c2.checksum_", r.SW, ref), t.backOff(ctx)
	}
	t.Show(kernel.UIRequest{Message: kernel.MsgClearDisplay, Status: kernel.CardReadSuccessfully})
	template, value, err := apdu.Single(r.Data)
	if err == nil && template != 0x77 {
		err = apdu.ErrTemplate
	}
	if err == nil {
		_, err = t.receive(value, template)
	}
	if err != nil {
		return t.fail(stageMagstripe, l2Parsing, kernel.CodeOf(err), ref), t.backOff(ctx)
	}
	if out, failed := t.takeChecksum(ref); failed {
		return out, t.backOff(ctx)
	}
	if t.options.Backoff != nil {
		t.options.Backoff.Failed = 0
	}
	return t.onlineWithTracks(ref), nil
}

// takeChecksum looks at the answer. It reports true, with the outcome, when the card gave no checksum that can be used.
func (t *transaction) takeChecksum(ref string) (kernel.Outcome, bool) {
	missing := func(tag tlv.Tag) (kernel.Outcome, bool) {
		return t.fail(stageMagstripe, l2CardDataMissing, "c2.missing_"+tag.String(), ref), true
	}
	switch {
	case !t.Data.Has(tagATC):
		return missing(tagATC)
	case !t.Data.Has(tagPCII) && (t.deviceCVM || !t.Data.Has(tagCVC3Track2)):
		return missing(tagPCII)
	case !t.Data.Has(tagCVC3Track2) && t.secondTap():
		return t.askSecondTap(stageMagstripe, ref), true
	case !t.Data.Has(tagCVC3Track2):
		return t.finishWithRecord(kernel.Outcome{
			Kind: kernel.Declined, Why: kernel.Reason{Stage: stageMagstripe, Code: "c2.no_checksum", Ref: ref},
			UI: kernel.UIRequest{Message: kernel.MsgNotAuthorised, Status: kernel.NotReady, Hold: t.hold()},
		}), true
	case t.Data.Has(tagTrack1) && !t.Data.Has(tagCVC3Track1):
		return missing(tagCVC3Track1)
	case t.deviceCVM && t.cvmRequired() && !pciiVerified.In(t.Data.Get(tagPCII)):
		return t.fail(stageMagstripe, l2CardData, "c2.device_cvm_missing", ref), true
	}
	return kernel.Outcome{}, false
}

// onlineWithTracks is the one good end of mag-stripe mode: the tracks with their checksums go online. The terminal shows
// its own message.
func (t *transaction) onlineWithTracks(ref string) kernel.Outcome {
	t.buildTracks()
	switch {
	case t.deviceCVM && t.cvmRequired():
		t.cvm, t.receipt = kernel.ConfirmationCodeVerified, true
	case t.deviceCVM:
		t.cvm = kernel.NoCVM
	case t.cvmRequired():
		t.cvm, t.receipt = cvmOf(t.byteOf(tagMSCVMRequired)), true
	default:
		t.cvm = cvmOf(t.byteOf(tagMSCVMNot))
		t.receipt = t.cvm == kernel.ObtainSignature
	}
	if t.full != nil {
		return t.fail(stageMagstripe, l2Parsing, kernel.CodeOf(t.full), ref)
	}
	return t.finishWithRecord(kernel.Outcome{
		Kind: kernel.OnlineRequest, Why: kernel.Reason{Stage: stageMagstripe, Code: "c2.checksum", Ref: ref},
	})
}

// cvmOf reads a Mag-stripe CVM Capability (DF811E, DF812C): the left half.
func cvmOf(capability byte) kernel.CVM {
	switch capability >> 4 {
	case 0x0:
		return kernel.NoCVM
	case 0x1:
		return kernel.ObtainSignature
	case 0x2:
		return kernel.OnlinePIN
	}
	return kernel.NotApplicable
}

// backOff is what follows each failure of S13 and S14: a wait that doubles with every one.
func (t *transaction) backOff(ctx context.Context) error {
	b := t.options.Backoff
	if b == nil {
		return nil
	}
	wait := 300 * time.Millisecond << b.Failed
	b.Failed = min(b.Failed+1, 5)
	if b.Wait == nil {
		return nil
	}
	return b.Wait(ctx, wait)
}
