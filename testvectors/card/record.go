package card

import (
	"slices"

	"github.com/cardwright/emv/tlv"
)

// record is one record of the files that the AFL names, as it was made: faults come when it is read.
type record struct {
	sfi, number byte
	signed      bool
	apart       bool // of no use to this transaction: neither signed nor certified
	objects     store
}

// plan makes the records of a transaction, of those plans of the layout that use accepts.
func (c *Card) plan(use func(*recordPlan) bool) {
	extra := c.extra
	for i := range c.layout.records {
		p := &c.layout.records[i]
		if !use(p) {
			continue
		}
		r := record{sfi: p.sfi, number: p.number, signed: p.signed}
		for _, t := range p.tags {
			if v := c.value(t); len(v) > 0 {
				r.objects.set(t, v)
			}
		}
		if p.signed {
			for _, t := range extra {
				if v := c.value(t); len(v) > 0 {
					r.objects.set(t, v)
				}
			}
			extra = nil
		}
		c.tx.records = append(c.tx.records, r)
	}
}

// planFirst puts a record in front that stands apart from the others, where the card has an object of it.
func (c *Card) planFirst(p *recordPlan) {
	r := record{sfi: p.sfi, number: p.number, apart: true}
	for _, t := range p.tags {
		r.put(t, c.value(t))
	}
	if len(r.objects) > 0 {
		c.tx.records = slices.Insert(c.tx.records, 0, r)
	}
}

// put adds an object to a record that was planned.
func (r *record) put(t tlv.Tag, value []byte) {
	if len(value) > 0 {
		r.objects.set(t, value)
	}
}

// value returns the value of template 70, without faults: what is signed.
func (r *record) value() []byte {
	var b []byte
	for _, o := range r.objects {
		b = tlv.Append(b, o.tag, o.value)
	}
	return b
}

// lengthen adds an unknown object so that the whole record has n bytes, where it is shorter.
func (r *record) lengthen(n int) {
	for fill := n; fill > 0; fill-- {
		with := tlv.Size(tagUnknownPrimitive, fill) + len(r.value())
		if tlv.Size(tagRecord, with) <= n {
			r.objects.set(tagUnknownPrimitive, make([]byte, fill))
			return
		}
	}
}

// lengthen applies the fault long-records to the signed records or to the others.
func (c *Card) lengthen(signed bool) {
	if len(c.tx.records) == 0 {
		return
	}
	if f := c.fault(faultLongRecords); f != nil {
		for i := range c.tx.records {
			if r := &c.tx.records[i]; r.signed == signed {
				r.lengthen(f.count)
			}
		}
	}
}

// locator returns the AFL of the transaction's records (Book 3, 10.2): one entry for each run of records of a file, of
// which those that are signed must come first.
func (c *Card) locator() []byte {
	var afl []byte
	for _, r := range c.tx.records {
		n := len(afl)
		if n > 0 && afl[n-4] == r.sfi<<3 && afl[n-2]+1 == r.number {
			afl[n-2] = r.number
		} else {
			afl = append(afl, r.sfi<<3, r.number, r.number, 0)
			n = len(afl)
		}
		if r.signed {
			afl[n-1]++
		}
	}
	return afl
}

// staticData returns the Static Data to be Authenticated (Book 3, 10.3): the signed records, and the AIP where the tag
// list says so.
func (c *Card) staticData() []byte {
	var b []byte
	for i := range c.tx.records {
		if r := &c.tx.records[i]; r.signed {
			b = append(b, r.value()...)
		}
	}
	if list := c.value(tagSDATagList); len(list) == 1 && list[0] == byte(tagAIP) {
		b = append(b, c.value(tagAIP)...)
	}
	return b
}

// readRecord answers READ RECORD (Book 3, 6.5.11) for the records of the AFL, after GET PROCESSING OPTIONS.
func (c *Card) readRecord(cmd *command) response {
	switch {
	case cmd.p2&0x07 != 0x04 || cmd.p1 == 0:
		return status(swWrongP1P2)
	case !c.session.started:
		return status(swConditions)
	}
	for i := range c.tx.records {
		if r := &c.tx.records[i]; r.sfi == cmd.p2>>3 && r.number == cmd.p1 {
			return response{body: c.appendRecord(nil, r), sw: swOK}
		}
	}
	return status(swRecordMissing)
}

// appendRecord appends a record as it is sent.
func (c *Card) appendRecord(dst []byte, r *record) []byte {
	var b []byte
	for _, o := range r.objects {
		b = c.appendObject(b, o.tag, o.value)
	}
	b = c.appendAdditions(b, place(r.sfi)<<8|place(r.number))
	return append(dst, c.recordFault(r, tlv.Append(nil, tagRecord, b))...)
}
