package oda

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
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

// Mark writes what a method found into TVR and TSI (Book 3, 10.3). Kernel 3 does not use it: its TVR stays zero.
func Mark(d *kernel.Data, m Method, why error) error {
	var results [5]byte
	var status [2]byte
	copy(results[:], d.Get(tvr.Tag))
	copy(status[:], d.Get(tvr.TagTSI))
	if m == NoMethod {
		tvr.ODANotPerformed.Set(results[:])
		return d.Set(tvr.Tag, results[:])
	}
	tvr.ODAPerformed.Set(status[:])
	if m == MethodSDA {
		tvr.SDASelected.Set(results[:])
	}
	if why != nil {
		failed := [...]kernel.Bit{MethodSDA: tvr.SDAFailed, MethodDDA: tvr.DDAFailed, MethodCDA: tvr.CDAFailed}
		failed[m].Set(results[:])
		if errors.Is(why, CodeData) || errors.Is(why, CodeCAIndex) {
			tvr.ICCDataMissing.Set(results[:])
		}
	}
	return errors.Join(d.Set(tvr.Tag, results[:]), d.Set(tvr.TagTSI, status[:]))
}
