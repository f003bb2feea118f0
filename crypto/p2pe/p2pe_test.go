package p2pe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/pin"
)

var (
	testPAN    = []byte("4761739001010119")
	testTrack1 = []byte("B4761739001010119^CARDHOLDER/VISA^2212201123456789")
	testTrack2 = []byte("4761739001010119=22122011234599999")
	test57, _  = hex.DecodeString("4761739001010119D22122011143890089000F")
)

const testPIN = "739182"

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.ErrorCode() != string(code) || !errors.Is(err, &Error{Code: code}) {
		t.Errorf("%s: %v; want %s", what, err, code)
	}
}

// seeded is randomness that is the same in every run.
func seeded() io.Reader { return rand.NewChaCha8([32]byte{1, 2, 3}) }

// pair is a terminal and its host, each with keys derived on its own side.
type pair struct {
	terminal Terminal
	host     Host
}

var bdk = []byte("\xFE\xDC\xBA\x98\x76\x54\x32\x10\xF1\xF1\xF1\xF1\xF1\xF1\xF1\xF1\x01\x23\x45\x67\x89\xAB\xCD\xEF\x10\x32\x54\x76\x98\xBA\xDC\xFE")

// aesPair takes transaction n, counted from 1, of an AES DUKPT terminal with AES-256 keys.
func aesPair(t testing.TB, of dukpt.KeyType, n int) *pair {
	t.Helper()
	var base, initial dukpt.Key
	id := dukpt.InitialKeyID{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56}
	ok(t, dukpt.SetKey(&base, bdk))
	ok(t, dukpt.AESInitialKey(&initial, &base, id))
	var device dukpt.AESTerminal
	ok(t, device.Load(&initial, id))
	var near, far dukpt.AESTransaction
	for range n {
		ok(t, device.Next(&near))
	}
	ok(t, dukpt.HostAES(&far, &base, near.KSN))
	p := &pair{}
	ok(t, p.terminal.UseAES(&near, of, seeded()))
	ok(t, p.host.UseAES(&far, of))
	return p
}

// tdesPair takes transaction n of a TDES DUKPT terminal.
func tdesPair(t testing.TB, n int) *pair {
	t.Helper()
	var base, initial dukpt.Key
	ksn := dukpt.TDESKSN{0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0}
	ok(t, dukpt.SetKey(&base, bdk[:16]))
	ok(t, dukpt.TDESInitialKey(&initial, &base, ksn))
	var device dukpt.TDESTerminal
	ok(t, device.Load(&initial, ksn))
	var near, far dukpt.TDESTransaction
	for range n {
		ok(t, device.Next(&near))
	}
	ok(t, dukpt.HostTDES(&far, &base, near.KSN))
	p := &pair{}
	ok(t, p.terminal.UseTDES(&near, seeded()))
	ok(t, p.host.UseTDES(&far))
	return p
}

func pairs(t testing.TB) map[string]*pair {
	return map[string]*pair{
		"AES DUKPT, default": aesPair(t, 0, 3), "AES DUKPT, AES-128": aesPair(t, dukpt.AES128, 4),
		"AES DUKPT, AES-192": aesPair(t, dukpt.AES192, 1), "AES DUKPT, AES-256": aesPair(t, dukpt.AES256, 9),
		"AES DUKPT, TDES-128": aesPair(t, dukpt.TDES2, 2), "AES DUKPT, TDES-192": aesPair(t, dukpt.TDES3, 5),
		"TDES DUKPT": tdesPair(t, 7),
	}
}

// seal enciphers everything, and returns what each value is to open as.
func seal(t testing.TB, terminal *Terminal) map[Content]*Value {
	t.Helper()
	var p pin.PIN
	ok(t, pin.Parse(&p, []byte(testPIN)))
	values := map[Content]*Value{}
	for _, f := range []func() (*Value, error){
		func() (*Value, error) { return terminal.PAN(testPAN) },
		func() (*Value, error) { return terminal.Track1(testTrack1) },
		func() (*Value, error) { return terminal.Track2(testTrack2) },
		func() (*Value, error) { return terminal.Track2Equivalent(test57) },
		func() (*Value, error) { return terminal.PIN(&p, testPAN) },
	} {
		v, err := f()
		ok(t, err)
		values[v.Content] = v
	}
	return values
}

var clearOf = map[Content][]byte{PAN: testPAN, Track1: testTrack1, Track2: testTrack2, Track2Equivalent: test57}

