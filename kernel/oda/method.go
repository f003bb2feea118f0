package oda

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// Method is a way to authenticate a card offline.
type Method uint8

// The methods of Book 3, 10.3. NoMethod is what remains when card and terminal have none in common.
const (
	NoMethod Method = iota
	MethodSDA
	MethodDDA
	MethodCDA
)

// The bits that decide (Book 3, Annex C1; Book 4, Annex A2).
const (
	aipSDA      = kernel.Bit(1<<8 | 0x40)
	aipDDA      = kernel.Bit(1<<8 | 0x20)
	aipCDA      = kernel.Bit(1<<8 | 0x01)
	terminalSDA = kernel.Bit(3<<8 | 0x80)
	terminalDDA = kernel.Bit(3<<8 | 0x40)
	terminalCDA = kernel.Bit(3<<8 | 0x08)
)

// Choose returns the strongest method that card and terminal both support (Book 3, 10.3).
func Choose(aip, terminalCapabilities []byte) Method {
	switch {
	case aipCDA.In(aip) && terminalCDA.In(terminalCapabilities):
		return MethodCDA
	case aipDDA.In(aip) && terminalDDA.In(terminalCapabilities):
		return MethodDDA
	case aipSDA.In(aip) && terminalSDA.In(terminalCapabilities):
		return MethodSDA
	}
	return NoMethod
}

// The bits that a method leaves behind (Book 3, Annexes C5 and C6).
const (
	tvrNotPerformed = kernel.Bit(1<<8 | 0x80)
	tvrSDAFailed    = kernel.Bit(1<<8 | 0x40)
	tvrDataMissing  = kernel.Bit(1<<8 | 0x20)
	tvrDDAFailed    = kernel.Bit(1<<8 | 0x08)
	tvrCDAFailed    = kernel.Bit(1<<8 | 0x04)
	tvrSDASelected  = kernel.Bit(1<<8 | 0x02)
	tsiPerformed    = kernel.Bit(1<<8 | 0x80)

	tagTVR tlv.Tag = 0x95
	tagTSI tlv.Tag = 0x9B
)

// Mark writes what a method found into TVR and TSI (Book 3, 10.3). Kernel 3 does not use it: its TVR stays zero.
func Mark(d *kernel.Data, m Method, why error) error {
	var tvr [5]byte
	var tsi [2]byte
	copy(tvr[:], d.Get(tagTVR))
	copy(tsi[:], d.Get(tagTSI))
	if m == NoMethod {
		tvrNotPerformed.Set(tvr[:])
		return d.Set(tagTVR, tvr[:])
	}
	tsiPerformed.Set(tsi[:])
	if m == MethodSDA {
		tvrSDASelected.Set(tvr[:])
	}
	if why != nil {
		failed := [...]kernel.Bit{MethodSDA: tvrSDAFailed, MethodDDA: tvrDDAFailed, MethodCDA: tvrCDAFailed}
		failed[m].Set(tvr[:])
		if errors.Is(why, CodeData) || errors.Is(why, CodeCAIndex) {
			tvrDataMissing.Set(tvr[:])
		}
	}
	return errors.Join(d.Set(tagTVR, tvr[:]), d.Set(tagTSI, tsi[:]))
}
