package cvm

import (
	"bytes"
	"encoding/binary"

	"github.com/cardwright/emv/kernel"
)

// The condition codes (Book 3, Annex C3).
const (
	always             = 0x00
	ifUnattendedCash   = 0x01
	ifNoCashNoCashback = 0x02
	ifSupported        = 0x03
	ifManualCash       = 0x04
	ifCashback         = 0x05
	ifUnderX           = 0x06
	ifOverX            = 0x07
	ifUnderY           = 0x08
	ifOverY            = 0x09
)

// Satisfied reports whether the condition of a rule in a CVM List is, for a transaction with these data objects. supported
// tells of the rule's method, for the one condition that asks. A condition that is not understood, or whose data are
// missing, is not satisfied (Book 3, 10.5).
func Satisfied(d *kernel.Data, list []byte, condition byte, supported bool) bool {
	cash := d.TransactionType().IsCash()
	// Cash at an unattended terminal is unattended cash, at an attended one manual cash: together they are all of it.
	switch condition {
	case always:
		return true
	case ifUnattendedCash:
		return cash && d.TerminalType().Unattended()
	case ifNoCashNoCashback:
		return !cash && !d.WithCashback()
	case ifSupported:
		return supported
	case ifManualCash:
		return cash && !d.TerminalType().Unattended()
	case ifCashback:
		return d.WithCashback()
	case ifUnderX, ifOverX:
		return compare(d, list[amountX:], condition == ifOverX)
	case ifUnderY, ifOverY:
		return compare(d, list[amountY:], condition == ifOverY)
	}
	return false
}

// satisfied is Satisfied for a rule of this stage, with what the terminal supports by 9F33.
func (v *verification) satisfied(r rule, list []byte) bool {
	m, recognised := r.method()
	return Satisfied(v.Data, list, r.condition, recognised && v.supports(m))
}

// compare holds the amount against X or Y. The transaction must be in the application currency. An amount that is equal
// is neither under nor over: the book has no word for it.
func compare(d *kernel.Data, limit []byte, over bool) bool {
	application, transaction := d.Get(tagAppCurrency), d.Get(tagCurrency)
	if application == nil || !bytes.Equal(application, transaction) || !d.Has(tagAmount) {
		return false
	}
	amount, ok := kernel.BCD(d.Get(tagAmount))
	if !ok {
		return false
	}
	bound := uint64(binary.BigEndian.Uint32(limit))
	if over {
		return amount > bound
	}
	return amount < bound
}
