package vault

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// counting is a guard with counters, in software.
type counting struct {
	*Master
	counters map[uint32]uint64
	fail     error // of the next step
}

func (c *counting) NewCounter() (uint32, uint64, error) {
	index := uint32(len(c.counters) + 1)
	c.counters[index] = 40
	return index, 40, nil
}

func (c *counting) Count(index uint32) (uint64, error) {
	n, ok := c.counters[index]
	if !ok {
		return 0, &keystore.Error{Code: keystore.CodeRolledBack}
	}
	return n, nil
}

func (c *counting) Increment(index uint32) error {
	if err := c.fail; err != nil {
		c.fail = nil
		return err
	}
	c.counters[index]++
	return nil
}

func (c *counting) DropCounter(index uint32) error {
	delete(c.counters, index)
	return nil
}

// records is a storage that can fail before or after a write.
type records struct {
	m             map[string][]byte
	before, after error
}

func (r *records) Read(label string) ([]byte, error) {
	b, ok := r.m[label]
	if !ok {
		return nil, &keystore.Error{Code: keystore.CodeNotFound, Label: label}
	}
	return b, nil
}

func (r *records) Write(label string, b []byte) error {
	if err := r.before; err != nil {
		r.before = nil
		return err
	}
	r.m[label] = b
	err := r.after
	r.after = nil
	return err
}

func (r *records) Remove(label string) error {
	delete(r.m, label)
	return nil
}

func (r *records) Labels() ([]string, error) { return slices.Sorted(maps.Keys(r.m)), nil }

func (r *records) Wipe() error {
	clear(r.m)
	return nil
}

func (r *records) Lock() (func(), error) { return func() {}, nil }

var errPower = errors.New("the power is gone")

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, what string, err error, code keystore.Code) {
	t.Helper()
	if !errors.Is(err, &keystore.Error{Code: code}) {
		t.Errorf("%s: %v; want %s", what, err, code)
	}
}

func newVault() (*Vault, *counting, *records) {
	var key DataKey
	_, _ = rand.Read(key[:])
	g := &counting{Master: NewMaster("test", &key), counters: map[uint32]uint64{}}
	s := &records{m: map[string][]byte{}}
	return New(g, s, nil), g, s
}

func header(usage keyblock.Usage, a keyblock.Algorithm, m keyblock.Mode) keyblock.Header {
	return keyblock.Header{
		Version: keyblock.VersionD, Usage: usage, Algorithm: a, Mode: m, KeyVersion: keyblock.NoKeyVersion,
		Exportability: keyblock.Exportable, Context: keyblock.ContextNone,
	}
}

var kek = bytes.Repeat([]byte{0x3C, 0xA5}, 16)

// withDUKPT puts a protecting key and an AES DUKPT key into a vault.
func withDUKPT(t testing.TB, v *Vault) {
	t.Helper()
	_, err := v.Compose("kek", header(keyblock.UsageKBPK, keyblock.AlgorithmAES, keyblock.ModeDecrypt), kek, make([]byte, 32))
	ok(t, err)
	_, err = v.Import("dukpt", "kek", initialKey(t))
	ok(t, err)
}

func initialKey(t testing.TB) []byte {
	t.Helper()
	h := header(keyblock.UsageInitialKey, keyblock.AlgorithmAES, keyblock.ModeDerive)
	h.Blocks = []keyblock.OptionalBlock{keyblock.InitialKeyID([8]byte{0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56})}
	b, err := keyblock.Wrap(nil, rand.Reader, kek, &h, bytes.Repeat([]byte{0x5A}, 16), keyblock.Options{})
	ok(t, err)
	return b
}

