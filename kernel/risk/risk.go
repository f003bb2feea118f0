// Package risk is terminal risk management (Book 3, 10.6; Book 4, 6.3.5): the exception file, a transaction that the
// merchant forces online, floor limit, random selection and velocity checking. It writes TVR bytes 1, 2 and 4 and the TSI.
package risk

import (
	"context"
	"encoding/binary"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// The data objects of the stage.
const (
	tagTrack2     tlv.Tag = 0x57   // Track 2 Equivalent Data
	tagPAN        tlv.Tag = 0x5A   // Application PAN
	tagPSN        tlv.Tag = 0x5F34 // Application PAN Sequence Number
	tagAIP        tlv.Tag = 0x82   // Application Interchange Profile
	tagAmount     tlv.Tag = 0x9F02 // Amount, Authorised (Numeric)
	tagLastOnline tlv.Tag = 0x9F13 // Last Online ATC Register
	tagLowerLimit tlv.Tag = 0x9F14 // Lower Consecutive Offline Limit
	tagFloorLimit tlv.Tag = 0x9F1B // Terminal Floor Limit
	tagUpperLimit tlv.Tag = 0x9F23 // Upper Consecutive Offline Limit
	tagATC        tlv.Tag = 0x9F36 // Application Transaction Counter
)

const stage = "terminal risk management"

// aipRequested is "Terminal risk management is to be performed" (82; Book 3, Annex C1).
const aipRequested = kernel.AIPRisk

// Log is the terminal's log of earlier transactions, by which split sales are found (Book 3, 10.6.1).
type Log interface {
	// Latest returns the amount of the most recent transaction in the log with this PAN, in minor units, and false when
	// there is none. sequence is the Application PAN Sequence Number, -1 where the card gave none; a log that keeps none
	// goes by the PAN alone.
	Latest(pan kernel.PAN, sequence int) (amount uint64, ok bool)
}

// Selection are the parameters of random selection (Book 3, 10.6.2), which the payment system gives for each application.
// The zero value selects nothing.
type Selection struct {
	Threshold uint64 // Threshold Value for Biased Random Selection, minor units; less than the floor limit
	Target    uint8  // Target Percentage to be Used for Random Selection, 0 to 99
	MaxTarget uint8  // Maximum Target Percentage to be Used for Biased Random Selection, Target to 99
}

// Input is what the stage works on.
type Input struct {
	Env          *kernel.Env
	Card         *kernel.Link // for GET DATA; nil goes by the counters that Data holds already
	Data         *kernel.Data
	Log          Log // nil: the terminal has none
	Selection    Selection
	ForcedOnline bool // the merchant forces the transaction online
}

// Requested reports whether the card asks for terminal risk management by its AIP (Book 3, 10.6).
func Requested(aip []byte) bool { return aipRequested.In(aip) }

// Perform carries the stage out and writes TVR (95) and TSI (9B). Where the card has an AIP that does not ask for the
// stage, only what the terminal does on its own behalf is done: exception file and merchant (Book 4, 6.3.5).
//
// The error wraps a card error when the card did not answer, or is ctx's, Env.Rand's, kernel.ErrDataFull or the driver's.
// TVR and TSI hold then what had been found.
func Perform(ctx context.Context, in Input) error {
	s := risk{Input: in, r: tvr.Load(in.Env, in.Data, stage, "Book 3, 10.6")}
	err := s.perform(ctx)
	if stored := s.r.Store(in.Data); err == nil {
		err = stored
	}
	return err
}

type risk struct {
	Input
	r tvr.Results
}

func (s *risk) perform(ctx context.Context) error {
	s.checkExceptionFile()
	s.checkMerchant()
	if aip := s.Data.Get(tagAIP); aip != nil && !Requested(aip) {
		return nil
	}
	s.checkFloorLimit()
	if err := s.selectRandomly(); err != nil {
		return err
	}
	if err := s.checkVelocity(ctx); err != nil {
		return err
	}
	s.r.Performed(tvr.TerminalRiskManagementPerformed)
	return nil
}

// checkExceptionFile is Book 4, 6.3.5.
func (s *risk) checkExceptionFile() {
	pan, ok := s.pan()
	if ok && s.Env.Exceptions != nil && s.Env.Exceptions.Listed(pan, s.sequence()) {
		s.r.Mark(tvr.OnExceptionFile, "risk.exception_file", "Book 4, 6.3.5")
	}
}

// checkMerchant is Book 4, 6.5.3: the attendant may find the customer suspicious.
func (s *risk) checkMerchant() {
	if s.ForcedOnline {
		s.r.Mark(tvr.MerchantForcedOnline, "risk.merchant", "Book 4, 6.5.3")
	}
}

// checkFloorLimit compares the amount, and that of the latest transaction with the same card added to it, with the
// Terminal Floor Limit (Book 3, 10.6.1). A terminal without a floor limit has one of zero.
func (s *risk) checkFloorLimit() {
	amount := s.amount()
	if pan, ok := s.pan(); ok && s.Log != nil {
		if earlier, ok := s.Log.Latest(pan, s.sequence()); ok {
			amount += min(earlier, kernel.MaxAmount)
		}
	}
	if amount >= s.floorLimit() {
		s.r.Mark(tvr.FloorLimitExceeded, "risk.floor_limit", "Book 3, 10.6.1")
	}
}

// amount returns Amount, Authorised. An amount that can't be read is more than any limit.
func (s *risk) amount() uint64 {
	v := s.Data.Get(tagAmount)
	if v == nil {
		return 0
	}
	n, ok := kernel.BCD(v)
	if !ok {
		return kernel.MaxAmount
	}
	return n
}

func (s *risk) floorLimit() uint64 {
	if v := s.Data.Get(tagFloorLimit); len(v) == 4 {
		return uint64(binary.BigEndian.Uint32(v))
	}
	return 0
}

// pan returns the Application PAN, or that of Track 2 Equivalent Data.
func (s *risk) pan() (kernel.PAN, bool) {
	if v := s.Data.Get(tagPAN); v != nil {
		return kernel.ParsePAN(v)
	}
	t, ok := kernel.ParseTrack2(s.Data.Get(tagTrack2))
	return t.PAN, ok
}

// sequence returns the Application PAN Sequence Number, -1 where there is none.
func (s *risk) sequence() int {
	v := s.Data.Get(tagPSN)
	if n, ok := kernel.BCD(v); ok && v != nil {
		return int(n)
	}
	return -1
}
