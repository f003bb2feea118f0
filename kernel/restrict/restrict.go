// Package restrict is processing restrictions (Book 3, 10.4): whether the application suits the terminal, the service
// that is asked for, and the day. It changes the TVR and nothing else; the stage has no bit in the TSI.
//
//	9F08, 9F09        application version number    10.4.1
//	9F07, 5F28, 9F1A  application usage control     10.4.2
//	5F25, 5F24, 9A    effective and expiration date 10.4.3
package restrict

import (
	"bytes"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/tvr"
	"github.com/cardwright/emv/tlv"
)

// The data objects of the stage.
const (
	tagExpiry          tlv.Tag = 0x5F24 // Application Expiration Date
	tagEffective       tlv.Tag = 0x5F25 // Application Effective Date
	tagIssuerCountry   tlv.Tag = 0x5F28 // Issuer Country Code
	tagDate            tlv.Tag = 0x9A   // Transaction Date
	tagAUC             tlv.Tag = 0x9F07 // Application Usage Control
	tagVersion         tlv.Tag = 0x9F08 // Application Version Number of the card
	tagTerminalVersion tlv.Tag = 0x9F09 // Application Version Number of the terminal
	tagOther           tlv.Tag = 0x9F03 // Amount, Other (Numeric)
	tagCountry         tlv.Tag = 0x9F1A // Terminal Country Code
	tagAdditional      tlv.Tag = 0x9F40 // Additional Terminal Capabilities
)

const stage = "processing restrictions"

// Perform applies the three checks of the stage to the data objects of a transaction and writes what they found to the
// TVR (95). The error is kernel.ErrDataFull.
func Perform(env *kernel.Env, d *kernel.Data) error {
	r := tvr.Load(env, d, stage, "Book 3, 10.4")
	checkVersion(d, &r)
	checkUsage(d, &r)
	checkDates(d, &r)
	return d.Set(tvr.Tag, r.TVR[:])
}

// checkVersion compares the Application Version Numbers (Book 3, 10.4.1). A card without one is presumed compatible. The
// book does not foresee a terminal without one: it can't say that it is the same, so it is another.
func checkVersion(d *kernel.Data, r *tvr.Results) {
	card := d.Get(tagVersion)
	if card != nil && !bytes.Equal(card, d.Get(tagTerminalVersion)) {
		r.Mark(tvr.DifferentVersions, "restrict.version", "Book 3, 10.4.1")
	}
}
