package dukpt

import (
	"bytes"
	"math/bits"
	"testing"
)

var (
	testBDK     = []byte("\x01\x23\x45\x67\x89\xAB\xCD\xEF\xFE\xDC\xBA\x98\x76\x54\x32\x10\x89\xAB\xCD\xEF\x01\x23\x45\x67\xFE\xDC\xBA\x98\x76\x54\x32\x10")
	testTDESKSN = TDESKSN{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0}
	testID      = InitialKeyID{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56}
)

func loadTDES(t testing.TB) (*TDESTerminal, *Key) {
	t.Helper()
	var initial Key
	if err := TDESInitialKey(&initial, newKey(t, testBDK[:16]), testTDESKSN); err != nil {
		t.Fatal(err)
	}
	var term TDESTerminal
	if err := term.Load(&initial, testTDESKSN); err != nil {
		t.Fatal(err)
	}
	return &term, &initial
}

func loadAES(t testing.TB, size int) (*AESTerminal, *Key) {
	t.Helper()
	var initial Key
	if err := AESInitialKey(&initial, newKey(t, testBDK[:size]), testID); err != nil {
		t.Fatal(err)
	}
	var term AESTerminal
	if err := term.Load(&initial, testID); err != nil {
		t.Fatal(err)
	}
	return &term, &initial
}

// jump brings a terminal to a counter as far on as it would come by itself, without the steps between: it derives from
// the initial key what the registers hold then.
func (t *TDESTerminal) jump(tb testing.TB, initial *Key, counter uint64) {
	tb.Helper()
	t.counter = counter
	for i := range t.registers {
		clear(t.registers[i][:])
		if tdesSchedule.inUse(counter)>>i&1 == 0 {
			continue
		}
		var x TDESTransaction
		if err := TDESFromInitial(&x, initial, t.ksn.with(nodeOf(counter, i))); err != nil {
			tb.Fatal(err)
		}
		copy(t.registers[i][:], x.key.Bytes())
	}
}

func (t *AESTerminal) jump(tb testing.TB, initial *Key, counter uint64) {
	tb.Helper()
	t.counter = counter
	for i := range t.registers {
		clear(t.registers[i][:])
		if aesSchedule.inUse(counter)>>i&1 == 0 {
			continue
		}
		var x AESTransaction
		if err := AESFromInitial(&x, initial, t.id.ksn(uint32(nodeOf(counter, i)))); err != nil {
			tb.Fatal(err)
		}
		copy(t.registers[i][:], x.key.Bytes())
	}
}

// nodeOf returns the counter of the key that register i holds when c is next.
func nodeOf(c uint64, i int) uint64 { return c>>i<<i | 1<<i }

// TestTDESTerminalIsHost runs a terminal against the host from loading on, over the end of each register, and to
// exhaustion; its state goes through its bytes now and then.
func TestTDESTerminalIsHost(t *testing.T) {
	bdk := newKey(t, testBDK[:16])
	term, initial := loadTDES(t)
	seen := map[Key]TDESKSN{}
	steps := 0
	run := func(n int) {
		t.Helper()
		for range n {
			var x, host TDESTransaction
			ksn, left := term.KSN(), term.Left()
			if left == 0 {
				break
			}
			must(t, term.Next(&x))
			must(t, HostTDES(&host, bdk, ksn))
			if x.KSN != ksn || !x.Equal(&host) {
				t.Fatalf("%s: terminal and host differ", ksn)
			}
			if other, ok := seen[x.key]; ok && other != ksn {
				t.Fatalf("%s has the key of %s", ksn, other)
			}
			seen[x.key] = ksn
			if term.Left() != left-1 {
				t.Fatalf("%s: %d left after %d", ksn, term.Left(), left)
			}
			if steps++; steps%97 == 0 {
				term = restoredTDES(t, term)
			}
			checkTDESRegisters(t, term)
		}
	}
	run(4200)
	for bit := 12; bit < 21; bit++ {
		before := uint64(1) << bit
		for range 3 {
			before-- // among the last values below the bit, of which most have too many one bits
			for !tdesSchedule.valid(before) {
				before--
			}
		}
		term.jump(t, initial, before)
		run(200)
	}
	term.jump(t, initial, 0x1FE000)
	run(1 << 20)
	var x TDESTransaction
	wantCode(t, "Next", term.Next(&x), CodeExhausted)
	if x != (TDESTransaction{}) || term.registers != [21][tdesKey]byte{} || term.KSN() != testTDESKSN || term.Left() != 0 {
		t.Error("an exhausted terminal holds something")
	}
	wantCode(t, "Next, restored", restoredTDES(t, term).Next(&x), CodeExhausted)
}

