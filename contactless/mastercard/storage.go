package mastercard

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Integrated data storage (IDS): an operator that the terminal names keeps data in a slot of the card. They come with the
// answer to GET PROCESSING OPTIONS, and new ones go with GENERATE AC; summaries inside the card's signature prove both.

// idsRead and idsWrite are the bits of IDS Status (DF8128).
func (t *transaction) idsRead() bool  { return t.byteOf(tagIDSStatus)&idsStatusRead != 0 }
func (t *transaction) idsWrite() bool { return t.byteOf(tagIDSStatus)&idsStatusWrite != 0 }

// dsVersion returns the data storage version that the card supports, 0 for none (9F5D byte 1, b4-1).
func (t *transaction) dsVersion() byte { return t.byteOf(tagCapabilities) & 0x0F }

// beginStorage is S1.17 to S1.20: terminal and card both support data storage. Without a terminal that does, the objects of
// data storage stay absent.
func (t *transaction) beginStorage() {
	if !t.Data.Has(tagDSVNTerm) || t.Data.From(tagOperator) == 0 {
		return
	}
	t.offer(tagDSID)
	t.offer(tagCapabilities)
	t.set(tagIDSStatus, []byte{0x00})
	t.set(tagSumStatus, []byte{0x00})
	if v := t.dsVersion(); (v == 1 || v == 2) && t.Data.Has(tagDSID) {
		t.set(tagIDSStatus, []byte{idsStatusRead})
	}
}

// readStorage is the part of S3R1 that concerns data storage: what the card has said of the slot goes to the terminal, and a
// card that did not say enough has none.
func (t *transaction) readStorage() {
	if !t.idsRead() {
		return
	}
	for _, tag := range [...]tlv.Tag{tagSlots, tagSummary1, tagDSUN, tagSlotControl, tagODSCard} {
		if t.Data.From(tag) != 0 {
			t.offer(tag)
		}
	}
	t.offer(tagUN)
	data := t.Data.From(tagODSCard) != 0
	if data && t.Data.Has(tagSummary1) || !data && t.has(tagSlots, tagSummary1, tagDSUN) {
		return
	}
	t.set(tagIDSStatus, []byte{0x00})
	t.Note(stageStorage, "c2.ids_no_slot", "C-2, S3R1")
}

// askForStorage asks the terminal for what the DSDOL names, unless the slot is locked (C-2, S4).
func (t *transaction) askForStorage() {
	if t.dx.askedDS || !t.idsRead() || !t.Data.Has(tagDSDOL) {
		return
	}
	t.dx.askedDS = true
	if !slotLocked.In(t.Data.Get(tagSlotControl)) {
		t.askForListed(t.Data.Get(tagDSDOL))
	}
}

// checkDSID is S456.18 to S456.20: the DS ID is PAN and PAN sequence number, with zeros in front to whole bytes and to
// sixteen digits.
func (t *transaction) checkDSID() bool {
	if !t.idsRead() {
		return true
	}
	var digit [24]byte
	n := 0
	for _, b := range t.Data.Get(tagPAN) {
		for _, d := range [...]byte{b >> 4, b & 0x0F} {
			if d != 0x0F && n < 20 {
				digit[n] = d
				n++
			}
		}
	}
	sequence := t.byteOf(tagPSN)
	digit[n], digit[n+1] = sequence>>4, sequence&0x0F
	n += 2
	zeros := max(16-n, n%2)
	var id digits
	for range zeros {
		id.add(0)
	}
	for _, d := range digit[:n] {
		id.add(d)
	}
	clear(digit[:])
	same := bytes.Equal(id.bytes(), t.Data.Get(tagDSID))
	clear(id.b[:])
	return same
}

// storageAC decides whether the slot is written, and with which cryptogram (C-2, GAC.3 to GAC.12).
func (t *transaction) storageAC() (write bool, out kernel.Outcome) {
	if !t.has(tagODSInfo, tagDSDOL) { // GAC.3, GAC.4
		return false, out
	}
	if !t.has(tagDSACType, tagODSReader) { // GAC.5
		return false, t.endApplication(stageStorage, l2IDSData, l3OK, "c2.ids_data", "C-2, GAC.6")
	}
	asked, reader := kernel.CryptogramOf(t.byteOf(tagDSACType)), t.Data.Get(tagODSReader)
	switch {
	case asked == kernel.AAC, asked == t.ac, asked == kernel.ARQC && t.ac == kernel.TC: // GAC.7
		t.ac = asked // GAC.8
		return true, out
	case t.ac == kernel.AAC && readerForAAC.In(reader), t.ac == kernel.ARQC && readerForARQC.In(reader): // GAC.9, GAC.10
		return true, out
	case readerStopNone.In(reader): // GAC.11
		return false, t.endApplication(stageStorage, l2IDSNoAC, l3OK, "c2.ids_ac", "C-2, GAC.12")
	}
	t.Note(stageStorage, "c2.ids_ac", "C-2, GAC.11")
	return false, out
}

