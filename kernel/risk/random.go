package risk

import (
	"fmt"
	"io"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
)

// selectRandomly is random transaction selection (Book 3, 10.6.2). It is for terminals that can approve offline and go
// online; an amount from the floor limit on is not subject to it, since it goes online for that.
func (s *risk) selectRandomly() error {
	if !s.bothWays() {
		return nil
	}
	selected, err := s.Selection.Selects(s.Env.Rand, s.amount(), s.floorLimit())
	if selected {
		s.r.Mark(tvr.SelectedRandomly, "risk.random", "Book 3, 10.6.2")
	}
	return err
}

// Selects reports whether a transaction is selected (Book 3, 10.6.2); amount and floor limit in minor units. The number is
// drawn only where it decides: percentages of 0 and 99 need none. The error is that of random.
func (s Selection) Selects(random io.Reader, amount, floor uint64) (bool, error) {
	percent, subject := s.targetPercent(amount, floor)
	if !subject || percent == 0 {
		return false, nil
	}
	if percent < 99 {
		n, err := draw(random)
		if err != nil || n > percent {
			return false, err
		}
	}
	return true, nil
}

// targetPercent returns the chance of the transaction's amount: the Target Percentage below the threshold, and from there
// to the floor limit the Transaction Target Percent, by linear interpolation. Its fraction is dropped: a number from 1 to
// 99 is not more than a percentage when it is not more than its whole part.
func (s Selection) targetPercent(amount, floor uint64) (percent uint64, subject bool) {
	target, most := uint64(s.Target), uint64(max(s.MaxTarget, s.Target))
	switch {
	case amount >= floor:
		return 0, false
	case amount < s.Threshold:
		return target, true
	}
	return target + (most-target)*(amount-s.Threshold)/(floor-s.Threshold), true
}

// bothWays reports whether the terminal works offline and has online capability (Book 4, Annex A1: the second digit of
// the Terminal Type). A type that the book does not know does.
func (s *risk) bothWays() bool {
	kind := s.Data.TerminalType()
	return !kind.OnlineOnly() && !kind.OfflineOnly()
}

// draw returns a number from 1 to 99, each equally likely.
func draw(random io.Reader) (uint64, error) {
	n, err := kernel.Draw(random, make([]byte, 1), 99)
	if err != nil {
		return 0, fmt.Errorf("risk: drawing the number of random selection: %w", err)
	}
	return uint64(n) + 1, nil
}