func TestAESTerminalIsHost(t *testing.T) {
	for _, size := range []int{16, 24, 32} {
		bdk := newKey(t, testBDK[:size])
		term, initial := loadAES(t, size)
		seen := map[Key]AESKSN{}
		steps := 0
		run := func(n int) {
			t.Helper()
			for range n {
				var x, host AESTransaction
				ksn, left := term.KSN(), term.Left()
				if left == 0 {
					break
				}
				must(t, term.Next(&x))
				must(t, HostAES(&host, bdk, ksn))
				if x.KSN != ksn || !x.Equal(&host) {
					t.Fatalf("%s: terminal and host differ", ksn)
				}
				if other, ok := seen[x.key]; ok && other != ksn {
					t.Fatalf("%s has the key of %s", ksn, other)
				}
				seen[x.key] = ksn
				if term.Left() != left-1 {
					t.Fatalf("%s: %d left after %d", ksn, term.Left(), left)
				}
				if steps++; steps%97 == 0 {
					term = restoredAES(t, term)
				}
				checkAESRegisters(t, term)
			}
		}
		run(2100)
		for bit := 17; bit < 32; bit++ {
			before := uint64(1) << bit
			for range 3 {
				before--
				for !aesSchedule.valid(before) {
					before -= before & -before // fewer one bits, and still near
				}
			}
			term.jump(t, initial, before)
			run(100)
		}
		term.jump(t, initial, 0xFFFE2000)
		run(1 << 20)
		var x AESTransaction
		wantCode(t, "Next", term.Next(&x), CodeExhausted)
		if x != (AESTransaction{}) || term.registers != [32][maxKey]byte{} || term.KSN() != testID.ksn(0) || term.Left() != 0 {
			t.Error("an exhausted terminal holds something")
		}
		term = restoredAES(t, term)
		wantCode(t, "Next, restored", term.Next(&x), CodeExhausted)

		// It lives on with another initial key.
		var update, host, fresh Key
		must(t, term.UpdateKey(&update, aesType(initial)))
		must(t, AESUpdateKey(&host, initial, aesType(initial), testID))
		if update != host {
			t.Error("terminal and host have two update keys")
		}
		wantCode(t, "the same ID", term.Update(initial, testID), CodeInitialKeyID)
		next := testID
		next[7]++
		must(t, AESInitialKey(&fresh, bdk, next))
		must(t, term.Update(&fresh, next))
		run(50)
	}
}

// restoredTDES returns the terminal that comes out of a terminal's bytes, and wipes the other.
func restoredTDES(t *testing.T, term *TDESTerminal) *TDESTerminal {
	t.Helper()
	state, err := term.AppendBinary([]byte("head"))
	must(t, err)
	var n TDESTerminal
	must(t, n.UnmarshalBinary(state[4:]))
	again, err := n.AppendBinary(nil)
	if must(t, err); !bytes.Equal(again, state[4:]) || n != *term {
		t.Fatal("the state changed on its way")
	}
	term.Wipe()
	return &n
}