// prepareWrite makes the digest and notes that the slot is written (C-2, GAC.40 to GAC.44).
func (t *transaction) prepareWrite() kernel.Outcome {
	input := t.Data.Get(tagDSInputTerm)
	if input != nil && tlv.DOLHas(t.Data.Get(tagDSDOL), tagDSDigest) { // GAC.40, GAC.41
		operator := t.Data.Get(tagOperator)
		if slotPermanent.In(t.Data.Get(tagSlotControl)) && odsVolatile.In(t.Data.Get(tagODSInfo)) {
			operator = make([]byte, 8)
		}
		digest, err := digestH(t.dsVersion(), t.Data.Get(tagDSID), operator, input) // GAC.42, GAC.43
		if err != nil {
			return t.endApplication(stageStorage, l2IDSData, l3OK, kernel.CodeOf(err), "C-2, GAC.42")
		}
		t.set(tagDSDigest, digest[:])
	}
	t.set(tagIDSStatus, []byte{idsStatusRead | idsStatusWrite})
	return kernel.Outcome{}
}

// addDSDOL puts the data of the DSDOL behind those of CDOL1 (C-2, GAC.45). Of the last object there may be less than the list
// asks for: it is not filled up.
func (t *transaction) addDSDOL() ([]byte, error) {
	var buffer [tlv.MaxDOLData]byte
	data := append(buffer[:0], t.Data.Get(tagCDOL1Data)...)
	d := tlv.ReadDOL(t.Data.Get(tagDSDOL))
	for d.Next() {
		value, format := t.Data.DOLValue(d.Tag())
		behind := d
		if !behind.Next() && len(value) < d.Len() {
			data = append(data, value...)
		} else {
			data = tlv.AppendDOLValue(data, value, format, d.Len())
		}
		if len(data) > tlv.MaxDOLData {
			return nil, errLongDOL
		}
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	if err := t.Data.Set(tagCDOL1Data, data); err != nil {
		return nil, err
	}
	return t.Data.Get(tagCDOL1Data), nil
}

// takeSummaries takes DS Summary 2, and after a write DS Summary 3, out of the ICC Dynamic Data, and returns what follows.
func (t *transaction) takeSummaries(rest []byte) []byte {
	if !t.idsRead() {
		return rest
	}
	n := 8
	if t.dsVersion() == 2 {
		n = 16
	}
	behind := 0
	if t.rrp {
		behind = relaySigned
	}
	if len(rest) >= n+behind {
		t.set(tagSummary2, rest[:n])
		rest = rest[n:]
		if t.idsWrite() && len(rest) >= n+behind {
			t.set(tagSummary3, rest[:n])
			rest = rest[n:]
		}
	}
	return rest
}

// judgeSummaries is the part of S910 A, and of S11, that concerns data storage: what was read is what the card has signed,
// and what was written has changed the slot.
func (t *transaction) judgeSummaries() kernel.Outcome {
	if !t.idsRead() {
		return kernel.Outcome{}
	}
	summary1, summary2, summary3 := t.Data.Get(tagSummary1), t.Data.Get(tagSummary2), t.Data.Get(tagSummary3)
	switch {
	case t.tornRecord != nil && !bytes.Equal(summary1, t.tornSummary):
		// The torn transaction has written, after all: what this one has read is not what that one left.
		return t.fail(stageStorage, l2IDSRead, "c2.ids_torn_summary", "C-2, S11")
	case summary2 == nil:
		return t.fail(stageStorage, l2CardDataMissing, "c2.ids_no_summary_2", "C-2, S910")
	case !bytes.Equal(summary1, summary2):
		return t.fail(stageStorage, l2IDSRead, "c2.ids_read", "C-2, S910")
	}
	status := byte(sumStatusRead)
	if t.idsWrite() {
		switch {
		case summary3 == nil:
			t.set(tagSumStatus, []byte{status})
			return t.fail(stageStorage, l2CardDataMissing, "c2.ids_no_summary_3", "C-2, S910")
		case !bytes.Equal(summary2, summary3):
			status |= sumStatusWrite
		case readerStopWrite.In(t.Data.Get(tagODSReader)):
			t.set(tagSumStatus, []byte{status})
			return t.fail(stageStorage, l2IDSWrite, "c2.ids_write", "C-2, S910")
		}
	}
	t.set(tagSumStatus, []byte{status})
	return kernel.Outcome{}
}
