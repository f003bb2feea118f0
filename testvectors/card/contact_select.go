package card

import (
	"bytes"

	"github.com/cardwright/emv/tlv"
)

// pse is the name of the Payment System Environment (Book 1, 12.2.2).
const pse = "1PAY.SYS.DDF01"

// directoryFile is the short file identifier of the payment system directory, and logFile that of the transaction log.
const (
	directoryFile = 1
	logFile       = 11
	logRecords    = 10
)

// swDeactivated is what SELECT answers for an application that is blocked (Book 1, 12.3.3).
const (
	swDeactivated = 0x6283
	swNoFunction  = 0x6A81
)

// selectFile answers SELECT by name (Book 1, 11.3): the directory, or an application by its whole name or its first five
// bytes and more, of which P2 '02' gives the next. A card that is blocked answers 6A81 (Book 3, 6.5.3).
func (a *contactCard) selectFile(c *Card, cmd *command) response {
	switch {
	case a.cardBlocked:
		return status(swNoFunction)
	case cmd.p1 != 0x04 || cmd.p2 != 0x00 && cmd.p2 != 0x02:
		return status(swWrongP1P2)
	case string(cmd.data) == pse:
		if a.noPSE {
			return status(swNotFound)
		}
		c.session, a.pse = session{selected: -1}, true
		return response{body: a.environment(c), sw: swOK}
	case len(cmd.data) < 5 || len(cmd.data) > 16:
		return status(swNotFound)
	}
	first := 0
	if cmd.p2 == 0x02 {
		first = c.session.selected + 1
	}
	for i := first; i < len(c.aids); i++ {
		if !bytes.HasPrefix(c.aids[i], cmd.data) {
			continue
		}
		c.session, a.pse = session{selected: i, ready: true}, false
		a.turnTo(c, i)
		if a.blocked[i] {
			return response{body: c.fci(i), sw: swDeactivated}
		}
		return response{body: c.fci(i), sw: swOK}
	}
	return status(swNotFound)
}

// turnTo gives the card the data objects of the application that was selected: its own in the place of the profile's.
func (a *contactCard) turnTo(c *Card, selected int) {
	for _, e := range c.profile.entries {
		for _, o := range e.data {
			if !c.isForced(o.tag) {
				c.own.set(o.tag, c.base.get(o.tag))
			}
		}
	}
	for _, o := range c.profile.entries[selected].data {
		if !c.isForced(o.tag) {
			c.own.set(o.tag, unhex(o.hex))
		}
	}
}

// environment returns the FCI of the Payment System Environment (Book 1, 11.3.4 and 12.2.2).
func (a *contactCard) environment(c *Card) []byte {
	proprietary := c.appendObject(nil, tagDirectory, []byte{directoryFile})
	for _, t := range []tlv.Tag{tagLanguage, tagCodeTable} {
		proprietary = c.appendObject(proprietary, t, c.own.get(t))
	}
	proprietary = c.appendAdditions(proprietary, placePPSE)
	body := c.appendObject(nil, tagDFName, []byte(pse))
	body = c.appendObject(body, tagProprietary, proprietary)
	return tlv.Append(nil, tagFCI, body)
}

// readRecord answers READ RECORD (Book 3, 6.5.11) for the directory, which stands in one record (Book 1, 12.2.3), for the
// transaction log (Book 3, D4), and for the files of the AFL.
func (a *contactCard) readRecord(c *Card, cmd *command) response {
	sfi := cmd.p2 >> 3
	switch {
	case a.pse && cmd.p2&0x07 == 0x04 && sfi == directoryFile && cmd.p1 != 0:
		if cmd.p1 != 1 {
			return status(swRecordMissing)
		}
		return response{body: a.directory(c), sw: swOK}
	case c.session.selected >= 0 && cmd.p2&0x07 == 0x04 && sfi == logFile && cmd.p1 != 0:
		if int(cmd.p1) > len(a.log) {
			return status(swRecordMissing)
		}
		return response{body: append([]byte{}, a.log[len(a.log)-int(cmd.p1)]...), sw: swOK}
	}
	return c.readRecord(cmd)
}

// directory is the record of the payment system directory.
func (a *contactCard) directory(c *Card) []byte {
	var entries []byte
	for i, e := range c.profile.entries {
		b := c.appendObject(nil, tagADFName, c.aids[i])
		b = c.appendObject(b, tagLabel, c.personalised(tagLabel, []byte(e.label)))
		if e.priority != 0 || c.own.has(tagPriority) {
			b = c.appendObject(b, tagPriority, c.personalised(tagPriority, []byte{e.priority}))
		}
		entries = c.appendObject(entries, tagEntry, b)
	}
	return tlv.Append(nil, tagRecord, entries)
}

// keepLog writes a transaction into the log: the objects of the Log Format (9F4F), without tags (Book 3, D4).
func (a *contactCard) keepLog(c *Card) {
	format := c.own.get(tagLogFormat)
	if len(format) == 0 {
		return
	}
	var entry []byte
	for d := tlv.ReadDOL(format); d.Next(); {
		v := c.value(d.Tag())
		if c.tx.terminal.has(d.Tag()) {
			v = c.tx.terminal.get(d.Tag())
		}
		entry = append(entry, fit(v, d.Len())...)
	}
	a.log = append(a.log, entry)
	if len(a.log) > logRecords {
		a.log = a.log[1:]
	}
}
