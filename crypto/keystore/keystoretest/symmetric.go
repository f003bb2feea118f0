package keystoretest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/mac"
)

func testLabels(t *testing.T, p keystore.Provider) {
	for _, label := range []string{"", "A", "a b", "../a", "a/b", "-a", "_a", "a.key", strings.Repeat("a", 33), "é"} {
		_, err := p.Generate(label, header("S0ESN"), 256)
		want(t, label, err, keystore.CodeLabel)
		_, err = p.Seal(label, []byte{1})
		want(t, label, err, keystore.CodeLabel)
		_, err = p.Signer(label)
		want(t, label, err, keystore.CodeLabel)
		want(t, label, p.Delete(label), keystore.CodeLabel)
		var s keystore.Secret
		want(t, label, p.Unseal(&s, label), keystore.CodeLabel)
	}
	_, err := p.Signer("nobody")
	want(t, "Signer", err, keystore.CodeNotFound)
	want(t, "Delete", p.Delete("nobody"), keystore.CodeNotFound)
	_, err = p.MAC(nil, "nobody", keyblock.OpGenerate, nil)
	want(t, "MAC", err, keystore.CodeNotFound)
	if got := list(t, p); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	for _, label := range []string{"b", "0-a_b", "a", strings.Repeat("z", 32)} {
		_, err := p.Seal(label, []byte{1})
		ok(t, err)
	}
	labels := ""
	for _, i := range list(t, p) {
		labels += i.Label + " "
	}
	if labels != "0-a_b a b "+strings.Repeat("z", 32)+" " {
		t.Errorf("the list is not in order: %s", labels)
	}
}

// testHeaders: a header that no key block could have is no header for a key.
func testHeaders(t *testing.T, p keystore.Provider) {
	for _, h := range []string{"K1ASN", "D0AXN", "M3ACN", "S0TSN", "ZZAEN", "D0QEN", "D0AEX", "M6EGN"} {
		_, err := p.Generate("x", header(h), 128)
		want(t, h, err, keystore.CodeHeader)
		_, err = p.Compose("x", header(h), make([]byte, 16), make([]byte, 16))
		want(t, h, err, keystore.CodeHeader)
	}
	for _, bits := range []int{-8, 0, 8, 56, 127, 264, 512} {
		_, err := p.Generate("x", header("D0AEN"), bits)
		want(t, "AES", err, keystore.CodeLength)
	}
	for _, bits := range []int{64, 256} {
		_, err := p.Generate("x", header("D0TEN"), bits)
		want(t, "TDES", err, keystore.CodeLength)
	}
	_, err := p.Generate("x", header("B1AXN"), 128)
	want(t, "an initial DUKPT key without a serial number", err, keystore.CodeUsage)
	if got := list(t, p); len(got) != 0 {
		t.Errorf("a refusal left %+v", got)
	}
	for _, bits := range []int{128, 192, 256} {
		info, err := p.Generate("aes", header("D0AEN"), bits)
		if err != nil || info.Bits != bits || len(info.Check) != 5 {
			t.Errorf("AES of %d bits: %+v, %v", bits, info, err)
		}
		ok(t, p.Delete("aes"))
	}
}

func testComponents(t *testing.T, p keystore.Provider) {
	compose(t, p, "kek-3des", "K1TDN", kekTDES)
	if got, w := find(t, p, "kek-3des").Check, checkOf(t, keyblock.AlgorithmTDES, kekTDES); !bytes.Equal(got, w) {
		t.Errorf("check value %X, want %X", got, w)
	}
	three := [][]byte{bytes.Repeat([]byte{0xF0}, 32), bytes.Repeat([]byte{0x0F}, 32), bytes.Repeat([]byte{0xFF}, 32)}
	for i := range three[0] {
		three[0][i] ^= kekAES[i]
	}
	info, err := p.Compose("kek", header("K1ADN"), three...)
	ok(t, err)
	if w := checkOf(t, keyblock.AlgorithmAES, kekAES); !bytes.Equal(info.Check, w) {
		t.Errorf("check value %X, want %X", info.Check, w)
	}
	_, err = p.Compose("x", header("K1ADN"))
	want(t, "no component", err, keystore.CodeComponent)
	_, err = p.Compose("x", header("K1ADN"), kekAES)
	want(t, "one component", err, keystore.CodeComponent)
	_, err = p.Compose("x", header("K1ADN"), kekAES, kekAES[:16])
	want(t, "two lengths", err, keystore.CodeComponent)
	_, err = p.Compose("x", header("K1ADN"), make([]byte, 64), make([]byte, 64))
	want(t, "64 bytes", err, keystore.CodeComponent)
	_, err = p.Compose("x", header("K1ADN"), make([]byte, 17), make([]byte, 17))
	want(t, "17 bytes", err, keystore.CodeLength)
	_, err = p.Compose("x", header("K0TDN"), make([]byte, 16), make([]byte, 16))
	want(t, "even parity", err, keystore.CodeParity)
	_, err = p.Compose("x", header("S0ESN"), kekAES, kekAES)
	want(t, "a key pair", err, keystore.CodeUsage)
}

