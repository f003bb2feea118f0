package mastercard

import (
	"context"
	"fmt"
	"io"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
)

// maxUN is the most digits that the Unpredictable Number (Numeric) has (C-2, S7.22).
const maxUN = 8

// readTracks is state S7: the records of mag-stripe mode, and what they must hold.
func (t *transaction) readTracks(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageMagstripe, "C-2, S7")
	if err := t.sendDue(ctx); err != nil { // C-2, S3
		return kernel.Outcome{}, err
	}
	afl, err := apdu.ReadAFL(t.activeAFL)
	if err != nil {
		return t.fail(stageMagstripe, l2CardData, kernel.CodeOf(err), "Book 3, 10.2"), nil
	}
	for afl.Next() {
		command := apdu.AppendReadRecord(t.Card.Buffer(), afl.SFI, afl.Record)
		r, out, err := t.send(ctx, stageMagstripe, "C-2, S7", command)
		if err != nil || out.Made() {
			return out, err
		}
		if r.SW != apdu.OK {
			return t.failStatus(stageMagstripe, "c2.record_", r.SW, "C-2, S7"), nil
		}
		if _, err := t.takeRecord(afl.SFI, r.Data); err != nil {
			return t.fail(stageMagstripe, l2Parsing, kernel.CodeOf(err), "C-2, S7"), nil
		}
	}
	t.askForListed(t.Data.Get(tagUDOL))
	return t.checkTracks(), nil
}

// checkTracks is S7.20 to S7.26: the number of digits that both tracks have room for, and the discretionary data as the
// card gave them.
func (t *transaction) checkTracks() kernel.Outcome {
	if !t.has(tagTrack2, tagPUNATCTrack2, tagPCVC3Track2, tagNATCTrack2) {
		return t.fail(stageMagstripe, l2CardDataMissing, "c2.track2_missing", "C-2, S7.20")
	}
	t.un = ones(t.Data.Get(tagPUNATCTrack2)) - int(t.byteOf(tagNATCTrack2))
	if t.un < 0 || t.un > maxUN {
		return t.fail(stageMagstripe, l2CardData, "c2.un_digits", "C-2, S7.22")
	}
	if t.Data.Has(tagTrack1) {
		if !t.has(tagPCVC3Track1, tagPUNATCTrack1, tagNATCTrack1) ||
			ones(t.Data.Get(tagPUNATCTrack1))-int(t.byteOf(tagNATCTrack1)) != t.un {
			return t.fail(stageMagstripe, l2CardData, "c2.track1_digits", "C-2, S7.24")
		}
		track := readTrack1(t.Data.Get(tagTrack1))
		if !track.holds(t.Data.Get(tagPCVC3Track1), t.Data.Get(tagPUNATCTrack1)) {
			return t.fail(stageMagstripe, l2CardData, "c2.track1", "C-2, S7.25")
		}
		t.set(tagDDCardTrack1, track.discretionary())
	}
	track := readTrack2(t.Data.Get(tagTrack2))
	if !track.holds(t.Data.Get(tagPCVC3Track2), t.Data.Get(tagPUNATCTrack2)) {
		return t.fail(stageMagstripe, l2CardData, "c2.track2", "C-2, S7.26")
	}
	var packed digits
	for _, c := range track.discretionary() {
		packed.add(c - '0')
	}
	t.set(tagDDCardTrack2, packed.bytes())
	return kernel.Outcome{}
}

// prepareChecksum is S78: the amount against the limit, and the Unpredictable Number (Numeric).
func (t *transaction) prepareChecksum(ctx context.Context) (kernel.Outcome, error) {
	if t.amount() > t.limit {
		t.fieldOff = false
		return t.selectNext(stageMagstripe, l2MaxLimit, "c2.max_limit", "C-2, S78.9"), nil
	}
	if err := t.sendRest(ctx); err != nil {
		return kernel.Outcome{}, err
	}
	var number [maxUN]byte
	if err := drawDigits(t.Env.Rand, number[maxUN-t.un:]); err != nil { // S78.15: zeros on the left
		return kernel.Outcome{}, err
	}
	var packed [4]byte
	for i := range packed {
		packed[i] = number[2*i]<<4 | number[2*i+1]
	}
	t.set(tagUNNumeric, packed[:])
	if t.deviceCVM && t.cvmRequired() {
		mobile := [1]byte{t.byteOf(tagMobileSupport)}
		mobileCVMRequired.Set(mobile[:])
		t.set(tagMobileSupport, mobile[:])
		t.cvm = kernel.ConfirmationCodeVerified
	}
	return kernel.Outcome{}, nil
}

// drawDigits draws as many decimal digits as dst has bytes: each from a byte, those from 250 on drawn again, since 256 is no
// multiple of ten.
func drawDigits(rand io.Reader, dst []byte) error {
	var b [maxUN]byte
	for n := 0; n < len(dst); {
		drawn := b[:len(dst)-n]
		if _, err := io.ReadFull(rand, drawn); err != nil {
			return fmt.Errorf("mastercard: drawing the unpredictable number: %w", err)
		}
		for _, c := range drawn {
			if c < 250 {
				dst[n] = c % 10
				n++
			}
		}
	}
	return nil
}

// ones counts the bits that are set: the positions that a bitmap names.
func ones(bitmap []byte) int {
	n := 0
	for _, b := range bitmap {
		for ; b != 0; b &= b - 1 {
			n++
		}
	}
	return n
}
