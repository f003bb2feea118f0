package discover

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// Where the dynamic values stand in the discretionary data of both tracks, behind the service code (C-6, 3.10.2):
//
//	zeros, to make up for a card number of less than 16 digits · issuer data, 5 · DCVV, 3 · ATC, 3 · unpredictable number, 2
//
// The card has put the ATC in itself. These are positions 31 to 38 of track 2 and 59 to 66 of track 1 with a name of 26
// characters, as they are counted on a stripe with its sentinels.
const (
	dcvvAt      = 5
	numberAt    = 11
	dynamicSize = 13
	fullPAN     = 16
)

// completeMagstripe ends both mag-stripe modes: tracks, cardholder verification, and always the issuer (C-6, 3.10).
func (t *transaction) completeMagstripe() kernel.Outcome {
	t.Step(stageMagstripe, "C-6, 3.10")
	if dcvv := t.Data.Get(tagDCVV); dcvv != nil { // without it the tracks go as they are
		if out := t.buildTracks(dcvv); out.Made() {
			return out
		}
	}
	if out := t.verifyMagstripe(); out.Made() {
		return out
	}
	if t.TTQ(contactless.TTQOfflineOnly) {
		return t.tryAnother(t.Note(stageMagstripe, "c6.offline_only", "C-6, 3.10.4"))
	}
	return kernel.Outcome{ // C-6, 3.10.4
		Kind: kernel.OnlineRequest, CVM: t.cvm, Record: t.DataRecord(recordMagstripe[:]),
		UI:  kernel.UIRequest{Message: kernel.MsgAuthorising, Status: kernel.CardReadSuccessfully},
		Why: t.Note(stageMagstripe, "c6.tracks", "C-6, 3.10.4"),
	}
}

// verifyMagstripe is the reader's own choice: these cards have no Card Processing Requirements (C-6, 3.10.3). The order is
// that of Kernel 3 for cards that leave the choice to the reader; a stripe is signed for.
func (t *transaction) verifyMagstripe() kernel.Outcome {
	switch {
	case !t.TTQ(contactless.TTQCVMRequired):
	case t.TTQ(contactless.TTQSignature):
		t.cvm = kernel.ObtainSignature
	case t.TTQ(contactless.TTQOnlinePIN):
		t.cvm = kernel.OnlinePIN
	default:
		t.setTVR(tvr.CVMNotSuccessful, stageMagstripe, "c6.no_common_cvm", "C-6, 3.10.3")
		return t.tryAnotherOrEnd(stageMagstripe, "c6.no_common_cvm", "C-6, 3.10.3")
	}
	return kernel.Outcome{}
}

// buildTracks writes DCVV and unpredictable number into track 2 and, where the card gave it, track 1 (C-6, 3.10.2).
func (t *transaction) buildTracks(dcvv []byte) kernel.Outcome {
	for _, c := range dcvv {
		if c < '0' || c > '9' {
			return contactless.EndFor(stageMagstripe, errDCVV, "C-6, 3.10.1")
		}
	}
	un := t.Data.Get(tagUN)[0]
	digits := [...]byte{dcvv[0], dcvv[1], dcvv[2], '0' + un>>4, '0' + un&0x0F}
	pad := max(0, fullPAN-len(t.track2.PAN.Unmasked()))
	if !t.buildTrack2(digits, pad) || !t.buildTrack1(digits, pad) {
		return contactless.EndFor(stageMagstripe, errTrackRoom, "C-6, 3.10.2")
	}
	return kernel.Outcome{}
}

// buildTrack2 reports false where the track has no room.
func (t *transaction) buildTrack2(digits [5]byte, pad int) bool {
	var track [19]byte
	n := copy(track[:], t.Data.Get(tagTrack2))
	from := len(t.track2.PAN.Unmasked()) + 8 + pad // separator, expiry, service code
	if from+dynamicSize > 2*n {
		return false
	}
	for i := range dynamicSize { // padding begins earlier than a full track would
		if kernel.Nibble(track[:], from+i) > 9 {
			return false
		}
	}
	for i, d := range digits {
		kernel.SetNibble(track[:], from+place(i), d-'0')
	}
	t.set(tagTrack2, track[:n])
	t.track2, _ = kernel.ParseTrack2(t.Data.Get(tagTrack2))
	return true
}

// buildTrack1 reports false where there is a track 1 that has no room, or that can't be read.
func (t *transaction) buildTrack1(digits [5]byte, pad int) bool {
	var track [76]byte
	n := copy(track[:], t.Data.Get(tagTrack1))
	if n == 0 {
		return true
	}
	from := 0 // behind the second separator
	for i, separators := 0, 0; i < n && from == 0; i++ {
		if track[i] == '^' {
			if separators++; separators == 2 {
				from = i + 1 + 7 + pad // expiry, service code
			}
		}
	}
	if from == 0 || from+dynamicSize > n {
		return false
	}
	for i, d := range digits {
		track[from+place(i)] = d
	}
	t.set(tagTrack1, track[:n])
	return true
}

// place returns where the i-th of the five dynamic digits goes.
func place(i int) int {
	if i < 3 {
		return dcvvAt + i
	}
	return numberAt + i - 3
}
