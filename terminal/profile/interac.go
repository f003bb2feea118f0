package profile

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/interac"
	"github.com/cardwright/emv/kernel/action"
)

// readInterac reads the options of Interac Flash: retries, tac_denial, tac_online, tac_default, cda_with_arqc, legacy_floor,
// refuse_cards and refuse_devices. 9F58 to 9F5F are written as data objects.
//
// The kernel tests the transaction limits itself, since it has one for cards and one for phones: those of the entry point
// stay away. The figures of the file are the most that is accepted, the kernel's the least that is not.
func readInterac(o *object) configure {
	denial, online, def := readCodes(o)
	options := interac.Options{
		TAC: action.Codes{Denial: denial, Online: online, Default: def}, Retries: int(o.Number("retries", 20)),
		CDAWithARQC: o.Flag("cda_with_arqc"), LegacyFloor: o.Flag("legacy_floor"),
		RefuseCards: o.Flag("refuse_cards"), RefuseDevices: o.Flag("refuse_devices"),
	}
	return func(_ *build, c *contactless.Combination, l *Limits) {
		own := options
		c.Limits.Transaction = nil
		if l.Transaction != nil {
			own.Limit = new(*l.Transaction + 1)
		}
		if l.OnDevice != nil {
			own.LimitOnDevice = new(*l.OnDevice + 1)
		}
		c.Options = &own
	}
}
