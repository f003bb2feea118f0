package dict

import (
	"slices"
	"testing"

	"github.com/cardwright/emv/tlv"
)

func explain(e *Entry, scope Scope, value []byte) []string {
	var lines []string
	Explain(e, scope, value, func(s string) bool {
		lines = append(lines, s)
		return true
	})
	return lines
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		tag   tlv.Tag
		scope Scope
		value string
		want  []string
	}{
		{0x95, Common, "8000008000", []string{
			"byte 1 b8: Offline data authentication was not performed",
			"byte 4 b8: Transaction exceeds floor limit",
		}},
		{0x95, C2, "0000000001", []string{"byte 5 b2-b1: Relay resistance protocol: not performed"}},
		{0x95, Common, "00000000", []string{"length 4 is not allowed"}},
		{0x9B, Common, "E800", []string{
			"byte 1 b8: Offline data authentication was performed",
			"byte 1 b7: Cardholder verification was performed",
			"byte 1 b6: Card risk management was performed",
			"byte 1 b4: Terminal risk management was performed",
		}},
		{0x82, C2, "1980", []string{
			"byte 1 b5: Cardholder verification is supported",
			"byte 1 b4: Terminal risk management is to be performed",
			"byte 1 b1: CDA supported",
			"byte 2 b8: EMV mode is supported",
		}},
		{0x9F27, Common, "80", []string{"byte 1 b8-b7: Cryptogram: ARQC", "byte 1 b3-b1: Reason: no information given"}},
		{0x9F34, Common, "1F0302", []string{
			"byte 1 b6-b1: CVM: no CVM required",
			"byte 2: Condition: if terminal supports the CVM",
			"byte 3: Result: successful",
		}},
		{0x9F34, Common, "3F0000", []string{
			"byte 1 b6-b1: CVM: no CVM performed",
			"byte 2: Condition: always",
			"byte 3: Result: unknown",
		}},
		{0x9F35, Common, "22", []string{"byte 1: Terminal: attended, merchant, offline with online capability"}},
		{0x9F35, Common, "99", []string{"byte 1: Terminal: '99'"}},
		{0x9F66, C3, "36004000", []string{
			"byte 1 b6: EMV mode supported",
			"byte 1 b5: EMV contact chip supported",
			"byte 1 b3: Online PIN supported",
			"byte 1 b2: Signature supported",
			"byte 3 b7: Consumer device CVM supported",
		}},
		{0x9F66, C7, "20000080", []string{"byte 1 b6: EMV mode supported", "byte 4 b8: fDDA version 1 supported"}},
		{0x9F66, C2, "0F00", nil},
		{0x9F6C, C3, "0280", []string{"byte 1 b2: Switch interface for cashback transactions", "byte 2 b8: Consumer device CVM performed"}},
		{0x8E, Common, "00000064 00000000 4203 1E03 1F02 3900 0000 2081", []string{
			"amount X: 100",
			"amount Y: 0",
			"rule 1: enciphered PIN verified online, if terminal supports the CVM, else next rule",
			"rule 2: signature, if terminal supports the CVM, else fail",
			"rule 3: no CVM required, if not unattended cash and not manual cash and not purchase with cashback, else fail",
			"rule 4: reserved for the issuer: 39, always, else fail",
			"rule 5: fail CVM processing, always, else fail",
			"rule 6: reserved for the payment system: 20, condition reserved for a payment system: 81, else fail",
		}},
		{0x8E, Common, "0000000000000000 1F", []string{"length 9 is not allowed", "malformed: not two amounts and whole rules"}},
		{0x94, Common, "08010100 10010301 18020200 0C010100 10000100 10020100", []string{
			"SFI 1: record 1",
			"SFI 2: records 1 to 3, 1 in offline data authentication",
			"SFI 3: record 2",
			"SFI 1: record 1, malformed entry",
			"SFI 2: records 0 to 1, malformed entry",
			"SFI 2: records 2 to 1, malformed entry",
		}},
		{0x94, Common, "080101", []string{"malformed: not whole entries of 4 bytes"}},
		{0x9F38, C2, "9F5C08 9F4005 9F7F01", []string{
			"9F5C DS Requested Operator ID, 8 bytes",
			"9F40 Additional Terminal Capabilities, 5 bytes",
			"9F7F DS Unpredictable Number, 1 byte",
		}},
		{0x9F38, C3, "9F7F01", []string{"9F7F (unknown), 1 byte"}},
		{0x8C, Common, "9F0206 9F", []string{"9F02 Amount, Authorised (Numeric), 6 bytes", "malformed: tlv.truncated at offset 4"}},
		{0x9F69, C2, "9F6A04", []string{"9F6A Unpredictable Number (Numeric), 4 bytes"}},
		{0x9F69, C3, "01AABBCCDD 0080", []string{
			"byte 1: fDDA version: 01",
			"bytes 2-5: Card unpredictable number",
			"bytes 6-7: Card Transaction Qualifiers",
			"Card Transaction Qualifiers, byte 2 b8: Consumer device CVM performed",
		}},
		{0x9F4A, Common, "82", []string{"82 Application Interchange Profile"}},
		{0x9F4A, Common, "829F", []string{"82 Application Interchange Profile", "malformed: not a tag"}},
		{0xDF8112, C2, "9F5DDF8104", []string{
			"9F5D Application Capabilities Information",
			"DF8104 Balance Read Before Gen AC",
		}},
		{0x9F10, C3, "06010A03A00000", []string{
			"byte 1: Length: 06",
			"byte 2: Derivation key index: 01",
			"byte 3: Cryptogram version number: 0A",
			"bytes 4-7: Card Verification Results",
			"Card Verification Results, byte 2 b8-b7: Cryptogram in second GENERATE AC: not requested",
			"Card Verification Results, byte 2 b6-b5: Cryptogram in first GENERATE AC: ARQC",
			"Card Verification Results, byte 4 b8-b5: Issuer script commands processed: 0",
		}},
		{0x9F10, Common, "06010A03A00000", nil},
		{0x9F6E, C2, "0840 0010 3134", []string{
			"bytes 1-2: Country: 0840",
			"bytes 3-4: Unique Identifier: 0010",
			"bytes 5-6: Device Type: mobile phone, host card emulation",
		}},
		{0x9F6E, C2, "0840 8010 3134", []string{
			"bytes 1-2: Country: 0840",
			"bytes 3-4: Unique Identifier: 8010",
			"bytes 5-6: Proprietary Data",
		}},
		{0x9F6E, C3, "23000000", []string{
			"byte 1 b8-b6: Version: 1",
			"byte 1 b5-b1: Form factor: consumer mobile phone",
			"byte 4 b4-b1: Payment transaction technology: contactless, ISO/IEC 14443",
		}},
		{0x9F6E, C4, "58000003", []string{
			"byte 1 b7: Mag-stripe mode supported",
			"byte 1 b5: EMV mode partial online supported",
			"byte 1 b4: Contactless mobile supported",
			"byte 4 b3-b1: Kernel version: C-4 2.7 or later",
		}},
		{0x9F71, C6, "00CB", []string{
			"byte 2 b8: Switch other interface if unable to process online",
			"byte 2 b7: Process online if CDA failed",
			"byte 2 b4: Process online if card expired",
			"byte 2 b2: CVM fallback to signature allowed",
			"byte 2 b1: CVM fallback to No CVM allowed",
		}},
		{0x9F2A, Common, "82 0840", []string{
			"byte 1 b8-b7: Type: domestic kernel, number given by EMVCo",
			"byte 1 b6-b1: Short Kernel ID: 2 (Mastercard)",
			"bytes 2-3: Country: 0840",
		}},
		{0x87, Common, "81", []string{
			"byte 1 b8: Application cannot be selected without confirmation by the cardholder",
			"byte 1 b4-b1: Priority: 1, the highest",
		}},
		{0xDF8129, C2, "30 F0 F0 20 30 F0 FF 00", []string{
			"byte 1 b8-b5: Status: Online Request",
			"byte 2 b8-b5: Start: not applicable",
			"byte 3 b8-b5: Online Response Data: not applicable",
			"byte 4 b8-b5: CVM: Online PIN",
			"byte 5 b6: Data Record Present",
			"byte 5 b5: Discretionary Data Present",
			"byte 6 b8-b5: Alternate Interface Preference: not applicable",
			"byte 7: Field Off Request: not applicable",
			"byte 8: Removal Timeout: none",
		}},
		{0xDF8115, C2, "00 06 00 9000 1C", []string{
			"byte 1: L1: OK",
			"byte 2: L2: card data error",
			"byte 3: L3: OK",
			"byte 6: Msg On Error: insert, swipe or try another card",
		}},
		{0xDF8116, C2, "20 02 000013 656E000000000000 00 000000000000 0000", []string{
			"byte 1: Message identifier: see phone",
			"byte 2: Status: Ready to Read",
			"byte 14 b8-b5: Value qualifier: none",
			"bytes 3-5: Hold time: 000013 x 100 ms",
		}},
		{0xDF8131, C2, "000001 000001 2000 000000 000000 0700", []string{
			"if PCII and 000001 is 000001: see phone, status 00",
			"if PCII and 000000 is 000000: not authorised, status 00",
		}},
		{0x5F2D, Common, "656E6672", []string{"language 1: en", "language 2: fr"}},
		{0x5F30, Common, "0201", []string{
			"byte 1 b4-b1: Interchange: international, chip to be used where feasible",
			"byte 2 b8-b5: Authorisation: normal",
			"byte 2 b4-b1: Services: no restrictions",
		}},
		{0x8A, Common, "5933", []string{"unable to go online, offline approved"}},
		{0x9F0A, Common, "0001 01 02 FF01 02 0000", []string{
			"identifier 0001, 1 byte: European product identification: credit",
			"identifier FF01, 2 bytes",
		}},
		{0x9F0A, Common, "0001 05 02", []string{"malformed: value runs past the end"}},
		{0x9F4D, Common, "0B0A", []string{"SFI 11, up to 10 records"}},
		{0x9F5E, Interac, "E000", []string{
			"byte 1 b8: Use other interface if different currency",
			"byte 1 b7: Use other interface if different country",
			"byte 1 b6: Use other interface if domestic transaction in a different currency",
		}},
		{0x5A, Common, "4761739001010010", nil},
		{0x57, Common, "00", nil},
	} {
		if got := explain(Lookup(c.tag, c.scope), c.scope, unhex(t, c.value)); !slices.Equal(got, c.want) {
			t.Errorf("%s %s %s:\n got %q\nwant %q", c.tag, c.scope, c.value, got, c.want)
		}
	}
	if got := explain(nil, Common, []byte{1}); got != nil {
		t.Errorf("%q", got)
	}
}

