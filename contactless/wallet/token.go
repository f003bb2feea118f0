package wallet

import "strings"

// Requestor is a line of the table of token requestors.
type Requestor struct {
	ID    string // Token Requestor ID: 11 digits, of which the first three are the token service's
	Brand Brand
	// Source says where the number is known from. None of them is from a list of the schemes, which are not public: a
	// number names a wallet by what has been seen of it, and evidence from this table only suggests.
	Source string
}

const fieldUse = "seen in tokens of that wallet and quoted in public integration guides"

// requestors is the table.
var requestors = [...]Requestor{
	{"40010030273", ApplePay, fieldUse},
	{"40010075001", GooglePay, fieldUse},
	{"40010043095", SamsungPay, fieldUse},
	{"50110030273", ApplePay, fieldUse},
	{"50120834693", GooglePay, fieldUse},
	{"50139059239", SamsungPay, fieldUse},
}

// Requestors returns the token requestors that Examine knows.
func Requestors() []Requestor { return append([]Requestor(nil), requestors[:]...) }

// providers are the token services by their code (EMV Payment Tokenisation: the first three digits of the identifier).
var providers = [...]struct{ code, name string }{
	{"400", "Visa Token Service"},
	{"501", "Mastercard Digital Enablement Service"},
}

// token looks at what every scheme's token says (Book 3, Annex A; EMV Payment Tokenisation).
func (x *examiner) token() {
	const ref = "Book 3, Annex A"
	t := &x.report.Token
	if v := x.card(tagTokenRequestor); len(v) == 6 && v[0]>>4 == 0 {
		if digits, ok := decimal(v); ok {
			x.requestor(digits[1:], v)
		}
	}
	if v := x.card(tagLastFour); len(v) == 2 {
		if digits, ok := decimal(v); ok {
			t.LastFour = digits
			x.add(ClaimToken, string(Yes), Says, tagLastFour, v, "the number that the cardholder knows ends with other digits", ref)
		}
	}
	if v := x.card(tagPAR); len(v) == len(t.PAR.b) && printable(v) {
		copy(t.PAR.b[:], v)
		t.PAR.ok = true
	}
}

// requestor looks an identifier up.
func (x *examiner) requestor(id string, v []byte) {
	const ref = "EMV Payment Tokenisation, token requestor"
	t := &x.report.Token
	t.Requestor = id
	for _, p := range providers {
		if strings.HasPrefix(id, p.code) {
			t.Provider = p.name
		}
	}
	x.add(ClaimToken, string(Yes), Says, tagTokenRequestor, v, "somebody asked for a token in place of the number", ref)
	// Tokens can be put on a card, and hardly are.
	x.add(ClaimKind, string(Handheld), Suggests, tagTokenRequestor, v, "tokens that tap live in devices", ref)
	for i := range requestors {
		if requestors[i].ID == id {
			x.add(ClaimBrand, string(requestors[i].Brand), Suggests, tagTokenRequestor, v, "the token requestor of this wallet", requestors[i].Source)
		}
	}
}

// labels looks for names of wallets in the directory. A label is any text that a card likes: nothing is said by it.
func (x *examiner) labels() {
	for _, label := range x.tap.Labels {
		for _, w := range [...]struct {
			text  string
			brand Brand
		}{{"APPLE PAY", ApplePay}, {"GOOGLE PAY", GooglePay}, {"SAMSUNG PAY", SamsungPay}} {
			if len(label) <= 16 && strings.Contains(strings.ToUpper(label), w.text) {
				x.add(ClaimBrand, string(w.brand), Suggests, 0, nil, "an Application Label of the directory names it", "Book B, 3.3.2")
				x.add(ClaimKind, string(Handheld), Suggests, 0, nil, "an Application Label of the directory names a wallet", "Book B, 3.3.2")
			}
		}
	}
}

// decimal returns the digits of a numeric value.
func decimal(v []byte) (string, bool) {
	var b [12]byte
	digits := b[:0]
	for _, c := range v {
		if c>>4 > 9 || c&0x0F > 9 {
			return "", false
		}
		digits = append(digits, '0'+c>>4, '0'+c&0x0F)
	}
	return string(digits), true
}

// printable reports whether a value is letters and digits.
func printable(v []byte) bool {
	for _, c := range v {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
