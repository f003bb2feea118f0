package wallet_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/contactless/wallet"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/kerneltest"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return kerneltest.Unhex(t, s)
}

const par = "V0010000000000000000000000042"

// The objects of a token of a wallet, in TLV.
var (
	appleVisa  = "9F1906040010030273"
	appleMC    = "9F1906050110030273"
	googleMC   = "9F1906050120834693"
	lastFour   = "9F25021234"
	parObject  = "9F241D" + hex.EncodeToString([]byte(par))
	thirdParty = func(deviceType string) string { return "9F6E060840 0001" + hex.EncodeToString([]byte(deviceType)) }
)

// answers are what a report says, in one line: kind device wallet cdcvm token.
func answers(r *wallet.Report) string {
	return fmt.Sprintf("%s %s %s %s %s", r.Kind, r.Device, r.Brand, r.CDCVM, r.Token.Is)
}

// TestLayouts has at least one tap for each rule of each scheme, with what the scheme's book says that it means.
func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		about  string
		kernel kernel.ID
		record string
		want   string
	}{
		{"nothing at all", kernel.Visa, "", "unknown unknown unknown unknown unknown"},
		{"a plain Visa card", kernel.Visa, "9F6E0420700000 9F6C028000", "card card unknown not-done unknown"},
		{"a mini card", kernel.Visa, "9F6E0421000000", "card card unknown unknown unknown"},
		{"something that is no card", kernel.Visa, "9F6E0422000000", "device other unknown unknown unknown"},
		{"a phone, verified, with the signed copy", kernel.Visa, "9F6E04238C0000 9F6C020080 9F690701010203040080", "device phone unknown done unknown"},
		{"a phone, verified, without a copy", kernel.Visa, "9F6E04238C0000 9F6C020080", "device phone unknown done unknown"},
		{"a CTQ that differs from its copy is not believed", kernel.Visa, "9F6E0420700000 9F6C020080 9F690701010203048000", "card card unknown unknown unknown"},
		{"a card that claims it without a copy is not believed", kernel.Visa, "9F6E0420700000 9F6C020080", "card card unknown unknown unknown"},
		{"a wrist-worn device", kernel.Visa, "9F6E0424800000", "device watch unknown unknown unknown"},
		{"a reserved form factor", kernel.Visa, "9F6E041F000000", "unknown unknown unknown unknown unknown"},
		{"a form factor of a wrong length", kernel.Visa, "9F6E0323000000", "unknown unknown unknown unknown unknown"},
		{"Apple Pay of Visa", kernel.Visa, appleVisa + lastFour + "9F6E04238C0000", "device phone apple-pay unknown yes"},
		{"a requestor that nobody knows", kernel.Visa, "9F1906040099900001", "device unknown unknown unknown yes"},
		{"a requestor that is no number", kernel.Visa, "9F1906 0400ABCDEF01", "unknown unknown unknown unknown unknown"},
		{"a requestor with twelve digits", kernel.Visa, "9F1906 140010030273", "unknown unknown unknown unknown unknown"},
		{"a token on a card: the form factor outweighs it", kernel.Visa, appleVisa + "9F6E0420000000", "card card apple-pay unknown yes"},
		{"a PAR is on cards, too", kernel.Visa, parObject, "unknown unknown unknown unknown unknown"},

		{"a Mastercard card", kernel.Mastercard, thirdParty("00") + "82021980", "card card unknown unknown unknown"},
		{"a phone", kernel.Mastercard, thirdParty("14") + "82021B80", "device phone unknown unknown unknown"},
		{"a watch", kernel.Mastercard, thirdParty("03"), "device watch unknown unknown unknown"},
		{"a key fob", kernel.Mastercard, thirdParty("02"), "device key-fob unknown unknown unknown"},
		{"a wristband", kernel.Mastercard, thirdParty("05"), "device wristband unknown unknown unknown"},
		{"jewellery", kernel.Mastercard, thirdParty("28"), "device jewellery unknown unknown unknown"},
		{"a tablet", kernel.Mastercard, thirdParty("13"), "device tablet unknown unknown unknown"},
		{"a reserved Device Type", kernel.Mastercard, thirdParty("77"), "unknown unknown unknown unknown unknown"},
		{"no Device Type where the identifier's first bit is 1", kernel.Mastercard, "9F6E060840 8001 3134", "unknown unknown unknown unknown unknown"},
		{"Third Party Data too short for one", kernel.Mastercard, "9F6E0508400001 31", "unknown unknown unknown unknown unknown"},
		{"the device says that its owner was verified", kernel.Mastercard, "82021B80 DF4B03001000", "device unknown unknown done unknown"},
		{"it says that it was not", kernel.Mastercard, "82021B80 DF4B03000100 9F3403010002 9F270100", "device unknown unknown not-done unknown"},
		{"the reader asked and the device gave an ARQC", kernel.Mastercard, "82021B80 9F3403010002 9F270180", "device unknown unknown done unknown"},
		{"the reader asked and the device gave an AAC", kernel.Mastercard, "82021B80 9F3403010002 9F270100", "device unknown unknown unknown unknown"},
		{"the same, and the signature is wrong", kernel.Mastercard, "82021B80 9F3403010002 9F270180 95050400000000", "device unknown unknown unknown unknown"},
		{"the device says so, and the signature is wrong", kernel.Mastercard, "82021B80 DF4B03001000 95050400000000", "device unknown unknown unknown unknown"},
		{"the reader did not ask", kernel.Mastercard, "82021B80 9F34033F0002 9F270180", "device unknown unknown unknown unknown"},
		{"a PIN at a reader is none on a device", kernel.Mastercard, "82021980 9F3403420300 9F270180", "unknown unknown unknown unknown unknown"},
		{"Google Pay of Mastercard", kernel.Mastercard, googleMC + thirdParty("14"), "device phone google-pay unknown yes"},
		{"Kernel 8 has Mastercard's layouts", kernel.Kernel8, thirdParty("14"), "device phone unknown unknown unknown"},

		{"an American Express card", kernel.Amex, "82021980", "unknown unknown unknown unknown unknown"},
		{"a phone", kernel.Amex, "820219C0 9F7103010002", "device unknown unknown done unknown"},
		{"an HCE phone that did not verify", kernel.Amex, "820219E0 9F71033F0300", "device unknown unknown not-done unknown"},
		{"verification failed", kernel.Amex, "820219C0 9F7103010001", "device unknown unknown failed unknown"},
		{"verification blocked", kernel.Amex, "820219C0 9F7103010003", "device unknown unknown failed unknown"},
		{"a product with a mobile interface", kernel.Amex, "9F70020880", "device unknown unknown unknown unknown"},
		{"9F6E is the reader's", kernel.Amex, "9F6E04238C0000", "unknown unknown unknown unknown unknown"},

		{"JCB, on-device", kernel.JCB, "9F500130", "device unknown unknown done unknown"},
		{"JCB, a signature", kernel.JCB, "9F500110", "unknown unknown unknown not-done unknown"},
		{"JCB, a reserved value", kernel.JCB, "9F5001F0", "unknown unknown unknown unknown unknown"},
		{"JCB, 9F6E has no public layout", kernel.JCB, "9F6E04238C0000", "unknown unknown unknown unknown unknown"},

		{"Discover, a device", kernel.Discover, "9F71021000", "device unknown unknown done unknown"},
		{"Discover, a card", kernel.Discover, "9F710200CB", "unknown unknown unknown not-done unknown"},
		{"Discover, only the verification results say so", kernel.Discover, "9F100A 0115 0002000000000000", "unknown unknown unknown done unknown"},
		{"Discover, they say that it failed", kernel.Discover, "9F100A 0115 0003000000000000", "unknown unknown unknown failed unknown"},

		{"UnionPay, a device", kernel.UnionPay, "9F6C020080 9F690801010203040080 00", "device unknown unknown done unknown"},
		{"UnionPay, its Form Factor Indicator is not Visa's", kernel.UnionPay, "9F6E04238C0000", "unknown unknown unknown unknown unknown"},

		{"Interac, a card", kernel.Interac, "9F700100", "card card unknown unknown unknown"},
		{"Interac, a phone", kernel.Interac, "9F700103", "device phone unknown unknown unknown"},
		{"Interac, a tag", kernel.Interac, "9F700102", "device key-fob unknown unknown unknown"},
		{"Interac, a reserved value", kernel.Interac, "9F700109", "unknown unknown unknown unknown unknown"},

		{"no kernel: only what is common", kernel.AnyKernel, appleMC + "9F6E04238C0000", "device unknown apple-pay unknown yes"},
	} {
		r := wallet.Examine(wallet.Tap{Kernel: c.kernel, Record: unhex(t, c.record)})
		if got := answers(&r); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s\n%v", c.about, got, c.want, r.Evidence())
		}
	}
}

