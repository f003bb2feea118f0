package mastercard

import (
	"bytes"
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv/dict"
)

// initiate is the rest of S1 and state S3: GET PROCESSING OPTIONS, what its answer holds, and the choice of the mode.
func (t *transaction) initiate(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageInitiate, "C-2, S3")
	data, err := t.buildDOL(tagPDOLData, t.Data.Get(tagPDOL), apdu.MaxPDOLData)
	if err != nil { // S1.13; a PDOL that can't be read is part of an FCI that can't
		return t.selectNext(stageInitiate, l2Parsing, kernel.CodeOf(err), "C-2, S1.13"), nil
	}
	r, out, err := t.send(ctx, stageInitiate, "C-2, S3", apdu.AppendGetProcessingOptions(t.Card.Buffer(), data))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		t.fieldOff, t.indication.sw = false, r.SW
		return t.selectNext(stageInitiate, l2StatusBytes, "c2.gpo_"+r.SW.String(), "C-2, S3"), nil
	}
	if err := t.takeOptions(r.Data); err != nil {
		return t.fail(stageInitiate, l2Parsing, kernel.CodeOf(err), "C-2, S3"), nil
	}
	if !t.Data.Has(tagAIP) || !t.Data.Has(tagAFL) {
		return t.fail(stageInitiate, l2CardDataMissing, "c2.missing_82_94", "C-2, S3"), nil
	}
	return t.chooseMode(), nil
}

// takeOptions reads the answer in format 1 or format 2 (Book 3, 6.5.8.4).
func (t *transaction) takeOptions(data []byte) error {
	template, value, err := apdu.Single(data)
	switch {
	case err != nil:
		return err
	case template == 0x77:
		_, err := t.receive(value, template)
		return err
	case template != 0x80:
		return apdu.ErrTemplate
	}
	aip, afl, err := apdu.SplitOptions(value)
	if err != nil {
		return err
	}
	if afl == nil || t.Data.Has(tagAIP) || t.Data.Has(tagAFL) {
		return errFormat1
	}
	if _, err := t.Data.ReceiveValue(dict.Card, tagAIP, aip); err != nil {
		return err
	}
	_, err = t.Data.ReceiveValue(dict.Card, tagAFL, afl)
	return err
}

// magstripeAFL is how an AFL begins whose first file is that of mag-stripe mode.
var magstripeAFL = [...]byte{0x08, 0x01, 0x01, 0x00}

// chooseMode takes EMV mode where card and reader both can, mag-stripe mode otherwise, with the records and the limit that
// go with it (C-2, S3).
func (t *transaction) chooseMode() kernel.Outcome {
	aip, config := t.Data.Get(tagAIP), t.Data.Get(tagKernelConfig)
	t.activeAFL = t.Data.Get(tagAFL)
	first := bytes.HasPrefix(t.activeAFL, magstripeAFL[:])
	switch {
	case aipEMVMode.In(aip) && !configNoEMVMode.In(config):
		if first && !configNoMagstripe.In(config) {
			t.activeAFL = t.activeAFL[len(magstripeAFL):]
		}
	case configNoMagstripe.In(config):
		return t.fail(stageInitiate, l2NoMagstripe, "c2.no_magstripe", "C-2, S3")
	default:
		t.magstripe = true
		if first {
			t.activeAFL = t.activeAFL[:len(magstripeAFL)]
		}
	}
	t.deviceCVM = aipDeviceCVM.In(aip) && configDeviceCVM.In(config)
	t.limit = t.number(tagLimit)
	if t.deviceCVM {
		t.limit = t.number(tagLimitDevice)
	}
	return kernel.Outcome{}
}
