package apdu_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cardwright/emv/kernel/apdu"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"SELECT PPSE", apdu.AppendSelect(nil, []byte("2PAY.SYS.DDF01")), "00A404000E325041592E5359532E444446303100"},
		{"READ RECORD 1 of file 3", apdu.AppendReadRecord(nil, 3, 1), "00B2011C00"},
		{"GET PROCESSING OPTIONS", apdu.AppendGetProcessingOptions(nil, unhex(t, "24004000")), "80A80000068304 24004000 00"},
		{"GET PROCESSING OPTIONS without data", apdu.AppendGetProcessingOptions(nil, nil), "80A8000002830000"},
		{"GET PROCESSING OPTIONS, 128 bytes", apdu.AppendGetProcessingOptions(nil, make([]byte, 128)), "80A8000083838180" + strings.Repeat("00", 129)},
		{"EXTERNAL AUTHENTICATE", apdu.AppendExternalAuthenticate(nil, unhex(t, "01020304050607083030")), "008200000A01020304050607083030"},
	} {
		if !bytes.Equal(c.got, unhex(t, c.want)) {
			t.Errorf("%s: %X, want %s", c.name, c.got, c.want)
		}
		p, err := apdu.ParseCommand(c.got)
		if err != nil || !strings.HasPrefix(c.name, p.Name()) {
			t.Errorf("%s: read as %s, %v", c.name, p.Name(), err)
		}
	}
}

// TestParseCommand has the cases of ISO/IEC 7816-4, 5.1, short and extended.
func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		in, data string
		le       int
	}{
		{"00A40400", "", -1},
		{"00A4040010", "", 16},
		{"00A4040000", "", 256},
		{"00A4040002AABB", "AABB", -1},
		{"00A4040002AABB00", "AABB", 256},
		{"00A4040002AABB05", "AABB", 5},
		{"00A40400000100", "", 256},
		{"00A40400000000", "", 65536},
		{"00A40400000002AABB", "AABB", -1},
		{"00A40400000002AABB0100", "AABB", 256},
		{"00A40400000002AABB0000", "AABB", 65536},
	} {
		p, err := apdu.ParseCommand(unhex(t, c.in))
		if err != nil || !bytes.Equal(p.Data, unhex(t, c.data)) || p.Le != c.le {
			t.Errorf("%s: %X, %d, %v", c.in, p.Data, p.Le, err)
		}
	}
	for _, in := range []string{"", "00A404", "00A4040003AABB", "00A4040001AABBCC", "00A40400000003AABB", "00A404000000", "00A40400000000AA"} {
		if _, err := apdu.ParseCommand(unhex(t, in)); !errors.Is(err, apdu.ErrCommand) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestResponses(t *testing.T) {
	r, ok := apdu.ParseResponse(unhex(t, "6F009000"))
	if !ok || r.SW != apdu.OK || !bytes.Equal(r.Data, unhex(t, "6F00")) {
		t.Errorf("%+v", r)
	}
	if _, ok := apdu.ParseResponse([]byte{0x90}); ok {
		t.Error("one byte was taken for an answer")
	}
	for sw, want := range map[apdu.SW]string{
		0x9000: "normal processing", 0x6A82: "file not found", 0x6283: "selected file invalidated", 0x63C2: "2 tries left",
		0x6110: "more data available", 0x6C05: "wrong Le", 0x6FFF: "unknown status",
	} {
		if sw.Meaning() != want {
			t.Errorf("%v: %s, want %s", sw, sw.Meaning(), want)
		}
	}
	if apdu.SW(0x6982).Warning() || !apdu.SW(0x6283).Warning() || !apdu.SW(0x6300).Warning() {
		t.Error("warnings are 62xx and 63xx")
	}
}

func records(t *testing.T, afl string) (string, error) {
	t.Helper()
	a, err := apdu.ReadAFL(unhex(t, afl))
	var out []string
	for a.Next() {
		mark := ""
		if a.Signed {
			mark = "*"
		}
		out = append(out, fmt.Sprintf("%d.%d%s", a.SFI, a.Record, mark))
	}
	return strings.Join(out, " "), err
}

func TestAFL(t *testing.T) {
	for in, want := range map[string]string{
		"18010101 10010100 10030300": "3.1* 2.1 2.3",
		"08010301 10020200":          "1.1* 1.2 1.3 2.2",
		"F8FFFF01":                   "",
		"F0FFFF01":                   "30.255*",
		"08010202":                   "1.1* 1.2*",
	} {
		got, err := records(t, in)
		if want == "" {
			if err == nil {
				t.Errorf("%s: %s", in, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", in, got, err, want)
		}
	}
	for in, code := range map[string]string{
		"":                  "afl.length",
		"080101":            "afl.length",
		"0001 0100":         "afl.sfi",
		"F8010100":          "afl.sfi",
		"09010100":          "afl.sfi",
		"08000100":          "afl.record",
		"08020100":          "afl.record",
		"08010103":          "afl.signed",
		"0801FF00 10010100": "afl.records",
	} {
		_, err := records(t, in)
		var a *apdu.AFLError
		if !errors.As(err, &a) || a.Code != code {
			t.Errorf("%s: %v, want %s", in, err, code)
		}
	}
}

// FuzzCommand holds that what is read as a command is one: its parts add up to its bytes.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{"00A40400", "00A4040002AABB00", "00A40400000002AABB0000", "80A8000002830000", ""} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := apdu.ParseCommand(b)
		if err != nil {
			return
		}
		if n := 4 + len(c.Data); n > len(b) || len(b)-n > 5 || c.Le < -1 || c.Le > 65536 {
			t.Fatalf("%X: %+v", b, c)
		}
	})
}

// FuzzAFL holds that an AFL that is accepted names at most MaxRecords records, all of them within the book's bounds.
func FuzzAFL(f *testing.F) {
	for _, s := range []string{"180101011001010010030300", "0801FF00", "F0FFFF01", "00000000", ""} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := apdu.ReadAFL(b)
		n := 0
		for a.Next() {
			n++
			if err != nil || n > apdu.MaxRecords || a.SFI < 1 || a.SFI > 30 || a.Record < 1 {
				t.Fatalf("%X: record %d.%d, %v", b, a.SFI, a.Record, err)
			}
		}
		if err == nil && n == 0 {
			t.Fatalf("%X: no records and no error", b)
		}
	})
}
