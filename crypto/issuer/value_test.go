package issuer

import (
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/pin"
)

func TestPINBlockVIS(t *testing.T) {
	mk := key(t, testIMK)
	var b pin.Block
	p, current := newPIN(t, "123456789012"), newPIN(t, "11111")
	wantCode(t, "no PIN", PINBlockVIS(&b, &mk, &pin.PIN{}, &pin.PIN{}), CodePIN)
	wantCode(t, "no key", PINBlockVIS(&b, &Key{}, &p, &pin.PIN{}), CodeKeyLength)
	if b != (pin.Block{}) {
		t.Errorf("a refusal left %X", b[:])
	}
	if err := PINBlockVIS(&b, &mk, &p, &pin.PIN{}); err != nil || b != (pin.Block{0x0C, 0x12, 0x34, 0x56, 0x78 ^ 0x89, 0x90 ^ 0xAB, 0x12 ^ 0xCD, 0xFF ^ 0xEF}) {
		t.Errorf("%X, %v", b[:], err)
	}
	p = newPIN(t, "00000")
	if err := PINBlockVIS(&b, &mk, &p, &current); err != nil || b != (pin.Block{0x14, 0x11, 0x10, 0x0F, 0xFF ^ 0x89, 0xFF ^ 0xAB, 0xFF ^ 0xCD, 0xFF ^ 0xEF}) {
		t.Errorf("%X, %v", b[:], err)
	}
}

func TestCardValueRefusals(t *testing.T) {
	k, long := key(t, testIMK), key(t, testIMK+testIMK)
	const pan = "4123456789012345"
	for _, c := range []struct {
		name, pan, expiry, service string
		code                       Code
	}{
		{"no PAN", "", "8701", "101", CodePAN},
		{"20 digits", "41234567890123456789", "8701", "101", CodePAN},
		{"a letter", "412345678901234A", "8701", "101", CodePAN},
		{"short expiry", pan, "870", "101", CodeDigits},
		{"expiry with a letter", pan, "87A1", "101", CodeDigits},
		{"long service code", pan, "8701", "1010", CodeDigits},
		{"service code with a letter", pan, "8701", "1x1", CodeDigits},
	} {
		_, err := CVV(&k, c.pan, c.expiry, c.service)
		wantCode(t, c.name, err, c.code)
		_, err = DCVV(&k, c.pan, c.expiry, c.service, [2]byte{})
		wantCode(t, c.name, err, c.code)
	}
	_, err := DCVV(&k, "412", "8701", "101", [2]byte{})
	wantCode(t, "a PAN with no place for the ATC", err, CodePAN)
	_, err = CAVV(&k, pan, "1108", "00", "0")
	wantCode(t, "result of two digits", err, CodeDigits)
	_, err = CVV(&long, pan, "8701", "101")
	wantCode(t, "a long key", err, CodeKeyLength)
	_, err = IVCVC3(&Key{}, nil)
	wantCode(t, "no key", err, CodeKeyLength)
	_, err = ComputeCVC3(&Key{}, [2]byte{}, [4]byte{}, [2]byte{})
	wantCode(t, "no key", err, CodeKeyLength)

	// The values with a service code of their own.
	whole, err := CVV(&k, pan, "8701", "999")
	if chip, err2 := ICVV(&k, pan, "8701"); err != nil || err2 != nil || chip != whole {
		t.Errorf("iCVV: %v, %v", err, err2)
	}
	whole, err = CVV(&k, pan, "8701", "000")
	if printed, err2 := CVV2(&k, pan, "8701"); err != nil || err2 != nil || printed != whole {
		t.Errorf("CVV2: %v, %v", err, err2)
	}
	// A block without decimal digits: all come from the letters.
	letters := CardValue{Final: [8]byte{0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0xAA, 0xAA}}
	if got := letters.Digits(16); got != "0123455432100000" {
		t.Errorf("digits %s", got)
	}
	if got := CVC3(7).Digits(); got != "00007" {
		t.Errorf("CVC3 %s", got)
	}
}

