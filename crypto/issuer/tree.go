package issuer

import (
	"crypto/subtle"
	"math/bits"
)

// Tree is the shape of a tree of session keys: the first session key derivation of EMV, which Book 2 has no longer
// (Specification Update Bulletin 46 put the common session key in its place). Cards of that time are still in the field.
//
//	Φ(X, Y, j) = DES3(X)[YL XOR j] || DES3(X)[YR XOR j XOR 'F0']
//	IK(0) = master key, IK(1) = Φ(IK(0), IV, j1), IK(i) = Φ(IK(i-1), IK(i-2), ji)     ji: digit i of the ATC, base b
//	SK    = IK(H) XOR IK(H-2), with odd parity
//
// EMV 4.0, Book 2, A1.3.
type Tree struct {
	Height int      // H, levels below the root: 2 to 16
	Branch int      // b, keys below each key: 2 to 256. b to the power of H has to reach the 65536 values of the ATC
	IV     [16]byte // zero for most cards
}

// EMV 4.0, Book 2, A1.3.1 names two shapes, which both have 65536 leaves.
const (
	maxTreeHeight = 16
	maxTreeBranch = 256
	atcValues     = 1 << 16
)

// check holds the shape to have a leaf for every ATC.
func (t *Tree) check() error {
	leaves := 1
	for range t.Height {
		if leaves < atcValues {
			leaves *= t.Branch
		}
	}
	if t.Height < 2 || t.Height > maxTreeHeight || t.Branch < 2 || t.Branch > maxTreeBranch || leaves < atcValues {
		return &Error{Code: CodeTree, N: t.Height}
	}
	return nil
}

// TreeSessionKey makes dst the session key of the ATC in tree below master, an ICC master key of 16 bytes: 16 bytes with
// odd parity. dst may be master itself. EMV 4.0, Book 2, A1.3.
//
// The errors are CodeTree, CodeKeyLength and mac.CodeCipher.
func TreeSessionKey(dst, master *Key, tree *Tree, atc [2]byte) error {
	if err := tree.check(); err != nil {
		return err
	}
	if master.size != tdesKey {
		return &Error{Code: CodeKeyLength, N: master.size}
	}
	// The digits of the ATC, the least significant last: digit i of them leads from level i-1 to level i.
	var digits [maxTreeHeight]byte
	rest := int(atc[0])<<8 | int(atc[1])
	for level := tree.Height - 1; level >= 0; level-- {
		digits[level] = byte(rest % tree.Branch)
		rest /= tree.Branch
	}
	var chain [3]Key // IK(i-2), IK(i-1), IK(i)
	defer func() {
		for i := range chain {
			chain[i].Wipe()
		}
	}()
	chain[0] = Key{size: tdesKey}
	copy(chain[0].bytes[:], tree.IV[:])
	chain[1] = *master
	for level := range tree.Height {
		left, right := [tdesBlock]byte(chain[0].bytes[:]), [tdesBlock]byte(chain[0].bytes[tdesBlock:])
		left[tdesBlock-1] ^= digits[level]
		right[tdesBlock-1] ^= digits[level] ^ 0xF0
		err := chain[1].deriveTDES(&chain[2], left, right)
		clear(left[:])
		clear(right[:])
		if err != nil {
			return err
		}
		if level < tree.Height-1 {
			chain[0], chain[1] = chain[1], chain[2]
		}
	}
	// IK(H) is chain[2], IK(H-1) chain[1], IK(H-2) chain[0].
	dst.Wipe()
	dst.size = tdesKey
	subtle.XORBytes(dst.Bytes(), chain[2].Bytes(), chain[0].Bytes())
	dst.oddParity()
	return nil
}

// oddParity makes the least significant bit of each byte so that the byte has an odd number of '1' bits. Book 2, A1.4.1.
func (k *Key) oddParity() {
	key := k.Bytes()
	for i, b := range key {
		key[i] = b&^1 | byte(^bits.OnesCount8(b>>1)&1)
	}
}