// TestNothingIsLeft: after each operation, whether it succeeds or fails, the scratch that keys were in is zero.
func TestNothingIsLeft(t *testing.T) {
	v, g, s := newVault()
	clean := func(what string) {
		t.Helper()
		k := &v.scratch
		if k.data != (DataKey{}) || k.plain != [maxPlain]byte{} || k.after != [maxPlain]byte{} || k.key.Len() != 0 {
			t.Errorf("%s left something in the scratch", what)
		}
		for what, terminal := range map[string]interface{ AppendBinary([]byte) ([]byte, error) }{"TDES": &k.tdes, "AES": &k.aes} {
			if _, err := terminal.AppendBinary(nil); err == nil {
				t.Errorf("a terminal of %s DUKPT is left", what)
			}
		}
	}
	withDUKPT(t, v)
	clean("Import")
	_, err := v.Generate("device", header(keyblock.UsageSignature, keyblock.AlgorithmEC, keyblock.ModeSign), 256)
	ok(t, err)
	clean("Generate")
	_, err = v.Generate("data", header(keyblock.UsageData, keyblock.AlgorithmAES, keyblock.ModeBoth), 256)
	ok(t, err)
	clean("Generate")
	signer, err := v.Signer("device")
	ok(t, err)
	clean("Signer")
	_, err = signer.Sign(nil, make([]byte, 32), crypto.SHA256)
	ok(t, err)
	clean("Sign")
	_, err = v.Encrypt(nil, "data", keyblock.UsageData, nil, make([]byte, 16))
	ok(t, err)
	clean("Encrypt")
	_, err = v.Encrypt(nil, "data", keyblock.UsageData, nil, make([]byte, 15))
	want(t, "15 bytes", err, keystore.CodeLength)
	clean("Encrypt")
	_, err = v.Seal("secret", []byte("secret"))
	ok(t, err)
	clean("Seal")
	var secret keystore.Secret
	ok(t, v.Unseal(&secret, "secret"))
	clean("Unseal")
	var dst dukpt.AESTransaction
	ok(t, v.NextAES(&dst, "dukpt"))
	clean("NextAES")
	g.fail = errPower
	if err := v.NextAES(&dst, "dukpt"); !errors.Is(err, errPower) || dst != (dukpt.AESTransaction{}) {
		t.Errorf("a step that was not counted: %v", err)
	}
	clean("NextAES")
	s.before = errPower
	if err := v.NextAES(&dst, "dukpt"); !errors.Is(err, errPower) || dst != (dukpt.AESTransaction{}) {
		t.Errorf("a step that was not written: %v", err)
	}
	clean("NextAES")
	block, h := []byte(nil), header(keyblock.UsagePIN, keyblock.AlgorithmAES, keyblock.ModeEncrypt)
	block, err = keyblock.Wrap(block, rand.Reader, kek, &h, make([]byte, 16), keyblock.Options{})
	ok(t, err)
	_, key, err := v.Unwrap("kek", block, keystore.Use{Usage: keyblock.UsagePIN, Operation: keyblock.OpEncrypt})
	ok(t, err)
	key.Wipe()
	clean("Unwrap")
	_, _, err = v.Unwrap("kek", block, keystore.Use{Usage: keyblock.UsageData, Operation: keyblock.OpEncrypt})
	want(t, "Unwrap", err, keystore.CodeUsage)
	clean("Unwrap")
	_, err = v.List()
	ok(t, err)
	clean("List")
	ok(t, v.Delete("dukpt"))
	clean("Delete")
	if len(g.counters) != 0 {
		t.Error("the counter outlives its key")
	}
	ok(t, v.Close())
	if g.key != (DataKey{}) {
		t.Error("the master key outlives Close")
	}
}

// TestLossOfPower stops a step at each point, and lets a new process go on from what is durable: no transaction comes twice.
func TestLossOfPower(t *testing.T) {
	for _, c := range []struct {
		name string
		stop func(g *counting, s *records)
		skip uint32 // transaction numbers that are lost
	}{
		{"before the record is written", func(_ *counting, s *records) { s.before = errPower }, 0},
		{"after the record is written", func(_ *counting, s *records) { s.after = errPower }, 1},
		{"before the counter is stepped", func(g *counting, _ *records) { g.fail = errPower }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, g, s := newVault()
			withDUKPT(t, v)
			var dst dukpt.AESTransaction
			ok(t, v.NextAES(&dst, "dukpt"))
			last := dst.KSN.Counter()
			for range 3 {
				old := maps.Clone(s.m)
				c.stop(g, s)
				if err := v.NextAES(&dst, "dukpt"); !errors.Is(err, errPower) || dst != (dukpt.AESTransaction{}) {
					t.Fatalf("%v; the transaction is %v", err, dst)
				}
				pending := maps.Clone(s.m)
				v = New(g, s, nil) // a new process, after the power is back
				ok(t, v.NextAES(&dst, "dukpt"))
				if n := dst.KSN.Counter(); n != last+1+c.skip {
					t.Errorf("transaction %d after %d", n, last)
				}
				last = dst.KSN.Counter()
				kept := maps.Clone(s.m)
				for name, m := range map[string]map[string][]byte{"before": old, "written and not counted": pending} {
					s.m = maps.Clone(m)
					want(t, "the record "+name, v.NextAES(&dst, "dukpt"), keystore.CodeRolledBack)
				}
				s.m = kept
			}
		})
	}
}

