package kernel_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
	"github.com/cardwright/emv/tlv/dict"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDataBelongsToItsParty(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	if err := d.Load(unhex(t, "9F1A020840 9F3303E0B8C8")); err != nil {
		t.Fatal(err)
	}
	if err := d.SetNumeric(0x9F02, 1250, 6); err != nil {
		t.Fatal(err)
	}
	r, err := d.Receive(dict.Card, unhex(t, "9F0206000000000001 9F1A020036 82022000 950500000000FF 9F370401020304"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Refused != 0x9F02 {
		t.Errorf("refused %v, want 9F02 first", r.Refused)
	}
	for tag, want := range map[tlv.Tag]string{0x9F02: "000000001250", 0x9F1A: "0840", 0x82: "2000", 0x95: "", 0x9F37: ""} {
		if got := d.Get(tag); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%v = %X, want %s", tag, got, want)
		}
	}
	if d.From(0x82) != dict.Card || d.From(0x9F02) != dict.Kernel || d.From(0x9F1A) != dict.Terminal || d.From(0x57) != 0 {
		t.Error("the wrong party")
	}
}

func TestDataNoticesRepeats(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	if r, err := d.Receive(dict.Card, unhex(t, "8407A0000000031010 5F2D02656E")); err != nil || r.Repeated != 0 {
		t.Fatal(r, err)
	}
	d.Mark()
	if r, err := d.Receive(dict.Card, unhex(t, "8407A0000000031010 82022000")); err != nil || r.Repeated != 0 {
		t.Errorf("an object of the phase before counts as repeated: %v, %v", r.Repeated, err)
	}
	r, err := d.Receive(dict.Card, unhex(t, "82021980"))
	if err != nil || r.Repeated != 0x82 {
		t.Errorf("repeated %v, %v; want 82", r.Repeated, err)
	}
	if got := d.Get(0x82); !bytes.Equal(got, unhex(t, "2000")) {
		t.Errorf("the second value %X took the place of the first", got)
	}
}

func TestDataPassesOverWhatItCannotUse(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	r, err := d.Receive(dict.Card, unhex(t, "DF7F01AA 9F6C0190 5F3400 77068202200094 00"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Length != 0x9F6C || d.Has(0x9F6C) {
		t.Errorf("a CTQ of one byte: %v, %X", r.Length, d.Get(0x9F6C))
	}
	if d.Has(0xDF7F) {
		t.Error("an object that nobody knows was stored")
	}
	if d.Has(0x5F34) || d.Get(0x5F34) != nil {
		t.Error("an object without a value counts as present")
	}
	if !d.Has(0x82) {
		t.Error("an object inside a template was not stored")
	}
	if _, err := d.Receive(dict.Card, unhex(t, "57 05 01")); kernel.CodeOf(err) != "tlv.truncated" {
		t.Errorf("%v", err)
	}
}

func TestDataSetReplacesInPlace(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	for i := range 10000 { // would not fit if each took new room
		if err := d.Set(0x95, []byte{0, 0, 0, 0, byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Set(0x9F10, make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	if err := d.Set(0x9F10, make([]byte, 32)); err != nil || len(d.Get(0x9F10)) != 32 {
		t.Error("a longer value did not replace a shorter one")
	}
}

func TestDataIsBounded(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	record := tlv.Append(nil, 0x70, make([]byte, 250))
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = d.Receive(dict.Card, record)
	}
	if !errors.Is(err, kernel.ErrDataFull) {
		t.Errorf("after %d records: %v", n, err)
	}
	for i := range 100 {
		err = d.Load(tlv.Append(nil, tlv.Tag(0xDFFE01+i), []byte{1}))
		if err != nil {
			break
		}
	}
	if !errors.Is(err, kernel.ErrDataFull) {
		t.Errorf("unknown objects: %v", err)
	}
}

func TestDataResetWipes(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	if _, err := d.Receive(dict.Card, unhex(t, "5A084761739001010119")); err != nil {
		t.Fatal(err)
	}
	pan := d.Get(0x5A)
	d.Reset(dict.C3)
	if !bytes.Equal(pan, make([]byte, 8)) {
		t.Errorf("after Reset the memory holds %X", pan)
	}
	if d.Has(0x5A) {
		t.Error("the PAN is still there")
	}
}

func TestDataMasksItself(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	if _, err := d.Receive(dict.Card, unhex(t, "5A084761739001010119 57104761739001010119D22122011143878900 82022000")); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{d.String(), fmt.Sprint(d), fmt.Sprintf("%+v", d), fmt.Sprintf("%x", d)} {
		if strings.Contains(s, "9001010119") || strings.Contains(s, "739001") || !strings.Contains(s, "82=2000") {
			t.Errorf("%s", s)
		}
	}
}

func TestDOLValueByScope(t *testing.T) {
	d := kernel.NewData()
	d.Reset(dict.C3)
	if err := d.Load(unhex(t, "DF7F021234 9F1A020840")); err != nil {
		t.Fatal(err)
	}
	got, err := tlv.AppendDOLData(nil, unhex(t, "9F1A03 DF7F03 DF7E02 9F0306"), d)
	if want := unhex(t, "000840 123400 0000 000000000000"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%X, %v; want %X", got, err, want)
	}
}

func TestReceiveDoesNotAllocate(t *testing.T) {
	d := kernel.NewData()
	record := unhex(t, recordHex)
	if n := testing.AllocsPerRun(100, func() {
		d.Reset(dict.C2)
		if _, err := d.Receive(dict.Card, record); err != nil {
			t.Fatal(err)
		}
		if d.Get(0x5A) == nil {
			t.Fatal("not stored")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// recordHex is a record of 205 bytes, as test cards have it.
const recordHex = "57125413339000001513D20122010000000000005A0854133390000015135F24032012315F25030601015F280202505F3401018C" +
	"279F02069F03069F1A0295055F2A029A039C019F37049F35019F45029F4C089F34039F21039F7C148D12910A8A0295059F37049F4C089F02069F" +
	"03068E0A00000000000000001F039F0702FF009F080200029F0D05F8406420009F0E0500108800009F0F05F86064F8009F420209789F51039F37" +
	"049F5B0CDF6008DF6108DF6201DF63A09F4A01825F200E43415244484F4C4445522F4D5220"

func BenchmarkReceive(b *testing.B) {
	d := kernel.NewData()
	record := unhex(b, recordHex)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(dict.C2)
		if _, err := d.Receive(dict.Card, record); err != nil {
			b.Fatal(err)
		}
	}
}
