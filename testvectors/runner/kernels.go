package runner

import (
	"context"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/amex"
	"github.com/cardwright/emv/contactless/discover"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/contactless/jcb"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/contactless/unionpay"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/kernel"
)

// kernelRun is a kernel as the runs have it: kernel.NAME alone, and within contactless.transaction.
type kernelRun struct {
	name   string // of the run, behind "kernel."
	kernel contactless.Kernel

	// equip gives a combination what the kernel takes beside data objects; nil where that is nothing.
	equip func(t *job, a *Application, c *contactless.Combination, kept *kept)
}

// kept is what outlives a tap: one for a whole case.
type kept struct {
	torn     mastercard.MemoryLog
	exchange *exchange // nil where the case has no data exchange
	echo     jcb.TornLog
}

// kernelTable lists the kernels of this build, one line each. Their equip functions stand in kernel_BRAND.go.
func kernelTable() []kernelRun {
	return []kernelRun{
		{"C2", mastercard.Kernel, equipMastercard},
		{"C3", visa.Kernel, equipVisa},
		{"C6", discover.Kernel, equipDiscover},
		{"C4", amex.Kernel, equipAmex},
		{"C5", jcb.Kernel, equipJCB},
		{"C7", unionpay.Kernel, equipUnionPay},
		{"INTERAC", interac.Kernel, equipInterac},
	}
}

// kernelByID returns a kernel of this build.
func kernelByID(id kernel.ID) (kernelRun, bool) {
	for _, k := range kernelTable() {
		if k.kernel.ID() == id {
			return k, true
		}
	}
	return kernelRun{}, false
}

// buildKernel returns the kernel of an ID, or one whose activation skips the case.
func buildKernel(id kernel.ID) contactless.Kernel {
	if k, ok := kernelByID(id); ok {
		return k.kernel
	}
	return absent(id)
}

// runKernelOf is the run of one kernel alone, on the first application of the case that it serves.
func runKernelOf(k kernelRun) runFunc {
	return func(ctx context.Context, t *job) (map[string]any, error) { return t.runKernel(ctx, k.kernel.ID()) }
}

// equipVisa makes the options of Kernel 3 of the case's features and limit sets.
func equipVisa(t *job, a *Application, c *contactless.Combination, _ *kept) {
	c.Options = &visa.Options{
		CheckCash: t.option(a, featureCash), CheckCashback: t.option(a, featureCashback),
		CheckATM: t.option(a, featureATM), ShowBalance: t.option(a, featureBalance), Limits: a.DRL,
	}
}