// TestEveryAnswerHasEvidence: what is known has at least one piece that says the same, with a rule and a reference.
func TestEveryAnswerHasEvidence(t *testing.T) {
	r := wallet.Examine(wallet.Tap{Kernel: kernel.Mastercard, Record: unhex(t, appleMC+lastFour+thirdParty("09")+"82021B80 DF4B03001000")})
	for claim, answer := range map[wallet.Claim]string{
		wallet.ClaimKind: "device", wallet.ClaimDevice: "phone", wallet.ClaimBrand: "apple-pay", wallet.ClaimCDCVM: "done", wallet.ClaimToken: "yes",
	} {
		found := false
		for _, e := range r.Evidence() {
			found = found || e.Claim == claim && e.Answer == answer
			if e.Rule == "" || e.Ref == "" || !strings.Contains(e.String(), e.Ref) {
				t.Errorf("%+v lacks its reason", e)
			}
		}
		if !found {
			t.Errorf("no evidence that %s is %s", claim, answer)
		}
	}
	if r.Token.Requestor != "50110030273" || r.Token.Provider != "Mastercard Digital Enablement Service" || r.Token.LastFour != "1234" {
		t.Errorf("%+v", r.Token)
	}
}

func TestImplications(t *testing.T) {
	for _, c := range []struct {
		record string
		want   []wallet.Implication
	}{
		{parObject, nil},
		{appleVisa, []wallet.Implication{wallet.ReceiptTokenDigits, wallet.RefundSameDevice, wallet.RefundByReference}},
		{appleVisa + lastFour, []wallet.Implication{wallet.ReceiptLastFour, wallet.RefundSameDevice, wallet.RefundByReference}},
		{appleVisa + parObject, []wallet.Implication{wallet.ReceiptTokenDigits, wallet.RefundSameDevice, wallet.RefundByPAR}},
		{lastFour + parObject, []wallet.Implication{wallet.ReceiptLastFour, wallet.RefundSameDevice, wallet.RefundByPAR}},
	} {
		r := wallet.Examine(wallet.Tap{Kernel: kernel.Visa, Record: unhex(t, c.record)})
		if got := r.Implications(); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.record, got, c.want)
		}
	}
}

