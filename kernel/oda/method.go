package oda

import (
	"errors"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
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

// Choose returns the strongest method that card and terminal both support (Book 3, 10.3).
func Choose(aip, terminalCapabilities []byte) Method {
	switch {
	case kernel.AIPCDA.In(aip) && kernel.CapCDA.In(terminalCapabilities):
		return MethodCDA
	case kernel.AIPDDA.In(aip) && kernel.CapDDA.In(terminalCapabilities):
		return MethodDDA
	case kernel.AIPSDA.In(aip) && kernel.CapSDA.In(terminalCapabilities):
		return MethodSDA
	}
	return NoMethod
}

// lacks reports whether one of the objects is missing that a card's records hold for a method (Book 3, 7.2). A dynamic
// signature is not among them: an answer without it is a failure like any other.
func lacks(d *kernel.Data, m Method) bool {
	need := [...]tlv.Tag{tagCAIndex, tagIssuerCert, tagIssuerExponent, tagICCCert, tagICCExponent}
	if m == MethodSDA {
		need[3], need[4] = tagSSAD, tagSSAD
	}
	for _, t := range need {
		if !d.Has(t) {
			return true
		}
	}
	return false
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
		if (errors.Is(why, CodeData) || errors.Is(why, CodeCAIndex)) && lacks(d, m) {
			tvr.ICCDataMissing.Set(results[:])
		}
	}
	return errors.Join(d.Set(tvr.Tag, results[:]), d.Set(tvr.TagTSI, status[:]))
}