// TestRoundTrip carries everything from the terminal to the host, as JSON, for every algorithm.
func TestRoundTrip(t *testing.T) {
	for name, p := range pairs(t) {
		t.Run(name, func(t *testing.T) {
			for content, sent := range seal(t, &p.terminal) {
				wire, err := json.Marshal(sent)
				ok(t, err)
				for _, secret := range []string{string(testPAN), string(testTrack2), testPIN, hex.EncodeToString(test57)} {
					if strings.Contains(string(wire), secret) || strings.Contains(fmt.Sprintf("%+v %x %s", sent, sent, sent), secret) {
						t.Fatalf("%s: %s is on the wire", content, secret)
					}
				}
				var v Value
				ok(t, json.Unmarshal(wire, &v))
				if content == PINBlock {
					var got, entered pin.PIN
					ok(t, p.host.OpenPIN(&got, &v, testPAN))
					ok(t, pin.Parse(&entered, []byte(testPIN)))
					if got != entered {
						t.Error("another PIN")
					}
					err := p.host.OpenPIN(&got, &v, []byte("4761739001010127"))
					if err == nil && got == entered {
						t.Error("the PAN does not matter")
					}
					continue
				}
				var got Clear
				ok(t, p.host.Open(&got, &v, content))
				if !bytes.Equal(got.Bytes(), clearOf[content]) {
					t.Errorf("%s: other data", content)
				}
			}
		})
	}
}

// TestEveryLength holds the padding to all lengths that card data has.
func TestEveryLength(t *testing.T) {
	for name, p := range pairs(t) {
		for n := 1; n <= maxData; n++ {
			data := bytes.Repeat([]byte{'A'}, n)
			v, err := p.terminal.Track1(data)
			ok(t, err)
			var got Clear
			ok(t, p.host.Open(&got, v, Track1))
			if !bytes.Equal(got.Bytes(), data) {
				t.Errorf("%s, %d characters: other data", name, n)
			}
		}
		v, err := p.terminal.Track2Equivalent([]byte{0x12, 0x80, 0x00, 0x00})
		ok(t, err)
		var got Clear
		ok(t, p.host.Open(&got, v, Track2Equivalent))
		if !bytes.Equal(got.Bytes(), []byte{0x12, 0x80, 0x00, 0x00}) {
			t.Errorf("%s: data that looks like padding", name)
		}
	}
}

// TestTampered changes each bit of each part: none goes unnoticed, and nothing comes out.
func TestTampered(t *testing.T) {
	p := aesPair(t, 0, 1)
	for content, good := range seal(t, &p.terminal) {
		refused := func(what string, v Value, codes ...Code) {
			t.Helper()
			var got Clear
			var number pin.PIN
			var err error
			if content == PINBlock {
				err = p.host.OpenPIN(&number, &v, testPAN)
			} else {
				err = p.host.Open(&got, &v, content)
			}
			var e *Error
			if !errors.As(err, &e) || len(got.Bytes()) != 0 || number != (pin.PIN{}) {
				t.Fatalf("%s, %s: %v", content, what, err)
			}
			for _, c := range codes {
				if e.Code == c {
					return
				}
			}
			t.Errorf("%s, %s: %v; want %s", content, what, err, codes)
		}
		for name, part := range map[string]func(*Value) *[]byte{
			"KSN": func(v *Value) *[]byte { return &v.KSN }, "vector": func(v *Value) *[]byte { return &v.Vector },
			"ciphertext": func(v *Value) *[]byte { return &v.Ciphertext }, "MAC": func(v *Value) *[]byte { return &v.MAC },
		} {
			for i := range *part(good) {
				for bit := range 8 {
					bad := *good
					b := bytes.Clone(*part(good))
					b[i] ^= 1 << bit
					*part(&bad) = b
					refused(name, bad, CodeMAC, CodeKSN)
				}
				bad := *good
				*part(&bad) = (*part(good))[:i]
				refused(name+" that is cut", bad, CodeForm, CodeKSN, CodeMAC)
			}
		}
		bad := *good
		bad.Algorithm = AES256
		refused("another algorithm", bad, CodeAlgorithm)
		bad.Algorithm = "AES"
		refused("no algorithm", bad, CodeForm)
		for c := range Content(8) {
			if bad := *good; c != content {
				bad.Content = c
				refused("as "+c.String(), bad, CodeContent, CodeForm)
			}
		}
	}
	// A value of one content under the name of another of the same form.
	track, err := p.terminal.Track2(testTrack2)
	ok(t, err)
	track.Content = Track1
	var got Clear
	want(t, "track 2 as track 1", p.host.Open(&got, track, Track1), CodeMAC)
	// The same transaction number of another terminal, and another number of this one.
	other := aesPair(t, 0, 2)
	v, err := other.terminal.PAN(testPAN)
	ok(t, err)
	want(t, "another transaction", p.host.Open(&got, v, PAN), CodeKSN)
	v.KSN = p.host.keys.ksn
	want(t, "another transaction with this KSN", p.host.Open(&got, v, PAN), CodeMAC)
}

