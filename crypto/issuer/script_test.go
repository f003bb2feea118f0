package issuer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mask"
)

var scriptAC = Cryptogram{0x7A, 0x78, 0x8E, 0xA6, 0xB8, 0xA3, 0xE7, 0xFF}

// rows returns the table, with the header of a PIN CHANGE/UNBLOCK command in each row's class.
func scriptRows(t testing.TB) map[string]Header {
	t.Helper()
	rows := map[string]Header{}
	for _, m := range messaging {
		rows[m.Name] = Header{0x84, 0x24, 0x00, 0x02}
		if m.Format == Format1 {
			rows[m.Name] = Header{0x8C, 0x24, 0x00, 0x02}
		}
	}
	return rows
}

// startScript starts both sides of a row.
func startScript(t testing.TB, name string) (host, card *Script) {
	t.Helper()
	m, err := MessagingOf(name)
	if err != nil {
		t.Fatal(err)
	}
	smi, smc := key(t, testIMK), key(t, "89ABCDEF0123456776543210FEDCBA98")
	var sides [2]*Script
	for i := range sides {
		if sides[i], err = m.NewScript(&smi, &smc, [2]byte{0x00, 0x1C}, scriptAC); err != nil {
			t.Fatal(err)
		}
	}
	return sides[0], sides[1]
}

