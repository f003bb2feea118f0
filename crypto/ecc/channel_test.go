package ecc

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
)

var testSecret = bytes.Repeat([]byte{0x5A, 0xC3}, 8)

func testKeys(t testing.TB) SessionKeys {
	t.Helper()
	c, err := NewKey(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	i, err := NewKey(bytes.Repeat([]byte{0x17}, 16))
	if err != nil {
		t.Fatal(err)
	}
	return SessionKeys{c, i}
}

func counterOf(t testing.TB, first, last uint16) Counter {
	t.Helper()
	c, err := NewCounter(first, last)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ends opens both ends of a channel.
func ends(t testing.TB, messages uint16) (terminal, card *Channel) {
	t.Helper()
	keys := testKeys(t)
	up, down := counterOf(t, 0, messages-1), counterOf(t, 0x8000, 0x8000+messages-1)
	var err error
	if terminal, err = NewChannel(&keys, up, down); err != nil {
		t.Fatal(err)
	}
	if card, err = NewChannel(&keys, down, up); err != nil {
		t.Fatal(err)
	}
	return terminal, card
}

// TestPrimitives compares with the same formulas over the standard library's counter mode and a CMAC by the blocks.
func TestPrimitives(t *testing.T) {
	keys := testKeys(t)
	i, err := NewIntegrity(&keys.I)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewConfidentiality(&keys.C)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(seeded("primitives"))
	for n := range 300 {
		data := make([]byte, n)
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		counter := uint16(r.Uint32())
		prefix := []byte{byte(counter >> 8), byte(counter)}

		block, err := aes.NewCipher(keys.C.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		want := make([]byte, n)
		cipher.NewCTR(block, append(prefix[:2:2], make([]byte, 14)...)).XORKeyStream(want, data)
		got, err := c.Crypt([]byte("kept"), counter, data)
		if err != nil || !bytes.Equal(got, append([]byte("kept"), want...)) {
			t.Fatalf("%d bytes: %X, want %X, %v", n, got, want, err)
		}

		full, err := mac.CMACAES(nil, keys.I.Bytes(), append(prefix[:2:2], data...))
		if err != nil {
			t.Fatal(err)
		}
		m, err := i.MAC(counter, data[:n/2], data[n/2:])
		if err != nil || !bytes.Equal(m[:], full[:8]) {
			t.Fatalf("%d bytes: MAC %X, want %X, %v", n, m, full, err)
		}
		if err := i.Verify(full[:8], counter, data); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "short MAC", i.Verify(full[:7], counter, data), CodeMAC)
		wantCode(t, "long MAC", i.Verify(full[:9], counter, data), CodeMAC)
		wantCode(t, "counter", i.Verify(full[:8], counter+1, data), CodeMAC)

		iad, err := i.IADMAC(data[:n/3], data[n/3:])
		if want := feedForward(t, keys.I.Bytes(), append([]byte{0, 0}, data...)); err != nil || iad != want {
			t.Fatalf("%d bytes: IAD MAC %X, want %X, %v", n, iad, want, err)
		}
	}
}

// feedForward is the IAD MAC from its own definition: the last block that CMAC enciphers, added to what comes of it.
func feedForward(t *testing.T, key, data []byte) MAC {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	double := func(b []byte) []byte {
		out, carry := make([]byte, 16), byte(0)
		for i := 15; i >= 0; i-- {
			out[i], carry = b[i]<<1|carry, b[i]>>7
		}
		out[15] ^= 0x87 * carry
		return out
	}
	l := make([]byte, 16)
	block.Encrypt(l, l)
	subkey := double(l)
	if len(data)%16 != 0 {
		subkey = double(subkey)
		data = append(data, 0x80)
		data = append(data, make([]byte, (16-len(data)%16)%16)...)
	}
	state := make([]byte, 16)
	for len(data) > 0 {
		for j := range state {
			state[j] ^= data[j]
			if len(data) == 16 {
				state[j] ^= subkey[j]
			}
		}
		last := slices.Clone(state)
		block.Encrypt(state, state)
		if len(data) == 16 {
			for j := range state {
				state[j] ^= last[j]
			}
		}
		data = data[16:]
	}
	return MAC(state)
}

func TestChannel(t *testing.T) {
	terminal, card := ends(t, 100)
	for n := range 90 {
		for _, way := range [][2]*Channel{{terminal, card}, {card, terminal}} {
			message := bytes.Repeat([]byte{byte(n)}, 3*n)
			p, err := way[0].Seal([]byte("kept"), message)
			if err != nil || len(p) != 4+len(message)+MACSize || n > 2 && bytes.Contains(p, message[:8]) {
				t.Fatalf("%X, %v", p, err)
			}
			got, err := way[1].Open([]byte("kept"), p[4:])
			if err != nil || !bytes.Equal(got, append([]byte("kept"), message...)) {
				t.Fatalf("%X, %v", got, err)
			}
		}
	}
}

// TestChannelRefuses: whatever happens to a message, the other end sees it and does not go on.
func TestChannelRefuses(t *testing.T) {
	message := []byte("a record")
	for name, c := range map[string]struct {
		code   Code
		attack func(terminal, card *Channel) []byte
	}{
		"lost":      {CodeMAC, func(tm, _ *Channel) []byte { seal(t, tm, message); return seal(t, tm, message) }},
		"sent back": {CodeMAC, func(_, card *Channel) []byte { return seal(t, card, message) }},
		"repeated": {CodeMAC, func(tm, card *Channel) []byte {
			p := seal(t, tm, message)
			if _, err := card.Open(nil, p); err != nil {
				t.Fatal(err)
			}
			return p
		}},
		"cut":     {CodeMAC, func(tm, _ *Channel) []byte { p := seal(t, tm, message); return p[:len(p)-1] }},
		"longer":  {CodeMAC, func(tm, _ *Channel) []byte { return append(seal(t, tm, message), 0) }},
		"no MAC":  {CodeMessageLength, func(tm, _ *Channel) []byte { return seal(t, tm, message)[:7] }},
		"nothing": {CodeMessageLength, func(_, _ *Channel) []byte { return nil }},
	} {
		terminal, card := ends(t, 10)
		p := c.attack(terminal, card)
		out, err := card.Open(nil, p)
		wantCode(t, name, err, c.code)
		if out != nil {
			t.Errorf("%s: %X came out", name, out)
		}
		_, err = card.Open(nil, p)
		wantCode(t, name+", then", err, CodeClosed)
		_, err = card.Seal(nil, message)
		wantCode(t, name+", then", err, CodeClosed)
	}
	for bit := range 8 * (len(message) + MACSize) {
		terminal, card := ends(t, 1)
		p := seal(t, terminal, message)
		p[bit/8] ^= 1 << (bit % 8)
		_, err := card.Open(nil, p)
		wantCode(t, "bit", err, CodeMAC)
	}
}

func seal(t *testing.T, c *Channel, message []byte) []byte {
	t.Helper()
	p, err := c.Seal(nil, message)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCounters(t *testing.T) {
	c := counterOf(t, 0xFFFE, 0xFFFF)
	for _, want := range []uint16{0xFFFE, 0xFFFF} {
		if got, err := c.Next(); got != want || err != nil {
			t.Errorf("%04X, %v", got, err)
		}
	}
	for range 3 {
		_, err := c.Next()
		wantCode(t, "used up", err, CodeCounter)
	}
	if c.Left() != 0 {
		t.Errorf("%d left", c.Left())
	}
	_, err := NewCounter(2, 1)
	wantCode(t, "backwards", err, CodeCounter)

	terminal, card := ends(t, 2)
	for range 2 {
		if _, err := card.Open(nil, seal(t, terminal, nil)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = terminal.Seal(nil, nil)
	wantCode(t, "Seal, used up", err, CodeCounter)
	_, err = card.Open(nil, make([]byte, 8))
	wantCode(t, "Open, used up", err, CodeCounter)

	keys := testKeys(t)
	for _, pair := range [][4]uint16{{0, 0, 0, 0}, {0, 9, 9, 9}, {5, 6, 0, 9}, {0, 0xFFFF, 0xFFFF, 0xFFFF}} {
		_, err = NewChannel(&keys, counterOf(t, pair[0], pair[1]), counterOf(t, pair[2], pair[3]))
		wantCode(t, "directions that share", err, CodeCounter)
	}
	_, err = NewChannel(&SessionKeys{C: keys.C}, Counter{}, Counter{})
	wantCode(t, "no SK_I", err, CodeKeyLength)
	_, err = NewChannel(&SessionKeys{I: keys.I}, Counter{}, Counter{})
	wantCode(t, "no SK_C", err, CodeKeyLength)
}

// TestScratchIsClear: neither messages nor key stream stay in the working memory, and nothing works after Wipe.
func TestScratchIsClear(t *testing.T) {
	terminal, _ := ends(t, 9)
	i, c := terminal.integrity, terminal.confidentiality
	message := bytes.Repeat([]byte{0xA7}, 200)
	for _, n := range []int{3, 200, 50} {
		if _, err := i.IADMAC(message[:n]); err != nil {
			t.Fatal(err)
		}
		if i.out != [32]byte{} {
			t.Error("a whole MAC is left of the IAD MAC")
		}
		seal(t, terminal, message[:n])
	}
	input := i.input[:cap(i.input)]
	if !bytes.Equal(input, make([]byte, len(input))) || c.stream != [32]byte{} || i.out != [32]byte{} {
		t.Error("the working memory is not clear")
	}
	if len(input) < 200 {
		t.Error("that was not the working memory")
	}
	terminal.Wipe()
	terminal.Wipe()
	_, err := i.MAC(0)
	wantCode(t, "MAC", err, CodeClosed)
	_, err = i.IADMAC()
	wantCode(t, "IADMAC", err, CodeClosed)
	_, err = i.EDAMAC([8]byte{}, MAC{})
	wantCode(t, "EDAMAC", err, CodeClosed)
	wantCode(t, "Verify", i.Verify(make([]byte, 8), 0), CodeClosed)
	_, err = c.Crypt(nil, 0, nil)
	wantCode(t, "Crypt", err, CodeClosed)
	_, err = terminal.Seal(nil, nil)
	wantCode(t, "Seal", err, CodeClosed)

	keys := testKeys(t)
	c, err = NewConfidentiality(&keys.C)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Crypt(nil, 0, make([]byte, maxMessage+1))
	wantCode(t, "long", err, CodeMessageLength)
}

func TestChannelAllocations(t *testing.T) {
	terminal, card := ends(t, 1000)
	message := make([]byte, 250)
	sealed, opened := make([]byte, 0, 300), make([]byte, 0, 300)
	var ac [8]byte
	parts := [][]byte{message, message}
	if n := testing.AllocsPerRun(100, func() {
		p, err := terminal.Seal(sealed, message)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := card.Open(opened, p); err != nil {
			t.Fatal(err)
		}
		iad, err := terminal.integrity.IADMAC(parts...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := terminal.integrity.EDAMAC(ac, iad); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzChannel(f *testing.F) {
	f.Add([]byte("message"), []byte("an attack of some length"))
	f.Add([]byte{}, make([]byte, MACSize))
	f.Fuzz(func(t *testing.T, message, attack []byte) {
		if len(message) > maxMessage {
			return
		}
		terminal, card := ends(t, 2)
		p := seal(t, terminal, message)
		if got, err := card.Open(nil, p); err != nil || !bytes.Equal(got, message) {
			t.Fatalf("%X, %v", got, err)
		}
		q := seal(t, terminal, message)
		if got, err := card.Open(nil, attack); err == nil && !bytes.Equal(attack, q) {
			t.Fatalf("%X was accepted as %X", attack, got)
		}
	})
}

func BenchmarkChannel(b *testing.B) {
	keys := testKeys(b)
	i, err := NewIntegrity(&keys.I)
	if err != nil {
		b.Fatal(err)
	}
	c, err := NewConfidentiality(&keys.C)
	if err != nil {
		b.Fatal(err)
	}
	message, out := make([]byte, 128), make([]byte, 0, 256)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := c.Crypt(out, 1, message)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := i.MAC(1, p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("IAD MAC", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := i.IADMAC(message); err != nil {
				b.Fatal(err)
			}
		}
	})
}
