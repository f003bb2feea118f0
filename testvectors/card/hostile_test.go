package card_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/cardwright/emv/testvectors/card"
)

func TestStatusWords(t *testing.T) {
	c := newCard(t, "visa-debit")
	for _, x := range []struct{ about, command, want string }{
		{"nothing", "", "6700"},
		{"half a header", "00A404", "6700"},
		{"a length that is not that of the data", "00A4040007A00000", "6700"},
		{"unknown class", "90A40400", "6E00"},
		{"unknown instruction", "00000000", "6D00"},
		{"select by file", "00A4000002 3F00", "6A86"},
		{"unknown name", "00A4040006 A00000000401", "6A82"},
		{"a name of no length", "00A4040000", "6A82"},
		{"options before selection", "80A8000002830000", "6985"},
		{"read before options", "00B2010C00", "6985"},
		{"get data before selection", "80CA9F3600", "6985"},
		{"the application", "00A4040007 A0000000031010 00", ""},
		{"get data", "80CA9F3600", "9F36020006 9000"},
		{"get other data", "80CA9F1300", "6A88"},
		{"options that are too short", "80A8000002830000", "6700"},
		{"options without template", "80A8000002 8200 00", "6A80"},
		{"options with more behind", "80A8000004 8300 8300", "6700"},
		{"options with parameters", "80A8010002830000", "6A86"},
		{"application of another mode", "80A8000023 8321 00000000" + zeros(29) + "00", "6985"},
		{"the transaction", "80A8000023 8321 27000000" + zeros(29) + "00", ""},
		{"the transaction again", "80A8000023 8321 27000000" + zeros(29) + "00", "6985"},
		{"a record", "00B2011400", ""},
		{"a record that is absent", "00B2021400", "6A83"},
		{"a file that is absent", "00B2012400", "6A83"},
		{"record zero", "00B2001400", "6A86"},
		{"the current record", "00B2011000", "6A86"},
	} {
		got, err := c.Transmit(context.Background(), nil, unhex(x.command))
		want := unhex(x.want)
		if x.want == "" && len(got) > 2 {
			got, want = got[len(got)-2:], []byte{0x90, 0x00}
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %X, %v, want %X", x.about, got, err, want)
		}
	}
}

func zeros(n int) string { return string(bytes.Repeat([]byte("00"), n)) }

// FuzzTransmit sends any bytes, cut into commands, to any card: each is answered with a status word.
func FuzzTransmit(f *testing.F) {
	profiles := card.Profiles()
	seeds := [][]byte{
		append(append(unhex("14 00A404000E"), "2PAY.SYS.DDF01"...), 0),
		unhex("0D 00A4040007A000000003101000 29 80A80000238321 27000000" + zeros(29) + "00 05 00B2011400 05 80CA9F3600"),
		unhex("0D 00A4040007A000000004101000 08 80A8000002830000 0A 80EA00000401020304 00 00" + "05 00B2010C00 05 00B2011400 0A 802A8E800412345678 00"),
		unhex("0D 00A4040007A000000004101000 08 80A8000002830000 48 80AE500042" + zeros(66) + "00 0B 80D000000A" + zeros(10) + "00 05 80CA9F5000 0A 80DA9F7504AABBCCDD"),
		unhex("0D 00A4040007A000000003101000 0F 008200000A00000000000000000000 09 841800000401020304"),
		unhex("0D" + selectVisa + "08" + noOptions + "0D" + plain1234 + "23" + askARQC + "0D 841E000008" + zeros(8) + "25" + askTC2),
		unhex("0D" + selectVisa + "08" + noOptions + "05 0084000000" + "95 0020008890" + zeros(144) + "23" + askARQC + "0F 008200000A" + zeros(10)),
	}
	for i := range profiles {
		for _, s := range seeds {
			f.Add(byte(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, profile byte, data []byte) {
		c := newCard(t, profiles[int(profile)%len(profiles)].Name)
		for len(data) > 0 {
			n := min(int(data[0]), len(data)-1)
			command := bytes.Clone(data[1 : 1+n])
			got, err := c.Transmit(context.Background(), []byte{0xEE}, command)
			if err != nil || len(got) < 3 || got[0] != 0xEE {
				t.Fatalf("%X: %X, %v", command, got, err)
			}
			if !bytes.Equal(command, data[1:1+n]) {
				t.Fatalf("the command was written to")
			}
			data = data[1+n:]
		}
	})
}

// FuzzFault reads any text as a fault; what is accepted runs.
func FuzzFault(f *testing.F) {
	for _, s := range []string{"removed@1", "flip=5A:0:80", "add=9F02:00:2.1", "nested=9:fci", "sw=6985@3", "truncate=2@2..", "long-records"} {
		f.Add(s)
	}
	for _, k := range card.Faults() {
		f.Add(k.Syntax)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := card.New(card.Config{Profile: "visa-debit", Faults: []string{text}})
		if err != nil {
			return
		}
		_ = purchase().run(c)
	})
}

// TestDocumentation finds every profile and every fault in the package comment.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range card.Profiles() {
		if !bytes.Contains(doc, []byte("//\t"+p.Name+" ")) {
			t.Errorf("doc.go lacks the profile %s", p.Name)
		}
	}
	for _, f := range card.Faults() {
		syntax := strings.TrimSuffix(f.Syntax, "[..]")
		if !bytes.Contains(doc, []byte(syntax)) {
			t.Errorf("doc.go lacks the fault %s", syntax)
		}
	}
}

func BenchmarkTap(b *testing.B) {
	for b.Loop() {
		if err := purchase().run(newCard(b, "visa-debit")); err != nil {
			b.Fatal(err)
		}
	}
}
