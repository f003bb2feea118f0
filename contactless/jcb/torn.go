package jcb

import (
	"bytes"
	"context"
	"time"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// TornLog keeps the context of the transaction that a card left while it made its cryptogram (C-5, 3.14): one, which is what
// readers have. It holds a card number and is as confidential: a terminal that gives the transaction up wipes it, otherwise
// the next card of JCB's does. One serves all combinations of a reader; the zero value is empty. It is for one reader at a
// time.
type TornLog struct {
	used    bool
	at      time.Time
	tx      kernel.Transaction
	control byte // P1 of the GENERATE AC

	name    [16]byte // ADF name
	track   [19]byte // Track 2 Equivalent Data
	pdol    [tlv.MaxDOLData]byte
	cdol    [tlv.MaxDOLData]byte
	objects [64]byte // as TLV
	n       struct{ name, track, pdol, cdol, objects int }
}

// tornObjects are what the cryptogram was made over and a new tap makes anew: its record needs the old ones (C-5, 3.14.5).
var tornObjects = [...]tlv.Tag{tagUN, tagTVR, tagTIP, tagDate, tagTime}

// Wipe forgets the context.
func (l *TornLog) Wipe() {
	if l != nil {
		*l = TornLog{}
	}
}

// Empty reports whether there is none.
func (l *TornLog) Empty() bool { return l == nil || !l.used }

// String says whether there is a context, and nothing of it.
func (l *TornLog) String() string {
	if l.Empty() {
		return "no torn transaction"
	}
	return "[torn transaction]"
}

// GoString is String.
func (l *TornLog) GoString() string { return l.String() }

// keepTorn makes the context (C-5, 3.14.1).
func (t *transaction) keepTorn(control byte) {
	l := t.options.Torn
	if l == nil {
		return
	}
	l.Wipe()
	l.used, l.at, l.tx, l.control = true, t.Env.Clock.Now(), *t.Transaction, control
	var scratch [64]byte
	for _, v := range [...]struct {
		to   []byte
		n    *int
		from []byte
	}{
		{l.name[:], &l.n.name, t.ADF},
		{l.track[:], &l.n.track, t.Data.Get(tagTrack2)},
		{l.pdol[:], &l.n.pdol, t.pdolData},
		{l.cdol[:], &l.n.cdol, t.cdolData},
		{l.objects[:], &l.n.objects, t.Data.AppendObjects(scratch[:0], tornObjects[:])},
	} {
		*v.n = copy(v.to, v.from)
	}
	t.Note(stageTorn, "c5.torn", "C-5, 3.14.1")
}

// wasTorn reports whether this activation is one more of the transaction that was torn, not too late. Any other context is
// dropped: its cryptogram is of no use any more (C-5, 3.14.2).
func (t *transaction) wasTorn() bool {
	l := t.options.Torn
	if l.Empty() {
		return false
	}
	if t.Restarted && t.sameTransaction(l) && bytes.Equal(l.name[:l.n.name], t.ADF) {
		if took := t.Env.Clock.Since(l.at); took >= 0 && took < t.options.tornLifetime() {
			return true
		}
	}
	l.Wipe()
	t.Note(stageTorn, "c5.torn_dropped", "C-5, 3.14.2")
	return false
}

func (t *transaction) sameTransaction(l *TornLog) bool {
	a, b := &l.tx, t.Transaction
	return a.Amount == b.Amount && a.Other == b.Other && a.Type == b.Type && a.Currency == b.Currency &&
		a.Sequence == b.Sequence
}

// recoverTorn asks the card for the cryptogram that it owes (C-5, 3.14.2): ECHO first, then who it is. A card that has nothing
// begins anew, in the same tap.
func (t *transaction) recoverTorn(ctx context.Context) (kernel.Outcome, error) {
	t.Step(stageTorn, "C-5, 3.14")
	l := t.options.Torn
	t.recovering = true
	if !t.fciReadable() || !tlv.DOLHas(t.Data.Get(tagPDOL), tagCompatible) {
		return t.nextFor(stageTorn, errFCI, "C-5, 3.14.2"), nil
	}
	r, out, err := t.send(ctx, stageTorn, apdu.AppendCommand(t.Card.Buffer(), 0x80, insEcho, 0x00, 0x00, nil))
	switch {
	case err != nil:
		return out, err
	case out.Made():
		l.Wipe()
		return out, nil
	case r.SW != apdu.OK:
		l.Wipe()
		t.recovering = false
		t.Note(stageTorn, "c5.echo_"+r.SW.String(), "C-5, 3.14.2")
		return t.transact(ctx)
	}
	kept, err := t.Data.Keep(r.Data)
	if err != nil {
		return t.nextFor(stageTorn, err, "C-5, 3.14.2"), nil
	}
	answer := kept.Bytes
	if out := t.activate(); out.Made() { // C-5, 3.14.3
		return out, nil
	}
	if out, err := t.initiate(ctx); err != nil || out.Made() {
		return out, err
	}
	if out, err := t.readRecords(ctx); err != nil || out.Made() {
		return out, err
	}
	if !bytes.Equal(l.track[:l.n.track], t.Data.Get(tagTrack2)) { // C-5, 3.14.4
		return t.nextFor(stageTorn, errOtherCard, "C-5, 3.14.4"), nil
	}
	if err := t.restore(l); err != nil {
		return t.nextFor(stageTorn, err, "C-5, 3.14.5"), nil
	}
	l.Wipe()
	return t.judgeAnswer(answer), nil
}

// restore takes the transaction that was torn: by its data the answer and the signature in it are judged (C-5, 3.14.5).
func (t *transaction) restore(l *TornLog) error {
	for _, v := range [...]struct {
		to   *[]byte
		from []byte
	}{{&t.pdolData, l.pdol[:l.n.pdol]}, {&t.cdolData, l.cdol[:l.n.cdol]}} {
		kept, err := t.Data.Keep(v.from)
		if err != nil {
			return err
		}
		*v.to = kept.Bytes
	}
	c := tlv.Read(l.objects[:l.n.objects])
	for c.Next() {
		t.set(c.Tag(), c.Value())
	}
	t.request = kernel.CryptogramOf(l.control)
	t.cda = l.control != byte(t.request)
	return t.full
}
