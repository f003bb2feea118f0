package interac

import (
	"encoding/binary"

	"github.com/cardwright/emv/kernel"
)

// prepare completes the terminal's objects before the card asks for them.
func (t *transaction) prepare() {
	t.Step(stagePrepare, "Interac, A2")
	t.setTransactionType()
	t.loadDefaults()
	t.setCapabilities()
	t.setTransactionInformation()
	t.setFloorLimit()
}

// setTransactionType sets the Terminal Transaction Type, by the transaction whatever is configured (Interac, A2).
func (t *transaction) setTransactionType() {
	kind := byte(tttPurchase)
	if t.refund() {
		kind = tttRefund
	}
	t.set(tagTTT, []byte{kind})
}

// loadDefaults sets the configuration data objects that are absent (Interac, A3).
func (t *transaction) loadDefaults() {
	var value [8]byte
	for i := range defaults {
		if d := &defaults[i]; t.Data.From(d.tag) == 0 {
			t.set(d.tag, value[:copy(value[:], d.value)])
		}
	}
}

// setCapabilities takes the Terminal Capabilities that go with the amount (Interac, A5).
func (t *transaction) setCapabilities() {
	capabilities := t.options.CapabilitiesNoCVM
	if t.cvmRequired() {
		capabilities = t.options.CapabilitiesCVM
	}
	if capabilities != nil {
		t.set(tagTermCap, capabilities)
	}
}

// setTransactionInformation makes Terminal Transaction Information of the Terminal Capabilities where none is configured
// (Interac, A4): a terminal with a display that works online only.
func (t *transaction) setTransactionInformation() {
	if t.Data.Has(tagTTI) {
		return
	}
	var tti [3]byte
	can := t.Data.Get(tagTermCap)
	ttiDisplay.Set(tti[:])
	for _, b := range [...]struct{ has, says kernel.Bit }{
		{kernel.CapContact, ttiContactHere}, {kernel.CapCDA, ttiCDA}, {kernel.CapOnlinePIN, ttiOnlinePIN},
	} {
		if b.has.In(can) {
			b.says.Set(tti[:])
		}
	}
	switch contact, swipe := kernel.CapContact.In(can), kernel.CapMagstripe.In(can); {
	case contact && swipe:
		tti[1] = ttiAll
	case contact:
		tti[1] = ttiTapAndChip
	case swipe:
		tti[1] = ttiTapAndSwipe
	}
	t.set(tagTTI, tti[:])
}

// setFloorLimit makes the contactless floor limit the Terminal Floor Limit, which terminal risk management and cards go by
// (Interac, A14).
func (t *transaction) setFloorLimit() {
	if !t.Data.Has(tagTapFloor) {
		var n12 [6]byte
		if floor := t.Combination.Limits.Floor; floor != nil {
			kernel.PutBCD(n12[:], *floor)
		}
		t.set(tagTapFloor, n12[:])
	}
	if t.options.LegacyFloor {
		return
	}
	floor, _ := kernel.BCD(t.Data.Get(tagTapFloor)) // Faults has seen that it is a number
	var limit [4]byte
	binary.BigEndian.PutUint32(limit[:], uint32(min(floor, 0xFFFFFFFF)))
	t.set(tagFloorLimit, limit[:])
}

// cvmRequired reports whether the amount asks for cardholder verification: a purchase from the CVM Required Limit on
// (Interac, A13).
func (t *transaction) cvmRequired() bool { return t.Indicators.CVMRequiredLimitExceeded && !t.refund() }
