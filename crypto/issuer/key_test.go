package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

const testIMK = "0123456789ABCDEFFEDCBA9876543210"

// wantCode fails unless err is an Error with that code.
func wantCode(t *testing.T, name string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}

func TestKeyMasksItself(t *testing.T) {
	k := key(t, "A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+verb+"\n", k, &k)
	}
	fmt.Fprintf(&out, "%v %+v\n", struct{ K Key }{k}, []Key{k})
	j, err := json.Marshal(map[string]any{"k": k, "p": &k})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	slog.New(slog.NewTextHandler(&out, nil)).Info("key", "k", k, "p", &k)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "k", k, "p", &k)
	text := strings.ToUpper(out.String())
	for _, secret := range []string{"A1A2", "A1 A2", "A1, ", "161 162", "161,162", "OAKJP"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows in:\n%s", secret, text)
		}
	}
	if n := strings.Count(out.String(), mask.KeyText); n < 24 {
		t.Errorf("the mask shows %d times in:\n%s", n, out.String())
	}
}

func TestKeyLengths(t *testing.T) {
	for n := range 40 {
		k, err := NewKey(make([]byte, n))
		if ok := n == 16 || n == 24 || n == 32; ok != (err == nil) || ok && len(k.Bytes()) != n {
			t.Errorf("%d bytes: %v", n, err)
		}
		if n == 16 {
			continue
		}
		// TDES keys are of 16 bytes: nothing takes another, nor the zero Key.
		var dst Key
		wantCode(t, "MasterKey", MasterKey(&dst, &k, OptionA, "4761739001010010", 0), CodeKeyLength)
		wantCode(t, "SessionKey", SessionKey(&dst, &k, Diversification{}), CodeKeyLength)
		_, err = k.KCV()
		wantCode(t, "KCV", err, CodeKeyLength)
		_, err = ApplicationCryptogram(&k, mac.Method2, nil)
		wantCode(t, "ApplicationCryptogram", err, CodeKeyLength)
		_, err = ARPC1(&k, Cryptogram{}, [2]byte{})
		wantCode(t, "ARPC1", err, CodeKeyLength)
		_, err = ARPC2(&k, Cryptogram{}, [4]byte{}, nil)
		wantCode(t, "ARPC2", err, CodeKeyLength)
	}
}

func TestWipe(t *testing.T) {
	k := key(t, testIMK)
	b := k.Bytes()
	k.Wipe()
	if k != (Key{}) || b[0] != 0 || b[15] != 0 || len(k.Bytes()) != 0 {
		t.Error("bytes are left")
	}
}

func TestMasterKey(t *testing.T) {
	imk := key(t, testIMK)
	derive := func(option Option, pan string, psn byte) Key {
		t.Helper()
		var k Key
		if err := MasterKey(&k, &imk, option, pan, psn); err != nil {
			t.Fatal(err)
		}
		for _, b := range k.Bytes() {
			if bits.OnesCount8(b)%2 == 0 {
				t.Errorf("option %s, PAN of %d digits: even parity", option, len(pan))
			}
		}
		return k
	}
	const digits = "4761739001010010123"
	for n := 1; n <= len(digits); n++ {
		a, b := derive(OptionA, digits[:n], 0x01), derive(OptionB, digits[:n], 0x01)
		if same := a == b; same != (n <= 16) {
			t.Errorf("PAN of %d digits: option B gives option A's key: %v", n, same)
		}
		if a == derive(OptionA, digits[:n], 0x02) || b == derive(OptionB, digits[:n], 0x02) {
			t.Errorf("PAN of %d digits: the PSN does not matter", n)
		}
	}
	// Book 2, A1.4.1: short numbers are padded on the left.
	if derive(OptionA, "12", 0) != derive(OptionA, "0012", 0) {
		t.Error("zeros on the left of a short PAN matter")
	}
	in := imk
	if err := MasterKey(&in, &in, OptionA, digits, 0); err != nil || in != derive(OptionA, digits, 0) {
		t.Errorf("in place: %v", err)
	}

	var dst Key
	wantCode(t, "option D", MasterKey(&dst, &imk, "D", digits, 0), CodeOption)
	wantCode(t, "no option", MasterKey(&dst, &imk, "", digits, 0), CodeOption)
	wantCode(t, "no PAN", MasterKey(&dst, &imk, OptionA, "", 0), CodePAN)
	wantCode(t, "20 digits", MasterKey(&dst, &imk, OptionA, digits+"4", 0), CodePAN)
	wantCode(t, "a letter", MasterKey(&dst, &imk, OptionA, "476173900101001F", 0), CodePAN)
	wantCode(t, "PSN A0", MasterKey(&dst, &imk, OptionA, digits, 0xA0), CodePSN)
	wantCode(t, "PSN 0A", MasterKey(&dst, &imk, OptionA, digits, 0x0A), CodePSN)
	if dst != (Key{}) {
		t.Error("a refusal left a key")
	}
}

// TestDecimalisation gives option B a hash with too few decimal digits: Book 2, A1.4.2 step 2 continues then.
func TestDecimalisation(t *testing.T) {
	imk := key(t, testIMK)
	var k Key
	// SHA-1 of 00000000000000000523 has 15 decimal digits; the key is that of emv_icc_mk_B_pan18_decimalisation.
	if err := MasterKey(&k, &imk, OptionB, "000000000000000005", 0x23); err != nil {
		t.Fatal(err)
	}
	if want := key(t, "2608BAA2378C92DAE0948A97E0CD230B"); k != want {
		t.Errorf("key %X, want %X", k.Bytes(), want.Bytes())
	}
}

func TestPANDigits(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{"4761739001010010", "4761739001010010"},
		{"12345678901234567F", "12345678901234567"},
		{"8901234567890123456F", "8901234567890123456"},
		{"1234FFFFFFFFFFFFFFFF", "1234"},
		{"", ""},
		{"FF", ""},
		{"12F3", ""},
		{"1F2F", ""},
		{"1A", ""},
		{"12345678901234567890", ""},
	} {
		got, err := PANDigits(unhex(t, c.value))
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.value, got, c.want)
		}
		if c.want == "" {
			wantCode(t, c.value, err, CodePAN)
		}
	}
}
