package spake2plus

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"

	"filippo.io/nistec"

	"github.com/cardwright/emv/crypto/mask"
)

// Session is what both sides know before an exchange. Each may be empty; RFC 9383, 3.3 says when it should not.
type Session struct {
	Context  []byte // name and version of the application, and whatever else both must agree on
	Prover   []byte // identity
	Verifier []byte // identity
}

// ConfirmSize is the length of a confirmation, KeySize that of the shared key.
const (
	ConfirmSize = sha256.Size
	KeySize     = sha256.Size
)

// keys are what both sides derive of the transcript.
type keys struct {
	mask.Key
	confirmP, confirmV, shared [sha256.Size]byte
}

// derive makes the keys of the transcript. RFC 9383, 3.3 and 3.4.
//
//	TT = Context, idProver, idVerifier, M, N, shareP, shareV, Z, V, w0, each behind its length
//	K_main = SHA-256(TT)
//	K_confirmP ‖ K_confirmV = HKDF(nil, K_main, "ConfirmationKeys")
//	K_shared = HKDF(nil, K_main, "SharedKey")
//
// Points are '04' x y, M and N as well; w0 has 32 bytes.
func (k *keys) derive(s *Session, shareP, shareV []byte, z, v *nistec.P256Point, w0 *scalar) error {
	zb, vb := z.Bytes(), v.Bytes()
	parts := [...][]byte{
		s.Context, s.Prover, s.Verifier, fixed(pointM).Bytes(), fixed(pointN).Bytes(), shareP, shareV, zb, vb, w0[:],
	}
	size := 0
	for _, p := range parts {
		size += 8 + len(p)
	}
	tt := make([]byte, 0, size) // never grows, so that one clear reaches all
	for _, p := range parts {
		tt = appendPart(tt, p)
	}
	main := sha256.Sum256(tt)
	defer func() {
		clear(tt)
		clear(zb)
		clear(vb)
		clear(main[:])
	}()
	confirm, err := hkdf.Key(sha256.New, main[:], nil, "ConfirmationKeys", 2*sha256.Size)
	if err != nil {
		return refuse(CodeSecret)
	}
	defer clear(confirm)
	shared, err := hkdf.Key(sha256.New, main[:], nil, "SharedKey", KeySize)
	if err != nil {
		return refuse(CodeSecret)
	}
	defer clear(shared)
	copy(k.confirmP[:], confirm)
	copy(k.confirmV[:], confirm[sha256.Size:])
	copy(k.shared[:], shared)
	return nil
}

// confirmation is the MAC over the share that came from the other side. RFC 9383, 3.4.
func confirmation(key *[sha256.Size]byte, share []byte) []byte {
	h := hmac.New(sha256.New, key[:])
	h.Write(share)
	return h.Sum(nil)
}
