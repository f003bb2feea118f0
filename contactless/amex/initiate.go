package amex

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/oda"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// initiate is Initiate Application Processing (C-4, 3.1): GET PROCESSING OPTIONS, what its answer holds, and the mode.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-4, 3.1")
	if err := t.buildPDOL(); err != nil {
		return contactless.EndFor(stageInitiate, err, "C-4, 3.1.2"), nil
	}
	r, out, err := t.send(ctx, stageInitiate, apdu.AppendGetProcessingOptions(t.Card.Buffer(), t.pdolData))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		return t.refusedOptions(r.SW), nil
	}
	if err := t.Data.TakeOptions(t.Env, r.Data); err != nil {
		return contactless.EndFor(stageInitiate, err, "C-4, 3.1.4"), nil
	}
	if !t.Data.Has(tagAIP) || !t.Data.Has(tagAFL) {
		return contactless.EndApplication(kernel.Reason{Stage: stageInitiate, Code: "c4.missing_82_94", Ref: "C-4, 3.1.4"}), nil
	}
	if out := t.chooseMode(); out.Made() {
		return out, nil
	}
	t.chooseMethod()
	return kernel.Outcome{}, nil
}

// buildPDOL keeps the values that the PDOL asks for, as the card is sent them: a combined signature covers them (C-4,
// 3.8.6).
func (t *transaction) buildPDOL() error {
	pdol := t.Data.Get(tagPDOL)
	var buffer [apdu.MaxPDOLData]byte
	data, err := t.Data.AppendPDOLData(buffer[:0], pdol)
	if err != nil {
		return err
	}
	if !tlv.DOLHas(pdol, tagEnhanced) {
		modifyTerminalType(pdol, data, t.byteOf(tagReader))
	}
	kept, err := t.Data.Keep(data)
	t.pdolData = kept.Bytes
	return err
}

// modifyTerminalType puts the Contactless Reader Capabilities over Terminal Type (9F35) in the data of a PDOL (C-4, 3.1.2):
// how a card whose PDOL does not ask for 9F6E learns them. The Terminal Type itself stays as it is.
func modifyTerminalType(pdol, data []byte, reader byte) {
	end := 0
	for list := tlv.ReadDOL(pdol); list.Next(); {
		end += list.Len()
		if list.Tag() == tagTermType && list.Len() > 0 {
			data[end-1] |= reader
		}
	}
}

// refusedOptions is what the status words of GET PROCESSING OPTIONS mean (C-4, 3.1.3).
func (t *transaction) refusedOptions(sw apdu.SW) kernel.Outcome {
	why := kernel.Reason{Stage: stageInitiate, Code: "c4.gpo_" + sw.String(), Ref: "C-4, 3.1.3"}
	switch sw {
	case apdu.ReferenceInvalidated: // 6984
		return contactless.InsertCard(why)
	case apdu.ConditionsNotSatisfied: // 6985
		return contactless.SelectNext(why)
	}
	return contactless.EndApplication(why)
}

// chooseMode takes EMV mode where card and reader both can, and mag-stripe mode otherwise (C-4, 3.1.5).
func (t *transaction) chooseMode() kernel.Outcome {
	aip := t.Data.Get(tagAIP)
	t.mobile = aipMobile.In(aip)
	if !readerEMV.In(t.Data.Get(tagReader)) || !aipEMVMode.In(aip) {
		if !t.says(enhancedMagstripe) {
			return t.anotherWay(kernel.Reason{Stage: stageInitiate, Code: "c4.no_mode", Ref: "C-4, 3.1.5"})
		}
		t.magstripe = true
	}
	// 3.1.7: the bit is that of a PIN; the phone's own verification takes its place.
	if t.mobile && t.mobileCVM(mobileResult) == mobileBlocked {
		t.mark(tvr.PINTryLimitExceeded, stageInitiate, "c4.mobile_cvm_blocked", "C-4, 3.1.7")
	}
	return kernel.Outcome{}
}

// chooseMethod takes the method of offline data authentication (C-4, 3.1.6): CDA before SDA, and never DDA. Mag-stripe mode
// has one too.
func (t *transaction) chooseMethod() {
	aip, capabilities := t.Data.Get(tagAIP), t.Data.Get(tagTermCap)
	switch {
	case kernel.AIPCDA.In(aip) && kernel.CapCDA.In(capabilities):
		t.method = oda.MethodCDA
	case kernel.AIPSDA.In(aip) && kernel.CapSDA.In(capabilities):
		t.method = oda.MethodSDA
	default:
		t.mark(tvr.ODANotPerformed, stageInitiate, "c4.no_method", "C-4, 3.1.6")
	}
}
