package decode

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/style"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

// everything is all that a Document says, as text and as JSON.
func everything(t testing.TB, doc *Document) string {
	t.Helper()
	var b strings.Builder
	if err := doc.Write(&b, style.Style{}); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + string(out)
}

func TestGuess(t *testing.T) {
	for _, x := range []struct {
		text string
		want Kind
	}{
		{"00A404000E325041592E5359532E444446303100", APDU},
		{"6A82", APDU},
		{"9000", APDU},
		{"> 00B2010C00", APDU},
		{"00B2010C00\n6A83", APDU},
		{"7007820220009C0100 9000", APDU},
		{"770682021980940100", TLV},
		{"70 08\n82 02 20 00\n94 02 00 00", TLV},
		{"9F02060000000012505F2A020840", TLV},
		{"9F66049F02065F2A029F3704", DOL},
		{"9F37049F4C08", DOL},
		{"9F3704", DOL},
		{"9F2608010203040506070882022000950500000000009F36020001", DE55},
		{"910A01020304050607083030", DE55},
		{"82:1980", Tag},
		{"9F6E", Tag},
		{"82", Tag},
		{"820219", TLV}, // broken: as TLV the fault has a place
	} {
		var d Decoder
		doc, err := d.Decode(x.text)
		if doc.Kind != x.want {
			t.Errorf("%s: %s, want %s (%v)", x.text, doc.Kind, x.want, err)
		}
	}
}

func TestBook(t *testing.T) {
	for _, x := range []struct {
		text string
		want dict.Scope
	}{
		{"6F098407A0000000041010", dict.C2},
		{"8407A0000000031010 9F6C020000", dict.C3},
		{"6F098407A0000002771010", dict.Interac},
		// A directory of two schemes is nobody's.
		{"BF0C16 61094F07A0000000041010 61094F07A0000000031010", dict.Common},
		{"6F098407F0000000011010", dict.Common},
	} {
		var d Decoder
		doc, err := d.Decode(x.text)
		if err != nil || doc.Book != x.want.String() {
			t.Errorf("%s: %s by %s, %v", x.text, doc.Book, doc.BookBy, err)
		}
		d = Decoder{Kernel: new(dict.C8)}
		if doc, err := d.Decode(x.text); err != nil || doc.Book != "C-8" || doc.BookBy != "asked" {
			t.Errorf("%s: %s by %s though C-8 was asked for, %v", x.text, doc.Book, doc.BookBy, err)
		}
	}
}

func TestLengthPrefix(t *testing.T) {
	const body = "9F26080102030405060708" // 11 bytes
	for prefix, want := range map[string]int{"303131": 3, "0011": 2, "000B": 2, "0B": 1, "": 0} {
		b, err := readHex(prefix+body, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := lengthPrefix(b); got != want {
			t.Errorf("%s: %d, want %d", prefix, got, want)
		}
	}
}

// TestMasked plants a card number in every object that may hold one, in a template, in a dialogue and where nobody expects
// it, and looks for it in what is shown.
func TestMasked(t *testing.T) {
	const pan = "4761739001010010"
	inputs := []string{
		"5A08" + pan,
		"700A5A08" + pan,
		"5711" + pan + "D22122011143844489",
		"9F6B11" + pan + "D22122011143844489",
		"5630" + fmt.Sprintf("%X", "B"+pan+"^CARDHOLDER/TEST^2212201000000000"),
		"DF7F08" + pan, // unknown
		"> 00B2010C00\n< 700A5A08" + pan + "9000",
		"> 00B2010C00\n< " + pan + "9000", // a record that is no TLV
		"> 00B2015C00\n< " + pan + "0102039000",
		"> 80AE800008" + pan + "00",
		"> 00B2010C00\n< 70048C025A089000\n> 80AE800008" + pan + "00",
		"5A:" + pan,
		"70:5A08" + pan,
	}
	for _, text := range inputs {
		if strings.HasPrefix(text, "5630") {
			text = strings.Replace(text, "5630", fmt.Sprintf("56%02X", (len(text)-4)/2), 1)
		}
		var d Decoder
		doc, err := d.Decode(text)
		if said := everything(t, doc) + fmt.Sprint(err); strings.Contains(said, pan) || strings.Contains(said, pan[6:12]) ||
			strings.Contains(said, fmt.Sprintf("%X", pan[6:12])) {
			t.Errorf("%s shows it:\n%s", text, said)
		}
	}
	d := Decoder{Unmask: true}
	doc, err := d.Decode("700A5A08" + pan)
	if err != nil || !strings.Contains(everything(t, doc), pan) {
		t.Errorf("not unmasked: %v", err)
	}
}

// FuzzDecode: any text is decoded or refused with a code, and what is confidential stays so.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"6F1A840E325041592E5359532E4444463031A5088801025F2D02656E",
		"> 00A4040007A000000003101000\n< 6F33 8407 A0000000031010 A528 500B 5649534120435245444954 9F3818 9F6604 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704 9000",
		"80A8000023832124C0400000000000900000000000000008400000000000084020031600ABABABAB00",
		"9F66049F02069F03069F1A0295055F2A029A039C019F3704",
		"95:8000008000", "9F6E", "30323727", "8006190008010101 9000", "",
	} {
		f.Add(s, byte(0))
		f.Add(s, byte(5))
	}
	f.Fuzz(func(t *testing.T, text string, mode byte) {
		d := Decoder{Tolerant: mode&1 != 0}
		if i := int(mode >> 1 & 7); i > 0 && i <= len(Kinds) {
			d.As = Kinds[i-1]
		}
		if s := dict.Scope(mode >> 4); s < dict.Scopes {
			d.Kernel = &s
		}
		doc, err := d.Decode(text)
		if err != nil && kernel.CodeOf(err) == "" {
			t.Fatalf("no code: %v", err)
		}
		everything(t, doc)
		for _, p := range doc.Parts {
			checkSecrets(t, p.Objects)
		}
	})
}

// checkSecrets sees that no object whose entry is confidential is shown whole.
func checkSecrets(t *testing.T, list []Object) {
	t.Helper()
	for _, o := range list {
		tag, err := tlv.ParseTag(o.Tag)
		if err != nil || o.entry {
			continue
		}
		e := strictest(tag, dict.Common)
		if e != nil && e.Sensitive != dict.Public && o.Length > 0 && o.Objects == nil && o.Value != "" &&
			!strings.Contains(o.Value, "*") && strings.Trim(o.Value, "F") != "" {
			t.Errorf("%s shows %q", o.Tag, o.Value)
		}
		checkSecrets(t, o.Objects)
	}
}
