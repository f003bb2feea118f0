package card

import (
	"encoding/hex"

	"github.com/cardwright/emv/tlv"
)

// transaction is what a card keeps from GET PROCESSING OPTIONS to the end of the session.
type transaction struct {
	terminal store    // what the terminal sent, by the PDOL
	options  []byte   // the same as it came: the values of the PDOL
	computed store    // what the card computed
	records  []record // what READ RECORD gives
	signed   []Signed

	iadCovered int // how much of the Issuer Application Data the cryptogram covers
}

// options answers GET PROCESSING OPTIONS (Book 3, 6.5.8): it takes the terminal's data apart, the scheme does the rest.
func (c *Card) options(cmd *command) (response, error) {
	switch {
	case cmd.p1 != 0 || cmd.p2 != 0:
		return status(swWrongP1P2), nil
	case !c.session.ready: // Book 3, 10.1: once, after the selection
		return status(swConditions), nil
	}
	terminal, sw := c.terminalData(cmd.data)
	if sw != swOK {
		return status(sw), nil
	}
	c.tx = transaction{terminal: terminal}
	c.tx.options, _ = tlv.Find(cmd.data, tagCommandTemplate)
	c.tx.options = append([]byte{}, c.tx.options...)
	r, err := c.profile.scheme.initiate(c)
	if err == nil && r.sw == swOK {
		c.session.ready, c.session.started = false, true
	}
	return r, err
}

// terminalData splits the data of GET PROCESSING OPTIONS by the PDOL: template 83, with exactly what was asked for.
func (c *Card) terminalData(data []byte) (store, uint16) {
	t := tlv.Read(data)
	if !t.Next() || t.Tag() != tagCommandTemplate {
		return nil, swWrongData
	}
	value := t.Value()
	if t.Next() || t.Err() != nil {
		return nil, swWrongLength
	}
	var got store
	list := tlv.ReadDOL(c.own.get(tagPDOL))
	for list.Next() {
		if list.Len() > len(value) {
			return nil, swWrongLength
		}
		got.set(list.Tag(), append([]byte(nil), value[:list.Len()]...))
		value = value[list.Len():]
	}
	if len(value) > 0 {
		return nil, swWrongLength
	}
	return got, swOK
}

// compute takes a value that the card has computed, unless Config.Set has one in its place. It returns the one taken.
func (c *Card) compute(t tlv.Tag, value []byte) []byte {
	if c.isForced(t) {
		value = c.own.get(t)
	}
	c.tx.computed.set(t, value)
	return value
}

// value returns an object of the card: computed in this transaction or personalised.
func (c *Card) value(t tlv.Tag) []byte {
	if c.tx.computed.has(t) {
		return c.tx.computed.get(t)
	}
	return c.own.get(t)
}

// nextATC counts the transaction. It reports false when the counter is at its end, where a card is of no use any more
// (Book 2, 8.1: session keys must not repeat).
func (c *Card) nextATC() bool {
	switch {
	case c.fault(faultATCStuck) != nil:
	case c.atc == 0xFFFF:
		return false
	default:
		c.atc++
	}
	c.compute(tagATC, []byte{byte(c.atc >> 8), byte(c.atc)})
	return true
}

// unhex converts a constant of the profiles.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}
