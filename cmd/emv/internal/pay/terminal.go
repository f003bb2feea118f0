package pay

import (
	"encoding/hex"
	"strconv"

	"github.com/cardwright/emv/cmd/emv/internal/iso"
	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The shop of the demonstration.
const (
	merchantName = "CARDWRIGHT DEMO SHOP"
	merchantID   = "CARDWRIGHT00001" // 15 characters
	terminalID   = "DEMO0001"
)

// applications are the AIDs that the terminal accepts (kernel 3).
var applications = []string{
	"A0000000031010", // Visa credit and debit
	"A0000000032010", // Visa Electron
	"A0000000033010", // Interlink
	"A0000000980840", // US common debit
}

// cvmLimits are the greatest amounts without cardholder verification, in major units, by country. They are for the
// demonstration: a terminal in the field has its acquirer's.
var cvmLimits = map[string]uint64{"AU": 200, "CA": 250, "GB": 100, "IE": 50, "US": 100}

// defaultCVMLimit is that of a country that is not listed, in minor units.
const defaultCVMLimit = 50_00

// cvmLimit returns the Reader CVM Required Limit: verification is required from this amount on (Book B, 3.1.1.8).
func cvmLimit(country iso.Country, currency iso.Currency) uint64 {
	major, ok := cvmLimits[country.Alpha2]
	if !ok {
		return defaultCVMLimit + 1
	}
	for range currency.Decimals() {
		major *= 10
	}
	return major + 1
}

// configuration is that of an attended shop terminal with a display, a printer and a contactless reader.
func configuration(o *Order) contactless.Config {
	c := contactless.Config{Terminal: terminalData(o.Country)}
	for _, aid := range applications {
		c.Combinations = append(c.Combinations, contactless.Combination{
			AID:    unhex(aid),
			Kernel: kernel.Visa,
			Limits: contactless.Limits{Floor: new(o.FloorLimit), CVM: new(cvmLimit(o.Country, o.Currency))},
			TTQ:    readerQualifiers(),
		})
	}
	return c
}

// readerQualifiers is the TTQ: EMV mode, online PIN, signature, ODA for online authorisations; issuer updates, consumer
// device CVM.
func readerQualifiers() *contactless.TTQ {
	var q contactless.TTQ
	for _, b := range []kernel.Bit{
		contactless.TTQEMVMode, contactless.TTQOnlinePIN, contactless.TTQSignature, contactless.TTQOnlineODA,
		contactless.TTQIssuerUpdate, contactless.TTQConsumerDeviceCVM,
	} {
		b.Set(q[:])
	}
	return &q
}

func terminalData(country iso.Country) []byte {
	var code [2]byte
	kernel.PutBCD(code[:], uint64(country.Numeric))
	var data []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F01, unhex("000000000001")}, // Acquirer Identifier
		{0x9F15, unhex("5999")},         // Merchant Category Code: miscellaneous retail
		{0x9F16, []byte(merchantID)},    // Merchant Identifier
		{0x9F1A, code[:]},               // Terminal Country Code
		{0x9F1C, []byte(terminalID)},    // Terminal Identification
		{0x9F1E, []byte("00000001")},    // IFD Serial Number
		{0x9F33, unhex("0068C8")},       // Terminal Capabilities: online PIN, signature, no CVM; SDA, DDA, CDA
		{0x9F35, unhex("22")},           // Terminal Type: attended, merchant, online with offline capability
		{0x9F39, unhex("07")},           // POS Entry Mode: contactless chip
		{0x9F40, unhex("F000F0F001")},   // Additional Terminal Capabilities: all sales; keys, printer, display
		{0x9F4E, []byte(merchantName)},  // Merchant Name and Location
	} {
		data = tlv.Append(data, o.tag, o.value)
	}
	return data
}

// unhex converts a constant of this package.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func quote(s string) string { return strconv.Quote(s) }
