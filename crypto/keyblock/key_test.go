package keyblock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/mask"
)

func TestKeyMasksItself(t *testing.T) {
	k := NewKey([]byte{0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8})
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+verb+"\n", k, &k)
	}
	fmt.Fprintf(&out, "%v %+v %s\n", struct{ K Key }{k}, []Key{k}, k.String())
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

func TestWipe(t *testing.T) {
	given := []byte{1, 2, 3}
	k := NewKey(given)
	held, copied := k.Bytes(), k
	k.Wipe()
	if k.Len() != 0 || !bytes.Equal(held, make([]byte, 3)) || !bytes.Equal(copied.Bytes(), make([]byte, 3)) {
		t.Errorf("%d bytes after Wipe: %X, %X", k.Len(), held, copied.Bytes())
	}
	if given[0] != 1 {
		t.Error("the caller's bytes were written to")
	}
	var none Key
	none.Wipe()
}

// TestScratchIsWiped looks into the scratch of operations that went well and of some that failed.
func TestScratchIsWiped(t *testing.T) {
	for v, sizes := range kbpkLengths {
		s := newSource(9)
		kbpk, key := s.bytes(sizes[0]), s.bytes(16)
		before := slices.Clone(kbpk)
		h := &Header{v, UsagePIN, AlgorithmTDES, ModeEncrypt, NoKeyVersion, Exportable, ContextNone, nil}
		clean := func(name string, w *worker) {
			t.Helper()
			zero := make([]byte, cap(w.text))
			if w.kbek != [maxKBPK]byte{} || w.kbak != [maxKBPK]byte{} || !bytes.Equal(w.text[:cap(w.text)], zero) {
				t.Errorf("version %s: %s leaves secrets", string(v), name)
			}
			if len(zero) == 0 {
				t.Errorf("version %s: %s had no text", string(v), name)
			}
		}
		var w worker
		block, err := w.wrap(nil, s, kbpk, h, key, Options{Permit: PermitAll})
		if err != nil {
			t.Fatal(err)
		}
		clean("wrap", &w)
		w = worker{}
		_, out, err := w.unwrap(kbpk, block, PermitAll)
		if err != nil || !bytes.Equal(out.Bytes(), key) {
			t.Fatalf("%v, %v", out, err)
		}
		clean("unwrap", &w)
		w = worker{}
		_, _, err = w.unwrap(s.bytes(sizes[0]), block, PermitAll)
		wantCode(t, "another KBPK", err, CodeMAC)
		clean("a wrong MAC", &w)
		w = worker{}
		_, err = w.wrap(nil, strings.NewReader(""), kbpk, h, key, Options{Permit: PermitAll})
		wantCode(t, "no random bytes", err, CodeRandom)
		clean("no random bytes", &w)
		if !bytes.Equal(kbpk, before) {
			t.Error("the KBPK was written to")
		}
	}
}
