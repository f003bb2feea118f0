package card

import (
	_ "embed"
	"encoding/json"
	"math/big"
	"sync"
)

// keyFile holds the primes of the RSA keys. TestKeyFile makes those that are missing.
//
//go:embed keys.json
var keyFile []byte

// keyPair is one key of the file: its primes in hexadecimal. The public exponent is 3.
type keyPair struct {
	P string `json:"p"`
	Q string `json:"q"`
}

type keySet struct {
	About string             `json:"about"`
	Keys  map[string]keyPair `json:"keys"`
}

// The certification authorities of the simulated cards, under the RID of each scheme: the same keys, with the same
// indices. Their public halves are in the set capk.Test.
const (
	// AuthorityShort has 1408 bits, as many as the issuer keys: these have a remainder (92).
	AuthorityShort byte = 0xC1
	// AuthorityLong has 1984 bits, the most that Book 2 allows.
	AuthorityLong byte = 0xC2
)

// The names of the keys in the file.
const (
	keyIssuer   = "issuer"
	keyWrongICC = "icc-wrong"
)

func authorityName(index byte) string {
	if index == AuthorityShort {
		return "authority-short"
	}
	return "authority-long"
}

// keyring finds keys of the file by name. All cards share it: nothing in it changes but what it has worked out already.
type keyring struct {
	file  keySet
	found sync.Map // *privateKey by name
}

var readKeys = sync.OnceValues(func() (*keyring, error) {
	var k keyring
	if err := json.Unmarshal(keyFile, &k.file); err != nil {
		return nil, &Error{CodeData, "the key file: " + err.Error()}
	}
	return &k, nil
})

// find returns the key pair of a name.
func (r *keyring) find(name string) (*privateKey, error) {
	if k, ok := r.found.Load(name); ok {
		return k.(*privateKey), nil
	}
	pair, known := r.file.Keys[name]
	p, okP := new(big.Int).SetString(pair.P, 16)
	q, okQ := new(big.Int).SetString(pair.Q, 16)
	if !known || !okP || !okQ {
		return nil, &Error{CodeData, "the key file has no key " + name}
	}
	k := newPrivateKey(p, q)
	r.found.Store(name, k)
	return k, nil
}

// TestMasterKey returns the issuer master key of all simulated cards, 16 bytes: the published example of many test
// environments, and no secret.
func TestMasterKey() []byte {
	return []byte{
		0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF,
		0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
	}
}
