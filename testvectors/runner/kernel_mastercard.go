package runner

import (
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// equipMastercard gives a combination of Kernel 2 its torn log and the terminal's side of data exchange, and its limits and action codes as data objects. Limits
// that are amounts are the kernel's own to test, not pre-processing's.
func equipMastercard(_ *job, a *Application, c *contactless.Combination, kept *kept) {
	options := &mastercard.Options{TornLog: &kept.torn}
	if kept.exchange != nil {
		options.Exchange = kept.exchange
	}
	c.Options = options
	c.Data = a.mastercardData(objectsOf(c.Data)).Append(nil)
	c.Limits.Transaction, c.Limits.Floor, c.Limits.CVM = nil, nil, nil
}

// mastercardData completes the objects of an application of Kernel 2, which has its limits and action codes as data objects:
// what the case says under other keys takes the place of those that are absent.
func (a *Application) mastercardData(data Objects) Objects {
	for _, l := range []struct {
		tag   tlv.Tag
		limit *uint64
	}{
		{0xDF8123, a.Limits.Floor}, {0xDF8124, a.Limits.Transaction}, {0xDF8125, a.LimitOnDevice}, {0xDF8126, a.Limits.CVM},
	} {
		if l.limit != nil && data.Get(l.tag) == nil {
			data = data.With(l.tag, kernel.PutBCD(make([]byte, 6), *l.limit))
		}
	}
	for _, c := range []struct {
		tag  tlv.Tag
		code []byte
	}{{0xDF8120, a.TACDefault}, {0xDF8121, a.TACDenial}, {0xDF8122, a.TACOnline}} {
		if c.code != nil && data.Get(c.tag) == nil {
			data = data.With(c.tag, c.code)
		}
	}
	return data
}
