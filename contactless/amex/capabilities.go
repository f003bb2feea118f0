package amex

import "github.com/cardwright/emv/kernel"

// tellCapabilities completes what the reader says of itself, before the PDOL asks for it (C-4, 3.1.1): Contactless Reader
// Capabilities (9F6D) and Enhanced Contactless Reader Capabilities (9F6E) with their dynamic bits.
func (t *transaction) tellCapabilities() {
	if !t.Data.Has(tagVersion) {
		t.set(tagVersion, []byte{0x00, 0x01})
	}
	if !t.Data.Has(tagReader) {
		t.set(tagReader, []byte{readerBoth})
	}
	if !t.Data.Has(tagEnhanced) {
		enhanced := t.deriveEnhanced()
		t.set(tagEnhanced, enhanced[:])
	}
	t.tellCVMRequired(t.Indicators.CVMRequiredLimitExceeded)
}

// deriveEnhanced makes 9F6E of a terminal that configures none (C-4, Annex A): what the book demands of every reader, and
// contacts, online PIN and signature where its Terminal Capabilities have them.
func (t *transaction) deriveEnhanced() [4]byte {
	v := [4]byte{3: enhancedVersion}
	enhancedMagstripe.Set(v[:])
	enhancedPartial.Set(v[:])
	enhancedMobile.Set(v[:])
	enhancedMobileCVM.Set(v[:])
	capabilities := t.Data.Get(tagTermCap)
	for _, from := range [...]struct{ has, says kernel.Bit }{
		{kernel.CapContact, enhancedContact}, {kernel.CapOnlinePIN, enhancedOnlinePIN}, {kernel.CapSignature, enhancedSignature},
	} {
		if from.has.In(capabilities) {
			from.says.Set(v[:])
		}
	}
	return v
}

// tellCVMRequired writes the dynamic bits: 9F6D b4 and 9F6E byte 3. Dynamic reader limits write them again when the card
// has said which set is its own (C-4, 3.4.3); CDOL1 carries the last value.
func (t *transaction) tellCVMRequired(required bool) {
	var reader [1]byte
	var enhanced [4]byte
	copy(reader[:], t.Data.Get(tagReader))
	copy(enhanced[:], t.Data.Get(tagEnhanced))
	readerCVMRequired.Clear(reader[:])
	enhanced[2] = 0x00
	if required {
		readerCVMRequired.Set(reader[:])
		enhancedCVMRequired.Set(enhanced[:])
	}
	if t.Data.TerminalType().OfflineOnly() || t.lineDown() {
		enhancedOfflineOnly.Set(enhanced[:])
	}
	t.set(tagReader, reader[:])
	t.set(tagEnhanced, enhanced[:])
}

// lineDown reports whether the terminal can't go online now.
func (t *transaction) lineDown() bool { return t.options.Line != nil && t.options.Line.Down }

// says reports a bit of Enhanced Contactless Reader Capabilities.
func (t *transaction) says(b kernel.Bit) bool { return b.In(t.Data.Get(tagEnhanced)) }

// cvmRequired reports whether the amount asks for cardholder verification.
func (t *transaction) cvmRequired() bool { return t.says(enhancedCVMRequired) }
