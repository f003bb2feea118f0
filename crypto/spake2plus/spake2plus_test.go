package spake2plus_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"

	"github.com/cardwright/emv/crypto/spake2plus"
)

func wantCode(t testing.TB, what string, err error, want spake2plus.Code) {
	t.Helper()
	var e *spake2plus.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// sides begins an exchange whose sides may differ.
func sides(t testing.TB, sp, sv *spake2plus.Secrets, session, other spake2plus.Session) (*spake2plus.Prover, *spake2plus.Verifier) {
	t.Helper()
	p, err := spake2plus.NewProver(sp, session, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	record, err := sv.Record()
	if err != nil {
		t.Fatal(err)
	}
	v, err := spake2plus.NewVerifier(&record, other)
	if err != nil {
		t.Fatal(err)
	}
	return p, v
}

func halves() *rapid.Generator[[]byte] {
	return rapid.SliceOfN(rapid.Byte(), spake2plus.HalfSize, spake2plus.HalfSize)
}

// Each side of the package agrees with the other side of the textbook, whatever the numbers.
func TestAgainstTextbook(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w0s, w1s := halves().Draw(r, "w0s"), halves().Draw(r, "w1s")
		x := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(r, "x")
		y := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(r, "y")
		b := textbook{
			context: rapid.String().Draw(r, "context"), prover: rapid.String().Draw(r, "prover"), verifier: rapid.String().Draw(r, "verifier"),
			w0: new(big.Int).Mod(new(big.Int).SetBytes(w0s), group), w1: new(big.Int).Mod(new(big.Int).SetBytes(w1s), group),
		}
		kx, ky := new(big.Int).SetBytes(x), new(big.Int).SetBytes(y)
		if b.w0.Sign() == 0 || b.w1.Sign() == 0 || kx.Sign() == 0 || ky.Sign() == 0 || kx.Cmp(group) >= 0 || ky.Cmp(group) >= 0 {
			return // TestRefusedSecrets and TestDraw have these
		}
		secrets, err := spake2plus.NewSecrets(w0s, w1s)
		if err != nil {
			r.Fatal(err)
		}
		session := spake2plus.Session{Context: []byte(b.context), Prover: []byte(b.prover), Verifier: []byte(b.verifier)}
		p, err := spake2plus.NewProver(&secrets, session, bytes.NewReader(x))
		if err != nil {
			r.Fatal(err)
		}
		record, err := secrets.Record()
		if err != nil {
			r.Fatal(err)
		}
		v, err := spake2plus.NewVerifier(&record, session)
		if err != nil {
			r.Fatal(err)
		}
		shareP, shareV := b.shareP(kx), b.shareV(ky)
		z, w := b.proverSecrets(kx, shareV)
		keys := b.schedule(shareP, shareV, z, w)

		gotV, confirmV, err := v.Answer(shareP.bytes(), bytes.NewReader(y))
		if err != nil || !bytes.Equal(gotV, shareV.bytes()) || !bytes.Equal(confirmV, keys.confirmV) {
			r.Fatalf("verifier: %v", err)
		}
		if !bytes.Equal(p.Share(), shareP.bytes()) {
			r.Fatal("shareP differs")
		}
		confirmP, err := p.Confirm(shareV.bytes(), keys.confirmV)
		if err != nil || !bytes.Equal(confirmP, keys.confirmP) {
			r.Fatalf("prover: %v", err)
		}
		if err := v.Verify(keys.confirmP); err != nil {
			r.Fatal(err)
		}
		kp, errP := p.Shared()
		kv, errV := v.Shared()
		if errP != nil || errV != nil || !bytes.Equal(kp, keys.shared) || !bytes.Equal(kv, keys.shared) {
			r.Fatal("the shared keys differ")
		}
	})
}

