package runner

import (
	"fmt"
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
)

// Application is one entry of given.applications: a combination of the entry point, or an application of contact.
type Application struct {
	AID               []byte
	Partial           bool
	Kernel            kernel.ID
	Types             []kernel.TransactionType
	Data              Objects
	FloorLimit        *uint64
	Limits            contactless.Limits
	ExtendedSelection bool
	TTQ               *contactless.TTQ
	DRL               []contactless.LimitSet
	LimitOnDevice     *uint64 // Kernels 2 (DF8125) and 5, and Interac
	Options           KernelOptions

	// Contact only.
	TACDefault, TACDenial, TACOnline []byte
	DDOL, TDOL                       []byte
	Threshold                        *uint64
	Target, MaxTarget                *uint64
}

func readApplication(o *object) Application {
	a := Application{AID: o.bytes("aid"), Data: o.tags("data"), FloorLimit: o.decimal("floor_limit")}
	a.Partial, _ = o.flag("partial")
	a.Kernel = readKernelID(o, "kernel")
	for i, v := range o.list("types") {
		path := fmt.Sprintf("%s[%d]", o.at("types"), i)
		if b := o.hexOf(path, v); len(b) == 1 {
			a.Types = append(a.Types, kernel.TransactionType(b[0]))
		} else if b != nil {
			o.add(path, CodeValue, "a transaction type is one byte")
		}
	}
	a.Limits, a.LimitOnDevice = readLimits(o), o.decimal("contactless_limit_on_device")
	if p := o.child("options"); p != nil {
		a.Options = readOptions(p)
	}
	a.ExtendedSelection, _ = o.flag("extended_selection")
	if b := o.sized("ttq", 4); b != nil {
		a.TTQ = new(contactless.TTQ(b))
	}
	for _, set := range o.objects("drl") {
		s := contactless.LimitSet{ProgramID: set.bytes("program_id"), Limits: readLimits(set)}
		set.done()
		a.DRL = append(a.DRL, s)
	}
	a.TACDefault, a.TACDenial, a.TACOnline = o.sized("tac_default", 5), o.sized("tac_denial", 5), o.sized("tac_online", 5)
	a.DDOL, a.TDOL = o.bytes("ddol"), o.bytes("tdol")
	a.Threshold, a.Target = o.decimal("threshold"), o.decimal("target_percentage")
	a.MaxTarget = o.decimal("max_target_percentage")
	o.done()
	if a.FloorLimit != nil && *a.FloorLimit > 0xFFFFFFFF {
		o.add(o.at("floor_limit"), CodeValue, "does not fit the four bytes of 9F1B")
		a.FloorLimit = nil
	}
	return a
}

// readLimits reads the tests of pre-processing: those of an application, or of a set of dynamic reader limits.
func readLimits(o *object) contactless.Limits {
	var l contactless.Limits
	l.Transaction, l.Floor, l.CVM = o.decimal("contactless_limit"), o.decimal("contactless_floor_limit"), o.decimal("cvm_limit")
	// The limit for cardholder devices is the kernel's: pre-processing does not know it.
	o.decimal("contactless_limit_on_device")
	l.StatusCheck, _ = o.flag("status_check")
	if b, ok := o.flag("zero_amount_allowed"); ok {
		l.ZeroAmount = new(b)
	}
	if b, ok := o.flag("zero_amount_offline"); ok {
		l.ZeroAmountOffline = new(b)
	}
	return l
}

func readKernelID(o *object, key string) kernel.ID {
	b := o.bytes(key)
	if b != nil && len(b) != 1 && len(b) != 3 {
		o.add(o.at(key), CodeValue, "a Kernel ID has 1 or 3 bytes")
		return 0
	}
	var id kernel.ID
	for _, c := range b {
		id = id<<8 | kernel.ID(c)
	}
	return id
}

// objects returns the data objects of an application, with the Terminal Floor Limit.
func (a *Application) objects() Objects {
	if a.FloorLimit == nil {
		return a.Data
	}
	f := *a.FloorLimit
	return a.Data.With(tagFloorLimit, []byte{byte(f >> 24), byte(f >> 16), byte(f >> 8), byte(f)})
}

// combination makes the configuration of the entry point of an application. What the case leaves out: the TTQ are those
// among the data objects, the kernel is that of the AID's scheme.
func (a *Application) combination(terminal Objects) contactless.Combination {
	data := a.objects()
	c := contactless.Combination{
		AID: slices.Clone(a.AID), Kernel: a.Kernel, Types: a.Types, Limits: a.Limits, TTQ: a.TTQ,
		ExtendedSelection: a.ExtendedSelection, Data: data.Append(nil),
	}
	for _, from := range []Objects{data, terminal} {
		if v := from.Get(tagTTQ); c.TTQ == nil && len(v) == 4 {
			c.TTQ = new(contactless.TTQ(v))
		}
	}
	if c.Kernel == kernel.AnyKernel && kernel.AID(a.AID).Valid() {
		c.Kernel = schemeKernels[[5]byte(a.AID)]
	}
	return c
}

// schemeKernels are the kernels of the schemes by their RID (Book B, table 3-6).
var schemeKernels = map[[5]byte]kernel.ID{
	{0xA0, 0x00, 0x00, 0x00, 0x03}: kernel.Visa,
	{0xA0, 0x00, 0x00, 0x00, 0x04}: kernel.Mastercard,
	{0xA0, 0x00, 0x00, 0x00, 0x25}: kernel.Amex,
	{0xA0, 0x00, 0x00, 0x00, 0x65}: kernel.JCB,
	{0xA0, 0x00, 0x00, 0x01, 0x52}: kernel.Discover,
	{0xA0, 0x00, 0x00, 0x03, 0x33}: kernel.UnionPay,
}