func TestExplainStops(t *testing.T) {
	n := 0
	Explain(Lookup(0x95, Common), Common, unhex(t, "FFFFFFFFFF"), func(string) bool {
		n++
		return n < 2
	})
	if n != 2 {
		t.Errorf("%d lines after false", n)
	}
}

func TestReadIAD(t *testing.T) {
	for _, c := range []struct {
		scope Scope
		value string
		n     int
	}{
		{C2, "2210904203A400000000000000024355FFFF00000000000000FF", 6}, // recorded, M/Chip Advance
		{C2, "0110A00003220000000000000000000000FF", 5},
		{C2, "0110A0", 0},
		{C3, "06011103900000", 4},
		{C3, "06010A03A000000F0000000000000000000000000000000000000000000000", 5},
		{C3, "1F2201A000000000000000000000000000000000000000000000000000000000", 5},
		{C3, "06010A04A00000", 0},
		{C3, "0F010A03A00000", 0},
		{C3, "", 0},
		{C4, "06010103A00000", 4},
		{C6, "01150000000000000000", 3},
		{C6, "0115000000000000000000", 4},
		{C7, "07010103A00000010A010000038787868FD1FC", 6}, // a teaching implementation's log
		{C7, "07010103A0000001", 5},
		{Common, "0FA50103A0000000000000000000000F00000000000000000000000000000000", 0},
		{Common, "0FA501A0000000000000000000000000 0F000000000000000000000000000000", 7},
		{C5, "07010103A00000", 0},
		{Interac, "07010103A00000", 0},
	} {
		value := unhex(t, c.value)
		pieces := ReadIAD(c.scope, value)
		if len(pieces) != c.n {
			t.Errorf("%s %s: %d pieces, want %d", c.scope, c.value, len(pieces), c.n)
			continue
		}
		if c.n != 0 && pieces[c.n-1].To != len(value) {
			t.Errorf("%s %s: pieces end at %d of %d", c.scope, c.value, pieces[c.n-1].To, len(value))
		}
	}
	// What upTo closes is a copy.
	if iadVisa[len(iadVisa)-1].To != 0 || iadUnionPay[len(iadUnionPay)-1].To != 0 {
		t.Error("a layout was changed")
	}
}