// TestScripts lets a host build commands and a card open them, in order, and changes every bit of them.
func TestScripts(t *testing.T) {
	for name, header := range scriptRows(t) {
		t.Run(name, func(t *testing.T) {
			host, card := startScript(t, name)
			commands := []struct{ data, secret []byte }{
				{nil, nil},
				{nil, []byte{0x04, 0x99, 0x99, 0xFF, 1, 2, 3, 4}},
				{[]byte{0x9F, 0x58, 0x01, 0x05}, nil},
				{nil, []byte{0x24, 0x99, 0x99, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
				{bytes.Repeat([]byte{0xA5}, 200), nil},
			}
			var built [][]byte
			for i, c := range commands {
				before := *host
				command, err := host.Append(nil, header, c.data, c.secret)
				if err != nil {
					t.Fatal(err)
				}
				if int(command[4]) != len(command)-5 || !bytes.Equal(command[:4], header[:]) {
					t.Errorf("command %d: %X", i, command[:5])
				}
				if again, err := before.Append(nil, header, c.data, c.secret); err != nil || !bytes.Equal(again, command) {
					t.Errorf("command %d is not the same twice: %v", i, err)
				}
				for bit := range 8 * len(command) {
					command[bit/8] ^= 1 << (bit % 8)
					if _, ok, _ := card.Open(nil, command, c.secret != nil); ok {
						t.Errorf("command %d: bit %d is not covered", i, bit)
					}
					command[bit/8] ^= 1 << (bit % 8)
				}
				data, ok, err := card.Open(nil, command, c.secret != nil)
				if want := slices.Concat(c.data, c.secret); !ok || err != nil || !bytes.Equal(data, want) {
					t.Fatalf("command %d: %X, %v, %v, want %X", i, data, ok, err, want)
				}
				if host.session != (Key{}) || card.session != (Key{}) {
					t.Errorf("command %d: a session key is left", i)
				}
				built = append(built, command)
			}
			// A command that is played again is refused where commands are chained.
			_, ok, err := card.Open(nil, built[0], false)
			if chained := host.messaging.Chaining != ChainCryptogram; err != nil || ok == chained {
				t.Errorf("a command again: %v, %v", ok, err)
			}
			host.Wipe()
			if *host != (Script{}) {
				t.Error("Wipe leaves something")
			}
			_, err = host.Append(nil, header, nil, nil)
			wantCode(t, "a wiped script", err, CodeMessaging)
		})
	}
}

// TestCommonCoreScript holds format 1 with chained MACs to its formula, written out. Book 2, 9.2.3.1.
func TestCommonCoreScript(t *testing.T) {
	host, _ := startScript(t, "CCD")
	mk := key(t, testIMK)
	a := scriptAC
	session := each(tdesOf(t, mk.Bytes()), a[0], a[1], 0xF0, a[3], a[4], a[5], a[6], a[7], a[0], a[1], 0x0F, a[3], a[4], a[5], a[6], a[7])
	front := a[:]
	for i, data := range [][]byte{{1, 2, 3}, {4, 5}} {
		object := append([]byte{0x81, byte(len(data))}, data...)
		input := slices.Concat(front, []byte{0x8C, 0xDA, 0x9F, 0x58, 0x80, 0, 0, 0}, object)
		front = cardMAC(t, session, pad80(input, 8))
		want := slices.Concat([]byte{0x8C, 0xDA, 0x9F, 0x58, byte(len(object) + 6)}, object, []byte{0x8E, 4}, front[:4])
		got, err := host.Append(nil, Header{0x8C, 0xDA, 0x9F, 0x58}, data, nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("command %d: %X, %v, want %X", i, got, err, want)
		}
	}
}

func TestScriptRefusals(t *testing.T) {
	for name, header := range scriptRows(t) {
		host, card := startScript(t, name)
		start := *host
		_, err := host.Append(nil, Header{0x80, 0x24, 0, 0}, nil, nil)
		wantCode(t, name+": a class without secure messaging", err, CodeCommand)
		_, err = host.Append(nil, header, []byte{1}, []byte{2})
		wantCode(t, name+": data and secret", err, CodeMessaging)
		_, err = host.Append(nil, header, make([]byte, 252), nil)
		wantCode(t, name+": data too long", err, CodeDataLength)
		host.smc = Key{}
		_, err = host.Append(nil, header, nil, []byte{1})
		wantCode(t, name+": no key", err, CodeKeyLength)
		host.smc = start.smc
		if *host != start {
			t.Errorf("%s: a refusal moves the script on", name)
		}
		for _, c := range [][]byte{nil, {header[0], 0x24, 0, 2}, {header[0], 0x24, 0, 2, 1}, {header[0], 0x24, 0, 2, 2, 1, 1}} {
			_, _, err = card.Open(nil, c, false)
			wantCode(t, name+": a short command", err, CodeCommand)
		}
		_, err = (&Messaging{}).NewScript(&Key{}, &Key{}, [2]byte{}, scriptAC)
		wantCode(t, "an empty row", err, CodeMessaging)
		if text := fmt.Sprintf("%v %+v %#v %s", start, &start, start, &start); text != strings.Repeat(" "+mask.KeyText, 4)[1:] {
			t.Errorf("a script prints as %s", text)
		}
	}
	_, err := MessagingOf("none")
	wantCode(t, "a row that is none", err, CodeMessaging)
	m := Messaging{Cipher: AES, Key: VisaKey}
	wantCode(t, "Visa's key with AES", m.SessionKey(&Key{}, &Key{}, [2]byte{}, scriptAC), CodeMessaging)
}

func TestEncipherAndDecipher(t *testing.T) {
	long := key(t, testIMK+testIMK)
	short := key(t, testIMK)
	for _, c := range []Cipher{TDES, AES} {
		k := &short
		if c == AES {
			k = &long
		}
		for _, mode := range []Mode{ECB, CBC} {
			for _, padding := range []DataPadding{PadAlways, PadIfNeeded, PadLength} {
				for n := range 40 {
					data := bytes.Repeat([]byte{0x80}, n)
					text, err := c.Encipher([]byte{7}, k, mode, padding, data)
					if err != nil || text[0] != 7 || (len(text)-1)%c.blockSize() != 0 {
						t.Fatalf("%s, %d bytes: %X, %v", c, n, text, err)
					}
					if padding == PadIfNeeded && n%c.blockSize() != 0 {
						data = pad80(data, c.blockSize())
					}
					if n == 0 && padding == PadIfNeeded {
						continue
					}
					back, err := c.Decipher([]byte{7}, k, mode, padding, text[1:])
					if err != nil || !bytes.Equal(back[1:], data) {
						t.Errorf("%s, mode %d, padding %d, %d bytes: %X, %v", c, mode, padding, n, back, err)
					}
				}
			}
		}
		_, err := c.Encipher(nil, k, 0, PadAlways, nil)
		wantCode(t, "no mode", err, CodeMessaging)
		_, err = c.Encipher(nil, k, ECB, 0, nil)
		wantCode(t, "no padding", err, CodeMessaging)
		_, err = c.Encipher(nil, k, ECB, PadLength, make([]byte, 256))
		wantCode(t, "256 bytes", err, CodeDataLength)
		_, err = c.Encipher(nil, &Key{}, ECB, PadLength, nil)
		wantCode(t, "no key", err, CodeKeyLength)
		_, err = c.Decipher(nil, &Key{}, ECB, PadLength, make([]byte, 16))
		wantCode(t, "no key to decipher", err, CodeKeyLength)
		_, err = c.Decipher(nil, k, ECB, PadLength, make([]byte, 17))
		wantCode(t, "17 bytes to decipher", err, CodeDataLength)
		_, err = c.Decipher(nil, k, 0, PadLength, make([]byte, 16))
		wantCode(t, "no mode to decipher", err, CodeMessaging)
		_, err = c.Decipher(nil, k, ECB, PadAlways, make([]byte, 16))
		wantCode(t, "a text that does not unpad", err, CodeMessaging)
		wrong, err := c.Encipher(nil, k, ECB, PadAlways, []byte{9, 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Decipher(nil, k, ECB, PadLength, wrong)
		wantCode(t, "a wrong length byte", err, CodeMessaging)
	}
}

// FuzzOpen gives a card any command: it opens what the host built, and no other.
func FuzzOpen(f *testing.F) {
	for name, header := range scriptRows(f) {
		host, _ := startScript(f, name)
		for _, secret := range [][]byte{nil, {4, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}} {
			command, err := host.Append(nil, header, nil, secret)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(command, secret != nil)
		}
	}
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, command []byte, enciphered bool) {
		before := bytes.Clone(command)
		for name := range scriptRows(t) {
			host, card := startScript(t, name)
			data, ok, err := card.Open(nil, command, enciphered)
			if !bytes.Equal(before, command) {
				t.Fatal("Open writes into the command")
			}
			if !ok || err != nil || enciphered {
				continue
			}
			again, err := host.Append(nil, Header(command), data, nil)
			if err == nil && host.messaging.Format == Format2 && !bytes.Equal(again, command) {
				t.Errorf("%s: %X opens, the host builds %X", name, command, again)
			}
		}
	})
}

func BenchmarkScript(b *testing.B) {
	for name, header := range scriptRows(b) {
		b.Run(name, func(b *testing.B) {
			host, _ := startScript(b, name)
			secret := []byte{0x24, 0x99, 0x99, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := host.Append(nil, header, nil, secret); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
