package contact

import (
	"context"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/apdu"
	"github.com/cardwright/emv/tlv"
)

// mandatory are the data objects that every application's records hold (Book 3, 7.2).
var mandatory = [...]tlv.Tag{tagExpiry, tagPAN, tagCDOL1, tagCDOL2}

// readData is Read Application Data (Book 3, 10.2): the records of the AFL in its order.
func (t *transaction) readData(ctx context.Context) (kernel.Outcome, error) {
	t.step(stageRead, "Book 3, 10.2")
	t.static.Reset()
	afl, err := apdu.ReadAFL(t.data.Get(tagAFL))
	if err != nil {
		return t.end(stageRead, err, "Book 3, 10.2"), nil
	}
	for afl.Next() {
		if out, err := t.readRecord(ctx, &afl); err != nil || out.Made() {
			return out, err
		}
	}
	for _, tag := range mandatory {
		if !t.data.Has(tag) {
			return t.terminate(stageRead, "contact.missing_"+tag.String(), "Book 3, 7.2"), nil
		}
	}
	if why := t.checkData(); why != nil {
		return t.end(stageRead, why, "Book 3, 7.5"), nil
	}
	t.static.AddTagList(t.data) // Book 3, 10.3
	return kernel.Outcome{}, nil
}

func (t *transaction) readRecord(ctx context.Context, at *apdu.AFL) (kernel.Outcome, error) {
	r, out, err := t.send(ctx, stageRead, apdu.AppendReadRecord(t.link.Buffer(), at.SFI, at.Record))
	if err != nil || out.Made() {
		return out, err
	}
	if r.SW != apdu.OK { // 10.2: anything else ends the transaction
		return t.terminate(stageRead, "contact.record_"+r.SW.String(), "Book 3, 10.2"), nil
	}
	record, why := t.data.TakeRecord(&t.env, at.SFI, r.Data)
	if why != nil {
		return t.end(stageRead, why, "Book 3, 10.2"), nil
	}
	if at.Signed {
		t.static.AddRecord(at.SFI, record.Bytes)
	}
	return kernel.Outcome{}, nil
}

// What is wrong with data objects of the card that their lengths do not show.
var (
	errPAN    = &kernel.Error{Code: "contact.pan", Text: "the PAN is not one"}
	errExpiry = &kernel.Error{Code: "contact.expiry", Text: "the expiration date is none"}
	errDOL    = &kernel.Error{Code: "contact.cdol", Text: "a CDOL can't be read, or asks for more than a command holds"}
)

// checkData looks at the form of what later stages rely on (Book 3, 7.5: an object that is wrongly formed ends the
// transaction). That Track 2 Equivalent Data have the same PAN is no rule of the books, and the issuer's to see.
func (t *transaction) checkData() error {
	if _, ok := kernel.ParsePAN(t.data.Get(tagPAN)); !ok {
		return errPAN
	}
	if !validDate(t.data.Get(tagExpiry)) {
		return errExpiry
	}
	for _, tag := range [...]tlv.Tag{tagCDOL1, tagCDOL2} {
		if n, err := tlv.DOLDataLen(t.data.Get(tag)); err != nil || n > 255 {
			return errDOL
		}
	}
	return nil
}

// validDate reports whether a value is a date YYMMDD.
func validDate(b []byte) bool {
	var d [3]byte
	if copy(d[:], b) != len(d) || len(b) != len(d) {
		return false
	}
	if _, ok := kernel.BCD(b); !ok {
		return false
	}
	return d[1] >= 0x01 && d[1] <= 0x12 && d[2] >= 0x01 && d[2] <= 0x31
}
