package keyblock

import "crypto"

// Hash is the hash algorithm of an HMAC key, as the block HM writes it. ANSI X9.143, 6.3.6.
type Hash string

// The hashes.
const (
	HashSHA1       Hash = "10"
	HashSHA224     Hash = "20"
	HashSHA256     Hash = "21"
	HashSHA384     Hash = "22"
	HashSHA512     Hash = "23"
	HashSHA512_224 Hash = "24"
	HashSHA512_256 Hash = "25"
	HashSHA3_224   Hash = "30"
	HashSHA3_256   Hash = "31"
	HashSHA3_384   Hash = "32"
	HashSHA3_512   Hash = "33"
	HashSHAKE128   Hash = "40"
	HashSHAKE256   Hash = "41"
)

// hashes are the algorithms of the library; the SHAKEs have none.
var hashes = [...]struct {
	id        Hash
	algorithm crypto.Hash
}{
	{HashSHA1, crypto.SHA1},
	{HashSHA224, crypto.SHA224},
	{HashSHA256, crypto.SHA256},
	{HashSHA384, crypto.SHA384},
	{HashSHA512, crypto.SHA512},
	{HashSHA512_224, crypto.SHA512_224},
	{HashSHA512_256, crypto.SHA512_256},
	{HashSHA3_224, crypto.SHA3_224},
	{HashSHA3_256, crypto.SHA3_256},
	{HashSHA3_384, crypto.SHA3_384},
	{HashSHA3_512, crypto.SHA3_512},
	{HashSHAKE128, 0},
	{HashSHAKE256, 0},
}

func (id Hash) info() (crypto.Hash, bool) {
	for _, h := range hashes {
		if h.id == id {
			return h.algorithm, true
		}
	}
	return 0, false
}

// Algorithm returns the hash of package crypto, 0 for what has none there: SHAKE and unknown values.
func (id Hash) Algorithm() crypto.Hash {
	a, _ := id.info()
	return a
}

// Block makes the block HM.
func (id Hash) Block() OptionalBlock { return OptionalBlock{ID: BlockHash, Data: string(id)} }

// Hash reads the block HM.
func (h *Header) Hash() (Hash, error) {
	s, err := h.find(BlockHash)
	if err != nil {
		return "", err
	}
	if _, ok := Hash(s).info(); !ok {
		return "", badBlock(BlockHash)
	}
	return Hash(s), nil
}