// TestAlikeLooksDifferent: the PAN twice, and the PAN at the beginning of a track.
func TestAlikeLooksDifferent(t *testing.T) {
	p := tdesPair(t, 1)
	a, err := p.terminal.PAN(testPAN)
	ok(t, err)
	b, err := p.terminal.PAN(testPAN)
	ok(t, err)
	c, err := p.terminal.Track2(testTrack2)
	ok(t, err)
	if bytes.Equal(a.Ciphertext[:8], b.Ciphertext[:8]) || bytes.Equal(a.Ciphertext[:8], c.Ciphertext[:8]) {
		t.Error("it shows that the data is the same")
	}
}

func TestRefusals(t *testing.T) {
	p := aesPair(t, 0, 1)
	refused := func(what string, v *Value, err error, code Code) {
		t.Helper()
		want(t, what, err, code)
		if v != nil {
			t.Errorf("%s gave a value", what)
		}
	}
	for _, bad := range []string{"", "1234567", "12345678901234567890", "476173900101011A", "4761 7390 0101 0119"} {
		v, err := p.terminal.PAN([]byte(bad))
		refused("PAN", v, err, CodePAN)
		_, err = ReadableOf([]byte(bad), BIN6)
		want(t, "ReadableOf", err, CodePAN)
	}
	for _, bad := range []string{"", strings.Repeat("A", maxData+1), "abc", "\x00"} {
		v, err := p.terminal.Track1([]byte(bad))
		refused("track 1", v, err, CodeData)
	}
	for _, bad := range []string{"", strings.Repeat("1", 38), ";4761=2212?", "ABC"} {
		v, err := p.terminal.Track2([]byte(bad))
		refused("track 2", v, err, CodeData)
	}
	for _, bad := range [][]byte{nil, make([]byte, 20)} {
		v, err := p.terminal.Track2Equivalent(bad)
		refused("track 2 equivalent data", v, err, CodeData)
	}
	var number pin.PIN
	v, err := p.terminal.PIN(&number, testPAN)
	refused("no PIN", v, err, CodePIN)
	ok(t, pin.Parse(&number, []byte(testPIN)))
	v, err = p.terminal.PIN(&number, testPAN[:7])
	refused("a PIN without a PAN", v, err, CodePAN)
	v, err = p.terminal.PIN(&number, testPAN)
	ok(t, err)
	again, err := p.terminal.PIN(&number, testPAN)
	refused("a second PIN", again, err, CodeUsed)

	var got Clear
	want(t, "a PIN block as data", p.host.Open(&got, v, PINBlock), CodeContent)
	want(t, "a PIN block as a PAN", p.host.Open(&got, v, PAN), CodeContent)
	want(t, "a PIN for no PAN", p.host.OpenPIN(&number, v, nil), CodePAN)
	if number != (pin.PIN{}) {
		t.Error("a refusal left a PIN")
	}
	_, err = ReadableOf(testPAN, 7)
	want(t, "a BIN of seven digits", err, CodeBIN)

	var aes dukpt.AESTransaction
	var tdes dukpt.TDESTransaction
	want(t, "no randomness", p.terminal.UseAES(&aes, 0, nil), CodeRandom)
	want(t, "no randomness", p.terminal.UseTDES(&tdes, nil), CodeRandom)
	want(t, "no transaction", p.terminal.UseAES(&aes, 0, seeded()), CodeKey)
	want(t, "no transaction", p.terminal.UseTDES(&tdes, seeded()), CodeKey)
	want(t, "an HMAC key", p.host.UseAES(&aes, dukpt.HMAC128), CodeAlgorithm)
	for what, f := range map[string]func() (*Value, error){
		"PAN": func() (*Value, error) { return p.terminal.PAN(testPAN) },
		"PIN": func() (*Value, error) { return p.terminal.PIN(&number, testPAN) },
	} {
		v, err := f()
		refused("a terminal that has no keys: "+what, v, err, CodeKey)
	}
	want(t, "a host that has no keys", p.host.Open(&got, v, PAN), CodeKey)

	p = aesPair(t, 0, 1)
	p.terminal.random = bytes.NewReader(nil)
	v, err = p.terminal.PAN(testPAN)
	refused("no randomness", v, err, CodeRandom)
	ok(t, pin.Parse(&number, []byte(testPIN)))
	v, err = p.terminal.PIN(&number, testPAN)
	refused("no randomness", v, err, CodePIN)
}

