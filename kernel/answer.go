package kernel

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// ErrRepeated is a data object that a card sent twice.
var ErrRepeated = &Error{"answer.repeated", "a data object came twice"}

const (
	tagAIP tlv.Tag = 0x82
	tagAFL tlv.Tag = 0x94
	tagIAD tlv.Tag = 0x9F10
	tagAC  tlv.Tag = 0x9F26
	tagCID tlv.Tag = 0x9F27
	tagATC tlv.Tag = 0x9F36
)

// ErrLongPDOL is a PDOL that asks for more than GET PROCESSING OPTIONS can carry.
var ErrLongPDOL = &Error{"pdol.long", "the PDOL asks for more than a command can hold"}

// AppendPDOLData appends the values that a card's PDOL asks for (Book 3, 5.4): at most apdu.MaxPDOLData bytes, else
// ErrLongPDOL. A list that can't be read is an error of package tlv.
func (d *Data) AppendPDOLData(dst, list []byte) ([]byte, error) {
	n := len(dst)
	dst, err := tlv.AppendDOLData(dst, list, d)
	if err == nil && len(dst)-n > apdu.MaxPDOLData {
		err = ErrLongPDOL
	}
	return dst, err
}

// TakeObjects stores the objects of a card's answer and reports them. One that came before in this phase is ErrRepeated
// (Book 3, 10.2).
func (d *Data) TakeObjects(env *Env, message []byte) (Received, error) {
	r, err := d.Receive(dict.Card, message)
	env.EmitReceived(r)
	if err == nil && r.Repeated != 0 {
		err = ErrRepeated
	}
	return r, err
}

// TakeOptions stores what an answer to GET PROCESSING OPTIONS holds, in format 1 or format 2 (Book 3, 6.5.8.4). Which
// objects must be there is for the caller to say: a contactless card may do without records.
func (d *Data) TakeOptions(env *Env, answer []byte) error {
	template, value, err := apdu.Single(answer)
	switch {
	case err != nil:
		return err
	case template == 0x77:
		_, err := d.TakeObjects(env, value)
		return err
	case template != 0x80:
		return apdu.ErrTemplate
	}
	aip, afl, err := apdu.SplitOptions(value)
	if err != nil {
		return err
	}
	if _, err := d.ReceiveValue(dict.Card, tagAIP, aip); err != nil {
		return err
	}
	if afl != nil {
		_, err = d.ReceiveValue(dict.Card, tagAFL, afl)
	}
	return err
}

// TakeCryptogram stores the value of an answer to GENERATE AC in format 1 (Book 3, 6.5.5.4).
func (d *Data) TakeCryptogram(value []byte) error {
	c, err := apdu.SplitCryptogram(value)
	if err != nil {
		return err
	}
	for _, part := range [...]struct {
		tag   tlv.Tag
		value []byte
	}{{tagCID, c.CID}, {tagATC, c.ATC}, {tagAC, c.AC}, {tagIAD, c.IAD}} {
		if _, err := d.ReceiveValue(dict.Card, part.tag, part.value); err != nil {
			return err
		}
	}
	return nil
}

// TakeRecord stores a record: its objects where the file is EMV's, 1 to 10, which hold one template 70 a record; and just
// its bytes, which may be signed, where it is not (Book 3, 7.1 and 10.3).
func (d *Data) TakeRecord(env *Env, sfi byte, record []byte) (Received, error) {
	if sfi > 10 {
		return d.Keep(record)
	}
	template, _, err := apdu.Single(record)
	if err == nil && template != 0x70 {
		err = apdu.ErrTemplate
	}
	if err != nil {
		return Received{}, err
	}
	return d.TakeObjects(env, record)
}

// Date reads a date YYMMDD. It reports false for an object that is absent or is no date. Years from 50 on are of the
// twentieth century (Book 4, 6.7.3).
func (d *Data) Date(t tlv.Tag) (capk.Date, bool) {
	v := d.Get(t)
	if len(v) != len(capk.Date{}) {
		return capk.Date{}, false
	}
	day := capk.Date(v)
	return day, day.Valid()
}

// DeriveCID makes the Cryptogram Information Data of a card that gave none, out of its Issuer Application Data as Visa and
// those who followed have them: the type of the cryptogram in bits b6 and b5 of byte 5, which is byte 2 of the Card
// Verification Results. It reports false where there are too few of them.
func (d *Data) DeriveCID() bool {
	iad := d.Get(tagIAD)
	if len(iad) < 5 {
		return false
	}
	cid := [1]byte{iad[4] << 2 & 0xC0}
	return d.Set(tagCID, cid[:]) == nil
}

// AppendObjects appends those of the objects that are there, as TLV: a Data Record.
func (d *Data) AppendObjects(dst []byte, tags []tlv.Tag) []byte {
	for _, t := range tags {
		if v := d.Get(t); v != nil {
			dst = tlv.Append(dst, t, v)
		}
	}
	return dst
}
