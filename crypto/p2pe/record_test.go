package p2pe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/cardwright/emv/tlv"
)

// dataRecord is shaped as kernels have them: cryptogram, amounts, track, PAN, a name, token data, an object that nobody
// knows.
func dataRecord() []byte {
	var b []byte
	for _, o := range []struct {
		tag   tlv.Tag
		value []byte
	}{
		{0x9F02, []byte{0, 0, 0, 0, 0x12, 0x50}},
		{0x9F26, []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		{0x57, test57},
		{0x5A, []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x19}},
		{0x5F34, []byte{1}},
		{0x5F20, []byte("CARDHOLDER/VISA")},
		{0xDF7F, testPAN},
		{0x56, testTrack1},
		{0x95, make([]byte, 5)},
	} {
		b = tlv.Append(b, o.tag, o.value)
	}
	return b
}

func TestRecordLeavesNothingReadable(t *testing.T) {
	for name, p := range pairs(t) {
		r, err := p.terminal.Record(dataRecord(), BIN6)
		ok(t, err)
		if got, want := hex.EncodeToString(r.Objects), "9f0206000000001250"+"9f26080102030405060708"+"5f340101"+"95050000000000"; got != want {
			t.Errorf("%s: leaves %s, want %s", name, got, want)
		}
		if r.Account != (Account{Masked: "476173******0119", BIN: "476173", Last4: "0119"}) {
			t.Errorf("%s: %+v", name, r.Account)
		}
		text, err := json.Marshal(r)
		ok(t, err)
		for _, secret := range []string{"739001010119", "7390010", "CARDHOLDER", string(testPAN[6:])} {
			if strings.Contains(string(text), secret) || bytes.Contains(text, []byte(hex.EncodeToString([]byte(secret)))) {
				t.Errorf("%s: %s can be read in %s", name, secret, text)
			}
		}
		if len(r.Values) != 3 {
			t.Fatalf("%s: %d values", name, len(r.Values))
		}
		for i, want := range []struct {
			content Content
			data    []byte
		}{{Track2Equivalent, test57}, {PAN, testPAN}, {Track1, testTrack1}} {
			var c Clear
			ok(t, p.host.Open(&c, r.Values[i], want.content))
			if !bytes.Equal(c.Bytes(), want.data) {
				t.Errorf("%s: %v does not come out as it went in", name, want.content)
			}
		}
	}
}

func TestRecordWithoutPAN(t *testing.T) {
	p := aesPair(t, 0, 1)
	r, err := p.terminal.Record(tlv.Append(nil, 0x9F6B, test57), BIN6)
	ok(t, err)
	if r.Account.Last4 != "0119" || len(r.Objects) != 0 || len(r.Values) != 1 {
		t.Errorf("%+v", r)
	}
	r, err = p.terminal.Record(tlv.Append(nil, 0x82, []byte{0x20, 0x00}), BIN6)
	ok(t, err)
	if r.Account != (Account{}) || len(r.Values) != 0 || len(r.Objects) != 4 {
		t.Errorf("%+v", r)
	}
}

func TestRecordRefuses(t *testing.T) {
	p := aesPair(t, 0, 1)
	for name, c := range map[string]struct {
		record []byte
		bin    BINLength
		code   Code
	}{
		"truncated":        {[]byte{0x57, 0x10, 0x47}, BIN6, CodeData},
		"a PAN of letters": {tlv.Append(nil, 0x5A, []byte{0xAA, 0xBB}), BIN6, CodePAN},
		"a PAN too long":   {tlv.Append(nil, 0x5A, bytes.Repeat([]byte{0x11}, 10)), BIN6, CodePAN},
		"a track too long": {tlv.Append(nil, 0x57, make([]byte, 20)), BIN6, CodeData},
		"a template":       {tlv.Append(nil, 0x70, tlv.Append(nil, 0x57, test57)), BIN6, CodeData},
		"BIN of 7":         {tlv.Append(nil, 0x57, test57), 7, CodeBIN},
	} {
		r, err := p.terminal.Record(c.record, c.bin)
		want(t, name, err, c.code)
		if r != nil {
			t.Errorf("%s: something leaves all the same", name)
		}
	}
	var unset Terminal
	_, err := unset.Record(tlv.Append(nil, 0x57, test57), BIN6)
	want(t, "no keys", err, CodeKey)
}
