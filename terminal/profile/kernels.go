package profile

import (
	"slices"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/contactless/visa"
)

// kernels are the contactless kernels that there are, by the names of the data files. Each is a line here and a file
// that reads its options.
var kernels = [...]served{
	{"amex", amex.Kernel, readAmex},
	{"discover", discover.Kernel, readDiscover},
	{"interac", interac.Kernel, readInterac},
	{"jcb", jcb.Kernel, readJCB},
	{"mastercard", mastercard.Kernel, readMastercard},
	{"unionpay", unionpay.Kernel, readUnionPay},
	{"visa", visa.Kernel, readVisa},
}

// names are the kernels that a file may name. Combinations of one that is not in kernels are kept and never configured.
var names = []string{
	"mastercard", "visa", "amex", "jcb", "discover", "unionpay", "kernel8", "interac", "eftpos",
}

// served is a kernel with what reads its options.
type served struct {
	name   string
	kernel contactless.Kernel

	// read reads the "options" of a combination, which are empty where there are none, and tells what is wrong with them
	// through its methods. It need not call Done.
	read func(o *object) configure
}

// configure puts what a kernel wants its own way into a combination. AID, Kernel, TTQ, Data and the limits of the entry
// point are there; Data may be appended to. b is of all the combinations of one configuration.
type configure func(b *build, c *contactless.Combination, l *Limits)

// build is what combinations of one configuration share: a log of torn transactions, a counter.
type build struct{ shared map[string]any }

// share returns what a kernel keeps for all of its combinations, made by create when it is asked for first.
func share[T any](b *build, kernel string, create func() T) T {
	if v, ok := b.shared[kernel].(T); ok {
		return v
	}
	v := create()
	b.shared[kernel] = v
	return v
}

// Kernels returns all contactless kernels that there are.
func Kernels() []contactless.Kernel {
	list := make([]contactless.Kernel, len(kernels))
	for i := range kernels {
		list[i] = kernels[i].kernel
	}
	return list
}

// serving returns the kernel with a name, nil where there is none.
func serving(name string) *served {
	i := slices.IndexFunc(kernels[:], func(s served) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return &kernels[i]
}
