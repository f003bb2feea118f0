package pay

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/kernel/cvm"
	"github.com/cardwright/emv/tlv"
)

// shownDigits is how many of the card number stand on a receipt; of one that is shorter than minDigits, none.
const (
	shownDigits = 4
	minDigits   = 8
)

// fillReceipt takes what a receipt needs from the transaction's data, before they are wiped.
func (s *sale) fillReceipt(d *kernel.Data, name kernel.AID, entry string) {
	c := s.order.Currency
	r := Receipt{
		Merchant: merchantName, MerchantID: merchantID, TerminalID: terminalID, Time: s.when,
		Type: TypeText(s.order.Type), Entry: entry, Amount: c.Format(s.order.Amount), CVM: s.cvm.String(),
		Card: receiptPAN(d), Sequence: hexOf(d, 0x5F34), Label: label(d), TVR: hexOf(d, 0x95), ATC: hexOf(d, 0x9F36),
		Cryptogram: hexOf(d, 0x9F26), Result: result(s.report),
	}
	if entry == "chip" {
		r.TSI, r.CVMResults = hexOf(d, 0x9B), hexOf(d, 0x9F34)
		if _, offline := cvm.Of(d.Get(0x9F34)); offline {
			r.CVM = "offline-pin"
		}
	}
	if s.order.Other > 0 {
		r.Other = c.Format(s.order.Other)
	}
	if name != nil {
		r.AID = name.String()
	}
	if cid := d.Get(0x9F27); len(cid) == 1 && r.Cryptogram != "" {
		r.Kind = [...]string{"AAC", "TC", "ARQC", "RFU"}[cid[0]>>6]
	}
	if on := s.report.Online; on != nil {
		r.Response = on.ARC
	}
	s.report.Receipt = r
}

// result is the outcome in the words of a receipt. Where it was decided is not the customer's concern.
func result(r *Report) string {
	s := strings.TrimSuffix(strings.TrimSuffix(r.Outcome, "-online"), "-offline")
	return strings.ToUpper(strings.ReplaceAll(s, "-", " "))
}

// Result returns the outcome as a receipt has it: "APPROVED", "DECLINED", "TRY ANOTHER INTERFACE".
func (r *Report) Result() string { return result(r) }

// receiptPAN returns the card number with all but its last digits hidden; the digits are those of the account behind a
// token (9F25) where the card gives them.
func receiptPAN(d *kernel.Data) string {
	pan, ok := kernel.ParsePAN(d.Get(0x5A))
	if !ok {
		t, read := kernel.ParseTrack2(d.Get(0x57))
		if !read {
			return ""
		}
		pan = t.PAN
	}
	shown := lastDigits(pan.Unmasked())
	if behind := d.Get(0x9F25); len(behind) == 2 && len(shown) >= minDigits {
		shown = shown[:len(shown)-shownDigits] + hex.EncodeToString(behind)
	}
	return shown
}

// lastDigits hides all but the last digits of a number.
func lastDigits(digits string) string {
	if len(digits) < minDigits {
		return strings.Repeat("*", len(digits))
	}
	return strings.Repeat("*", len(digits)-shownDigits) + digits[len(digits)-shownDigits:]
}

// label is the application's name: the preferred one where the terminal has its letters (Book 4, 11.3 and Book 1, 12.4),
// otherwise the label.
func label(d *kernel.Data) string {
	if table := d.Get(0x9F11); len(table) == 1 && table[0] == 0x01 {
		if name := printable(d.Get(0x9F12)); name != "" {
			return name
		}
	}
	return printable(d.Get(0x50))
}

// printable drops what no printer should be sent: a card's text is not to be trusted.
func printable(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7E {
			return -1
		}
		return r
	}, string(b)))
}

func hexOf(d *kernel.Data, t tlv.Tag) string { return strings.ToUpper(hex.EncodeToString(d.Get(t))) }
