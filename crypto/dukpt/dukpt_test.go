package dukpt

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mask"
)

// wantCode fails unless err is an Error with that code.
func wantCode(t *testing.T, name string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}

func TestKSNs(t *testing.T) {
	for n := range 14 {
		b := make([]byte, n)
		k, err := ParseTDESKSN(b)
		if n < 8 || n > 10 {
			wantCode(t, fmt.Sprint(n, " bytes"), err, CodeKSNLength)
		} else if want := strings.Repeat("FF", 10-n) + strings.Repeat("00", n); err != nil || k.String() != want {
			t.Errorf("%d bytes: %s, %v", n, k, err)
		}
		_, err = ParseAESKSN(b)
		if n != 12 {
			wantCode(t, fmt.Sprint(n, " bytes"), err, CodeKSNLength)
		} else if err != nil {
			t.Error(err)
		}
		_, err = ParseInitialKeyID(b)
		if n != 8 {
			wantCode(t, fmt.Sprint(n, " bytes"), err, CodeKSNLength)
		} else if err != nil {
			t.Error(err)
		}
	}
	// The counter is the 21 rightmost bits; what is left of it may have any bits.
	k, err := ParseTDESKSN([]byte{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xFF, 0xF8, 0x00})
	if err != nil || k.Counter() != 0x1FF800 || k.Initial().String() != "FFFF9876543210E00000" {
		t.Errorf("%s: counter %X, %v", k, k.Counter(), err)
	}
	k, err = ParseTDESKSN([]byte{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xFF, 0xF8, 0x01})
	wantCode(t, "11 bits", err, CodeCounterBits)
	bdk := newKey(t, testBDK[:16])
	var x TDESTransaction
	wantCode(t, "11 bits", HostTDES(&x, bdk, k), CodeCounterBits)
	wantCode(t, "counter 0", HostTDES(&x, bdk, testTDESKSN), CodeCounterZero)
	a, err := ParseAESKSN([]byte{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0, 0})
	if err != nil || a.Counter() != 0xFFFF0000 || a.InitialKeyID() != testID || a.String() != "1234567890123456FFFF0000" {
		t.Errorf("%s: counter %X, %v", a, a.Counter(), err)
	}
	a, err = ParseAESKSN([]byte{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0, 1})
	wantCode(t, "17 bits", err, CodeCounterBits)
	var y AESTransaction
	wantCode(t, "17 bits", HostAES(&y, bdk, a), CodeCounterBits)
	wantCode(t, "32 bits", HostAES(&y, bdk, testID.ksn(updateCounter)), CodeCounterBits)
	wantCode(t, "counter 0", HostAES(&y, bdk, testID.ksn(0)), CodeCounterZero)
	if x != (TDESTransaction{}) || y != (AESTransaction{}) {
		t.Error("a refusal leaves a transaction")
	}
}

func TestKeyLengths(t *testing.T) {
	for n := range 40 {
		k := *newKey(t, testBDK[:16])
		err := SetKey(&k, make([]byte, n))
		if n == 16 || n == 24 || n == 32 {
			if err != nil || len(k.Bytes()) != n {
				t.Errorf("%d bytes: %v", n, err)
			}
			continue
		}
		wantCode(t, fmt.Sprint(n, " bytes"), err, CodeKeyLength)
		if k != (Key{}) {
			t.Errorf("%d bytes leave a key", n)
		}
	}
	var none, dst Key
	for _, k := range []*Key{&none, newKey(t, testBDK[:24]), newKey(t, testBDK)} {
		var x TDESTransaction
		wantCode(t, "TDESInitialKey", TDESInitialKey(&dst, k, testTDESKSN), CodeKeyLength)
		wantCode(t, "HostTDES", HostTDES(&x, k, testTDESKSN.with(1)), CodeKeyLength)
		wantCode(t, "TDESFromInitial", TDESFromInitial(&x, k, testTDESKSN.with(1)), CodeKeyLength)
	}
	var y AESTransaction
	wantCode(t, "AESInitialKey", AESInitialKey(&dst, &none, testID), CodeKeyLength)
	wantCode(t, "AESUpdateKey", AESUpdateKey(&dst, &none, AES128, testID), CodeKeyLength)
	wantCode(t, "HostAES", HostAES(&y, &none, testID.ksn(1)), CodeKeyLength)
	wantCode(t, "AESFromInitial", AESFromInitial(&y, &none, testID.ksn(1)), CodeKeyLength)
}

