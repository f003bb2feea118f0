package dukpt

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
)

// resealed returns a state with a checksum that is right.
func resealed(state []byte) []byte {
	if len(state) < stateSum {
		return state
	}
	return appendSum(bytes.Clone(state[:len(state)-stateSum]), 0)
}

func tdesState(t testing.TB, steps int) []byte {
	t.Helper()
	term, _ := loadTDES(t)
	for range steps {
		var x TDESTransaction
		if err := term.Next(&x); err != nil {
			t.Fatal(err)
		}
	}
	state, err := term.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func aesState(t testing.TB, size, steps int) []byte {
	t.Helper()
	term, _ := loadAES(t, size)
	for range steps {
		var x AESTransaction
		if err := term.Next(&x); err != nil {
			t.Fatal(err)
		}
	}
	state, err := term.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestStateSizes: a state tells nothing by its length.
func TestStateSizes(t *testing.T) {
	for steps := range 20 {
		if n := len(tdesState(t, steps)); n != 368 {
			t.Errorf("TDES after %d: %d bytes", steps, n)
		}
		for _, size := range []int{16, 24, 32} {
			if n := len(aesState(t, size, steps)); n != 31+33*size {
				t.Errorf("AES of %d after %d: %d bytes", size, steps, n)
			}
		}
	}
}

func TestStateRefusals(t *testing.T) {
	states := map[string][]byte{"TDES": tdesState(t, 5)}
	for _, size := range []int{16, 24, 32} {
		states[fmt.Sprintf("AES of %d", size)] = aesState(t, size, 5)
	}
	for name, state := range states {
		refused := func(what string, state []byte) {
			t.Helper()
			tdes, _ := loadTDES(t)
			aes, _ := loadAES(t, 16)
			a, b := *tdes, *aes
			wantCode(t, name+", "+what, tdes.UnmarshalBinary(state), CodeState)
			wantCode(t, name+", "+what, aes.UnmarshalBinary(state), CodeState)
			if *tdes != a || *aes != b {
				t.Errorf("%s, %s: the terminal changed", name, what)
			}
		}
		for n := range state {
			if n%13 == 0 || n > len(state)-10 {
				refused(fmt.Sprint("cut to ", n), state[:n])
				refused(fmt.Sprint("cut to ", n, ", resealed"), resealed(state[:n]))
			}
		}
		refused("longer", append(bytes.Clone(state), 0))
		refused("longer, resealed", resealed(append(bytes.Clone(state), 0)))
		for i := range state {
			bad := bytes.Clone(state)
			bad[i] ^= 0x10
			refused(fmt.Sprint("byte ", i), bad)
		}
		at := 16 // of the counter, in TDES
		if name != "TDES" {
			at = 15
		}
		for _, c := range []uint64{0, 4, 7, 8, 1<<17 - 1, 1 << 21, 1<<32 + 1, 1 << 63} { // it is 6
			bad := bytes.Clone(state)
			copy(bad[at:], appendCounter(nil, c))
			refused(fmt.Sprintf("counter %X", c), resealed(bad))
		}
		bad := bytes.Clone(state)
		bad[4]++
		refused("version", resealed(bad))
		bad = bytes.Clone(state)
		bad[5] ^= 3 // the other kind
		refused("kind", resealed(bad))
		bad = bytes.Clone(state)
		bad[15], bad[6] = 1, 17 // the KSN of a TDES terminal has a counter, an AES terminal has keys of 17 bytes
		refused("head", resealed(bad))
	}
}

// FuzzTDESState: any bytes, the checksum set right or not, are refused or are a state, which goes on.
func FuzzTDESState(f *testing.F) {
	for steps := range 9 {
		f.Add(tdesState(f, steps), true)
	}
	f.Add([]byte(stateMagic), false)
	f.Fuzz(func(t *testing.T, state []byte, seal bool) {
		if seal {
			state = resealed(state)
		}
		var term TDESTerminal
		if err := term.UnmarshalBinary(state); err != nil {
			wantCode(t, "state", err, CodeState)
			return
		}
		if again, err := term.AppendBinary(nil); err != nil || !bytes.Equal(again, state) {
			t.Fatalf("the state is another: %v", err)
		}
		left := term.Left()
		for range min(left, 8) {
			var x TDESTransaction
			must(t, term.Next(&x))
			checkTDESRegisters(t, &term)
		}
	})
}

// FuzzAESState: any bytes, the checksum set right or not, are refused or are a state, which goes on.
func FuzzAESState(f *testing.F) {
	for _, size := range []int{16, 24, 32} {
		for steps := range 5 {
			f.Add(aesState(f, size, steps), true)
		}
	}
	f.Add([]byte(stateMagic), false)
	f.Fuzz(func(t *testing.T, state []byte, seal bool) {
		if seal {
			state = resealed(state)
		}
		var term AESTerminal
		if err := term.UnmarshalBinary(state); err != nil {
			wantCode(t, "state", err, CodeState)
			return
		}
		if again, err := term.AppendBinary(nil); err != nil || !bytes.Equal(again, state) {
			t.Fatalf("the state is another: %v", err)
		}
		left := term.Left()
		for range min(left, 8) {
			var x AESTransaction
			must(t, term.Next(&x))
			checkAESRegisters(t, &term)
		}
	})
}

// FuzzKSN: any bytes are refused or are a KSN under which a host derives; a KSN differs in its transaction key from the
// next one.
func FuzzKSN(f *testing.F) {
	f.Add([]byte{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0, 0, 1})
	f.Add([]byte{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xFF, 0xF8, 0})
	f.Add([]byte{0x98, 0x76, 0x54, 0x32, 0x10, 0xFF, 0xF8, 1})
	f.Add([]byte{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0, 0})
	f.Add([]byte{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		key := newKey(t, testBDK[:16])
		if ksn, err := ParseTDESKSN(b); err == nil && ksn.Counter() != 0 {
			var x, y TDESTransaction
			must(t, HostTDES(&x, key, ksn))
			if !bytes.HasSuffix(ksn[:], b) {
				t.Fatalf("%s of %X", ksn, b)
			}
			if next := tdesSchedule.next(uint64(ksn.Counter())); next != tdesSchedule.end() {
				if must(t, HostTDES(&y, key, ksn.with(next))); x.key == y.key {
					t.Fatalf("%s has the key of the next", ksn)
				}
			}
		}
		if ksn, err := ParseAESKSN(b); err == nil && ksn.Counter() != 0 {
			var x, y AESTransaction
			must(t, HostAES(&x, key, ksn))
			if !bytes.Equal(ksn[:], b) {
				t.Fatalf("%s of %X", ksn, b)
			}
			if next := aesSchedule.next(uint64(ksn.Counter())); next != aesSchedule.end() {
				if must(t, HostAES(&y, key, ksn.InitialKeyID().ksn(uint32(next)))); x.key == y.key {
					t.Fatalf("%s has the key of the next", ksn)
				}
			}
		}
	})
}

// TestChecksumIsOverTheRest pins the format of the checksum, which sealed states of older builds have.
func TestChecksumIsOverTheRest(t *testing.T) {
	state := tdesState(t, 0)
	sum := sha256.Sum256(state[:len(state)-8])
	if !bytes.Equal(sum[:8], state[len(state)-8:]) || !bytes.HasPrefix(state, []byte("DKPT\x01\x01")) {
		t.Errorf("%X", state)
	}
}