// TestSources finds objects in the data store, in the Discretionary Data and in the FCI, and does not take an object of
// the terminal for the card's.
func TestSources(t *testing.T) {
	data := kernel.NewData()
	data.Reset(dict.C2)
	if _, err := data.Receive(dict.Card, unhex(t, thirdParty("03"))); err != nil {
		t.Fatal(err)
	}
	if err := data.Set(0x9F19, unhex(t, "050110030273")); err != nil { // as no card did
		t.Fatal(err)
	}
	for about, c := range map[string]struct {
		tap  wallet.Tap
		want string
	}{
		"data":          {wallet.Tap{Data: data}, "device watch unknown unknown unknown"},
		"discretionary": {wallet.Tap{Discretionary: unhex(t, thirdParty("14"))}, "device phone unknown unknown unknown"},
		"fci":           {wallet.Tap{FCI: unhex(t, "A50CBF0C09"+thirdParty("14"))}, "device phone unknown unknown unknown"},
		"labels":        {wallet.Tap{Labels: []string{"Visa", "Google Pay"}}, "device unknown google-pay unknown unknown"},
		"broken":        {wallet.Tap{Record: []byte{0x9F, 0x6E, 0x7F}, FCI: []byte{0xA5, 0x84}}, "unknown unknown unknown unknown unknown"},
	} {
		c.tap.Kernel = kernel.Mastercard
		r := wallet.Examine(c.tap)
		if got := answers(&r); got != c.want {
			t.Errorf("%s: %s, want %s", about, got, c.want)
		}
	}
}

// TestContradictions: pieces of evidence of one strength that contradict each other leave the answer open.
func TestContradictions(t *testing.T) {
	r := wallet.Examine(wallet.Tap{Kernel: kernel.Visa, Record: unhex(t, appleVisa), Labels: []string{"SAMSUNG PAY"}})
	if r.Brand != wallet.UnknownBrand || len(r.Evidence()) < 3 {
		t.Errorf("%s of %v", r.Brand, r.Evidence())
	}
}