// TestTDESWorkingKeys: every usage has its own key, and the one-way ones are their variants enciphered.
func TestTDESWorkingKeys(t *testing.T) {
	term, _ := loadTDES(t)
	var x TDESTransaction
	must(t, term.Next(&x))
	keys := []Key{*x.TransactionKey()}
	for u := TDESPIN; u <= TDESDataResponseVariant; u++ {
		var k Key
		if err := x.Key(&k, u); err != nil || len(k.Bytes()) != 16 || slices.Contains(keys, k) {
			t.Errorf("usage %d: %v", u, err)
		}
		keys = append(keys, k)
	}
	for usage, variant := range map[TDESUsage]TDESUsage{
		TDESDataRequest: TDESDataRequestVariant, TDESDataResponse: TDESDataResponseVariant,
	} {
		block, err := newTDES(keys[variant].Bytes())
		must(t, err)
		k := keys[variant]
		if encryptHalves(block, &k); k != keys[usage] {
			t.Errorf("usage %d is not usage %d enciphered", usage, variant)
		}
	}
	var k Key
	wantCode(t, "usage 0", x.Key(&k, 0), CodeUsage)
	wantCode(t, "usage 8", x.Key(&k, TDESDataResponseVariant+1), CodeUsage)
	x.Wipe()
	wantCode(t, "wiped", x.Key(&k, TDESPIN), CodeNotLoaded)
}

// TestAESWorkingKeys derives every usage as every type from every length of key: which go, and that no two are the same.
func TestAESWorkingKeys(t *testing.T) {
	usages := []Usage{
		KeyEncryption, PINEncryption, MACGeneration, MACVerification, MACBothWays, DataEncrypt, DataDecrypt, DataBothWays,
		KeyDerivation,
	}
	for _, size := range []int{16, 24, 32} {
		term, _ := loadAES(t, size)
		var x AESTransaction
		must(t, term.Next(&x))
		seen := map[string]string{string(x.TransactionKey().Bytes()[:16]): "transaction key"}
		for _, u := range usages {
			for kind := TDES2; kind <= HMAC256; kind++ {
				name := fmt.Sprintf("%04X as %s of %d bytes", uint16(u), kind, size)
				var k Key
				err := x.Key(&k, u, kind)
				switch {
				case kind >= HMAC128 && u&0xF000 != 0x2000:
					wantCode(t, name, err, CodeUsage)
					continue
				case kind >= AES128 && kind.Size() > size:
					wantCode(t, name, err, CodeKeyStrength)
					continue
				case err != nil || len(k.Bytes()) != kind.Size():
					t.Errorf("%s: %v", name, err)
					continue
				}
				if other, ok := seen[string(k.Bytes()[:16])]; ok {
					t.Errorf("%s is %s", name, other)
				}
				seen[string(k.Bytes()[:16])] = name
			}
		}
		var k Key
		for _, u := range []Usage{0, 1, 3, 0x1001, 0x2003, 0x3003, KeyDerivationInitialKey, 0xFFFF} {
			wantCode(t, fmt.Sprintf("usage %04X", uint16(u)), x.Key(&k, u, AES128), CodeUsage)
		}
		for _, kind := range []KeyType{0, HMAC256 + 1, 255} {
			wantCode(t, kind.String(), x.Key(&k, PINEncryption, kind), CodeKeyType)
			wantCode(t, kind.String(), term.UpdateKey(&k, kind), CodeKeyType)
			if kind.Size() != 0 {
				t.Errorf("key type %d has %d bytes", kind, kind.Size())
			}
		}
		wantCode(t, "update key of HMAC", term.UpdateKey(&k, HMAC128), CodeUsage)
		x.Wipe()
		wantCode(t, "wiped", x.Key(&k, PINEncryption, AES128), CodeNotLoaded)
	}
}

