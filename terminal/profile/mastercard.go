package profile

import (
	"encoding/binary"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/mastercard"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The configuration data objects of Kernel 2 that a file need not write as tags (C-2, Annex A).
const (
	tagTornLifetime  tlv.Tag = 0xDF811C // Max Lifetime of Torn Transaction Log Record, seconds
	tagTornRecords   tlv.Tag = 0xDF811D // Max Number of Torn Transaction Log Records
	tagTACDefault    tlv.Tag = 0xDF8120
	tagTACDenial     tlv.Tag = 0xDF8121
	tagTACOnline     tlv.Tag = 0xDF8122
	tagReaderFloor   tlv.Tag = 0xDF8123 // Reader Contactless Floor Limit
	tagReaderLimit   tlv.Tag = 0xDF8124 // Reader Contactless Transaction Limit (No On-device CVM)
	tagReaderLimitOD tlv.Tag = 0xDF8125 // Reader Contactless Transaction Limit (On-device CVM)
	tagReaderCVM     tlv.Tag = 0xDF8126 // Reader CVM Required Limit
)

// readMastercard reads the options of Kernel 2: tac_denial, tac_online, tac_default, torn_records and torn_lifetime. All
// else is written as data objects.
//
// Kernel 2 tests limits itself, and "above" is above (C-2, S456): the figures of the file go into it as they are, those
// of the entry point stay away. A limit that is absent is the highest that there is.
func readMastercard(o *object) configure {
	denial, online, def := readCodes(o)
	records := o.Number("torn_records", 0xFF)
	lifetime := o.Number("torn_lifetime", 0xFFFF)
	return func(b *build, c *contactless.Combination, l *Limits) {
		c.Limits.Transaction, c.Limits.Floor, c.Limits.CVM = nil, nil, nil
		data := append([]byte(nil), c.Data...)
		for _, v := range []struct {
			tag   tlv.Tag
			limit *uint64
			none  uint64
		}{
			{tagReaderFloor, l.Floor, 0},
			{tagReaderLimit, l.Transaction, kernel.MaxAmount},
			{tagReaderLimitOD, l.OnDevice, kernel.MaxAmount},
			{tagReaderCVM, l.CVM, kernel.MaxAmount},
		} {
			amount := v.none
			if v.limit != nil {
				amount = *v.limit
			}
			var n12 [6]byte
			kernel.PutBCD(n12[:], amount)
			data = tlv.Append(data, v.tag, n12[:])
		}
		for _, v := range []struct {
			tag   tlv.Tag
			value []byte
		}{{tagTACDenial, denial}, {tagTACOnline, online}, {tagTACDefault, def}} {
			if v.value != nil {
				data = tlv.Append(data, v.tag, v.value)
			}
		}
		own := &mastercard.Options{}
		if records > 0 {
			data = tlv.Append(data, tagTornRecords, []byte{byte(records)})
			if lifetime > 0 {
				data = tlv.Append(data, tagTornLifetime, binary.BigEndian.AppendUint16(nil, uint16(lifetime)))
			}
			own.TornLog = share(b, "mastercard", func() *mastercard.MemoryLog { return &mastercard.MemoryLog{} })
		}
		c.Data, c.Options = data, own
	}
}

// readCodes reads Terminal Action Codes.
func readCodes(o *object) (denial, online, def []byte) {
	return o.bytes("tac_denial", 5, 5), o.bytes("tac_online", 5, 5), o.bytes("tac_default", 5, 5)
}
