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

// satisfied reports whether the condition of a rule is. A condition that is not understood, or whose data are missing, is
// not (Book 3, 10.5).
func (v *verification) satisfied(r rule, list []byte) bool {
	switch r.condition {
	case always:
		return true
	case ifUnattendedCash:
		return v.cash() && v.Data.TerminalType().Unattended()
	case ifNoCashNoCashback:
		return !v.cash() && !v.Data.WithCashback()
	case ifSupported:
		m, recognised := r.method()
		return recognised && v.supports(m)
	case ifManualCash:
		return v.cash() && !v.Data.TerminalType().Unattended()
	case ifCashback:
		return v.Data.WithCashback()
	case ifUnderX, ifOverX:
		return v.compare(list[amountX:], r.condition == ifOverX)
	case ifUnderY, ifOverY:
		return v.compare(list[amountY:], r.condition == ifOverY)
	}
	return false
}

// cash reports whether the transaction gives cash. Cash at an unattended terminal is unattended cash, at an attended one
// manual cash: together they are all of it.
func (v *verification) cash() bool {
	return v.Data.TransactionType().IsCash()
}

// compare holds the amount against X or Y. The transaction must be in the application currency. An amount that is equal
// is neither under nor over: the book has no word for it.
func (v *verification) compare(limit []byte, over bool) bool {
	application, transaction := v.Data.Get(tagAppCurrency), v.Data.Get(tagCurrency)
	if application == nil || !bytes.Equal(application, transaction) || !v.Data.Has(tagAmount) {
		return false
	}
	amount, ok := kernel.BCD(v.Data.Get(tagAmount))
	if !ok {
		return false
	}
	bound := uint64(binary.BigEndian.Uint32(limit))
	if over {
		return amount > bound
	}
	return amount < bound
}
