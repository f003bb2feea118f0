package card

import (
	"bytes"

	"github.com/cardwright/emv/tlv"
)

// ppse is the name of the directory (Book B, 3.3.2).
const ppse = "2PAY.SYS.DDF01"

// selectFile answers SELECT by name (Book 1, 11.3): the directory, or an application by its whole name or its first five
// bytes and more, of which P2 '02' gives the next.
func (c *Card) selectFile(cmd *command) response {
	switch {
	case cmd.p1 != 0x04:
		return status(swWrongP1P2)
	case cmd.p2 != 0x00 && cmd.p2 != 0x02:
		return status(swWrongP1P2)
	case string(cmd.data) == ppse:
		c.session = session{selected: -1}
		return response{body: c.directory(), sw: swOK}
	case len(cmd.data) < 5 || len(cmd.data) > 16:
		return status(swNotFound)
	}
	first := 0
	if cmd.p2 == 0x02 {
		first = c.session.selected + 1
	}
	for i := first; i < len(c.aids); i++ {
		if bytes.HasPrefix(c.aids[i], cmd.data) {
			c.session = session{selected: i, ready: true}
			return response{body: c.fci(i), sw: swOK}
		}
	}
	// Book 1, 12.3.3: an application that can't be found leaves the one before selected; after '02' there is no next.
	return status(swNotFound)
}

// directory returns the FCI of the PPSE (Book B, 3.3.2; EMV Contactless, PPSE).
func (c *Card) directory() []byte {
	var entries []byte
	for i, e := range c.profile.entries {
		entries = c.appendObject(entries, tagEntry, c.entry(i, e))
	}
	entries = c.appendAdditions(entries, placePPSE)
	proprietary := c.appendObject(nil, tagDiscretionary, entries)
	body := c.appendObject(nil, tagDFName, []byte(ppse))
	body = c.appendObject(body, tagProprietary, proprietary)
	return tlv.Append(nil, tagFCI, body)
}

func (c *Card) entry(i int, e entry) []byte {
	b := c.appendObject(nil, tagADFName, c.aids[i])
	b = c.appendObject(b, tagLabel, c.personalised(tagLabel, []byte(e.label)))
	if e.priority != 0 || c.own.has(tagPriority) {
		b = c.appendObject(b, tagPriority, c.personalised(tagPriority, []byte{e.priority}))
	}
	return c.appendObject(b, tagKernel, c.personalised(tagKernel, unhex(e.kernel)))
}

// fci returns the File Control Information of an application (Book 1, Table 45).
func (c *Card) fci(i int) []byte {
	e := c.profile.entries[i]
	var proprietary, discretionary []byte
	for _, t := range c.layout.fci {
		value := c.own.get(t)
		switch t {
		case tagLabel:
			value = c.personalised(t, []byte(e.label))
		case tagPriority:
			value = c.personalised(t, []byte{e.priority})
		}
		proprietary = c.appendObject(proprietary, t, value)
	}
	for _, t := range c.layout.discretionary {
		discretionary = c.appendObject(discretionary, t, c.own.get(t))
	}
	discretionary = c.appendAdditions(discretionary, placeFCI)
	proprietary = c.appendObject(proprietary, tagDiscretionary, discretionary)
	body := c.appendObject(nil, tagDFName, c.personalised(tagDFName, c.aids[i]))
	body = c.appendObject(body, tagProprietary, proprietary)
	return tlv.Append(nil, tagFCI, body)
}

// personalised returns what Config.Set has for t, otherwise value.
func (c *Card) personalised(t tlv.Tag, value []byte) []byte {
	if c.isForced(t) {
		return c.own.get(t)
	}
	return value
}

func (c *Card) isForced(t tlv.Tag) bool {
	for _, f := range c.forced {
		if f == t {
			return true
		}
	}
	return false
}
