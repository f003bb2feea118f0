package risk

import (
	"context"
	"encoding/binary"

	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// checkVelocity is velocity checking (Book 3, 10.6.3): how many transactions the card has made since it was last online.
// A card that lacks one of the two limits does not want it.
func (s *risk) checkVelocity(ctx context.Context) error {
	const ref = "Book 3, 10.6.3"
	lower, upper := s.Data.Get(tagLowerLimit), s.Data.Get(tagUpperLimit)
	if len(lower) != 1 || len(upper) != 1 {
		return nil
	}
	atc, haveATC, err := s.counter(ctx, tagATC)
	if err != nil {
		return err
	}
	last, haveLast, err := s.counter(ctx, tagLastOnline)
	if err != nil {
		return err
	}
	if haveLast && last == 0 {
		s.r.Mark(tvr.NewCard, "risk.new_card", ref)
	}
	switch {
	case !haveATC || !haveLast:
		s.r.Mark(tvr.LowerLimitExceeded, "risk.counters_missing", ref)
		s.r.Mark(tvr.UpperLimitExceeded, "risk.counters_missing", ref)
		return nil
	case atc <= last: // a counter that runs backwards
		s.r.Mark(tvr.LowerLimitExceeded, "risk.counters", ref)
		s.r.Mark(tvr.UpperLimitExceeded, "risk.counters", ref)
		return nil
	}
	if atc-last > int(lower[0]) {
		s.r.Mark(tvr.LowerLimitExceeded, "risk.lower_limit", ref)
	}
	if atc-last > int(upper[0]) {
		s.r.Mark(tvr.UpperLimitExceeded, "risk.upper_limit", ref)
	}
	return nil
}

// counter asks the card for a counter of two bytes with GET DATA and stores it. Anything but such a counter is none.
func (s *risk) counter(ctx context.Context, t tlv.Tag) (int, bool, error) {
	value := s.Data.Get(t)
	if s.Card != nil {
		answer, err := s.Card.Send(ctx, apdu.AppendGetData(s.Card.Buffer(), uint16(t)))
		if err != nil {
			return 0, false, err
		}
		var ok bool
		if value, ok = answer.DataObject(uint16(t)); !ok {
			return 0, false, nil
		}
		if _, err := s.Data.ReceiveValue(dict.Card, t, value); err != nil {
			return 0, false, err
		}
	}
	if len(value) != 2 {
		return 0, false, nil
	}
	return int(binary.BigEndian.Uint16(value)), true, nil
}