// TestReferenceMasksItself prints a report in every way.
func TestReferenceMasksItself(t *testing.T) {
	r := wallet.Examine(wallet.Tap{Kernel: kernel.Visa, Record: unhex(t, parObject+appleVisa+"57125413339000010985D49122010000000000000F")})
	if r.Token.PAR.Unmasked() != par {
		t.Fatal(r.Token.PAR.Unmasked())
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %s %x %v", r, r, r, r.Token.PAR, text, r.Token.PAR, r.Evidence())
	for _, secret := range []string{par, par[4:], hex.EncodeToString([]byte(par[20:])), "5413339000010985"} {
		if strings.Contains(strings.ToLower(all), strings.ToLower(secret)) {
			t.Errorf("shows %s: %s", secret, all)
		}
	}
}

// TestRequestors looks every line of the table up by what stands in 9F19.
func TestRequestors(t *testing.T) {
	for _, q := range wallet.Requestors() {
		r := wallet.Examine(wallet.Tap{Kernel: kernel.Visa, Record: unhex(t, "9F19060"+q.ID)})
		if len(q.ID) != 11 || q.Source == "" || r.Brand != q.Brand || r.Token.Requestor != q.ID || r.Token.Provider == "" {
			t.Errorf("%+v: %+v", q, r)
		}
	}
}

func TestAllocations(t *testing.T) {
	tap := wallet.Tap{Kernel: kernel.Mastercard, Record: unhex(t, parObject+lastFour+thirdParty("14")+"82021B80 DF4B03001000")}
	if n := testing.AllocsPerRun(100, func() {
		if r := wallet.Examine(tap); r.Device != wallet.Phone {
			t.Fatal(r.Device)
		}
	}); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzExamine holds that arbitrary objects give answers that stand on evidence, the same ones twice.
func FuzzExamine(f *testing.F) {
	for _, id := range []byte{0, 2, 3, 4, 5, 6, 7, 8} {
		f.Add(id, unhex(f, appleMC+lastFour+parObject+thirdParty("14")+"82021BE0 DF4B03001000 9F6C020080 9F7103010002 9F500130"), "Apple Pay")
	}
	f.Add(byte(3), unhex(f, "9F6E04238C0000 9F690701010203040080 9F6C020080"), "")
	f.Fuzz(func(t *testing.T, id byte, objects []byte, label string) {
		tap := wallet.Tap{Kernel: kernel.ID(id), Record: objects, FCI: objects, Labels: []string{label}}
		r, again := wallet.Examine(tap), wallet.Examine(tap)
		if answers(&r) != answers(&again) || r != again {
			t.Fatal("two answers to one tap")
		}
		for claim, answer := range map[wallet.Claim]string{
			wallet.ClaimKind: string(r.Kind), wallet.ClaimDevice: string(r.Device), wallet.ClaimBrand: string(r.Brand),
			wallet.ClaimCDCVM: string(r.CDCVM), wallet.ClaimToken: string(r.Token.Is),
		} {
			found := answer == "unknown"
			for _, e := range r.Evidence() {
				found = found || e.Claim == claim && e.Answer == answer
			}
			if !found {
				t.Fatalf("%s is %s without evidence", claim, answer)
			}
		}
	})
}

func ExampleExamine() {
	record, _ := hex.DecodeString("9F1906050110030273" + "9F6E06084000013039" + "82021B80" + "DF4B03001000" + "9F25020110")
	report := wallet.Examine(wallet.Tap{Kernel: kernel.Mastercard, Record: record})
	fmt.Println(report.Kind, report.Device, report.Brand, report.CDCVM)
	for _, e := range report.Evidence() {
		if e.Claim == wallet.ClaimCDCVM || e.Claim == wallet.ClaimBrand {
			fmt.Println(e)
		}
	}
	fmt.Println(report.Implications())
	// Output:
	// device phone apple-pay done
	// wallet apple-pay: suggests 9F19 050110030273 (the token requestor of this wallet; seen in tokens of that wallet and quoted in public integration guides)
	// cdcvm done: says DF4B 001000 (offline CVM verification successful; C-2, Annex A)
	// [receipt.last_four refund.same_device refund.reference]
}