func TestPINValueRefusals(t *testing.T) {
	k := key(t, testIMK)
	p := newPIN(t, "1234")
	const pan = "1122334455667788"
	for _, c := range []struct {
		name, pan string
		index     int
		key       *Key
		pin       *pin.PIN
		code      Code
	}{
		{"a PAN of its check digit alone", "1", 1, &k, &p, CodePAN},
		{"a letter", "11223344556677A8", 1, &k, &p, CodePAN},
		{"index 10", pan, 10, &k, &p, CodeDigits},
		{"index -1", pan, -1, &k, &p, CodeDigits},
		{"no PIN", pan, 1, &k, &pin.PIN{}, CodePIN},
		{"no key", pan, 1, &Key{}, &p, CodeKeyLength},
	} {
		_, err := PVV(c.key, c.pan, c.index, c.pin)
		wantCode(t, c.name, err, c.code)
	}
	good := IBM3624{Table: "0123456789012345", Length: 16, Pad: 0x0F}
	for name, c := range map[string]struct {
		change func(*IBM3624)
		pan    string
		n      int
		key    *Key
		code   Code
	}{
		"no PAN":         {nil, "", 4, &k, CodePAN},
		"no key":         {nil, pan, 4, &Key{}, CodeKeyLength},
		"3 digits":       {nil, pan, 3, &k, CodePIN},
		"13 digits":      {nil, pan, 13, &k, CodePIN},
		"short table":    {func(m *IBM3624) { m.Table = m.Table[1:] }, pan, 4, &k, CodeDigits},
		"letter table":   {func(m *IBM3624) { m.Table = "0123456789ABCDEF" }, pan, 4, &k, CodeDigits},
		"pad of 16":      {func(m *IBM3624) { m.Pad = 16 }, pan, 4, &k, CodeDigits},
		"before the PAN": {func(m *IBM3624) { m.Offset = -1 }, pan, 4, &k, CodeDigits},
		"behind the PAN": {func(m *IBM3624) { m.Offset = 16 }, pan, 4, &k, CodeDigits},
		"no length":      {func(m *IBM3624) { m.Length = 0 }, pan, 4, &k, CodeDigits},
		"17 digits":      {func(m *IBM3624) { m.Length = 17 }, pan, 4, &k, CodeDigits},
	} {
		m := good
		if c.change != nil {
			c.change(&m)
		}
		wantCode(t, name, m.NaturalPIN(&pin.PIN{}, c.key, c.pan, c.n), c.code)
	}
	wantCode(t, "a letter in the offset", good.PIN(&pin.PIN{}, &k, pan, "12a4"), CodePIN)
	_, err := good.OffsetOf(&k, pan, &pin.PIN{})
	wantCode(t, "no PIN", err, CodePIN)
}

// TestOffsets leads from each PIN to its offset and back, for each length.
func TestOffsets(t *testing.T) {
	k := key(t, testIMK)
	m := IBM3624{Table: "0123456789012345", Offset: 3, Length: 12, Pad: 0x0D}
	for n := pin.MinLength; n <= pin.MaxLength; n++ {
		p := newPIN(t, "907182736455"[:n])
		offset, err := m.OffsetOf(&k, "4761739001010010", &p)
		if err != nil || len(offset) != n {
			t.Fatalf("%d digits: %q, %v", n, offset, err)
		}
		var back, natural pin.PIN
		if err := m.PIN(&back, &k, "4761739001010010", offset); err != nil || back != p {
			t.Errorf("%d digits: %v", n, err)
		}
		if err := m.NaturalPIN(&natural, &k, "4761739001010010", n); err != nil || m.PIN(&back, &k, "4761739001010010", strings.Repeat("0", n)) != nil || back != natural {
			t.Errorf("%d digits: offset zero is not the natural PIN, %v", n, err)
		}
	}
}

func BenchmarkCVV(b *testing.B) {
	k := key(b, testIMK)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CVV(&k, "4123456789012345", "8701", "101"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPVV(b *testing.B) {
	k, p := key(b, testIMK), newPIN(b, "1234")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := PVV(&k, "4123456789012345", 1, &p); err != nil {
			b.Fatal(err)
		}
	}
}
