package pcsc

import (
	"encoding/hex"
	"testing"

	"github.com/cardwright/emv/terminal/driver"
)

func TestKindOfName(t *testing.T) {
	const both = 0
	for name, want := range map[string]driver.Kind{
		"ACS ACR122U PICC Interface 00 00":                      driver.Contactless,
		"ACS ACR1252 1S CL Reader [ACR1252 Reader PICC] 00 00":  driver.Contactless,
		"HID Global OMNIKEY 5022 Smart Card Reader [CL] 00 00":  driver.Contactless,
		"Identive SCL3711 Contactless USB Smart Card Reader 0":  driver.Contactless,
		"SCM Microsystems Inc. SCL011 Contactless Reader 00 00": driver.Contactless,
		"Sony FeliCa Port/PaSoRi 3.0 NFC 00 00":                 driver.Contactless,
		"EMV Contactless 00 00":                                 driver.Contactless,
		"EMV Contact 00 00":                                     driver.Contact,
		"Gemalto PC Twin Reader 00 00":                          both,
		"HID Global OMNIKEY 3x21 Smart Card Reader 00 00":       driver.Contact,
		"Identiv uTrust 2700 R Smart Card Reader 00 00":         driver.Contact,
		"ACS ACR1281 1S Dual Reader [ACR1281U-C1 ICC] 00 00":    driver.Contact,
		"Virtual PCD 00 00":                                     both,
		"":                                                      both,
	} {
		if got := KindOfName(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// The first three are what PC/SC part 3 makes up: for a storage card (MIFARE Classic 1K, table 4-8), and for ISO-DEP cards
// with historical bytes of their own or none. The others are of contacts, and of nothing.
func TestKindOfATR(t *testing.T) {
	for atr, want := range map[string]driver.Kind{
		"3B8F8001804F0CA000000306030001000000006A": driver.Contactless,
		"3B80800101":   driver.Contactless,
		"3B8180018080": driver.Contactless,
		"3B8F8001804F0CA0000003060300010000000000": driver.Contact, // TCK is wrong
		"3B650000436172647731":                     driver.Contact,
		"3BE500008131FE454357303030CA":             driver.Contact,
		"3F650000436172647731":                     driver.Contact,
		"3B":                                       0,
		"":                                         0,
	} {
		b, err := hex.DecodeString(atr)
		if err != nil {
			t.Fatal(err)
		}
		if got := KindOfATR(b); got != want {
			t.Errorf("%s: %v, want %v", atr, got, want)
		}
	}
}

func FuzzKindOfATR(f *testing.F) {
	f.Add([]byte{0x3B, 0x80, 0x80, 0x01, 0x01})
	f.Add([]byte{0x3B, 0x65, 0x00, 0x00, 1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, atr []byte) {
		k := KindOfATR(atr)
		if k == driver.Contactless && (len(atr) < 5 || atr[2] != 0x80 || atr[3] != 0x01) {
			t.Errorf("%X is no answer to reset that PC/SC makes up", atr)
		}
		if k != 0 && k != driver.Contact && k != driver.Contactless {
			t.Errorf("%X: %v", atr, k)
		}
	})
}

func TestKindsOf(t *testing.T) {
	contactless := []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	if k := kindsOf("EMV Contact 00 00", contactless); k != driver.Contact {
		t.Errorf("the name decides: %v", k)
	}
	if k := kindsOf("Virtual PCD 00 00", contactless); k != driver.Contactless {
		t.Errorf("the card decides: %v", k)
	}
	if k := kindsOf("Virtual PCD 00 00", nil); k != driver.Contact|driver.Contactless {
		t.Errorf("nothing decides: %v", k)
	}
}
