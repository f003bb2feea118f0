package kernel

import (
	"fmt"
	"io"

	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// arenaSize is the memory of one transaction's data objects. The largest public test cards send less than 4 KiB.
const arenaSize = 12 << 10

// maxExtra is how many data objects that the dictionary does not know a terminal's configuration may hold.
const maxExtra = 32

// ErrDataFull means that a card or a configuration gave more data than a transaction has room for.
var ErrDataFull = &Error{"data.full", "more data objects than a transaction has room for"}

// Data holds the data objects of one transaction: an arena of bytes and an index by tag. It is made once and reused
// from transaction to transaction; Reset wipes it. Values that it hands out alias the arena and are good until then.
//
// The dictionary says who may write an object. What another party sends under its tag is refused: a card can't set the
// amount.
type Data struct {
	arena [arenaSize]byte
	end   int // of what is used of the arena
	scope dict.Scope
	rules []dict.Rule // of scope, by dict.ID
	phase uint8
	slots []slot // by dict.ID
	extra []extra
}

// slot says where a value lies. from is zero for an object that is absent.
type slot struct {
	at, n uint16
	from  dict.Party
	phase uint8
}

type extra struct {
	tag tlv.Tag
	slot
}

// NewData returns an empty store.
func NewData() *Data {
	return &Data{
		rules: dict.RulesOf(dict.Common),
		slots: make([]slot, dict.Tags()),
		extra: make([]extra, 0, maxExtra),
	}
}

// Reset wipes everything and gives the store to a kernel: scope decides what tags mean.
func (d *Data) Reset(scope dict.Scope) {
	clear(d.arena[:d.end])
	clear(d.slots)
	d.end, d.phase, d.scope, d.rules = 0, 0, scope, dict.RulesOf(scope)
	d.extra = d.extra[:0]
}

// Scope returns whose meaning tags have.
func (d *Data) Scope() dict.Scope { return d.scope }

// Get returns the value of an object, nil if it is absent or has no bytes: an object of length zero counts as absent
// (Book 3, 10.2).
func (d *Data) Get(t tlv.Tag) []byte {
	if s := d.find(t); s != nil && s.n > 0 {
		return d.value(*s)
	}
	return nil
}

// Has reports whether an object is there with at least one byte.
func (d *Data) Has(t tlv.Tag) bool { return d.Get(t) != nil }

// From returns who wrote an object; zero if it is absent.
func (d *Data) From(t tlv.Tag) dict.Party {
	if s := d.find(t); s != nil {
		return s.from
	}
	return 0
}

// All calls yield for every object that is there, in the order of tags; those that the dictionary does not know come last.
func (d *Data) All(yield func(tlv.Tag, []byte) bool) {
	for id, s := range d.slots {
		if s.from != 0 && !yield(dict.TagOf(dict.ID(id)), d.value(s)) {
			return
		}
	}
	for _, x := range d.extra {
		if !yield(x.tag, d.value(x.slot)) {
			return
		}
	}
}

func (d *Data) value(s slot) []byte {
	end := int(s.at) + int(s.n)
	return d.arena[s.at:end:end]
}

func (d *Data) find(t tlv.Tag) *slot {
	if id, ok := dict.IDOf(t); ok {
		if s := &d.slots[id]; s.from != 0 {
			return s
		}
		return nil
	}
	for i := range d.extra {
		if d.extra[i].tag == t {
			return &d.extra[i].slot
		}
	}
	return nil
}

// Mark begins a new phase: from here on an object may come again that came before, and its new value counts. Within a
// phase a card must not send an object twice (Book 3, 10.2 and 7.5).
func (d *Data) Mark() { d.phase++ }

// DOLValue gives a DOL what it asks for (Book 3, 5.4).
func (d *Data) DOLValue(t tlv.Tag) ([]byte, tlv.Format) {
	if e := dict.Lookup(t, d.scope); e != nil {
		return d.Get(t), e.Format
	}
	if s := d.find(t); s != nil {
		return d.value(*s), tlv.Binary
	}
	return nil, tlv.FormatUnknown
}

// Set writes an object of the kernel's own. The value is copied. It returns ErrDataFull when there is no room.
func (d *Data) Set(t tlv.Tag, value []byte) error {
	// The same length fits where the kernel's old value is: counters and bit fields change in place. A card's value stays
	// where it is, since it may be part of what the card signed.
	if s := d.find(t); s != nil && s.from == dict.Kernel && int(s.n) == len(value) {
		copy(d.arena[s.at:], value)
		s.phase = d.phase
		return nil
	}
	at, err := d.copy(value)
	if err != nil {
		return err
	}
	return d.point(t, slot{uint16(at), uint16(len(value)), dict.Kernel, d.phase})
}

// SetNumeric writes a number in n bytes of binary coded decimal (format n).
func (d *Data) SetNumeric(t tlv.Tag, v uint64, n int) error {
	var b [8]byte
	return d.Set(t, PutBCD(b[:n], v))
}

// Load writes objects of the terminal's: its configuration, checked before the first tap. Later ones replace earlier
// ones, and unlike a card's they may be unknown to the dictionary.
func (d *Data) Load(objects []byte) error {
	at, err := d.copy(objects)
	if err != nil {
		return err
	}
	c := tlv.Read(d.arena[at : at+len(objects)])
	for c.Next() {
		s := slot{uint16(at + c.Offset()), uint16(len(c.Value())), dict.Terminal, d.phase}
		if err := d.point(c.Tag(), s); err != nil {
			return err
		}
	}
	return c.Err()
}

func (d *Data) copy(b []byte) (at int, err error) {
	at = d.end
	if len(b) > len(d.arena)-at {
		return 0, ErrDataFull
	}
	d.end = at + copy(d.arena[at:], b)
	return at, nil
}

func (d *Data) point(t tlv.Tag, s slot) error {
	if id, ok := dict.IDOf(t); ok {
		d.slots[id] = s
		return nil
	}
	for i := range d.extra {
		if d.extra[i].tag == t {
			d.extra[i].slot = s
			return nil
		}
	}
	if len(d.extra) == maxExtra {
		return ErrDataFull
	}
	d.extra = append(d.extra, extra{t, s})
	return nil
}

// String shows all objects with what is confidential hidden.
func (d *Data) String() string {
	var b []byte
	for t, v := range d.All {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = append(b, t.String()...)
		b = append(b, '=')
		b = dict.MaskTag(t, v, b)
	}
	return string(b)
}

// Format writes what String returns, whatever the verb.
func (d *Data) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// MarshalText gives the masked objects to JSON and its like.
func (d *Data) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