func TestMChipCVR(t *testing.T) {
	// The recorded tap msc-offline: first GENERATE AC gave a TC with CDA, card and terminal in different countries.
	got := explain(Lookup(0x9F10, C2), C2, unhex(t, "2210904203A400000000000000024355FFFF00000000000000FF"))
	for _, want := range []string{
		"Card Verification Results, byte 1 b6-b5: Cryptogram in first GENERATE AC: TC",
		"Card Verification Results, byte 2 b7: CDA returned in first GENERATE AC",
		"Card Verification Results, byte 3 b4-b1: PIN Try Counter: 3",
		"Card Verification Results, byte 4 b3: International transaction",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

func TestIsDOL(t *testing.T) {
	var got []string
	for e := range All {
		if IsDOL(e) {
			got = append(got, e.Tag.String()+" "+e.Scope.String())
		}
	}
	want := []string{
		"8C EMV", "8D EMV", "97 EMV", "9F38 EMV", "9F3F EMV", "9F49 EMV", "9F4F EMV", "9F51 C-2", "9F5B C-2", "9F5C C-5",
		"9F69 C-2", "DF811A C-2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// FuzzExplain: any value under any tag gives a bounded number of lines, and none for what is sensitive.
func FuzzExplain(f *testing.F) {
	for _, s := range []string{
		"", "8000008000", "00000064000000004203", "08010100", "9F5C089F4005", "06010A03A00000", "084000103134",
		"2210904203A400000000000000024355FFFF00000000000000FF", "0001010200",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for e := range All {
			for scope := range Scope(Scopes) {
				n := 0
				Explain(e, scope, value, func(line string) bool {
					n++
					if line == "" {
						t.Fatalf("%s %s: an empty line", e.Tag, scope)
					}
					return true
				})
				if n > 8*len(value)+2 || n > 0 && e.Sensitive != Public {
					t.Fatalf("%s %s: %d lines for %d bytes", e.Tag, scope, n, len(value))
				}
			}
		}
	})
}
