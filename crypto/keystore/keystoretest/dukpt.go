package keystoretest

import (
	"testing"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// The host's side: base derivation keys, and the serial numbers of this terminal. ANSI X9.24-1, A.4 and ANSI X9.24-3, A
// have them in their examples.
var (
	bdkTDES = unhex("0123456789ABCDEFFEDCBA9876543210")
	bdkAES  = unhex("FEDCBA9876543210F1F1F1F1F1F1F1F1")
	ksnTDES = unhex("FFFF9876543210E00000")
	idAES   = [8]byte(unhex("1234567890123456"))
)

// initialKeys are key blocks, under kekAES, with initial DUKPT keys of the test host.
func initialKeys(t testing.TB) (tdes, aes []byte) {
	t.Helper()
	var bdk, initial dukpt.Key
	ksn, err := dukpt.ParseTDESKSN(ksnTDES)
	ok(t, err)
	ok(t, dukpt.SetKey(&bdk, bdkTDES))
	ok(t, dukpt.TDESInitialKey(&initial, &bdk, ksn))
	tdes = wrap(t, "B1TXN", initial.Bytes(), keyblock.KeySet(ksnTDES))
	ok(t, dukpt.SetKey(&bdk, bdkAES))
	ok(t, dukpt.AESInitialKey(&initial, &bdk, idAES))
	aes = wrap(t, "B1AXN", initial.Bytes(), keyblock.InitialKeyID(idAES))
	return tdes, aes
}

// ImportDUKPT imports both initial keys, under the labels dukpt-tdes and dukpt-aes.
func ImportDUKPT(t testing.TB, p keystore.Provider) {
	t.Helper()
	compose(t, p, "kek-dukpt", "K1ADN", kekAES)
	tdes, aes := initialKeys(t)
	info, err := p.Import("dukpt-tdes", "kek-dukpt", tdes)
	ok(t, err)
	if info.Kind != keystore.KindDUKPT || string(info.KSN) != string(ksnTDES) || len(info.Check) != 3 {
		t.Errorf("%+v", info)
	}
	info, err = p.Import("dukpt-aes", "kek-dukpt", aes)
	ok(t, err)
	if info.Kind != keystore.KindDUKPT || string(info.KSN) != string(idAES[:]) || len(info.Check) != 5 {
		t.Errorf("%+v", info)
	}
}

// NextDUKPT takes the next transaction of both keys and compares each with the host's.
func NextDUKPT(t testing.TB, p keystore.Provider) (dukpt.TDESKSN, dukpt.AESKSN) {
	t.Helper()
	var bdk dukpt.Key
	var tdes, hostTDES dukpt.TDESTransaction
	ok(t, p.NextTDES(&tdes, "dukpt-tdes"))
	ok(t, dukpt.SetKey(&bdk, bdkTDES))
	ok(t, dukpt.HostTDES(&hostTDES, &bdk, tdes.KSN))
	if !tdes.Equal(&hostTDES) {
		t.Errorf("%s: the host has another key", tdes.KSN)
	}
	var aes, hostAES dukpt.AESTransaction
	ok(t, p.NextAES(&aes, "dukpt-aes"))
	ok(t, dukpt.SetKey(&bdk, bdkAES))
	ok(t, dukpt.HostAES(&hostAES, &bdk, aes.KSN))
	if !aes.Equal(&hostAES) {
		t.Errorf("%s: the host has another key", aes.KSN)
	}
	return tdes.KSN, aes.KSN
}

func testDUKPT(t *testing.T, p keystore.Provider) {
	ImportDUKPT(t, p)
	var lastTDES, lastAES uint32
	for range 5 {
		tdes, aes := NextDUKPT(t, p)
		if tdes.Counter() != lastTDES+1 || aes.Counter() != lastAES+1 {
			t.Errorf("%s and %s after %d and %d", tdes, aes, lastTDES, lastAES)
		}
		lastTDES, lastAES = tdes.Counter(), aes.Counter()
	}
	var tdes dukpt.TDESTransaction
	var aes dukpt.AESTransaction
	want(t, "the AES key for TDES", p.NextTDES(&tdes, "dukpt-aes"), keystore.CodeAlgorithm)
	want(t, "the TDES key for AES", p.NextAES(&aes, "dukpt-tdes"), keystore.CodeAlgorithm)
	want(t, "the kek", p.NextAES(&aes, "kek-dukpt"), keystore.CodeUsage)
	if tdes != (dukpt.TDESTransaction{}) || aes != (dukpt.AESTransaction{}) {
		t.Error("a refusal gave a key")
	}
	_, err := p.Encrypt(nil, "dukpt-aes", keyblock.UsageData, nil, nil)
	want(t, "the DUKPT key for data", err, keystore.CodeUsage)
	_, _, err = p.Unwrap("dukpt-aes", wrap(t, "P0AEE", bdkAES), keystore.Use{})
	want(t, "the DUKPT key for blocks", err, keystore.CodeUsage)
	ok(t, p.Delete("dukpt-aes"))
	want(t, "a deleted key", p.NextAES(&aes, "dukpt-aes"), keystore.CodeNotFound)
}
