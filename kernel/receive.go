package kernel

import (
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Received tells what Receive did not take as it came. Each tag is the first of its kind, zero if there was none.
type Received struct {
	Bytes    []byte  // the message as stored: good until Reset, for static data to be authenticated
	Repeated tlv.Tag // came before in this phase: the first value stays
	Refused  tlv.Tag // belongs to another party: not stored
	Length   tlv.Tag // has a length that the dictionary does not allow: not stored, counts as absent
}

// Receive stores all primitive data objects of a message from a card or an issuer, those inside templates included.
// Objects that the dictionary does not know are passed over (Book 3, 7.5: they are not an error).
//
// On a *tlv.SyntaxError what stood before the fault has been stored.
func (d *Data) Receive(from dict.Party, message []byte) (Received, error) {
	r, err := d.Keep(message)
	if err != nil {
		return r, err
	}
	err = d.receive(tlv.Read(r.Bytes), from, d.end-len(message), &r)
	return r, err
}

// Keep stores the bytes of a message without looking at them.
func (d *Data) Keep(message []byte) (Received, error) {
	at, err := d.copy(message)
	if err != nil {
		return Received{}, err
	}
	return Received{Bytes: d.arena[at:d.end:d.end]}, nil
}

// ReceiveValue stores one object whose value a card sent without its tag, as GET PROCESSING OPTIONS format 1 does.
func (d *Data) ReceiveValue(from dict.Party, t tlv.Tag, value []byte) (Received, error) {
	r, err := d.Keep(value)
	if err != nil {
		return r, err
	}
	if id, ok := dict.IDOf(t); ok {
		d.admit(id, slot{uint16(d.end - len(value)), uint16(len(value)), from, d.phase}, &r)
	}
	return r, nil
}

func (d *Data) receive(c tlv.Cursor, from dict.Party, base int, r *Received) error {
	rules, slots, phase := d.rules, d.slots, d.phase
	for c.Next() {
		id, ok := dict.IDOf(c.Tag())
		if n := c.Len(); ok && rules[id].Admits(from, n) {
			if s := &slots[id]; s.from != from || s.phase != phase {
				*s = slot{uint16(base + c.Offset()), uint16(n), from, phase}
				continue
			}
		}
		if c.Tag().Constructed() {
			if err := d.receive(c.Enter(), from, base, r); err != nil {
				return err
			}
			continue
		}
		if ok {
			d.admit(id, slot{uint16(base + c.Offset()), uint16(c.Len()), from, d.phase}, r)
		}
	}
	return c.Err()
}

// admit stores one object if the dictionary lets its sender write it, and notes why not otherwise.
func (d *Data) admit(id dict.ID, s slot, r *Received) {
	old := &d.slots[id]
	switch e := dict.At(id, d.scope); {
	case e == nil: // known to other kernels only
	case e.Update&s.from == 0:
		note(&r.Refused, id)
	case s.n > 0 && !e.ValidLength(int(s.n)):
		note(&r.Length, id)
	case old.from == s.from && old.phase == s.phase:
		note(&r.Repeated, id)
	default:
		*old = s
	}
}

func note(first *tlv.Tag, id dict.ID) {
	if *first == 0 {
		*first = dict.TagOf(id)
	}
}
