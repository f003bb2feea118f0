package dict

import (
	"testing"

	"github.com/cardwright/emv/tlv"
)

// TestBook3 compares with a second copy of Book 3 Annex A that was written down by itself.
func TestBook3(t *testing.T) {
	for _, c := range []struct {
		tag      tlv.Tag
		name     string
		format   string
		min, max int
	}{
		{0x42, "Issuer Identification Number (IIN)", "n", 3, 3},
		{0x4F, "Application Dedicated File (ADF) Name", "b", 5, 16},
		{0x50, "Application Label", "ans", 1, 16},
		{0x57, "Track 2 Equivalent Data", "b", 0, 19},
		{0x5A, "Application Primary Account Number (PAN)", "cn", 0, 10},
		{0x5F20, "Cardholder Name", "ans", 2, 26},
		{0x5F24, "Application Expiration Date", "n", 3, 3},
		{0x5F25, "Application Effective Date", "n", 3, 3},
		{0x5F28, "Issuer Country Code", "n", 2, 2},
		{0x5F2A, "Transaction Currency Code", "n", 2, 2},
		{0x5F2D, "Language Preference", "an", 2, 8},
		{0x5F30, "Service Code", "n", 2, 2},
		{0x5F34, "Application Primary Account Number (PAN) Sequence Number", "n", 1, 1},
		{0x5F36, "Transaction Currency Exponent", "n", 1, 1},
		{0x5F50, "Issuer URL", "ans", 0, 255},
		{0x5F53, "International Bank Account Number (IBAN)", "var", 0, 34},
		{0x5F54, "Bank Identifier Code (BIC)", "var", 8, 11},
		{0x5F55, "Issuer Country Code (alpha2 format)", "a", 2, 2},
		{0x5F56, "Issuer Country Code (alpha3 format)", "a", 3, 3},
		{0x5F57, "Account Type", "n", 1, 1},
		{0x61, "Application Template", "template", 0, 252},
		{0x6F, "File Control Information (FCI) Template", "template", 0, 252},
		{0x70, "READ RECORD Response Message Template", "template", 0, 252},
		{0x81, "Amount, Authorised (Binary)", "b", 4, 4},
		{0x82, "Application Interchange Profile", "b", 2, 2},
		{0x84, "Dedicated File (DF) Name", "b", 5, 16},
		{0x86, "Issuer Script Command", "b", 0, 261},
		{0x87, "Application Priority Indicator", "b", 1, 1},
		{0x88, "Short File Identifier (SFI)", "b", 1, 1},
		{0x89, "Authorisation Code", "var", 6, 6},
		{0x8A, "Authorisation Response Code", "an", 2, 2},
		{0x8C, "Card Risk Management Data Object List 1 (CDOL1)", "b", 0, 252},
		{0x8E, "Cardholder Verification Method (CVM) List", "b", 10, 252},
		{0x8F, "Certification Authority Public Key Index", "b", 1, 1},
		{0x91, "Issuer Authentication Data", "b", 8, 16},
		{0x94, "Application File Locator (AFL)", "var", 0, 252},
		{0x95, "Terminal Verification Results", "b", 5, 5},
		{0x98, "Transaction Certificate (TC) Hash Value", "b", 20, 20},
		{0x9A, "Transaction Date", "n", 3, 3},
		{0x9B, "Transaction Status Information", "b", 2, 2},
		{0x9C, "Transaction Type", "n", 1, 1},
		{0x9D, "Directory Definition File (DDF) Name", "b", 5, 16},
		{0x9F01, "Acquirer Identifier", "n", 6, 6},
		{0x9F02, "Amount, Authorised (Numeric)", "n", 6, 6},
		{0x9F03, "Amount, Other (Numeric)", "n", 6, 6},
		{0x9F04, "Amount, Other (Binary)", "b", 4, 4},
		{0x9F05, "Application Discretionary Data", "b", 1, 32},
		{0x9F06, "Application Identifier (AID) - terminal", "b", 5, 16},
		{0x9F07, "Application Usage Control", "b", 2, 2},
		{0x9F08, "Application Version Number", "b", 2, 2},
		{0x9F09, "Application Version Number", "b", 2, 2},
		{0x9F0B, "Cardholder Name Extended", "ans", 27, 45},
		{0x9F0D, "Issuer Action Code - Default", "b", 5, 5},
		{0x9F10, "Issuer Application Data", "b", 0, 32},
		{0x9F11, "Issuer Code Table Index", "n", 1, 1},
		{0x9F12, "Application Preferred Name", "ans", 1, 16},
		{0x9F13, "Last Online Application Transaction Counter (ATC) Register", "b", 2, 2},
		{0x9F15, "Merchant Category Code", "n", 2, 2},
		{0x9F16, "Merchant Identifier", "ans", 15, 15},
		{0x9F17, "Personal Identification Number (PIN) Try Counter", "b", 1, 1},
		{0x9F18, "Issuer Script Identifier", "b", 4, 4},
		{0x9F1A, "Terminal Country Code", "n", 2, 2},
		{0x9F1B, "Terminal Floor Limit", "b", 4, 4},
		{0x9F1C, "Terminal Identification", "an", 8, 8},
		{0x9F1D, "Terminal Risk Management Data", "b", 1, 8},
		{0x9F1E, "Interface Device (IFD) Serial Number", "an", 8, 8},
		{0x9F21, "Transaction Time", "n", 3, 3},
		{0x9F24, "Payment Account Reference (PAR)", "an", 29, 29},
		{0x9F26, "Application Cryptogram", "b", 8, 8},
		{0x9F27, "Cryptogram Information Data", "b", 1, 1},
		{0x9F32, "Issuer Public Key Exponent", "b", 1, 3},
		{0x9F33, "Terminal Capabilities", "b", 3, 3},
		{0x9F34, "Cardholder Verification Method (CVM) Results", "b", 3, 3},
		{0x9F35, "Terminal Type", "n", 1, 1},
		{0x9F36, "Application Transaction Counter (ATC)", "b", 2, 2},
		{0x9F37, "Unpredictable Number", "b", 4, 4},
		{0x9F39, "Point-of-Service (POS) Entry Mode", "n", 1, 1},
		{0x9F3A, "Amount, Reference Currency", "b", 4, 4},
		{0x9F3B, "Application Reference Currency", "n", 2, 8},
		{0x9F40, "Additional Terminal Capabilities", "b", 5, 5},
		{0x9F41, "Transaction Sequence Counter", "n", 2, 4},
		{0x9F42, "Application Currency Code", "n", 2, 2},
		{0x9F43, "Application Reference Currency Exponent", "n", 1, 4},
		{0x9F44, "Application Currency Exponent", "n", 1, 1},
		{0x9F45, "Data Authentication Code", "b", 2, 2},
		{0x9F4C, "ICC Dynamic Number", "b", 2, 8},
		{0x9F4D, "Log Entry", "b", 2, 2},
		{0xBF0C, "File Control Information (FCI) Issuer Discretionary Data", "template", 0, 222},
	} {
		e := Lookup(c.tag, Common)
		if e == nil {
			t.Errorf("%s %s: missing", c.tag, c.name)
			continue
		}
		if e.Name != c.name || e.Format.String() != c.format || int(e.Min) != c.min || int(e.Max) != c.max {
			t.Errorf("%s: %q %s %d-%d, want %q %s %d-%d", c.tag, e.Name, e.Format, e.Min, e.Max, c.name, c.format, c.min, c.max)
		}
	}
}
