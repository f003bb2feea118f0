package jcb

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// activate is Kernel Activation (C-5, 3.2): what the kernel makes before it speaks to the card.
func (t *transaction) activate() kernel.Outcome {
	t.Step(stageActivate, "C-5, 3.2")
	if !t.fciReadable() { // C-5, 3.2.1
		return t.nextFor(stageActivate, errFCI, "C-5, 3.2.1")
	}
	t.set(tagTVR, []byte{0, 0, 0, 0, 0})
	t.setCompatibility()
	t.setProfile()
	switch {
	case tlv.DOLHas(t.Data.Get(tagPDOL), tagCompatible): // C-5, 3.2.4: the AIP will tell which of the two
	case t.options.does(CombinationLegacy) && !t.recovering:
		t.mode = legacyMode
	default:
		return t.nextFor(stageActivate, errNoMode, "C-5, 3.2.4")
	}
	return kernel.Outcome{}
}

func (t *transaction) fciReadable() bool { return t.FCI != nil && tlv.Check(t.FCI) == nil }

// setCompatibility makes the Terminal Compatibility Indicator (C-5, 3.2.2). Older code has Mag-stripe mode in it always; a
// reader that no longer has that mode does not claim it.
func (t *transaction) setCompatibility() {
	var v byte
	if t.options.does(CombinationMagstripe) {
		v |= compatibleMagstripe
	}
	if t.options.does(CombinationEMV) {
		v |= compatibleEMV
	}
	t.set(tagCompatible, []byte{v})
}

// setProfile makes the dynamic Terminal Interchange Profile of the static one (C-5, 3.2.3): "CVM required" comes with risk
// management. Issuer update is the configuration's to promise; older code sets the bit for whatever its kernel can do.
func (t *transaction) setProfile() {
	var v [3]byte
	if copy(v[:], t.Data.Get(tagTIP)) == 0 {
		v = profileOf(t.Data.Get(tagTermCap))
	}
	tipCVMRequired.Clear(v[:])
	t.set(tagTIP, v[:])
}

// profileOf is the static profile of a reader that has none configured: what its Terminal Capabilities say, and what the
// kernel does by itself.
func profileOf(capabilities []byte) [3]byte {
	var v [3]byte
	tipDeviceCVM.Set(v[:])
	tipIssuerUpdate.Set(v[:])
	for _, b := range [...]struct{ capability, profile kernel.Bit }{
		{kernel.CapSignature, tipSignature},
		{kernel.CapOnlinePIN, tipOnlinePIN},
		{kernel.CapContact, tipContactChip},
	} {
		if b.capability.In(capabilities) {
			b.profile.Set(v[:])
		}
	}
	return v
}