func TestReadable(t *testing.T) {
	for _, c := range []struct {
		pan    string
		n      BINLength
		masked string
	}{
		{"4761739001010119", BIN6, "476173******0119"},
		{"4761739001010119", BIN8, "47617390****0119"},
		{"374245455400126", BIN6, "374245*****0126"},
		{"374245455400126", BIN8, "374245*****0126"}, // fifteen digits show six
		{"6799998900000060018", BIN8, "67999989*******0018"},
		{"4761739001011", BIN6, "476173***1011"},
		{"476173900101", BIN6, "********0101"}, // too few would stay hidden
		{"47617390", BIN8, "****7390"},
	} {
		a, err := ReadableOf([]byte(c.pan), c.n)
		if err != nil || a.Masked != c.masked || a.Last4 != c.pan[len(c.pan)-4:] || !strings.HasPrefix(c.masked, a.BIN) ||
			len(a.Masked) != len(c.pan) || strings.Count(a.Masked, "*") < leastHidden {
			t.Errorf("%s, %d: %+v, %v; want %s", c.pan, c.n, a, err, c.masked)
		}
	}
}

// TestNothingShows prints everything in every way, and searches it for what must not show.
func TestNothingShows(t *testing.T) {
	var out strings.Builder
	p := aesPair(t, dukpt.AES256, 3)
	values := seal(t, &p.terminal)
	var got Clear
	ok(t, p.host.Open(&got, values[Track2], Track2))
	for _, v := range []any{p.terminal, &p.terminal, p.host, &p.host, got, &got, values[PAN], *values[PINBlock]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		j, err := json.Marshal(v)
		ok(t, err)
		out.Write(j)
		slog.New(slog.NewTextHandler(&out, nil)).Info("value", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("value", "v", v)
	}
	text := strings.ToUpper(out.String())
	for _, s := range [][]byte{testPAN, testTrack1, testTrack2, test57, []byte(testPIN), p.terminal.keys.data.Bytes(), p.terminal.keys.mac.Bytes()} {
		for _, form := range []string{string(s), hex.EncodeToString(s[:4]), strings.Trim(fmt.Sprintf("%d", s[:4]), "[]"), fmt.Sprintf("%#v", s[:4])[7:20]} {
			if strings.Contains(text, strings.ToUpper(form)) {
				t.Errorf("%q shows", form)
			}
		}
	}
}

func TestWipe(t *testing.T) {
	p := aesPair(t, dukpt.AES256, 3)
	values := seal(t, &p.terminal)
	if len(p.terminal.keys.pin.Bytes()) != 0 {
		t.Error("the PIN key outlives the PIN")
	}
	buffers := [][]byte{
		p.terminal.keys.data.Bytes(), p.terminal.keys.mac.Bytes(), p.host.keys.data.Bytes(), p.host.keys.mac.Bytes(),
		p.host.keys.pin.Bytes(),
	}
	var got Clear
	ok(t, p.host.Open(&got, values[Track1], Track1))
	buffers = append(buffers, got.Bytes())
	p.terminal.Wipe()
	p.host.Wipe()
	got.Wipe()
	for i, b := range buffers {
		if len(b) == 0 || !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("buffer %d is not zero", i)
		}
	}
}

func TestContentNames(t *testing.T) {
	for c := PAN; c <= PINBlock; c++ {
		b, err := c.MarshalText()
		ok(t, err)
		var got Content
		if err := got.UnmarshalText(b); err != nil || got != c || c.String() != string(b) {
			t.Errorf("%s: %s, %v", b, got, err)
		}
	}
	var c Content
	_, err := c.MarshalText()
	want(t, "nothing", err, CodeContent)
	want(t, "an unknown name", c.UnmarshalText([]byte("cvv")), CodeContent)
	want(t, "no name", c.UnmarshalText(nil), CodeContent)
}

// FuzzHost: what a host receives is what a terminal sent, or it is refused.
func FuzzHost(f *testing.F) {
	p := aesPair(f, 0, 1)
	seeds := 0
	for _, v := range seal(f, &p.terminal) {
		j, err := json.Marshal(v)
		ok(f, err)
		f.Add(j)
		seeds++
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v Value
		if json.Unmarshal(b, &v) != nil {
			return
		}
		var got Clear
		var number pin.PIN
		for c := PAN; c <= PINBlock; c++ {
			if err := p.host.Open(&got, &v, c); err == nil && !bytes.Equal(got.Bytes(), clearOf[c]) {
				t.Errorf("%s opens as other data", b)
			}
		}
		_ = p.host.OpenPIN(&number, &v, testPAN)
	})
}

func BenchmarkTrack2(b *testing.B) {
	p := aesPair(b, 0, 1)
	b.ReportAllocs()
	for b.Loop() {
		_, err := p.terminal.Track2(testTrack2)
		ok(b, err)
	}
}

func BenchmarkOpen(b *testing.B) {
	p := aesPair(b, 0, 1)
	v, err := p.terminal.Track2(testTrack2)
	ok(b, err)
	var got Clear
	b.ReportAllocs()
	for b.Loop() {
		ok(b, p.host.Open(&got, v, Track2))
	}
}
