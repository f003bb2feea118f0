package capk

import (
	"bytes"
	"errors"
	"testing"
)

var (
	_ Source      = (*Set)(nil)
	_ Revocations = (*RevocationList)(nil)
)

func modulus(n int) []byte { return bytes.Repeat([]byte{0xC1}, n) }

func TestNewSet(t *testing.T) {
	k := Key{RID: visa, Index: 9, Modulus: modulus(144), Exponent: []byte{3}}
	other := k
	other.Index, other.Exponent = 8, []byte{1, 0, 1}
	s, err := NewSet(k, other)
	if err != nil {
		t.Fatal(err)
	}
	k.Modulus[0] = 0 // the set has its own copy
	got, ok := s.CAPK(visa, 9)
	if !ok || got.Modulus[0] != 0xC1 || !bytes.Equal(got.Exponent, []byte{3}) {
		t.Errorf("CAPK = %v, %v", got, ok)
	}
	for _, absent := range []struct {
		rid   RID
		index byte
	}{{visa, 7}, {visa, 10}, {mastercard, 9}, {RID{}, 9}} {
		if _, ok := s.CAPK(absent.rid, absent.index); ok {
			t.Errorf("%s is there", keyName(absent.rid, absent.index))
		}
	}
}

func TestNewSetListsAllFaults(t *testing.T) {
	good := Key{RID: visa, Index: 1, Modulus: modulus(64), Exponent: []byte{3}}
	short, exponent, expiry := good, good, good
	short.Index, short.Modulus = 2, modulus(63)
	exponent.Index, exponent.Exponent = 3, []byte{2}
	expiry.Index, expiry.Expiry = 4, Date{0x21, 0x13, 0x01}
	s, err := NewSet(good, short, exponent, expiry, good)
	var faults Faults
	if s != nil || !errors.As(err, &faults) {
		t.Fatalf("err = %v", err)
	}
	want := []Code{CodeModulus, CodeExponent, CodeExpiry, CodeClash}
	if len(faults) != len(want) {
		t.Fatalf("faults %v", err)
	}
	for i, f := range faults {
		if f.Code != want[i] {
			t.Errorf("fault %d: %v, want %s", i, f, want[i])
		}
	}
}

func TestNilAndZeroSet(t *testing.T) {
	var none *Set
	for _, s := range []*Set{none, {}} {
		if _, ok := s.CAPK(visa, 9); ok || s.Len() != 0 || s.At(Date{0x26, 1, 1}).Len() != 0 || s.Refused() != nil {
			t.Error("not empty")
		}
	}
}

func TestExpired(t *testing.T) {
	tests := []struct {
		expiry, today Date
		want          bool
	}{
		{Date{}, Date{0x99, 0x12, 0x31}, false},
		{Date{0x22, 0x12, 0x31}, Date{0x22, 0x12, 0x31}, false},
		{Date{0x22, 0x12, 0x31}, Date{0x23, 0x01, 0x01}, true},
		{Date{0x99, 0x12, 0x31}, Date{0x00, 0x01, 0x01}, true},  // 1999 is before 2000
		{Date{0x49, 0x12, 0x31}, Date{0x50, 0x01, 0x01}, false}, // 2049 is after 1950
		{Date{0x09, 0x12, 0x31}, Date{0x10, 0x01, 0x01}, true},
	}
	for _, tt := range tests {
		k := Key{Expiry: tt.expiry}
		if got := k.Expired(tt.today); got != tt.want {
			t.Errorf("%X on %X: %v, want %v", tt.expiry, tt.today, got, tt.want)
		}
	}
}

func TestDateValid(t *testing.T) {
	for _, d := range []Date{{0x00, 0x01, 0x01}, {0x99, 0x12, 0x31}} {
		if !d.Valid() {
			t.Errorf("%X is not valid", d)
		}
	}
	for _, d := range []Date{{}, {0x1A, 1, 1}, {0xA1, 1, 1}, {0x21, 0x00, 1}, {0x21, 0x13, 1}, {0x21, 0x0B, 1}, {0x21, 1, 0}, {0x21, 1, 0x32}} {
		if d.Valid() {
			t.Errorf("%X is valid", d)
		}
	}
}

func TestRevocationList(t *testing.T) {
	l := NewRevocationList(
		Revocation{visa, 9, [3]byte{0, 0, 2}}, Revocation{mastercard, 5, [3]byte{1, 2, 3}}, Revocation{visa, 8, [3]byte{0xFF, 0xFF, 0xFF}},
	)
	for _, tt := range []struct {
		r    Revocation
		want bool
	}{
		{Revocation{visa, 9, [3]byte{0, 0, 2}}, true},
		{Revocation{visa, 8, [3]byte{0xFF, 0xFF, 0xFF}}, true},
		{Revocation{mastercard, 5, [3]byte{1, 2, 3}}, true},
		{Revocation{visa, 9, [3]byte{0, 0, 3}}, false},
		{Revocation{visa, 8, [3]byte{0, 0, 2}}, false},
		{Revocation{mastercard, 9, [3]byte{0, 0, 2}}, false},
	} {
		if got := l.Revoked(tt.r.RID, tt.r.Index, tt.r.Serial); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.r, got, tt.want)
		}
	}
	var none *RevocationList
	if none.Revoked(visa, 9, [3]byte{}) || new(RevocationList).Revoked(visa, 9, [3]byte{}) || none.Len() != 0 || l.Len() != 3 {
		t.Error("the nil or the zero list is not empty")
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	s, err := Test()
	if err != nil {
		t.Fatal(err)
	}
	l := NewRevocationList(Revocation{visa, 9, [3]byte{0, 0, 2}})
	if n := testing.AllocsPerRun(100, func() {
		s.CAPK(visa, 0x92)
		s.CAPK(visa, 0x93)
		l.Revoked(visa, 9, [3]byte{0, 0, 2})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCAPK(b *testing.B) {
	s, err := Test()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.CAPK(visa, 0x92)
	}
}
