package card

import (
	"math/big"
	"slices"
	"sync"
)

// privateKey is an RSA key pair with exponent 3. Nothing here is secret: the primes are published in keys.json.
type privateKey struct {
	n, p, q, dp, dq, inverse *big.Int
	size                     int // bytes of the modulus

	lock sync.Mutex
	made map[string][]byte // signatures that were made already: cards of a profile have the same certificates
}

// mostMade is how many signatures a key remembers.
const mostMade = 64

// newPrivateKey makes a key pair of its primes.
func newPrivateKey(p, q *big.Int) *privateKey {
	one, three := big.NewInt(1), big.NewInt(3)
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	n := new(big.Int).Mul(p, q)
	return &privateKey{
		n: n, p: p, q: q,
		dp: new(big.Int).ModInverse(three, p1), dq: new(big.Int).ModInverse(three, q1),
		inverse: new(big.Int).ModInverse(q, p),
		size:    (n.BitLen() + 7) / 8,
	}
}

// sign is the RSA signature function on a whole block (Book 2, Annex A2.1.2).
func (k *privateKey) sign(block []byte) []byte {
	k.lock.Lock()
	defer k.lock.Unlock()
	made, ok := k.made[string(block)]
	if !ok {
		made = k.power(block)
		if len(k.made) == mostMade || k.made == nil {
			k.made = map[string][]byte{}
		}
		k.made[string(block)] = made
	}
	return slices.Clone(made)
}

// power raises a block to the private exponent, by the Chinese remainder theorem.
func (k *privateKey) power(block []byte) []byte {
	m := new(big.Int).SetBytes(block)
	a := new(big.Int).Exp(new(big.Int).Mod(m, k.p), k.dp, k.p)
	b := new(big.Int).Exp(new(big.Int).Mod(m, k.q), k.dq, k.q)
	h := a.Sub(a, b)
	h.Mul(h, k.inverse).Mod(h, k.p).Mul(h, k.q).Add(h, b)
	return h.FillBytes(make([]byte, k.size))
}

func (k *privateKey) modulus() []byte { return k.n.Bytes() }

// exponent returns the public exponent, the same for all keys of this package.
func exponent() []byte { return []byte{0x03} }
