package runner

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/action"
	"github.com/cardwright/emv/tlv"
)

// transactionAlone is transaction for a stage that can do without one: in US dollars where nothing is said.
func (t *job) transactionAlone() kernel.Transaction {
	tx := t.contactTransaction(t.Given.Transaction)
	if tx.Currency == 0 {
		tx.Currency = 840
	}
	return tx
}

// contactTransaction is transaction, with what given.transaction leaves out as the objects of data or terminal have it.
func (t *job) contactTransaction(given *Transaction) kernel.Transaction {
	tx := t.transaction(given)
	object := func(key string, tag tlv.Tag) ([]byte, bool) {
		if _, named := t.Given.transactionGiven[key]; named {
			return nil, false
		}
		v := t.Given.Data.Get(tag)
		if v == nil {
			v = t.Given.Terminal.Get(tag)
		}
		return v, v != nil
	}
	number := func(key string, numeric, binary tlv.Tag, to *uint64) {
		if v, ok := object(key, numeric); ok && *to == 0 {
			*to, _ = kernel.BCD(v)
		} else if v, ok := object(key, binary); ok && *to == 0 {
			for _, b := range v {
				*to = *to<<8 | uint64(b)
			}
		}
	}
	number("amount", 0x9F02, 0x81, &tx.Amount)
	number("other", 0x9F03, 0x9F04, &tx.Other)
	if v, ok := object("currency", 0x5F2A); ok {
		if n, ok := kernel.BCD(v); ok && n <= 999 {
			tx.Currency = uint16(n)
		}
	}
	if v, ok := object("type", 0x9C); ok && len(v) == 1 && tx.Type == 0 {
		tx.Type = kernel.TransactionType(v[0])
	}
	day, hasDay := object("date", 0x9A)
	clock, hasClock := object("time", 0x9F21)
	if at := (Transaction{}); given == nil || !given.hasDate && !given.hasTime {
		at.hasDate, at.hasTime = hasDay && len(day) == 3, hasClock && len(clock) == 3
		at.Date, at.Time = day, clock
		tx.Time = at.when()
	}
	return tx
}

// actionCodes returns the Terminal Action Codes of an application. One that a case leaves out is absent, which is all zero
// (Book 3, 10.7), and not what a terminal of contact's would be configured with.
func actionCodes(a *Application) action.Codes {
	absent := make([]byte, 5)
	c := action.Codes{Denial: absent, Online: absent, Default: absent}
	if a.TACDenial != nil {
		c.Denial = a.TACDenial
	}
	if a.TACOnline != nil {
		c.Online = a.TACOnline
	}
	if a.TACDefault != nil {
		c.Default = a.TACDefault
	}
	return c
}