func TestCounterIsGone(t *testing.T) {
	v, g, _ := newVault()
	withDUKPT(t, v)
	var dst dukpt.AESTransaction
	for index := range g.counters {
		g.counters[index] += 5
	}
	want(t, "a counter that is ahead", v.NextAES(&dst, "dukpt"), keystore.CodeRolledBack)
	for index := range g.counters {
		g.counters[index] -= 7
	}
	want(t, "a counter that is two behind", v.NextAES(&dst, "dukpt"), keystore.CodeRolledBack)
	clear(g.counters)
	want(t, "no counter", v.NextAES(&dst, "dukpt"), keystore.CodeRolledBack)
	ok(t, v.Delete("dukpt"))
}

// TestEveryByteOfARecord changes each byte of a record; what opens all the same is the record as it was.
func TestEveryByteOfARecord(t *testing.T) {
	v, _, s := newVault()
	_, err := v.Compose("kek", header(keyblock.UsageKBPK, keyblock.AlgorithmAES, keyblock.ModeDecrypt), kek, make([]byte, 32))
	ok(t, err)
	good := s.m["kek"]
	before, err := v.List()
	ok(t, err)
	for i := range good {
		for _, bit := range []byte{0x01, 0x20} {
			bad := bytes.Clone(good)
			bad[i] ^= bit
			s.m["kek"] = bad
			after, err := v.List()
			ok(t, err)
			if after[0].Fault == nil && (after[0].Header.Usage != before[0].Header.Usage ||
				after[0].Header.Mode != before[0].Header.Mode || !after[0].Created.Equal(before[0].Created) || after[0].Bits != 256) {
				t.Errorf("byte %d of %s: %+v", i, good, after[0])
			}
		}
	}
	for i := range good {
		s.m["kek"] = good[:i]
		if after, err := v.List(); err != nil || !errors.Is(after[0].Fault, &keystore.Error{Code: keystore.CodeTampered}) {
			t.Errorf("%d bytes: %v, %v", i, after, err)
		}
	}
	ok(t, v.Delete("kek")) // what does not open can be deleted
}

// TestHeaderIsSealed: a key whose header was changed on disk is no key.
func TestHeaderIsSealed(t *testing.T) {
	v, _, s := newVault()
	_, err := v.Generate("mac", header(keyblock.UsageCMAC, keyblock.AlgorithmAES, keyblock.ModeVerify), 128)
	ok(t, err)
	_, err = v.MAC(nil, "mac", keyblock.OpGenerate, nil)
	want(t, "a key that verifies", err, keystore.CodeMode)
	good := s.m["mac"]
	for _, c := range [][2]string{
		{`"mode":"V"`, `"mode":"C"`},
		{`"usage":"M6"`, `"usage":"M3"`},
		{`"exportability":"E"`, `"exportability":"S"`},
		{`"label":"mac"`, `"label":"mac" `},
	} {
		s.m["mac"] = bytes.Replace(good, []byte(c[0]), []byte(c[1]), 1)
		if bytes.Equal(good, s.m["mac"]) {
			t.Fatalf("%s is not in %s", c[0], good)
		}
		_, err := v.MAC(nil, "mac", keyblock.OpGenerate, nil)
		want(t, c[1], err, keystore.CodeTampered)
	}
	s.m["other"] = good
	_, err = v.MAC(nil, "other", keyblock.OpVerify, nil)
	want(t, "under another label", err, keystore.CodeTampered)
}

// FuzzRecord: whatever lies in the folder, it is refused or it is a record as this store wrote it.
func FuzzRecord(f *testing.F) {
	v, _, s := newVault()
	_, err := v.Seal("secret", []byte("a secret"))
	ok(f, err)
	f.Add(s.m["secret"])
	f.Add([]byte(`{"format":"cardwright-keystore/1","info":{"label":"secret","kind":"dukpt"}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s.m["secret"] = b
		var got keystore.Secret
		if err := v.Unseal(&got, "secret"); err == nil && string(got.Bytes()) != "a secret" {
			t.Errorf("%s gives another secret", b)
		}
	})
}