func checkOf(t testing.TB, a keyblock.Algorithm, key []byte) []byte {
	t.Helper()
	method := keyblock.CheckCMAC
	if a == keyblock.AlgorithmTDES {
		method = keyblock.CheckLegacy
	}
	v, err := keyblock.NewCheckValue(method, a, key)
	ok(t, err)
	return v.Value
}

func testImport(t *testing.T, p keystore.Provider) {
	key := unhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")
	compose(t, p, "kek", "K1ADN", kekAES)
	compose(t, p, "kek-3des", "K0TBN", kekTDES)
	compose(t, p, "kek-iso", "K4ADN", kekAES)
	compose(t, p, "wrapper", "K1AEN", kekAES)
	compose(t, p, "data", "D0ABN", kekAES)

	info, err := p.Import("pin", "kek", wrap(t, "P0AEN", key))
	ok(t, err)
	if info.Header.Usage != keyblock.UsagePIN || info.Header.Mode != keyblock.ModeEncrypt ||
		info.Header.Exportability != keyblock.NonExportable || info.Bits != 128 ||
		!bytes.Equal(info.Check, checkOf(t, keyblock.AlgorithmAES, key)) {
		t.Errorf("%+v", info)
	}
	_, err = p.Import("pin", "kek", wrap(t, "P0AEN", key))
	want(t, "again", err, keystore.CodeExists)
	for _, v := range []keyblock.Version{keyblock.VersionB, keyblock.VersionC} {
		_, err = p.Import("tdes-"+strings.ToLower(string(v)), "kek-3des", wrapUnder(t, v, kekTDES, "M3TCE", key))
		ok(t, err)
	}
	_, err = p.Import("iso", "kek-iso", wrapUnder(t, keyblock.VersionE, kekAES, "D0ABS", key))
	ok(t, err)

	block := wrap(t, "P0AEN", key)
	for _, c := range []struct {
		name, kek string
		block     []byte
		code      keystore.Code
	}{
		{"a K1 key for version E", "kek", wrapUnder(t, keyblock.VersionE, kekAES, "D0ABS", key), keystore.CodeUsage},
		{"a K4 key for version D", "kek-iso", block, keystore.CodeUsage},
		{"a key that only wraps", "wrapper", block, keystore.CodeMode},
		{"a data key", "data", block, keystore.CodeUsage},
		{"a TDES key for version D", "kek-3des", block, keystore.CodeAlgorithm},
		{"an AES key for version B", "kek", wrapUnder(t, keyblock.VersionB, kekTDES, "P0TEN", key), keystore.CodeAlgorithm},
		{"no key", "nobody", block, keystore.CodeNotFound},
		{"a changed header", "kek", bytes.Replace(block, []byte("P0AE"), []byte("P0AB"), 1), keystore.CodeBlock},
		{"another key", "kek", wrapUnder(t, keyblock.VersionD, make([]byte, 32), "P0AEN", key), keystore.CodeBlock},
		{"half a block", "kek", block[:len(block)/2], keystore.CodeBlock},
		{"nothing", "kek", nil, keystore.CodeBlock},
		{"a key pair", "kek", wrap(t, "S0ESN", key), keystore.CodeUsage},
		{"an initial key without a serial number", "kek", wrap(t, "B1AXN", key), keystore.CodeSerial},
		{
			"an initial key with the serial number of TDES", "kek",
			wrap(t, "B1AXN", key, keyblock.KeySet(unhex("FFFF9876543210E00000"))), keystore.CodeSerial,
		},
	} {
		_, err := p.Import("x", c.kek, c.block)
		want(t, c.name, err, c.code)
	}
	if got := list(t, p); len(got) != 9 {
		t.Errorf("%d keys, want 9", len(got))
	}
}

func testUnwrap(t *testing.T, p keystore.Provider) {
	key := unhex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0")
	compose(t, p, "kek", "K1ADN", kekAES)
	use := keystore.Use{Usage: keyblock.UsagePIN, Operation: keyblock.OpEncrypt}
	for _, x := range []string{"E", "S"} {
		h, k, err := p.Unwrap("kek", wrap(t, "P0AE"+x, key), use)
		ok(t, err)
		if !bytes.Equal(k.Bytes(), key) || h.Usage != keyblock.UsagePIN {
			t.Errorf("%s: another key, or %+v", x, h)
		}
		b := k.Bytes()
		k.Wipe()
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Error("the key outlives Wipe")
		}
	}
	for _, c := range []struct {
		h    string
		use  keystore.Use
		code keystore.Code
	}{
		{"P0AEN", use, keystore.CodeExportability},
		{"D0AEE", use, keystore.CodeUsage},
		{"P0ADE", use, keystore.CodeMode},
		{"P0AEE", keystore.Use{Usage: keyblock.UsagePIN, Operation: keyblock.OpDecrypt}, keystore.CodeMode},
		{"P0AEE", keystore.Use{}, keystore.CodeUsage},
	} {
		h, k, err := p.Unwrap("kek", wrap(t, c.h, key), c.use)
		want(t, c.h, err, c.code)
		if k.Len() != 0 || h.Usage != "" {
			t.Errorf("%s: a refusal gave a key", c.h)
		}
	}
	if got := list(t, p); len(got) != 1 {
		t.Errorf("%d keys are kept, want the kek alone", len(got))
	}
}

