package card

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
)

// makeKeys adds to keys.json what is missing there:
//
//	go test ./testvectors/card -run TestKeyFile -make-keys
//
// To make a key anew, delete it from the file first; a certification authority's goes into the sets of crypto/capk too.
var makeKeys = flag.Bool("make-keys", false, "add the missing keys to keys.json")

// keySizes are the bits of every key that the profiles use.
func keySizes() map[string]int {
	sizes := map[string]int{
		authorityName(AuthorityShort): 1408, authorityName(AuthorityLong): 1984, keyIssuer: 1408, keyWrongICC: 1152, keyPIN: 1152,
	}
	for _, p := range profiles() {
		if p.icc != "" {
			sizes[p.icc] = 1152
		}
	}
	for _, name := range []string{"contact", "mastercard", "amex", "discover", "jcb", "unionpay", "interac"} {
		sizes["icc-"+name] = 1152
	}
	return sizes
}

func TestKeyFile(t *testing.T) {
	if *makeKeys {
		writeKeys(t)
		return
	}
	ring, err := readKeys()
	if err != nil {
		t.Fatal(err)
	}
	if len(ring.file.Keys) != len(keySizes()) {
		t.Errorf("%d keys in the file, %d in use", len(ring.file.Keys), len(keySizes()))
	}
	for name, bits := range keySizes() {
		k, err := ring.find(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if k.n.BitLen() != bits || !k.p.ProbablyPrime(8) || !k.q.ProbablyPrime(8) {
			t.Errorf("%s: %d bits, want %d; prime factors", name, k.n.BitLen(), bits)
		}
		block := seal(k.size, []byte("signed"))
		if got := new(big.Int).Exp(new(big.Int).SetBytes(k.sign(block)), big.NewInt(3), k.n).FillBytes(make([]byte, k.size)); string(got) != string(block) {
			t.Errorf("%s: what is signed is not recovered", name)
		}
	}
}

// TestAuthoritiesArePublished finds both certification authorities in the test set of capk.
func TestAuthoritiesArePublished(t *testing.T) {
	set, err := capk.Test()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := readKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, rid := range schemes {
		for _, index := range []byte{AuthorityShort, AuthorityLong} {
			k, err := ring.find(authorityName(index))
			if err != nil {
				t.Fatal(err)
			}
			own := capk.Key{RID: rid, Index: index, Modulus: k.modulus(), Exponent: exponent()}
			published, ok := set.CAPK(own.RID, index)
			if !ok || published.Checksum() != own.Checksum() {
				sum := own.Checksum()
				t.Errorf("crypto/capk/data/test.json lacks:\n\"rid\": %q, \"index\": \"%02X\",\n\"modulus\": \"%X\",\n\"sha1\": \"%X\"",
					own.RID, index, own.Modulus, sum)
			}
		}
	}
}

// schemes are those that the simulated cards belong to, by RID.
var schemes = []capk.RID{
	{0xA0, 0, 0, 0, 0x03},    // Visa
	{0xA0, 0, 0, 0, 0x04},    // Mastercard
	{0xA0, 0, 0, 0, 0x25},    // American Express
	{0xA0, 0, 0, 0, 0x65},    // JCB
	{0xA0, 0, 0, 0x01, 0x52}, // Discover, Diners Club
	{0xA0, 0, 0, 0x02, 0x77}, // Interac
	{0xA0, 0, 0, 0x03, 0x33}, // UnionPay
}

func writeKeys(t *testing.T) {
	set := keySet{Keys: map[string]keyPair{}}
	if old, err := os.ReadFile("keys.json"); err == nil {
		if err := json.Unmarshal(old, &set); err != nil {
			t.Fatal(err)
		}
	}
	set.About = "RSA keys of the simulated cards, their issuer and their certification authorities: primes in hexadecimal, public exponent 3. They protect nothing."
	for name, bits := range keySizes() {
		if _, ok := set.Keys[name]; ok {
			continue
		}
		for {
			p, q := prime(t, bits/2), prime(t, bits/2)
			if n := new(big.Int).Mul(p, q); n.BitLen() == bits && p.Cmp(q) != 0 {
				set.Keys[name] = keyPair{digits(p), digits(q)}
				break
			}
		}
	}
	out, err := json.MarshalIndent(set, "", "  ")
	if err == nil {
		err = os.WriteFile("keys.json", append(out, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// prime returns a prime p for which 3 has an inverse modulo p - 1.
func prime(t *testing.T, bits int) *big.Int {
	for {
		p, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		if new(big.Int).Mod(p, big.NewInt(3)).Int64() == 2 {
			return p
		}
	}
}

func digits(n *big.Int) string { return strings.ToUpper(hex.EncodeToString(n.Bytes())) }
