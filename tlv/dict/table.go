package dict

import "slices"

// table holds every entry, ordered by tag and then by scope. It is put together from one table a book.
var table = join()

func join() []Entry {
	all := slices.Concat(
		common, common9F, commonContactless,
		mastercard, visa, amex, jcb, discover, unionpay, kernel8, interac,
	)
	slices.SortStableFunc(all, func(a, b Entry) int {
		if a.Tag != b.Tag {
			if a.Tag < b.Tag {
				return -1
			}
			return 1
		}
		return int(a.Scope) - int(b.Scope)
	})
	return all
}