func testEncipher(t *testing.T, p keystore.Provider) {
	compose(t, p, "data", "D0ABN", kekAES)
	compose(t, p, "encrypt", "D0AEN", kekAES)
	compose(t, p, "decrypt", "D0ADN", kekAES)
	compose(t, p, "pin", "P0TEN", kekTDES)
	compose(t, p, "mac", "M6ACN", kekAES)
	data, iv := bytes.Repeat([]byte("fifteen bytes.. "), 3), bytes.Repeat([]byte{7}, 16)
	block, err := aes.NewCipher(kekAES)
	ok(t, err)
	w := bytes.Clone(data)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(w, w)
	for _, label := range []string{"data", "encrypt"} {
		got, err := p.Encrypt([]byte("head"), label, keyblock.UsageData, iv, data)
		if err != nil || string(got[:4]) != "head" || !bytes.Equal(got[4:], w) {
			t.Errorf("%s: %X, %v", label, got, err)
		}
	}
	for _, label := range []string{"data", "decrypt"} {
		got, err := p.Decrypt(nil, label, keyblock.UsageData, iv, w)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %X, %v", label, got, err)
		}
	}
	got, err := p.Encrypt(nil, "pin", keyblock.UsagePIN, nil, make([]byte, 8))
	if err != nil || !bytes.Equal(got[:3], checkOf(t, keyblock.AlgorithmTDES, kekTDES)) {
		t.Errorf("%X, %v", got, err)
	}
	_, err = p.Encrypt(nil, "decrypt", keyblock.UsageData, iv, data)
	want(t, "encipher with a key that deciphers", err, keystore.CodeMode)
	_, err = p.Decrypt(nil, "encrypt", keyblock.UsageData, iv, data)
	want(t, "decipher with a key that enciphers", err, keystore.CodeMode)
	_, err = p.Encrypt(nil, "data", keyblock.UsagePIN, iv, data)
	want(t, "a data key for PINs", err, keystore.CodeUsage)
	_, err = p.Encrypt(nil, "pin", keyblock.UsageData, nil, data)
	want(t, "a PIN key for data", err, keystore.CodeUsage)
	_, err = p.Encrypt(nil, "mac", keyblock.UsageCMAC, iv, data)
	want(t, "a MAC key", err, keystore.CodeUsage)
	_, err = p.Encrypt(nil, "data", keyblock.UsageData, iv, data[:15])
	want(t, "15 bytes", err, keystore.CodeLength)
	_, err = p.Encrypt(nil, "data", keyblock.UsageData, iv[:8], data)
	want(t, "half a vector", err, keystore.CodeLength)
}

func testMAC(t *testing.T, p keystore.Provider) {
	compose(t, p, "cmac", "M6ACN", kekAES)
	compose(t, p, "retail", "M3TGN", kekTDES)
	compose(t, p, "cbc", "M1TVN", kekTDES)
	compose(t, p, "hmac", "M5ACN", kekAES)
	compose(t, p, "data", "D0ABN", kekAES)
	data := []byte("what is authenticated")
	tdes, err := mac.NewTDES(kekTDES)
	ok(t, err)
	cmac, err := mac.CMACAES(nil, kekAES, data)
	ok(t, err)
	retail, err := mac.Retail(nil, kekTDES, mac.Method2, data)
	ok(t, err)
	cbc, err := mac.Algorithm1(nil, tdes, mac.Method2, data)
	ok(t, err)
	for _, c := range []struct {
		label string
		op    keyblock.Operation
		want  []byte
		code  keystore.Code
	}{
		{"cmac", keyblock.OpGenerate, cmac, ""},
		{"cmac", keyblock.OpVerify, cmac, ""},
		{"retail", keyblock.OpGenerate, retail, ""},
		{"retail", keyblock.OpVerify, nil, keystore.CodeMode},
		{"cbc", keyblock.OpVerify, cbc, ""},
		{"cbc", keyblock.OpGenerate, nil, keystore.CodeMode},
		{"cmac", keyblock.OpEncrypt, nil, keystore.CodeMode},
		{"hmac", keyblock.OpGenerate, nil, keystore.CodeUsage},
		{"data", keyblock.OpGenerate, nil, keystore.CodeUsage},
	} {
		got, err := p.MAC(nil, c.label, c.op, data)
		if c.code != "" {
			want(t, c.label, err, c.code)
		} else if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %X, %v, want %X", c.label, got, err, c.want)
		}
	}
}
