package jcb

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// defaultMDOL is what GET MAGSTRIPE DATA carries for a card without an MDOL (C-5, 3.9.1): 9F02 6, 9F1A 2, 5F2A 2, 9A 3, 9C 1,
// 9F53 3, 9F4E 20.
var defaultMDOL = [...]byte{
	0x9F, 0x02, 6, 0x9F, 0x1A, 2, 0x5F, 0x2A, 2, 0x9A, 3, 0x9C, 1, 0x9F, 0x53, 3, 0x9F, 0x4E, 20,
}

// getMagstripeData is the completion of Mag-stripe mode (C-5, 3.9), which readers had until J/Speedy 1.4: the card puts
// dynamic data into track 2, and the issuer decides.
func (t *transaction) getMagstripeData(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageMagstripe, "C-5, 3.9")
	list := t.Data.Get(tagMDOL)
	if list == nil {
		list = defaultMDOL[:]
	}
	var buffer [tlv.MaxDOLData]byte
	data, err := tlv.AppendDOLData(buffer[:0], list, t.Data)
	if err != nil {
		return t.nextFor(stageMagstripe, err, "C-5, 3.9.1"), nil
	}
	command := apdu.AppendCommand(t.Card.Buffer(), 0x80, insGetMagstripeData, byte(t.request), 0x00, data)
	r, out, err := t.send(ctx, stageMagstripe, command)
	if err != nil || out.Made() {
		return out, err
	}
	switch r.SW { // C-5, 3.9.2
	case apdu.OK:
		return t.takeTrack(r.Data), nil
	case apdu.CommandNotAllowed:
		return t.seePhone(stageMagstripe, "C-5, 3.9.2"), nil
	case apdu.AuthenticationFailed: // 6300
		return t.declined(stageMagstripe, "c5.magstripe_6300", "C-5, 3.9.2"), nil
	default:
		return t.next(stageMagstripe, "c5.magstripe_"+r.SW.String(), "C-5, 3.9.2"), nil
	}
}

// takeTrack takes the dynamic track 2 (C-5, 3.9.3): it replaces any that the records had.
func (t *transaction) takeTrack(answer []byte) kernel.Outcome {
	const ref = "C-5, 3.9.3"
	template, value, err := apdu.Single(answer)
	if err == nil && template != 0x77 {
		err = apdu.ErrTemplate
	}
	if err == nil {
		if _, ok := tlv.Find(value, tagTrack2); !ok {
			return t.next(stageMagstripe, "c5.missing_57", ref)
		}
		t.Data.Mark()
		_, err = t.receive(value)
	}
	if err != nil {
		return t.nextFor(stageMagstripe, err, ref)
	}
	var ok bool
	if t.track2, ok = kernel.ParseTrack2(t.Data.Get(tagTrack2)); !ok {
		return t.nextFor(stageMagstripe, errTrack2, ref)
	}
	if t.request == kernel.AAC { // what was denied does not go online, whatever the card answers
		return t.declined(stageMagstripe, "c5.denial", ref)
	}
	t.showCardRead()
	if !t.verifyByTrack() {
		return t.declined(stageMagstripe, "c5.no_common_cvm", "C-5, 3.9.4")
	}
	return t.onlineRequest("c5.track2", "C-5, 3.13.2")
}

// verifyByTrack reads the CVM from the last digit of track 2 (C-5, 3.9.4). It reports false where the reader has not got it,
// or asks for one that the card did not choose.
func (t *transaction) verifyByTrack() bool {
	switch lastDigit(t.track2.Unmasked()) {
	case 1:
		if !t.mayPassUnverified() {
			return false
		}
		t.verifiedBy(kernel.NoCVM)
	case 2:
		if !t.tip(tipSignature) {
			return false
		}
		t.verifiedBy(kernel.ObtainSignature)
	case 3:
		if !t.tip(tipOnlinePIN) {
			return false
		}
		t.verifiedBy(kernel.OnlinePIN)
	case 4:
		if !t.tip(tipDeviceCVM) {
			return false
		}
		t.verifiedBy(kernel.ConfirmationCodeVerified)
	default:
		if !t.tip(tipCVMRequired) {
			t.verifiedBy(kernel.NoCVM)
			return true
		}
		return t.verifyByOwnChoice()
	}
	return true
}

// lastDigit returns the last digit of a track, behind which there may be padding.
func lastDigit(track []byte) byte {
	for i := 2*len(track) - 1; i >= 0; i-- {
		if d := kernel.Nibble(track, i); d <= 9 {
			return d
		}
	}
	return 0
}
