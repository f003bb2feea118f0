package pin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

func newPIN(t testing.TB, digits string) *PIN {
	t.Helper()
	var p PIN
	if err := Parse(&p, []byte(digits)); err != nil {
		t.Fatal(err)
	}
	return &p
}

func zeros(n int) io.Reader { return bytes.NewReader(make([]byte, n)) }

// wantCode fails unless err is an Error with that code.
func wantCode(t *testing.T, name string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || e.Err == nil && !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: %v, want %s", name, err, code)
	}
}

// wantMAC fails unless err is the refusal of a cipher's key.
func wantMAC(t *testing.T, name string, err error) {
	t.Helper()
	var e *mac.Error
	if !errors.As(err, &e) || e.Code != mac.CodeKeyLength {
		t.Errorf("%s: %v, want %s", name, err, mac.CodeKeyLength)
	}
}

func TestLengths(t *testing.T) {
	for n := range 40 {
		digits := bytes.Repeat([]byte{'7'}, n)
		p := *newPIN(t, "1234")
		err := Parse(&p, digits)
		if n >= MinLength && n <= MaxLength {
			if err != nil || p.Len() != n || string(p.AppendDigits(nil)) != string(digits) {
				t.Errorf("%d digits: %v", n, err)
			}
			continue
		}
		wantCode(t, fmt.Sprint(n, " digits"), err, CodeLength)
		if p != (PIN{}) {
			t.Errorf("%d digits leave a PIN", n)
		}
	}
}

func TestDigits(t *testing.T) {
	for c := range 256 {
		for i := range 4 {
			digits := []byte("1234")
			digits[i] = byte(c)
			var p PIN
			err := Parse(&p, digits)
			if c >= '0' && c <= '9' {
				if err != nil {
					t.Errorf("%q: %v", digits, err)
				}
				continue
			}
			wantCode(t, fmt.Sprintf("%q", digits), err, CodeDigit)
			if p != (PIN{}) {
				t.Errorf("%q leaves a PIN", digits)
			}
		}
	}
}

func TestEqual(t *testing.T) {
	a, b := newPIN(t, "1234"), newPIN(t, "1234")
	if !a.Equal(b) || !b.Equal(a) {
		t.Error("the same PIN differs")
	}
	// A longer PIN that goes on with zeros is another one.
	for _, other := range []string{"1235", "0234", "12340", "123400000000"} {
		if o := newPIN(t, other); a.Equal(o) || o.Equal(a) {
			t.Errorf("1234 equals %s", other)
		}
	}
	var zero PIN
	if zero.Equal(&zero) || zero.Equal(a) || a.Equal(&zero) {
		t.Error("no PIN equals something")
	}
}

func TestWipe(t *testing.T) {
	p := newPIN(t, "123456789012")
	var b Block
	var f Field
	if err := b.Encode2(p); err != nil {
		t.Fatal(err)
	}
	if err := f.Encode4(p, zeros(8)); err != nil {
		t.Fatal(err)
	}
	p.Wipe()
	b.Wipe()
	f.Wipe()
	if *p != (PIN{}) || p.Len() != 0 || len(p.AppendDigits(nil)) != 0 || b != (Block{}) || f != (Field{}) {
		t.Error("digits are left")
	}
}

func TestMasks(t *testing.T) {
	p := newPIN(t, "918273645091")
	var b Block
	var f Field
	if err := b.Encode2(p); err != nil {
		t.Fatal(err)
	}
	if err := f.Encode4(p, zeros(8)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%08b"} {
		fmt.Fprintf(&out, strings.Repeat(verb, 6)+"\n", *p, p, b, &b, f, &f)
	}
	fmt.Fprintf(&out, "%v %+v\n", struct {
		P PIN
		B Block
	}{*p, b}, []Field{f})
	j, err := json.Marshal(map[string]any{"p": p, "q": *p, "b": b, "c": &b, "f": f, "g": &f})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("pin", "p", p, "q", *p, "b", b, "c", &b, "f", f, "g", &f)
	}
	text := strings.ToUpper(out.String())
	for _, secret := range []string{"9182", "9 1 8", "91 82", "145 130", "145,130", "C91", "QYJZ", "9, 1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows in:\n%s", secret, out.String())
		}
	}
	if n := strings.Count(out.String(), mask.PINText); n != 60+3+6+12 {
		t.Errorf("the mask shows %d times in:\n%s", n, out.String())
	}
}

func TestErrorTexts(t *testing.T) {
	for want, e := range map[string]*Error{
		"pin.fill":           {Code: CodeFill},
		"pin.random: broken": {Code: CodeRandom, Err: errBroken},
	} {
		if e.Error() != want || errors.Is(e, errBroken) != (e.Err != nil) || errors.Is(e, &Error{Code: CodePAN}) {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}
