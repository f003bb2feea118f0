package mastercard

import (
	"bytes"
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// TornLog keeps Torn Records (FF8101), newest first. A record holds a card number and is as confidential. It is for one
// reader at a time. How many records there are and how old they get is decided by the kernel and by Clean.
type TornLog interface {
	Len() int

	// At returns a record, 0 being the newest. It is good until the log is changed.
	At(i int) []byte

	// Insert makes a copy of a record the newest one.
	Insert(record []byte)

	// Remove overwrites and forgets a record.
	Remove(i int)
}

// MemoryLog is a TornLog in memory. The zero value is empty.
type MemoryLog struct{ records [][]byte }

// Len returns the number of records.
func (l *MemoryLog) Len() int { return len(l.records) }

// At returns a record.
func (l *MemoryLog) At(i int) []byte { return l.records[i] }

// Insert makes a copy of a record the newest one.
func (l *MemoryLog) Insert(record []byte) {
	l.records = append(l.records, nil)
	copy(l.records[1:], l.records)
	l.records[0] = bytes.Clone(record)
}

// Remove overwrites and forgets a record.
func (l *MemoryLog) Remove(i int) {
	clear(l.records[i])
	l.records = append(l.records[:i], l.records[i+1:]...)
}

// tornObjects are the objects of a Torn Record (FF8101; C-2, Annex A).
var tornObjects = [...]tlv.Tag{
	tagAmount, tagOther, tagPAN, tagPSN, tagBalanceBefore, tagCDOL1Data, tagCVMResults, tagDRDOLData, tagSummary1, tagIDSStatus,
	tagIFDSerial, tagPDOLData, tagRefControl, tagTermCap, tagCountry, tagTermType, tagTVR, tagCategory, tagCurrency, tagDate, tagTime,
	tagType, tagUN, tagTermEntropy, tagDeviceEntropy, tagMinTime, tagMaxTime, tagDeviceRAPDU, tagMeasured, tagRRPCounter,
}

// Clean is the CLEAN signal (C-2, S1): it takes the records out of the log that are as old as lifetime, Max Lifetime of
// Torn Transaction Log Record (DF811C), and returns them, each as FF8101: Discretionary Data for the acquirer. Records are
// dated as the place of sale has it, in now's time zone; one whose date can't be read is taken out.
func Clean(log TornLog, lifetime time.Duration, now time.Time) kernel.Objects {
	var removed kernel.Objects
	for i := log.Len() - 1; i >= 0; i-- {
		record := log.At(i)
		when, ok := tornTime(record, now.Location())
		if ok && now.Sub(when) < lifetime {
			continue
		}
		removed = tlv.Append(removed, tagTornRecord, record)
		log.Remove(i)
	}
	return removed
}

func tornTime(record []byte, zone *time.Location) (time.Time, bool) {
	date, _ := tlv.Find(record, tagDate)
	clock, _ := tlv.Find(record, tagTime)
	if len(date) != 3 || len(clock) != 3 {
		return time.Time{}, false
	}
	var n [6]int
	for i, b := range [...]byte{date[0], date[1], date[2], clock[0], clock[1], clock[2]} {
		v, ok := kernel.BCD([]byte{b})
		if !ok {
			return time.Time{}, false
		}
		n[i] = int(v)
	}
	return time.Date(2000+n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, zone), true
}

// recovers reports whether torn transactions can be recovered: the card has a DRDOL, the reader a log.
func (t *transaction) recovers() bool {
	return t.options.TornLog != nil && t.byteOf(tagTornRecords) > 0 && t.Data.Has(tagDRDOL)
}

// findTorn looks for the Torn Record of this card (C-2, S456.43): PAN and PAN sequence number are its own. The
// book asks no more. This kernel also wants the same amounts, currency and type: a transaction over another amount is
// another one, and the card's answer for the old would be taken for the new.
func (t *transaction) findTorn() bool {
	if !t.recovers() {
		return false
	}
	for i := range t.options.TornLog.Len() {
		if t.sameTransaction(t.options.TornLog.At(i)) {
			t.torn = i
			return true
		}
	}
	return false
}

func (t *transaction) sameTransaction(record []byte) bool {
	for _, tag := range [...]tlv.Tag{tagPAN, tagPSN, tagAmount, tagOther, tagCurrency, tagType} {
		v, _ := tlv.Find(record, tag)
		if !bytes.Equal(v, t.Data.Get(tag)) {
			return false
		}
	}
	return true
}

// keepTorn is what S9 and S11 do when the card did not answer GENERATE AC: a Torn Record is made, where the card can
// recover. When the log is full the oldest record leaves it and is reported.
func (t *transaction) keepTorn() bool {
	if !t.recovers() {
		return false
	}
	if _, err := t.buildDOL(tagDRDOLData, t.Data.Get(tagDRDOL), tlv.MaxDOLData); err != nil {
		t.Note(stageRecover, kernel.CodeOf(err), "C-2, S9")
		return false
	}
	log := t.options.TornLog
	for log.Len() >= int(t.byteOf(tagTornRecords)) {
		t.set(tagTornRecord, log.At(log.Len()-1))
		log.Remove(log.Len() - 1)
	}
	t.Out.Record = t.Data.AppendObjects(t.Out.Record[:0], tornObjects[:]) // no outcome of this state has a Data Record
	log.Insert(t.Out.Record)
	return true
}

// dropTorn takes the Torn Temp Record out of the log once the card has begun anew (C-2, S11): the card has answered, or a
// new record takes its place. One that may have written into the card's slot stays until the card has answered, and is
// remembered: its summary tells whether it has.
func (t *transaction) dropTorn(answered bool) {
	if !t.recovered {
		return
	}
	log := t.options.TornLog
	record := log.At(t.torn)
	status, _ := tlv.Find(record, tagIDSStatus)
	wrote := len(status) == 1 && status[0]&idsStatusWrite != 0
	if wrote && !answered {
		return
	}
	if wrote {
		kept, err := t.Data.Keep(record)
		if err != nil {
			t.lack(err)
		} else {
			t.tornRecord = kept.Bytes
			t.tornSummary, _ = tlv.Find(t.tornRecord, tagSummary1)
		}
	}
	log.Remove(t.torn)
}

// recoverAC is state S10: the card is asked for the cryptogram of the transaction that it left. One that does not have it
// is asked for a new one.
func (t *transaction) recoverAC(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageRecover, "C-2, S10")
	log := t.options.TornLog
	data, _ := tlv.Find(log.At(t.torn), tagDRDOLData)
	command := apdu.AppendCommand(t.Card.Buffer(), 0x80, apdu.InsRecoverAC, 0x00, 0x00, data)
	r, out, err := t.sendAlone(ctx, stageRecover, "C-2, S10", command)
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK {
		t.Note(stageRecover, "c2.recover_"+r.SW.String(), "C-2, S10")
		t.recovered = true
		return t.generateAC(ctx)
	}
	t.restoreTorn(log.At(t.torn))
	log.Remove(t.torn)
	message, err := t.takeCryptogram(r.Data, false)
	if err == nil {
		err = t.full
	}
	if err != nil {
		return t.fail(stageRecover, l2Parsing, kernel.CodeOf(err), "C-2, S10"), nil
	}
	return t.judgeCryptogram(ctx, message)
}

// restoreTorn takes the objects of the torn transaction, by which the card's cryptogram and signature are judged.
func (t *transaction) restoreTorn(record []byte) {
	if t.Data.From(tagIDSStatus) != 0 {
		t.set(tagIDSStatus, []byte{0x00})
	}
	c := tlv.Read(record)
	for c.Next() {
		t.set(c.Tag(), c.Value())
	}
	t.rrp = tvrRRPPerformed.In(t.Data.Get(tagTVR))
}
