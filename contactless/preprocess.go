package contactless

import "github.com/cardwright/emv/kernel"

// Indicators are what pre-processing finds out for one combination and kernels are told (Book B, table 3-2).
type Indicators struct {
	StatusCheckRequested     bool
	NotAllowed               bool // Contactless Application Not Allowed
	ZeroAmount               bool
	CVMRequiredLimitExceeded bool // Reader CVM Required Limit Exceeded
	FloorLimitExceeded       bool // Reader Contactless Floor Limit Exceeded
	TTQ                      TTQ  // Copy of TTQ; zero where none is configured
}

// preprocess is Start A for every combination of the transaction's type (Book B, 3.1.1). It reports false when none of
// them allows the transaction.
func (t *Terminal) preprocess() bool {
	allowed := false
	for i := range t.config.Combinations {
		c := &t.config.Combinations[i]
		s := &t.states[i]
		s.offered = c.serves(t.tx.Type)
		if !s.offered {
			continue
		}
		s.Indicators = Preprocess(&c.Limits, c.TTQ, s.floor, &t.tx)
		allowed = allowed || !s.NotAllowed
		if t.env.Watched() {
			t.env.Emit(PreprocessedEvent{Combination: c, Indicators: s.Indicators})
		}
	}
	return allowed
}

// Preprocess tests one transaction against one set of limits. floor is the Terminal Floor Limit (9F1B), nil where it is
// not configured. Kernels with dynamic reader limits call it again for the card's own set.
func Preprocess(l *Limits, ttq *TTQ, floor *uint64, tx *kernel.Transaction) Indicators {
	var in Indicators // Book B, 3.1.1.1
	if ttq != nil {   // 3.1.1.2
		in.TTQ = *ttq
		TTQOnlineCryptogram.Clear(in.TTQ[:])
		TTQCVMRequired.Clear(in.TTQ[:])
	}
	if l.StatusCheck && tx.Amount == singleUnit(tx) { // 3.1.1.3
		in.StatusCheckRequested = true
	}
	if tx.Amount == 0 { // 3.1.1.4
		if l.ZeroAmount != nil && !*l.ZeroAmount {
			in.NotAllowed = true
		} else {
			in.ZeroAmount = true
		}
	}
	if l.Transaction != nil && tx.Amount >= *l.Transaction { // 3.1.1.5
		in.NotAllowed = true
	}
	switch {
	case l.Floor != nil: // 3.1.1.6
		in.FloorLimitExceeded = tx.Amount > *l.Floor
	case floor != nil: // 3.1.1.7
		in.FloorLimitExceeded = tx.Amount > *floor
	}
	if l.CVM != nil && tx.Amount >= *l.CVM { // 3.1.1.8
		in.CVMRequiredLimitExceeded = true
	}
	if ttq == nil {
		return in
	}
	if in.FloorLimitExceeded || in.StatusCheckRequested { // 3.1.1.9, 3.1.1.10
		TTQOnlineCryptogram.Set(in.TTQ[:])
	}
	if in.ZeroAmount { // 3.1.1.11
		switch {
		case !TTQOfflineOnly.In(in.TTQ[:]):
			TTQOnlineCryptogram.Set(in.TTQ[:])
		case l.ZeroAmountOffline == nil || !*l.ZeroAmountOffline:
			in.NotAllowed = true
		}
	}
	if in.CVMRequiredLimitExceeded { // 3.1.1.12
		TTQCVMRequired.Set(in.TTQ[:])
	}
	return in
}

// singleUnit returns one unit of the transaction's currency in minor units: 100 where it has two decimals.
func singleUnit(tx *kernel.Transaction) uint64 {
	unit := uint64(1)
	for range tx.CurrencyExponent() {
		unit *= 10
	}
	return unit
}
