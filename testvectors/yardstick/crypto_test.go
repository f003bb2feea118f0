//go:build yardstick

package yardstick_test

import (
	"bytes"
	"crypto/des"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/testvectors/yardstick"
	"github.com/cardwright/emv/tlv"
)

// TestYardstickCrypto prints how long keys, MACs and PIN blocks take, by OpenSSL where that has the operation. RSA is in
// the table of TestYardstick.
func TestYardstickCrypto(t *testing.T) {
	table(t, "| what\t ours\t OpenSSL\t ratio\t quartiles\t allocations\t", []row{
		retailKeyed(t), retailFresh(t), arqc(t, 0x0A, "06010A03A0A000"), arqc(t, 0x12, "06011203A0B800"),
		cmacKeyed(t), cmacFresh(t),
		hostTDES(t), stepTDES(t), hostAES(t), stepAES(t),
		format0(t), format4(t),
		wrapD(t), unwrapD(t),
		verifyECSDSA(t), agreeECDH(t), chainECC(t),
	})
}

var (
	cryptoKey  = unhex("0123456789ABCDEFFEDCBA9876543210")
	longKey    = unhex("0123456789ABCDEFFEDCBA987654321089ABCDEF0123456776543210FEDCBA98")
	cryptoData = bytes.Repeat(unhex("00000000010000000840ABCDEF101800"), 4)
	cryptoPAN  = []byte("4761739001010119")
)

// zeros is randomness that both sides of a comparison know.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// timeOnly is a row of ours alone.
func timeOnly(what string, f func()) row {
	return row{what: what, ours: timed(f), allocs: testing.AllocsPerRun(100, f)}
}

// against is a row of ours and an operation of OpenSSL, which must have the result that ours has.
func against(t *testing.T, what string, f func(), o yardstick.Operation, key, data, result []byte) row {
	t.Helper()
	j, err := yardstick.NewJob(o, key, data)
	t.Cleanup(j.Free)
	if err != nil {
		t.Fatal(what, err)
	}
	if _, err := j.Run(1); err != nil || !bytes.Equal(j.Result(len(result)), result) {
		t.Fatalf("%s: the two sides differ: %X, %X (%v)", what, result, j.Result(len(result)), err)
	}
	r := timeOnly(what, f)
	r.theirs = func(n int) time.Duration {
		d, err := j.Run(n)
		if err != nil {
			t.Fatal(what, err)
		}
		return d
	}
	return r
}

// must is for what cannot fail here.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func retailKeyed(t *testing.T) row {
	first, second := must(des.NewCipher(cryptoKey[:8])), must(des.NewCipher(cryptoKey[8:]))
	sum := make([]byte, 0, 8)
	f := func() { sum = must(mac.Algorithm3(sum[:0], first, second, mac.Method1, cryptoData[:40])) }
	f()
	return against(t, "retail MAC, 40 bytes, keys expanded", f, yardstick.RetailKeyed, cryptoKey, cryptoData[:40], sum)
}

func retailFresh(t *testing.T) row {
	sum := make([]byte, 0, 8)
	f := func() { sum = must(mac.Retail(sum[:0], cryptoKey, mac.Method1, cryptoData[:40])) }
	f()
	return against(t, "retail MAC, 40 bytes, with key schedules", f, yardstick.RetailFresh, cryptoKey, cryptoData[:40], sum)
}

// arqc is an application cryptogram from the data objects and the card's key.
func arqc(t *testing.T, cvn byte, iad string) row {
	t.Helper()
	objects := map[tlv.Tag][]byte{
		0x9F02: unhex("000000000100"), 0x9F03: unhex("000000000000"), 0x9F1A: unhex("0840"), 0x95: unhex("0000000000"),
		0x5F2A: unhex("0840"), 0x9A: unhex("261123"), 0x9C: unhex("00"), 0x9F37: unhex("ABCDEF10"), 0x82: unhex("1800"),
		0x9F36: unhex("0002"), 0x9F10: unhex(iad),
	}
	data := func(tag tlv.Tag) []byte { return objects[tag] }
	p, key := must(issuer.Visa(cvn)), must(issuer.NewKey(cryptoKey))
	return timeOnly("whole ARQC, "+p.Name, func() { must(p.Generate(&key, data)) })
}

func cmacKeyed(t *testing.T) row {
	b := must(mac.NewAES(cryptoKey))
	sum := make([]byte, 0, 16)
	f := func() { sum = must(mac.CMAC(sum[:0], b, cryptoData)) }
	f()
	return against(t, "AES-128 CMAC, 64 bytes, key expanded", f, yardstick.CMACKeyed, cryptoKey, cryptoData, sum)
}

func cmacFresh(t *testing.T) row {
	sum := make([]byte, 0, 16)
	f := func() { sum = must(mac.CMACAES(sum[:0], cryptoKey, cryptoData)) }
	f()
	return against(t, "AES-128 CMAC, 64 bytes, with key schedule", f, yardstick.CMACFresh, cryptoKey, cryptoData, sum)
}

