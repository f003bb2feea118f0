package card

import (
	"bytes"
	"crypto/des"
	"crypto/sha256"
	"crypto/subtle"

	"github.com/cardwright/emv/tlv"
)

// Application Capabilities Information (9F5D; C-2, Annex A).
const (
	capabilityBalance = bit(2<<8 | 0x02) // balance reading
	capabilityCDA     = bit(2<<8 | 0x01) // CDA over TC, ARQC and AAC
)

// storage is what terminals keep on the card: slots of integrated data storage by operator, and envelopes of standalone
// data storage by tag.
type storage struct {
	slots     []slot
	envelopes store
}

// slot is one operator's.
type slot struct {
	operator, data, digest []byte
}

// mostSlots is how many slots a card has.
const mostSlots = 4

// find returns the operator's slot, nil where it has none.
func (s *storage) find(operator []byte) *slot {
	for i := range s.slots {
		if bytes.Equal(s.slots[i].operator, operator) {
			return &s.slots[i]
		}
	}
	return nil
}

// idsRead is integrated data storage in one transaction: whose slot, and the summaries that are signed.
type idsRead struct {
	operator, before, after []byte
}

// Values of 9F5F and 9F6F: a permanent slot (C-2, Annex A).
const slotPermanent = 0x80

const odsVolatile = bit(1<<8 | 0x40) // DF62: volatile

// readStorage adds what the answer to GET PROCESSING OPTIONS says of integrated data storage (C-2, S3R1): a terminal that
// names an operator in the PDOL (9F5C) gets its data and summary, or learns that a slot is free.
func (m *mastercard) readStorage(c *Card) error {
	operator := c.tx.terminal.get(tagOperator)
	version := c.own.get(tagCapabilities)
	if len(operator) != 8 || bytes.Equal(operator, make([]byte, 8)) || !c.own.has(tagDSID) || len(version) == 0 || version[0]&0x0F != 1 {
		return nil
	}
	un, err := c.draw("storage", operator, 4)
	if err != nil {
		return err
	}
	at := m.store.find(operator)
	if at == nil {
		at = &slot{operator: operator}
	}
	m.ids = &idsRead{operator: operator, before: at.summary()}
	available := byte(0)
	if len(m.store.slots) < mostSlots {
		available = slotPermanent
	}
	c.compute(tagSlots, []byte{available})
	c.compute(tagSummary, m.ids.before)
	c.compute(tagDSUN, un)
	c.compute(tagSlotControl, []byte{slotPermanent})
	c.compute(tagODSCard, at.data)
	return nil
}

// summary is eight bytes that change with the slot. How cards compute theirs is not public: this is a hash.
func (s *slot) summary() []byte {
	h := sha256.New()
	for _, b := range [][]byte{s.operator, s.data, s.digest} {
		h.Write([]byte{byte(len(b))})
		h.Write(b)
	}
	return h.Sum(nil)[:8]
}

// append appends what the signature says of the slot: its summary, and that after writing (C-2, S910).
func (r *idsRead) append(dst []byte) []byte {
	return append(append(dst, r.before...), r.after...)
}

// write takes the data behind those of CDOL1 (C-2, GAC.40). A slot that is in use is written only by who knows the input of
// which it keeps the digest; how cards check that is not public, and this is the reading of OWHF2 that the names of the
// objects give. A write that is refused leaves the slot, and with it the summary, as it was.
func (r *idsRead) write(c *Card, values store, to *storage) {
	if len(values) == 0 {
		return
	}
	at := to.find(r.operator)
	if at == nil && len(to.slots) < mostSlots {
		to.slots = append(to.slots, slot{operator: r.operator})
		at = &to.slots[len(to.slots)-1]
	}
	if at == nil {
		r.after = r.before
		return
	}
	// In a permanent slot the operator of volatile data counts as zeros.
	operator := r.operator
	if odsVolatile.in(values.get(tagODSInfo)) {
		operator = make([]byte, 8)
	}
	known := owhf2(c.own.get(tagDSID), operator, fit(values.get(tagDSInput), 8))
	if len(at.digest) == 0 || subtle.ConstantTimeCompare(known, at.digest) == 1 {
		at.data, at.digest = values.get(tagODSTerm), values.get(tagDSDigest)
	}
	r.after = at.summary()
}

// owhf2 is the one-way function of data storage version 1 over input (C-2, GAC.40): TDES under keys of DS ID and operator.
func owhf2(id, operator, input []byte) []byte {
	if len(id) < 6 || len(operator) != 8 || len(input) != 8 {
		return nil
	}
	half := func(part []byte) []byte {
		var out []byte
		for _, b := range part {
			out = append(out, (b>>4*10+b&0x0F)*2)
		}
		return out
	}
	left := append(half(id[:6]), operator[4:6]...)
	right := append(half(id[len(id)-6:]), operator[6:8]...)
	block, err := des.NewTripleDESCipher(bytes.Join([][]byte{left, right, left}, nil))
	if err != nil {
		return nil
	}
	var text [8]byte
	subtle.XORBytes(text[:], operator, input)
	block.Encrypt(text[:], text[:])
	subtle.XORBytes(text[:], text[:], input)
	return text[:]
}

// envelopeSizes are how much an envelope holds, by the scheme of standalone data storage in 9F5D byte 3 (C-2, Annex A).
var envelopeSizes = [...]int{0, 32, 48, 64, 96, 128, 160, 192, 32}

// envelope reports whether t is an envelope (9F70 to 9F79), and how much it holds on this card.
func (m *mastercard) envelope(c *Card, t tlv.Tag) (int, bool) {
	v := c.own.get(tagCapabilities)
	if t < 0x9F70 || t > 0x9F79 || len(v) != 3 || v[2] == 0 || int(v[2]) >= len(envelopeSizes) {
		return 0, false
	}
	if v[2] == 8 && t == 0x9F78 {
		return 64, true
	}
	return envelopeSizes[v[2]], true
}

// data answers GET DATA (C-2, S5, S16 and S17): the balance where the card gives it, and envelopes.
func (m *mastercard) data(c *Card, t tlv.Tag) []byte {
	if _, ok := m.envelope(c, t); ok {
		if m.store.envelopes.has(t) {
			return m.store.envelopes.get(t)
		}
		if t < tagFundsLimit { // 9F77 to 9F79 hold the limits inside the card
			return c.own.get(t)
		}
		return nil
	}
	if t == tagBalance && capabilityBalance.in(c.own.get(tagCapabilities)) {
		return c.compute(tagBalance, appendAmount(nil, amount(c.own.get(tagFunds)), 6))
	}
	return nil
}

// putData answers PUT DATA for the unprotected envelopes (C-2, S12 and S15). The protected ones (9F70 to 9F74) are written
// with secure messaging, which is not done.
func (m *mastercard) putData(c *Card, cmd *command) (response, error) {
	t := tlv.Tag(cmd.p1)<<8 | tlv.Tag(cmd.p2)
	room, ok := m.envelope(c, t)
	switch {
	case !ok:
		return status(swDataMissing), nil
	case t < 0x9F75:
		return status(swSecurity), nil
	case len(cmd.data) == 0 || len(cmd.data) > room:
		return status(swWrongLength), nil
	}
	m.store.envelopes.set(t, append([]byte{}, cmd.data...))
	return status(swOK), nil
}
