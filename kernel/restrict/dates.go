package restrict

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// checkDates compares the transaction's date with the application's (Book 3, 10.4.3). Both of the application's days are
// days on which it can be used. A date that is absent is not tested: that the expiration date is mandatory was seen to
// when the records were read (Book 3, 7.2). One that is no date fails its test.
func checkDates(d *kernel.Data, r *tvr.Results) {
	today, _ := date(d, tagDate)
	if d.Has(tagEffective) {
		if from, ok := date(d, tagEffective); !ok || today.Before(from) {
			r.Mark(tvr.NotYetEffective, "restrict.not_effective", "Book 3, 10.4.3")
		}
	}
	if d.Has(tagExpiry) {
		if until, ok := date(d, tagExpiry); !ok || until.Before(today) {
			r.Mark(tvr.Expired, "restrict.expired", "Book 3, 10.4.3")
		}
	}
}

// date reads a date. Years from 50 on are of the twentieth century (Book 4, 6.7.3).
func date(d *kernel.Data, t tlv.Tag) (capk.Date, bool) {
	v := d.Get(t)
	if len(v) != len(capk.Date{}) {
		return capk.Date{}, false
	}
	day := capk.Date(v)
	return day, day.Valid()
}