// One bit of difference, wherever it is, and neither side gets a key.
func TestDifference(t *testing.T) {
	right, session := rfcSecrets(t), rfcSession()
	with := func(change func(*spake2plus.Session)) spake2plus.Session {
		s := session
		change(&s)
		return s
	}
	other := func(w0, w1 byte) *spake2plus.Secrets {
		a, b := wide(unhex(t, rfc.w0)), wide(unhex(t, rfc.w1))
		a[39] ^= w0
		b[39] ^= w1
		s, err := spake2plus.NewSecrets(a, b)
		if err != nil {
			t.Fatal(err)
		}
		return &s
	}
	for name, test := range map[string]struct {
		secrets *spake2plus.Secrets
		session spake2plus.Session
	}{
		"w0":         {other(1, 0), session},
		"w1":         {other(0, 1), session},
		"context":    {&right, with(func(s *spake2plus.Session) { s.Context = []byte("other") })},
		"no context": {&right, with(func(s *spake2plus.Session) { s.Context = nil })},
		"prover":     {&right, with(func(s *spake2plus.Session) { s.Prover = []byte("mallory") })},
		"verifier":   {&right, with(func(s *spake2plus.Session) { s.Verifier = []byte("mallory") })},
		"moved":      {&right, with(func(s *spake2plus.Session) { s.Prover, s.Verifier = []byte("client"+"server"), nil })},
	} {
		p, v := sides(t, test.secrets, &right, test.session, session)
		shareV, confirmV, err := v.Answer(p.Share(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Confirm(shareV, confirmV)
		wantCode(t, name, err, spake2plus.CodeConfirm)
		_, err = p.Shared()
		wantCode(t, name, err, spake2plus.CodeSequence)
		wantCode(t, name, v.Verify(confirmV), spake2plus.CodeConfirm)
		_, err = v.Shared()
		wantCode(t, name, err, spake2plus.CodeSequence)
	}
}

// hostile are shares that no honest side sends.
func hostile() map[string][]byte {
	good := base.bytes()
	changed := func(f func(b []byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return b
	}
	return map[string][]byte{
		"nothing":        nil,
		"identity":       {0},
		"identity, long": make([]byte, 65),
		"zeros":          append([]byte{4}, make([]byte, 64)...),
		"short":          good[:64],
		"long":           append(bytes.Clone(good), 0),
		"compressed":     append([]byte{3}, good[1:33]...),
		"hybrid form":    changed(func(b []byte) { b[0] = 7 }),
		"off the curve":  changed(func(b []byte) { b[64] ^= 1 }),
		"x is p":         changed(func(b []byte) { prime.FillBytes(b[1:33]) }),
		"x not reduced":  changed(func(b []byte) { copy(b[1:33], bytes.Repeat([]byte{0xFF}, 32)) }),
		"y not reduced":  changed(func(b []byte) { copy(b[33:], bytes.Repeat([]byte{0xFF}, 32)) }),
		"x + p":          unreduced(),
	}
}

// unreduced is a point whose x is so small that x + p has 32 bytes too: another text for one point.
func unreduced() []byte {
	for i := int64(0); ; i++ {
		x := big.NewInt(i)
		y2 := new(big.Int).Exp(x, big.NewInt(3), prime)
		y2.Sub(y2, new(big.Int).Mul(x, big.NewInt(3)))
		if y := new(big.Int).ModSqrt(mod(y2.Add(y2, beta)), prime); y != nil {
			return affine{x.Add(x, prime), y}.bytes()
		}
	}
}

func TestHostileShares(t *testing.T) {
	secrets := rfcSecrets(t)
	shares := hostile()
	// Who knows w0 and not w1 would make Z and V the identity. RFC 9383, 3.3.
	w0 := number(rfc.w0)
	asProver, asVerifier := m.times(w0).bytes(), n.times(w0).bytes()
	for name, share := range shares {
		p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
		_, _, err := v.Answer(share, rand.Reader)
		wantCode(t, name, err, spake2plus.CodeShare)
		_, err = p.Confirm(share, make([]byte, 32))
		wantCode(t, name, err, spake2plus.CodeShare)
		// A side that refused is over.
		_, _, err = v.Answer(base.bytes(), rand.Reader)
		wantCode(t, name, err, spake2plus.CodeSequence)
		_, err = p.Confirm(base.bytes(), make([]byte, 32))
		wantCode(t, name, err, spake2plus.CodeSequence)
	}
	p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
	_, _, err := v.Answer(asProver, rand.Reader)
	wantCode(t, "w0·M", err, spake2plus.CodeShare)
	_, err = p.Confirm(asVerifier, make([]byte, 32))
	wantCode(t, "w0·N", err, spake2plus.CodeShare)
}

// Confirmations of other lengths, of other exchanges and the other side's own are none.
func TestHostileConfirmations(t *testing.T) {
	secrets := rfcSecrets(t)
	p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
	shareV, confirmV, err := v.Answer(p.Share(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := p.Confirm(shareV, confirmV)
	if err != nil {
		t.Fatal(err)
	}
	for name, mac := range map[string][]byte{
		"nothing": nil, "short": confirmV[:31], "long": append(bytes.Clone(confirmV), 0), "zeros": make([]byte, 32),
		"of another exchange": recorded,
	} {
		p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
		shareV, own, err := v.Answer(p.Share(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, name, v.Verify(mac), spake2plus.CodeConfirm)
		wantCode(t, name+", second try", v.Verify(mac), spake2plus.CodeSequence)
		_, err = p.Confirm(shareV, mac)
		wantCode(t, name, err, spake2plus.CodeConfirm)
		_, err = p.Confirm(shareV, own)
		wantCode(t, name+", second try", err, spake2plus.CodeSequence)
	}
	if err := v.Verify(recorded); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

func TestSequence(t *testing.T) {
	secrets := rfcSecrets(t)
	p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
	_, err := p.Shared()
	wantCode(t, "key before all", err, spake2plus.CodeSequence)
	wantCode(t, "confirmation before the share", v.Verify(make([]byte, 32)), spake2plus.CodeSequence)
	shareV, confirmV, err := v.Answer(p.Share(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Shared()
	wantCode(t, "key before the confirmation", err, spake2plus.CodeSequence)
	_, _, err = v.Answer(p.Share(), rand.Reader)
	wantCode(t, "second share", err, spake2plus.CodeSequence)
	if _, err := p.Confirm(shareV, confirmV); err != nil {
		t.Fatal(err)
	}
	_, err = p.Confirm(shareV, confirmV)
	wantCode(t, "second answer", err, spake2plus.CodeSequence)
	p.Wipe()
	_, err = p.Shared()
	wantCode(t, "after Wipe", err, spake2plus.CodeSequence)
	if !bytes.Equal(p.Share(), make([]byte, spake2plus.ShareSize)) {
		t.Error("Wipe leaves the share")
	}
	var none spake2plus.Verifier
	_, _, err = none.Answer(base.bytes(), rand.Reader)
	wantCode(t, "zero Verifier", err, spake2plus.CodeSequence)
}

func TestRefusedSecrets(t *testing.T) {
	good := wide(unhex(t, rfc.w0))
	zero := make([]byte, spake2plus.HalfSize)
	multiple := new(big.Int).Lsh(group, 60).FillBytes(make([]byte, spake2plus.HalfSize)) // zero modulo the order
	for name, h := range map[string][2][]byte{
		"short": {good[1:], good}, "long": {good, append(good, 0)}, "none": {nil, nil},
		"w0 zero": {zero, good}, "w1 zero": {good, zero}, "w0 a multiple": {multiple, good}, "w1 a multiple": {good, multiple},
	} {
		_, err := spake2plus.NewSecrets(h[0], h[1])
		wantCode(t, name, err, spake2plus.CodeSecret)
	}
	var s spake2plus.Secrets
	_, err := spake2plus.NewProver(&s, rfcSession(), rand.Reader)
	wantCode(t, "zero Secrets", err, spake2plus.CodeSecret)
	_, err = s.Record()
	wantCode(t, "zero Secrets", err, spake2plus.CodeSecret)
	_, err = spake2plus.NewVerifier(&spake2plus.Record{}, rfcSession())
	wantCode(t, "zero Record", err, spake2plus.CodeSecret)
	for name, w0 := range map[string][]byte{
		"zero": make([]byte, 32), "the order": group.Bytes(), "short": make([]byte, 31),
	} {
		_, err = spake2plus.NewRecord(w0, base.bytes())
		wantCode(t, name, err, spake2plus.CodeSecret)
	}
	for name, l := range hostile() {
		_, err = spake2plus.NewRecord(unhex(t, rfc.w0), l)
		wantCode(t, name, err, spake2plus.CodeShare)
	}
}

// What is no scalar is drawn again; a source that ends or gives none is an error.
func TestDraw(t *testing.T) {
	secrets := rfcSecrets(t)
	source := io.MultiReader(bytes.NewReader(make([]byte, 32)), bytes.NewReader(group.Bytes()), bytes.NewReader(bytes.Repeat([]byte{0xFF}, 32)),
		bytes.NewReader(unhex(t, rfc.x)))
	p, err := spake2plus.NewProver(&secrets, rfcSession(), source)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "shareP", p.Share(), rfc.shareP)
	_, err = spake2plus.NewProver(&secrets, rfcSession(), bytes.NewReader(make([]byte, 31)))
	wantCode(t, "end", err, spake2plus.CodeRandom)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the reader's error is lost: %v", err)
	}
	_, err = spake2plus.NewProver(&secrets, rfcSession(), zeros{})
	wantCode(t, "zeros", err, spake2plus.CodeRandom)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// RFC 9383, 3.2: what goes into argon2id, and how the halves are reduced.
func TestDerive(t *testing.T) {
	input := []byte("\x08\x00\x00\x00\x00\x00\x00\x0012345678" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x06\x00\x00\x00\x00\x00\x00\x00server")
	b := argon2.IDKey(input, []byte("salt of a test"), 2, 64, 1, 80)
	reduced := func(half []byte) []byte {
		n := new(big.Int).SetBytes(half)
		return n.Mod(n, group).FillBytes(make([]byte, 32))
	}
	want, err := spake2plus.NewSecrets(wide(reduced(b[:40])), wide(reduced(b[40:])))
	if err != nil {
		t.Fatal(err)
	}
	cost := spake2plus.Cost{Passes: 2, KiB: 64}
	got, err := spake2plus.Derive([]byte("12345678"), nil, []byte("server"), []byte("salt of a test"), cost)
	if err != nil || got != want {
		t.Errorf("Derive differs: %v", err)
	}
	for name, s := range map[string][4]string{
		"password": {"12345679", "", "server", "salt of a test"}, "moved": {"12345678", "server", "", "salt of a test"},
		"salt": {"12345678", "", "server", "salt of a tesu"},
	} {
		if other, err := spake2plus.Derive([]byte(s[0]), []byte(s[1]), []byte(s[2]), []byte(s[3]), cost); err != nil || other == want {
			t.Errorf("%s: the same secrets, or %v", name, err)
		}
	}
	for _, c := range []spake2plus.Cost{{}, {Passes: 1}, {KiB: 64}, {Passes: 1, KiB: 7}} {
		_, err := spake2plus.Derive(nil, nil, nil, nil, c)
		wantCode(t, fmt.Sprint(c), err, spake2plus.CodeCost)
	}
}

// No secret is printed, whatever the verb.
func TestMasked(t *testing.T) {
	secrets := rfcSecrets(t)
	record, err := secrets.Record()
	if err != nil {
		t.Fatal(err)
	}
	p, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
	shareV, confirmV, err := v.Answer(p.Share(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Confirm(shareV, confirmV); err != nil {
		t.Fatal(err)
	}
	for _, x := range []any{secrets, &secrets, record, &record, *p, p, *v, v} {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
			text += fmt.Sprintf(verb, x)
		}
		if want := `"[key]"` + strings.Repeat("[key]", 8); text != want {
			t.Errorf("%T: %s", x, text)
		}
	}
}

// Whatever the bytes of a share, it is refused or it is the one text of a point of the curve.
func FuzzShare(f *testing.F) {
	for _, share := range hostile() {
		f.Add(share)
	}
	f.Add(base.bytes())
	f.Add(unhex(f, rfc.shareP))
	f.Add(m.times(number(rfc.w0)).bytes()) // of a point, which gives no secret
	secrets, blind := rfcSecrets(f), m.times(number(rfc.w0)).bytes()
	f.Fuzz(func(t *testing.T, share []byte) {
		_, v := sides(t, &secrets, &secrets, rfcSession(), rfcSession())
		_, _, err := v.Answer(share, rand.Reader)
		if want := onCurve(share) && !bytes.Equal(share, blind); (err == nil) != want {
			t.Errorf("%x: %v", share, err)
		}
	})
}

func onCurve(share []byte) bool {
	if len(share) != 65 || share[0] != 4 {
		return false
	}
	x, y := new(big.Int).SetBytes(share[1:33]), new(big.Int).SetBytes(share[33:])
	if x.Cmp(prime) >= 0 || y.Cmp(prime) >= 0 {
		return false
	}
	right := new(big.Int).Exp(x, big.NewInt(3), prime)
	right.Sub(right, new(big.Int).Mul(x, big.NewInt(3)))
	return mod(right.Add(right, beta)).Cmp(mod(new(big.Int).Mul(y, y))) == 0
}

func BenchmarkExchange(b *testing.B) {
	secrets, session := rfcSecrets(b), rfcSession()
	for b.Loop() {
		p, v := sides(b, &secrets, &secrets, session, session)
		shareV, confirmV, err := v.Answer(p.Share(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		confirmP, err := p.Confirm(shareV, confirmV)
		if err != nil {
			b.Fatal(err)
		}
		if err := v.Verify(confirmP); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDerive(b *testing.B) {
	for _, c := range []spake2plus.Cost{{Passes: 1, KiB: 8 << 10}, {Passes: 2, KiB: 8 << 10}, {Passes: 2, KiB: 19 << 10}} {
		b.Run(fmt.Sprint(c), func(b *testing.B) {
			for b.Loop() {
				if _, err := spake2plus.Derive([]byte("12345678"), nil, nil, []byte("cardwright"), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
