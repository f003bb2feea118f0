package wallet

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// Tap is what a finished tap left. Everything is optional but Kernel, by which the layouts are chosen. It is only read, and
// nothing of it is kept.
type Tap struct {
	Kernel kernel.ID // that processed it

	Data          *kernel.Data   // of the transaction, until the next one begins
	Record        kernel.Objects // Data Record and
	Discretionary kernel.Objects // Discretionary Data of the outcome, for a tap whose Data are gone
	FCI           kernel.Objects // value of the FCI template of the application

	Labels []string // Application Labels of the directory's entries
}

// examiner is one examination.
type examiner struct {
	tap    *Tap
	report Report
}

// Examine looks at a tap. It does not allocate but for the texts of Token.
func Examine(tap Tap) Report {
	x := examiner{tap: &tap}
	x.token()
	switch tap.Kernel {
	case kernel.Visa:
		x.visa()
	case kernel.Mastercard, kernel.Kernel8:
		x.mastercard()
	case kernel.Amex:
		x.amex()
	case kernel.JCB:
		x.jcb()
	case kernel.Discover:
		x.discover()
	case kernel.UnionPay:
		x.unionpay()
	case kernel.Interac:
		x.interac()
	default:
	}
	x.labels()
	r := &x.report
	r.Token.Is = Answer(r.settle(ClaimToken))
	r.Brand = Brand(r.settle(ClaimBrand))
	r.CDCVM = Verification(r.settle(ClaimCDCVM))
	r.Device = Device(r.settle(ClaimDevice))
	r.Kind = Kind(r.settle(ClaimKind))
	// A card has nowhere to verify its owner. Where it says that it is one, a claim that nobody signed is not believed: the
	// attack on the CTQ looks like that.
	if r.Kind == Card && r.CDCVM == Done && !r.says(ClaimCDCVM) {
		r.CDCVM = UnknownVerification
	}
	return x.report
}

// card returns an object that the card sent, nil where there is none.
func (x *examiner) card(t tlv.Tag) []byte {
	if d := x.tap.Data; d != nil && d.From(t) == dict.Card {
		return d.Get(t)
	}
	for _, objects := range [...]kernel.Objects{x.tap.Record, x.tap.Discretionary} {
		if v, ok := tlv.Find(objects, t); ok {
			return v
		}
	}
	if v, ok := tlv.Find(x.tap.FCI, tagProprietary, tagDiscretionary, t); ok {
		return v
	}
	v, _ := tlv.Find(x.tap.FCI, tagProprietary, t)
	return v
}

// terminal returns an object that the kernel has set, nil where there is none.
func (x *examiner) terminal(t tlv.Tag) []byte {
	if d := x.tap.Data; d != nil && d.Has(t) && d.From(t) != dict.Card {
		return d.Get(t)
	}
	v, _ := tlv.Find(x.tap.Record, t)
	return v
}

// The data objects that are common to all schemes (Book 3, Annex A).
const (
	tagAIP            tlv.Tag = 0x82
	tagProprietary    tlv.Tag = 0xA5
	tagIAD            tlv.Tag = 0x9F10
	tagTokenRequestor tlv.Tag = 0x9F19
	tagPAR            tlv.Tag = 0x9F24
	tagLastFour       tlv.Tag = 0x9F25
	tagCID            tlv.Tag = 0x9F27
	tagCVMResults     tlv.Tag = 0x9F34
	tagDiscretionary  tlv.Tag = 0xBF0C
	tagTVR            tlv.Tag = 0x95
)

// form adds evidence of what presented itself, in one breath.
func (x *examiner) form(k Kind, d Device, s Strength, t tlv.Tag, v []byte, rule, ref string) {
	x.add(ClaimKind, string(k), s, t, v, rule, ref)
	if d != UnknownDevice {
		x.add(ClaimDevice, string(d), s, t, v, rule, ref)
	}
}

func (x *examiner) verified(a Verification, s Strength, t tlv.Tag, v []byte, rule, ref string) {
	x.add(ClaimCDCVM, string(a), s, t, v, rule, ref)
}
