package pay

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// shownDigits is how many of the card number stand on a receipt; of one that is shorter than minDigits, none.
const (
	shownDigits = 4
	minDigits   = 8
)

// fillReceipt takes what a receipt needs from the transaction's data, before they are wiped.
func (s *sale) fillReceipt() {
	d := s.terminal.Data()
	c := s.order.Currency
	r := Receipt{
		Merchant: merchantName, MerchantID: merchantID, TerminalID: terminalID, Time: s.when,
		Type: TypeText(s.order.Type), Amount: c.Format(s.order.Amount), CVM: s.cvm.String(),
		Card: receiptPAN(d), Sequence: hexOf(d, 0x5F34), Label: label(d), TVR: hexOf(d, 0x95), ATC: hexOf(d, 0x9F36),
		Cryptogram: hexOf(d, 0x9F26), Result: strings.ToUpper(strings.ReplaceAll(s.report.Outcome, "-", " ")),
	}
	if s.order.Other > 0 {
		r.Other = c.Format(s.order.Other)
	}
	if aid, _ := s.terminal.Selected(); aid != nil {
		r.AID = kernel.AID(aid).String()
	}
	if cid := d.Get(0x9F27); len(cid) == 1 && r.Cryptogram != "" {
		r.Kind = [...]string{"AAC", "TC", "ARQC", "RFU"}[cid[0]>>6]
	}
	if on := s.report.Online; on != nil {
		r.Response = on.ARC
	}
	s.report.Receipt = r
}

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
	digits := pan.Unmasked()
	if len(digits) < minDigits {
		return strings.Repeat("*", len(digits))
	}
	last := digits[len(digits)-shownDigits:]
	if behind := d.Get(0x9F25); len(behind) == 2 {
		last = hex.EncodeToString(behind)
	}
	return strings.Repeat("*", len(digits)-shownDigits) + last
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
