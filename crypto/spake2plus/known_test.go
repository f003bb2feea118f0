package spake2plus_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/cardwright/emv/crypto/spake2plus"
)

// rfc is the one vector of RFC 9383, appendix C, for this ciphersuite.
var rfc = struct {
	context, prover, verifier                    string
	w0, w1, l, x, shareP, y, shareV, z, v        string
	main, keyP, keyV, confirmP, confirmV, shared string
}{
	context: "SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256 Test Vectors", prover: "client", verifier: "server",
	w0:       "bb8e1bbcf3c48f62c08db243652ae55d3e5586053fca77102994f23ad95491b3",
	w1:       "7e945f34d78785b8a3ef44d0df5a1a97d6b3b460409a345ca7830387a74b1dba",
	l:        "04eb7c9db3d9a9eb1f8adab81b5794c1f13ae3e225efbe91ea487425854c7fc00f00bfedcbd09b2400142d40a14f2064ef31dfaa903b91d1faea7093d835966efd",
	x:        "d1232c8e8693d02368976c174e2088851b8365d0d79a9eee709c6a05a2fad539",
	shareP:   "04ef3bd051bf78a2234ec0df197f7828060fe9856503579bb1733009042c15c0c1de127727f418b5966afadfdd95a6e4591d171056b333dab97a79c7193e341727",
	y:        "717a72348a182085109c8d3917d6c43d59b224dc6a7fc4f0483232fa6516d8b3",
	shareV:   "04c0f65da0d11927bdf5d560c69e1d7d939a05b0e88291887d679fcadea75810fb5cc1ca7494db39e82ff2f50665255d76173e09986ab46742c798a9a68437b048",
	z:        "04bbfce7dd7f277819c8da21544afb7964705569bdf12fb92aa388059408d50091a0c5f1d3127f56813b5337f9e4e67e2ca633117a4fbd559946ab474356c41839",
	v:        "0458bf27c6bca011c9ce1930e8984a797a3419797b936629a5a937cf2f11c8b9514b82b993da8a46e664f23db7c01edc87faa530db01c2ee405230b18997f16b68",
	main:     "4c59e1ccf2cfb961aa31bd9434478a1089b56cd11542f53d3576fb6c2a438a29",
	keyP:     "871ae3f7b78445e34438fb284504240239031c39d80ac23eb5ab9be5ad6db58a",
	keyV:     "ccd53c7c1fa37b64a462b40db8be101cedcf838950162902054e644b400f1680",
	confirmP: "926cc713504b9b4d76c9162ded04b5493e89109f6d89462cd33adc46fda27527",
	confirmV: "9747bcc4f8fe9f63defee53ac9b07876d907d55047e6ff2def2e7529089d3e68",
	shared:   "0c5f8ccd1413423a54f6c1fb26ff01534a87f893779c6e68666d772bfd91f3e7",
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(t testing.TB, what string, got []byte, want string) {
	t.Helper()
	if hex.EncodeToString(got) != want {
		t.Errorf("%s: %x, want %s", what, got, want)
	}
}

// wide puts a reduced number into the length of an unreduced half.
func wide(b []byte) []byte {
	return append(make([]byte, spake2plus.HalfSize-len(b)), b...)
}

func rfcSecrets(t testing.TB) spake2plus.Secrets {
	t.Helper()
	s, err := spake2plus.NewSecrets(wide(unhex(t, rfc.w0)), wide(unhex(t, rfc.w1)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rfcSession() spake2plus.Session {
	return spake2plus.Session{Context: []byte(rfc.context), Prover: []byte(rfc.prover), Verifier: []byte(rfc.verifier)}
}

// The whole exchange of the RFC's vector, from both sides.
func TestKnownExchange(t *testing.T) {
	secrets := rfcSecrets(t)
	record, err := secrets.Record()
	if err != nil {
		t.Fatal(err)
	}
	w0, l := record.Bytes()
	same(t, "w0", w0, rfc.w0)
	same(t, "L", l, rfc.l)
	if stored, err := spake2plus.NewRecord(w0, l); err != nil || stored != record {
		t.Errorf("the record read back: %v", err)
	}

	p, err := spake2plus.NewProver(&secrets, rfcSession(), bytes.NewReader(unhex(t, rfc.x)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "shareP", p.Share(), rfc.shareP)

	v, err := spake2plus.NewVerifier(&record, rfcSession())
	if err != nil {
		t.Fatal(err)
	}
	shareV, confirmV, err := v.Answer(p.Share(), bytes.NewReader(unhex(t, rfc.y)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "shareV", shareV, rfc.shareV)
	same(t, "confirmV", confirmV, rfc.confirmV)

	confirmP, err := p.Confirm(shareV, confirmV)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "confirmP", confirmP, rfc.confirmP)
	if err := v.Verify(confirmP); err != nil {
		t.Fatal(err)
	}
	for name, shared := range map[string]func() ([]byte, error){"prover": p.Shared, "verifier": v.Shared} {
		key, err := shared()
		if err != nil {
			t.Fatal(err)
		}
		same(t, name+"'s K_shared", key, rfc.shared)
	}
}

// The second implementation of this test gets all intermediate values of the RFC's vector.
func TestKnownTextbook(t *testing.T) {
	b := textbook{context: rfc.context, prover: rfc.prover, verifier: rfc.verifier, w0: number(rfc.w0), w1: number(rfc.w1)}
	shareP, shareV := b.shareP(number(rfc.x)), b.shareV(number(rfc.y))
	same(t, "shareP", shareP.bytes(), rfc.shareP)
	same(t, "shareV", shareV.bytes(), rfc.shareV)
	z, v := b.proverSecrets(number(rfc.x), shareV)
	same(t, "Z", z.bytes(), rfc.z)
	same(t, "V", v.bytes(), rfc.v)
	z, v = b.verifierSecrets(number(rfc.y), shareP)
	same(t, "Z", z.bytes(), rfc.z)
	same(t, "V", v.bytes(), rfc.v)
	k := b.schedule(shareP, shareV, z, v)
	same(t, "K_main", k.main, rfc.main)
	same(t, "K_confirmP", k.keyP, rfc.keyP)
	same(t, "K_confirmV", k.keyV, rfc.keyV)
	same(t, "confirmP", k.confirmP, rfc.confirmP)
	same(t, "confirmV", k.confirmV, rfc.confirmV)
	same(t, "K_shared", k.shared, rfc.shared)
}
