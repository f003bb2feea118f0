package keyblock

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestStandardBlocks sends each kind of optional block through a key block and reads it.
func TestStandardBlocks(t *testing.T) {
	s := newSource(8)
	stamp := time.Date(2026, 11, 23, 14, 5, 6, 0, time.UTC)
	bdk, err := BDKID([]byte{1, 2, 3, 4, 5})
	if err != nil {
		t.Fatal(err)
	}
	check := CheckValue{CheckCMAC, []byte{1, 2, 3, 4, 5}}
	certificate := s.bytes(1000)
	allowed := []Derivation{{UsagePIN, AlgorithmTDES, ModeEncrypt, Exportable}, {UsageData, AlgorithmAES, ModeEncrypt, NonExportable}}
	h := Header{VersionD, UsageDerivation, AlgorithmAES, ModeDerive, "12", Exportable, ContextStorage, []OptionalBlock{
		Static.Block(), bdk, Certificate(CertificateX509, certificate), Derivations(allowed...), KeySet([]byte{0xFF, 0xEE}),
		InitialKeyID([8]byte{8, 7, 6, 5, 4, 3, 2, 1}), check.Block(BlockKeyCheck), check.Block(BlockProtectionCheck),
		Label("a label"), Time(BlockCreated, stamp.Add(-time.Hour)), Time(BlockStamp, stamp), PedigreeWeaker.Block(),
	}}
	kbpk := s.bytes(32)
	block, err := Wrap(nil, s, kbpk, &h, s.bytes(16), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Unwrap(kbpk, block, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal := func(name string, v any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(v, want) {
			t.Errorf("%s: %v, %v, want %v", name, v, err, want)
		}
	}
	life, err := got.KeyLife()
	equal("AL", life, err, Static)
	id, err := got.BDKID()
	equal("BI", id, err, []byte{1, 2, 3, 4, 5})
	format, c, err := got.Certificate()
	equal("CT", c, err, certificate)
	equal("CT", format, err, CertificateX509)
	list, err := got.Derivations()
	equal("DA", list, err, allowed)
	set, err := got.KeySet()
	equal("KS", set, err, []byte{0xFF, 0xEE})
	ik, err := got.InitialKeyID()
	equal("IK", ik, err, [8]byte{8, 7, 6, 5, 4, 3, 2, 1})
	kc, err := got.CheckValue(BlockKeyCheck)
	equal("KC", kc, err, check)
	kp, err := got.CheckValue(BlockProtectionCheck)
	equal("KP", kp, err, check)
	label, err := got.Label()
	equal("LB", label, err, "a label")
	made, err := got.Time(BlockCreated)
	equal("TC", made, err, stamp.Add(-time.Hour))
	at, err := got.Time(BlockStamp)
	equal("TS", at, err, stamp)
	pedigree, err := got.Pedigree()
	equal("WP", pedigree, err, PedigreeWeaker)

	if err := got.AllowDerivation(allowed[1]); err != nil {
		t.Error(err)
	}
	wantCode(t, "a mode that is not listed", got.AllowDerivation(Derivation{UsagePIN, AlgorithmTDES, ModeDecrypt, Exportable}), CodeForbidden)
	got.Mode = ModeEncrypt
	wantCode(t, "not for deriving", got.AllowDerivation(allowed[1]), CodeForbidden)
	got.Mode, got.Blocks = ModeDerive, nil
	if err := got.AllowDerivation(Derivation{}); err != nil {
		t.Error(err)
	}
	got.Blocks = []OptionalBlock{{ID: BlockDerivations, Data: "02P0TEE"}}
	wantCode(t, "another edition", got.AllowDerivation(allowed[0]), CodeOptionalBlock)
	short, err := BDKID([]byte{1, 2, 3, 4})
	if err != nil || short.Data != "0101020304" {
		t.Errorf("BI %q, %v", short.Data, err)
	}
	_, err = BDKID(make([]byte, 3))
	wantCode(t, "BI", err, CodeOptionalBlock)
}

// TestStandardBlocksRefused: each reader refuses what is absent and what is something else.
func TestStandardBlocksRefused(t *testing.T) {
	for id, read := range map[BlockID]func(*Header) error{
		BlockKeyLife:      func(h *Header) error { _, err := h.KeyLife(); return err },
		BlockBDKID:        func(h *Header) error { _, err := h.BDKID(); return err },
		BlockCertificate:  func(h *Header) error { _, _, err := h.Certificate(); return err },
		BlockDerivations:  func(h *Header) error { _, err := h.Derivations(); return err },
		BlockHash:         func(h *Header) error { _, err := h.Hash(); return err },
		BlockInitialKeyID: func(h *Header) error { _, err := h.InitialKeyID(); return err },
		BlockKeyCheck:     func(h *Header) error { _, err := h.CheckValue(BlockKeyCheck); return err },
		BlockKeySet:       func(h *Header) error { _, err := h.KeySet(); return err },
		BlockStamp:        func(h *Header) error { _, err := h.Time(BlockStamp); return err },
		BlockPedigree:     func(h *Header) error { _, err := h.Pedigree(); return err },
	} {
		wantCode(t, string(id), read(&Header{}), CodeAbsent)
		for _, data := range []string{"x", "00x", "009", "0102x", "03AABBCC", "99", "2026-13-01T00:00:00Z"} {
			err := read(&Header{Blocks: []OptionalBlock{{ID: id, Data: data}}})
			if id == BlockKeySet && allHex(data) && len(data)%2 == 0 || id == BlockCertificate && data == "99" {
				continue // any digits are one, and one may have no certificate
			}
			wantCode(t, string(id)+" "+data, err, CodeOptionalBlock)
		}
	}
	if _, err := (&Header{}).Label(); err == nil {
		t.Error("a label that is not there")
	}
}

func TestTimes(t *testing.T) {
	for _, text := range []string{
		"20180618204239Z", "20180618T204239Z", "2018-06-18T20:42:39Z", "2018-06-18T20:42:39", "20180618204239.22Z",
		"2018-06-18T20:42:39.22Z", "2018-06-18T20:42:39.22",
	} {
		h := Header{Blocks: []OptionalBlock{{ID: BlockStamp, Data: text}}}
		at, err := h.Time(BlockStamp)
		if err != nil || !at.Truncate(time.Second).Equal(time.Date(2018, 6, 18, 20, 42, 39, 0, time.UTC)) {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
}

func TestHashes(t *testing.T) {
	for _, h := range hashes {
		header := Header{Blocks: []OptionalBlock{h.id.Block()}}
		if got, err := header.Hash(); err != nil || got != h.id {
			t.Errorf("%s: %s, %v", h.id, got, err)
		}
		sha2, sha3 := AlgorithmHMACSHA2.hashes(h.id), AlgorithmHMACSHA3.hashes(h.id)
		if sha2 != strings.HasPrefix(string(h.id), "2") || sha3 != (h.id[0] == '3' || h.id[0] == '4') || !AlgorithmHMAC.hashes(h.id) {
			t.Errorf("%s: SHA-2 %v, SHA-3 %v", h.id, sha2, sha3)
		}
	}
	if HashSHA256.Algorithm() != crypto.SHA256 || HashSHAKE128.Algorithm() != 0 || Hash("99").Algorithm() != 0 {
		t.Error("algorithms")
	}
}

// TestCheckValues: the legacy values are those of the zero block under well-known keys; FIPS 197, C.1 has no zero block,
// so AES is that of NIST's AESAVS, and its CMAC is compared with the first block of SP 800-38B's subkey, L.
func TestCheckValues(t *testing.T) {
	for _, c := range []struct {
		method    CheckMethod
		algorithm Algorithm
		key, want string
	}{
		{CheckLegacy, AlgorithmTDES, "0123456789ABCDEFFEDCBA9876543210", "08D7B4"},
		{CheckLegacy, AlgorithmAES, "2B7E151628AED2A6ABF7158809CF4F3C", "7DF76B"}, // SP 800-38B, D.1: L
		{CheckLegacy, AlgorithmAES, strings.Repeat("00", 16), "66E94B"},
	} {
		v, err := NewCheckValue(c.method, c.algorithm, unhexed(t, c.key))
		if err != nil || strings.ToUpper(hex.EncodeToString(v.Value)) != c.want {
			t.Errorf("%s: %X, %v, want %s", c.key, v.Value, err, c.want)
		}
	}
	for _, a := range []Algorithm{AlgorithmAES, AlgorithmTDES} {
		v, err := NewCheckValue(CheckCMAC, a, make([]byte, 24))
		if err != nil || len(v.Value) != 5 || bytes.Equal(v.Value, make([]byte, 5)) {
			t.Errorf("%s: %X, %v", a, v.Value, err)
		}
	}
	_, err := NewCheckValue("02", AlgorithmAES, make([]byte, 16))
	wantCode(t, "method", err, CodeField)
	_, err = NewCheckValue(CheckLegacy, AlgorithmRSA, make([]byte, 16))
	wantCode(t, "algorithm", err, CodeAlgorithm)
	_, err = NewCheckValue(CheckLegacy, AlgorithmTDES, make([]byte, 8))
	wantCode(t, "length", err, CodeKeyLength)
}
