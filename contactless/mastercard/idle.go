package mastercard

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// idle is state S1, the ACT signal: the objects that the transaction starts with. The entry point has stored the FCI and
// drawn the Unpredictable Number.
func (t *transaction) idle() kernel.Outcome {
	t.Step(stageIdle, "C-2, S1")
	t.indication.message = kernel.MsgNotAvailable
	t.loadDefaults()
	if t.FCI == nil { // S1.7
		return t.selectNext(stageIdle, l2Parsing, "c2.fci", "C-2, S1.7")
	}
	if err := tlv.Check(t.FCI); err != nil {
		return t.selectNext(stageIdle, l2Parsing, kernel.CodeOf(err), "C-2, S1.7")
	}
	if !t.Data.Has(tagDFName) { // S1.8
		return t.selectNext(stageIdle, l2CardDataMissing, "c2.missing_84", "C-2, S1.8")
	}
	t.fieldOff = capabilityFieldOff.In(t.Data.Get(tagCapabilities))
	// S1.9
	t.ac = kernel.TC
	var zero [5]byte
	t.set(tagTVR, zero[:])
	t.set(tagCVMResults, zero[:3])
	t.set(tagRRPCounter, zero[:1])
	t.set(tagTermCap, []byte{t.byteOf(tagInputCap), 0x00, t.byteOf(tagSecurityCap)})
	if t.full != nil {
		return t.fail(stageIdle, l2Parsing, kernel.CodeOf(t.full), "C-2, S1.9")
	}
	return kernel.Outcome{}
}

// byteOf returns the one byte of an object, 0 if it is absent.
func (t *transaction) byteOf(tag tlv.Tag) byte {
	if v := t.Data.Get(tag); v != nil {
		return v[0]
	}
	return 0
}

// number returns a numeric object; loadDefaults and Faults have seen that it is one.
func (t *transaction) number(tag tlv.Tag) uint64 {
	n, _ := kernel.BCD(t.Data.Get(tag))
	return n
}

// binary returns an object of up to four bytes as a number.
func (t *transaction) binary(tag tlv.Tag) int {
	n := 0
	for _, b := range t.Data.Get(tag) {
		n = n<<8 | int(b)
	}
	return n
}