func TestWipe(t *testing.T) {
	tdes, initial := loadTDES(t)
	aes, _ := loadAES(t, 32)
	var x TDESTransaction
	var y AESTransaction
	must(t, tdes.Next(&x))
	must(t, aes.Next(&y))
	views := [][]byte{
		initial.Bytes(), x.TransactionKey().Bytes(), y.TransactionKey().Bytes(), tdes.registers[20][:],
		aes.registers[31][:], aes.update.Bytes(),
	}
	for i, v := range views {
		if slices.Max(v) == 0 {
			t.Errorf("view %d is zero before", i)
		}
	}
	initial.Wipe()
	x.Wipe()
	y.Wipe()
	tdes.Wipe()
	aes.Wipe()
	for i, v := range views {
		if slices.Max(v) != 0 {
			t.Errorf("view %d is not zero after", i)
		}
	}
	if *initial != (Key{}) || x != (TDESTransaction{}) || y != (AESTransaction{}) || *tdes != (TDESTerminal{}) ||
		*aes != (AESTerminal{}) {
		t.Error("something is left")
	}
}

// TestScratchIsWiped: a parent of TDES derivations, which holds a key twice, is zero when it has ended.
func TestScratchIsWiped(t *testing.T) {
	var p tdesParent
	must(t, p.set(testBDK[:16]))
	p.wipe()
	if p != (tdesParent{}) {
		t.Error("a key is left")
	}
}

func TestMasks(t *testing.T) {
	var k Key
	must(t, SetKey(&k, []byte("\xA1\xA2\xA3\xA4\xA5\xA6\xA7\xA8\xA9\xAA\xAB\xAC\xAD\xAE\xAF\xB0")))
	tdes, _ := loadTDES(t)
	aes, _ := loadAES(t, 16)
	for i := range tdes.registers {
		tdes.registers[i] = [16]byte(k.Bytes())
	}
	for i := range aes.registers {
		copy(aes.registers[i][:], k.Bytes())
	}
	aes.update = k
	x, y := TDESTransaction{testTDESKSN, k}, AESTransaction{testID.ksn(1), k}
	var out strings.Builder
	values := []any{k, &k, x, &x, y, &y, *tdes, tdes, *aes, aes}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, strings.Repeat(verb, len(values))+"\n", values...)
	}
	fmt.Fprintf(&out, "%v %+v\n", struct{ K Key }{k}, []AESTransaction{y})
	j, err := json.Marshal(values)
	must(t, err)
	out.Write(j)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("key", "a", k, "b", x, "c", y, "d", tdes, "e", aes)
	}
	text := strings.ToUpper(out.String())
	for _, secret := range []string{"A1A2", "A1 A2", "A1, ", "161 162", "161,162", "OAKJP"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows in:\n%s", secret, text)
		}
	}
	if n := strings.Count(out.String(), mask.KeyText); n != 80+2+10+10 {
		t.Errorf("the mask shows %d times in:\n%s", n, out.String())
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for want, e := range map[string]*Error{
		"dukpt.exhausted":        {Code: CodeExhausted},
		"dukpt.counter_bits: 11": {Code: CodeCounterBits, N: 11},
		"dukpt.cipher: cause":    {Code: CodeCipher, Err: cause},
	} {
		if e.Error() != want || errors.Is(e, cause) != (e.Err != nil) || errors.Is(e, &Error{Code: CodeState}) {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}