// hostTDES derives as deep as it gets: ten one bits.
func hostTDES(t *testing.T) row {
	var bdk dukpt.Key
	check(dukpt.SetKey(&bdk, cryptoKey))
	ksn := must(dukpt.ParseTDESKSN(unhex("FFFF9876543210FFF800")))
	var x dukpt.TDESTransaction
	f := func() { check(dukpt.HostTDES(&x, &bdk, ksn)) }
	f()
	return against(t, "TDES DUKPT, host, initial key and 10 steps", f,
		yardstick.TDESDUKPT, cryptoKey, ksn[:], x.TransactionKey().Bytes())
}

// stepTDES is what a terminal does for a transaction: its key, the PIN key of it, and the future keys, one on average.
func stepTDES(*testing.T) row {
	var initial, k dukpt.Key
	check(dukpt.SetKey(&initial, cryptoKey))
	ksn := must(dukpt.ParseTDESKSN(unhex("FFFF9876543210E00000")))
	var terminal dukpt.TDESTerminal
	var x dukpt.TDESTransaction
	check(terminal.Load(&initial, ksn))
	return timeOnly("TDES DUKPT, terminal, a transaction", func() {
		if terminal.Left() == 0 {
			check(terminal.Load(&initial, ksn))
		}
		check(terminal.Next(&x))
		check(x.Key(&k, dukpt.TDESPIN))
	})
}

// hostAES derives as deep as it gets: sixteen one bits.
func hostAES(t *testing.T) row {
	var bdk dukpt.Key
	check(dukpt.SetKey(&bdk, cryptoKey))
	ksn := must(dukpt.ParseAESKSN(unhex("1234567890123456FFFF0000")))
	var x dukpt.AESTransaction
	f := func() { check(dukpt.HostAES(&x, &bdk, ksn)) }
	f()
	return against(t, "AES-128 DUKPT, host, initial key and 16 steps", f,
		yardstick.AESDUKPT, cryptoKey, ksn[:], x.TransactionKey().Bytes())
}

func stepAES(*testing.T) row {
	var initial, k dukpt.Key
	check(dukpt.SetKey(&initial, cryptoKey))
	var terminal dukpt.AESTerminal
	var x dukpt.AESTransaction
	check(terminal.Load(&initial, must(dukpt.ParseInitialKeyID(unhex("1234567890123456")))))
	return timeOnly("AES-128 DUKPT, terminal, a transaction", func() {
		check(terminal.Next(&x))
		check(x.Key(&k, dukpt.PINEncryption, dukpt.AES128))
	})
}

func format0(t *testing.T) row {
	var p pin.PIN
	check(pin.Parse(&p, []byte("1234")))
	var clear pin.Block
	var block pin.TDESBlock
	f := func() {
		check(clear.Encode0(&p, cryptoPAN))
		block = must(pin.EncipherTDES(&clear, cryptoKey))
	}
	f()
	return against(t, "PIN block, format 0, TDES : its encipherment", f, yardstick.TDESFresh, cryptoKey, clear[:], block[:])
}

func format4(t *testing.T) row {
	var p pin.PIN
	check(pin.Parse(&p, []byte("1234")))
	var field pin.Field
	var block pin.AESBlock
	f := func() {
		check(field.Encode4(&p, zeros{}))
		block = must(pin.EncipherAES(&field, cryptoPAN, cryptoKey))
	}
	f()
	account := must(pin.PANField(cryptoPAN))
	return against(t, "PIN block, format 4, AES-128 : its encipherment", f,
		yardstick.PINField, cryptoKey, append(field[:], account[:]...), block[:])
}

// blockD is a key block of version D, and the same in binary: the text in the clear, and enciphered with the MAC behind.
func blockD() (h keyblock.Header, block, header, text, sealed []byte) {
	h = keyblock.Header{
		Version: keyblock.VersionD, Usage: keyblock.UsagePIN, Algorithm: keyblock.AlgorithmAES, Mode: keyblock.ModeEncrypt,
		KeyVersion: keyblock.NoKeyVersion, Exportability: keyblock.NonExportable, Context: keyblock.ContextNone,
	}
	block = must(keyblock.Wrap(nil, zeros{}, longKey, &h, cryptoData[:32], keyblock.Options{}))
	text = append(append([]byte{0x01, 0x00}, cryptoData[:32]...), make([]byte, 14)...)
	return h, block, block[:16], text, unhex(strings.ToLower(string(block[16:])))
}

func wrapD(t *testing.T) row {
	h, block, header, text, sealed := blockD()
	f := func() {
		block = must(keyblock.Wrap(block[:0], zeros{}, longKey, &h, cryptoData[:32], keyblock.Options{}))
	}
	f()
	if hex.EncodeToString(sealed) != strings.ToLower(string(block[16:])) {
		t.Fatal("key blocks differ")
	}
	return against(t, "key block D, AES-256, wrap : its CMACs and CBC", f,
		yardstick.BlockWrap, longKey, append(header[:16:16], text...), sealed)
}

func unwrapD(t *testing.T) row {
	_, block, header, text, sealed := blockD()
	f := func() {
		_, k, err := keyblock.Unwrap(longKey, block, 0)
		check(err)
		k.Wipe()
	}
	return against(t, "key block D, AES-256, unwrap : its CMACs and CBC", f,
		yardstick.BlockUnwrap, longKey, append(header[:16:16], sealed...), text)
}
