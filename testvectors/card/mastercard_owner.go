package card

// owner is the holder of a phone or watch: whether it is one, and what the wallet does without a verified owner.
type owner struct {
	is       bool // a device
	locked   bool // its owner must unlock it between two taps, whatever the amount
	always   bool // says that the owner was verified even where the reader asks for none
	conflict bool // gives no cryptogram to spend, and does not say how to get one

	asked, unlocked bool // what a locked device remembers
	verified        bool // in this transaction
}

// POS Cardholder Interaction Information (DF4B; C-2, Annex A).
const (
	pciiVerified = bit(2<<8 | 0x10) // offline CVM verification successful
	pciiConflict = bit(2<<8 | 0x08) // context is conflicting
	pciiRequired = bit(2<<8 | 0x01) // offline CVM required
)

// refuses decides for the device: required says that the reader wants its owner verified.
func (o *owner) refuses(required bool) bool {
	o.verified = false
	switch {
	case !o.is:
		return false
	case o.conflict:
		return true
	case o.locked && !o.unlocked:
		o.asked = true
		return true
	}
	o.verified = required || o.always
	return false
}

// says returns the POS Cardholder Interaction Information that goes with a cryptogram or a checksum.
func (o *owner) says(cid byte) []byte {
	v := make([]byte, 3)
	switch {
	case o.conflict:
		pciiConflict.set(v)
	case o.locked && !o.unlocked:
		pciiRequired.set(v)
	case o.verified && cid != cidAAC:
		pciiVerified.set(v)
	}
	return v
}

// reset is what happens out of the field: the owner of a device that asked for it unlocks it.
func (o *owner) reset() { o.unlocked = o.unlocked || o.asked }
