package pairing

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cardwright/emv/terminal/wire"
)

// RFC 9285, 4.3 and 4.4.
func TestBase45(t *testing.T) {
	for plain, text := range map[string]string{
		"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0", "": "",
	} {
		if got := string(appendBase45(nil, []byte(plain))); got != text {
			t.Errorf("%q: got %q, want %q", plain, got, text)
		}
		if got, ok := fromBase45(text); !ok || string(got) != plain {
			t.Errorf("%q: got %q", text, got)
		}
	}
	// RFC 9285, 6: FGW is 65535, GGW one more; four characters and small letters are none.
	if b, ok := fromBase45("FGW"); !ok || !bytes.Equal(b, []byte{0xFF, 0xFF}) {
		t.Errorf("FGW: %x", b)
	}
	for _, text := range []string{"GGW", "BB8A", "bb8", "V5", "::", ":::"} {
		if b, ok := fromBase45(text); ok {
			t.Errorf("%q is read as %x", text, b)
		}
	}
}

func addr(s ...string) (list []netip.Addr) {
	for _, a := range s {
		list = append(list, netip.MustParseAddr(a))
	}
	return list
}

func sample() Code {
	c := Code{MinMinor: 3, MaxMinor: 5, Expires: 0x6A000000, MinApp: [3]uint8{8, 16, 0}, Port: 27000, Addresses: addr("192.168.1.20")}
	for i := range c.Pin {
		c.Pin[i] = byte(0x40 + i)
	}
	for i := range c.Terminal {
		c.Terminal[i], c.Secret[i] = byte(0x10+i), byte(0x80+i)
	}
	c.Place = [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	return c
}

// The record as docs/protocol.md lays it out, written by hand.
func TestCodeLayout(t *testing.T) {
	want, err := hex.DecodeString("0305" + "101112131415161718191a1b1c1d1e1f" +
		"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" + "808182838485868788898a8b8c8d8e8f" +
		"0102030405060708" + "6a000000" + "081000" + "01" + "c0a80114")
	if err != nil {
		t.Fatal(err)
	}
	c := sample()
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	got, ok := fromBase45(strings.TrimPrefix(text, "CARDWRIGHT1:"))
	if !ok || !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func equal(a, b *Code) bool {
	return a.MinMinor == b.MinMinor && a.MaxMinor == b.MaxMinor && a.Terminal == b.Terminal && a.Pin == b.Pin &&
		a.Secret == b.Secret && a.Place == b.Place && a.Expires == b.Expires && a.MinApp == b.MinApp && a.Port == b.Port &&
		slices.Equal(a.Addresses, b.Addresses)
}

func TestCodeRoundTrip(t *testing.T) {
	for _, addresses := range [][]netip.Addr{
		addr("10.0.0.1"), addr("10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1"), addr("2001:db8::1"),
	} {
		c := sample()
		c.Addresses = addresses
		text, err := c.Text()
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 160 || strings.Trim(text, alphabet) != "" || strings.HasSuffix(text, " ") {
			t.Errorf("%d characters: %q", len(text), text)
		}
		got, err := DecodeQR(text)
		if err != nil || !equal(got, &c) {
			t.Errorf("%v: %+v", err, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := sample()
		copy(c.Secret[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "secret"))
		c.Secret[0] |= 1
		copy(c.Pin[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "pin"))
		c.Port = rapid.Uint16Min(1).Draw(t, "port")
		c.Expires = rapid.Uint32Min(1).Draw(t, "expires")
		c.Addresses = nil
		for i := range rapid.IntRange(1, 3).Draw(t, "addresses") {
			c.Addresses = append(c.Addresses, netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "b"), byte(i), 1}))
		}
		text, err := c.Text()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeQR(text)
		if err != nil || !equal(got, &c) {
			t.Fatalf("%v: %+v", err, got)
		}
	})
}

func TestCodeRefused(t *testing.T) {
	for name, change := range map[string]func(*Code){
		"no address":       func(c *Code) { c.Addresses = nil },
		"five addresses":   func(c *Code) { c.Addresses = addr("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5") },
		"both kinds":       func(c *Code) { c.Addresses = addr("10.0.0.1", "2001:db8::1") },
		"multicast":        func(c *Code) { c.Addresses = addr("224.0.0.1") },
		"broadcast":        func(c *Code) { c.Addresses = addr("255.255.255.255") },
		"unspecified":      func(c *Code) { c.Addresses = addr("0.0.0.0") },
		"link-local":       func(c *Code) { c.Addresses = addr("fe80::1%eth0") },
		"4 in 6":           func(c *Code) { c.Addresses = addr("::ffff:10.0.0.1") },
		"6 before 4":       func(c *Code) { c.Addresses = addr("2001:db8::1", "10.0.0.1") },
		"no port":          func(c *Code) { c.Port = 0 },
		"no expiry":        func(c *Code) { c.Expires = 0 },
		"no secret":        func(c *Code) { c.Secret = Secret{} },
		"versions swapped": func(c *Code) { c.MinMinor = 6 },
	} {
		c := sample()
		change(&c)
		if text, err := c.Text(); !errors.Is(err, &wire.Error{Code: wire.CodeFormat}) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestDecodeQRRefused(t *testing.T) {
	c := sample()
	good, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]wire.Code{
		"":                                wire.CodeFormat,
		"https://example.com":             wire.CodeFormat,
		"CARDWRIGHT2:" + good[12:]:        wire.CodeProtocol,
		"cardwright1:" + good[12:]:        wire.CodeFormat,
		good + "000":                      wire.CodeFormat,
		good[:len(good)-3]:                wire.CodeFormat,
		good + " ":                        wire.CodeFormat,
		good[:20] + "!" + good[21:]:       wire.CodeFormat,
		Prefix + strings.Repeat("0", 147): wire.CodeFormat, // all zeros: flags say no address
		Prefix + strings.Repeat("0", 600): wire.CodeFormat,
	} {
		got, err := DecodeQR(text)
		var e *wire.Error
		if got != nil || !errors.As(err, &e) || e.Code != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if e != nil && len(text) > 20 && strings.Contains(e.Error(), text[12:20]) {
			t.Errorf("the refusal quotes the code: %v", e)
		}
	}
}

// DecodeQR takes nothing but what Text writes, whatever is scanned.
func FuzzDecodeQR(f *testing.F) {
	for _, a := range [][]netip.Addr{addr("10.0.0.1"), addr("10.0.0.1", "10.0.0.2"), addr("2001:db8::1")} {
		c := sample()
		c.Addresses = a
		text, err := c.Text()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(text[:len(text)-1])
	}
	f.Add("CARDWRIGHT1:")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := DecodeQR(text)
		if err != nil {
			return
		}
		if again, err := c.Text(); err != nil || again != text {
			t.Fatalf("%q is written as %q: %v", text, again, err)
		}
	})
}
