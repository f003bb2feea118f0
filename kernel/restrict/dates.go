package restrict

import (
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// checkDates compares the transaction's date with the application's (Book 3, 10.4.3). Both of the application's days are
// days on which it can be used. A date that is absent is not tested: that the expiration date is mandatory was seen to
// when the records were read (Book 3, 7.2). One that is no date fails its test.
func checkDates(d *kernel.Data, r *tvr.Results) {
	today, _ := d.Date(tagDate)
	if d.Has(tagEffective) {
		if from, ok := d.Date(tagEffective); !ok || today.Before(from) {
			r.Mark(tvr.NotYetEffective, "restrict.not_effective", "Book 3, 10.4.3")
		}
	}
	if d.Has(tagExpiry) {
		if until, ok := d.Date(tagExpiry); !ok || until.Before(today) {
			r.Mark(tvr.Expired, "restrict.expired", "Book 3, 10.4.3")
		}
	}
}