func restoredAES(t *testing.T, term *AESTerminal) *AESTerminal {
	t.Helper()
	state, err := term.AppendBinary([]byte("head"))
	must(t, err)
	var n AESTerminal
	must(t, n.UnmarshalBinary(state[4:]))
	again, err := n.AppendBinary(nil)
	if must(t, err); !bytes.Equal(again, state[4:]) || n != *term {
		t.Fatal("the state changed on its way")
	}
	term.Wipe()
	return &n
}

// checkTDESRegisters: a register that has been used is zero, the others are not.
func checkTDESRegisters(t *testing.T, term *TDESTerminal) {
	t.Helper()
	for i := range term.registers {
		if used := term.registers[i] == [tdesKey]byte{}; used == (tdesSchedule.inUse(term.counter)>>i&1 == 1) {
			t.Fatalf("counter %X: register %d zero: %v", term.counter, i, used)
		}
	}
}

func checkAESRegisters(t *testing.T, term *AESTerminal) {
	t.Helper()
	for i := range term.registers {
		if used := term.registers[i] == [maxKey]byte{}; used == (aesSchedule.inUse(term.counter)>>i&1 == 1) {
			t.Fatalf("counter %X: register %d zero: %v", term.counter, i, used)
		}
	}
}

// TestCounters counts through all of TDES: every valid counter comes once, in order, and Left knows how many come.
func TestCounters(t *testing.T) {
	n, last := uint64(0), uint64(0)
	const all = 1_048_575 // ANSI X9.24-1, A.1
	for c := tdesSchedule.next(0); ; {
		for last++; last < c; last++ {
			if bits.OnesCount64(last) <= 10 {
				t.Fatalf("counter %X was left out", last)
			}
		}
		if c == tdesSchedule.end() {
			break
		}
		if !tdesSchedule.valid(c) || tdesSchedule.left(c) != all-n {
			t.Fatalf("counter %X: %d left", c, tdesSchedule.left(c))
		}
		n++
		c = tdesSchedule.next(c)
	}
	if n != all {
		t.Errorf("%d transactions, want %d", n, all)
	}
	if l := aesSchedule.left(1); l != 2_448_023_842 {
		t.Errorf("%d transactions of AES", l)
	}
	if tdesSchedule.left(0) != 0 || aesSchedule.next(0xFFFF0000) != aesSchedule.end() || aesSchedule.left(0xFFFF0000) != 1 {
		t.Error("the ends are wrong")
	}
}

// TestNextFailsWhole: nothing loaded, nothing moved.
func TestNextFailsWhole(t *testing.T) {
	var tdes TDESTerminal
	var aes AESTerminal
	x, y := TDESTransaction{KSN: testTDESKSN}, AESTransaction{KSN: testID.ksn(1)}
	wantCode(t, "TDES", tdes.Next(&x), CodeNotLoaded)
	wantCode(t, "AES", aes.Next(&y), CodeNotLoaded)
	if x != (TDESTransaction{}) || y != (AESTransaction{}) {
		t.Error("a transaction is left")
	}
	var k Key
	wantCode(t, "AES update key", aes.UpdateKey(&k, AES128), CodeNotLoaded)
	wantCode(t, "AES update", aes.Update(newKey(t, testBDK[:16]), testID), CodeNotLoaded)
	_, err := tdes.AppendBinary(nil)
	wantCode(t, "TDES state", err, CodeNotLoaded)
	_, err = aes.AppendBinary(nil)
	wantCode(t, "AES state", err, CodeNotLoaded)

	term, _ := loadTDES(t)
	before := *term
	wantCode(t, "Load", term.Load(newKey(t, testBDK[:24]), testTDESKSN), CodeKeyLength)
	wantCode(t, "Load", term.Load(&k, testTDESKSN), CodeKeyLength)
	if *term != before {
		t.Error("a refused Load changed the terminal")
	}
	other, _ := loadAES(t, 16)
	was := *other
	wantCode(t, "Load", other.Load(&k, testID), CodeKeyLength)
	wantCode(t, "Update", other.Update(&k, InitialKeyID{}), CodeKeyLength)
	if *other != was {
		t.Error("a refused Load changed the terminal")
	}
}
