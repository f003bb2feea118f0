package tpm

import (
	"crypto/ecdsa"
	"encoding/asn1"
	"math/big"

	"github.com/google/go-tpm/tpm2"

	"github.com/cardwright/emv/crypto/keystore"
)

// keyTemplate is a P-256 key pair that signs with ECDSA and SHA-256, made in the TPM and fixed to it. A restricted one
// signs only what the TPM itself states. Part 2, 8.3 and 12.2.
func keyTemplate(restricted bool) tpm2.TPMTPublic {
	return tpm2.TPMTPublic{
		Type: tpm2.TPMAlgECC, NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{
			FixedTPM: true, FixedParent: true, SensitiveDataOrigin: true, UserWithAuth: true, NoDA: true,
			SignEncrypt: true, Restricted: restricted,
		},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			CurveID: tpm2.TPMECCNistP256,
			Scheme: tpm2.TPMTECCScheme{
				Scheme:  tpm2.TPMAlgECDSA,
				Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDSA, &tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA256}),
			},
		}),
	}
}

// NewKeyPair makes a key pair in the TPM.
func (g *guard) NewKeyPair() ([]byte, *ecdsa.PublicKey, error) { return g.newKeyPair(false) }

func (g *guard) newKeyPair(restricted bool) ([]byte, *ecdsa.PublicKey, error) {
	blob, err := g.create(keyTemplate(restricted), nil)
	if err != nil {
		return nil, nil, err
	}
	public, _, err := split(blob)
	if err != nil {
		return nil, nil, err
	}
	key, err := publicKey(public)
	return blob, key, err
}

// publicKey returns the P-256 key of a public area.
func publicKey(b *tpm2.TPM2BPublic) (*ecdsa.PublicKey, error) {
	bad := &keystore.Error{Code: keystore.CodeTampered, Text: "a public area without a P-256 key"}
	public, err := b.Contents()
	if err != nil {
		return nil, bad
	}
	parameters, err := public.Parameters.ECCDetail()
	if err != nil || parameters.CurveID != tpm2.TPMECCNistP256 {
		return nil, bad
	}
	point, err := public.Unique.ECC()
	if err != nil {
		return nil, bad
	}
	key, err := tpm2.ECDSAPub(parameters, point)
	if err != nil {
		return nil, bad
	}
	if _, err := key.ECDH(); err != nil { // the point is on the curve
		return nil, bad
	}
	return key, nil
}

// SignDigest signs a SHA-256 digest with ECDSA, in ASN.1 form. Part 3, 20.2.
func (g *guard) SignDigest(blob, digest []byte) ([]byte, error) {
	h, err := g.load(blob)
	if err != nil {
		return nil, err
	}
	defer g.flush(h.Handle)
	auth := g.use(h)
	auth.Auth = tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.secret[:])) // nothing to encipher: both are public
	signed, err := tpm2.Sign{
		KeyHandle:  auth,
		Digest:     tpm2.TPM2BDigest{Buffer: digest},
		Validation: tpm2.TPMTTKHashCheck{Tag: tpm2.TPMSTHashCheck, Hierarchy: tpm2.TPMRHNull},
	}.Execute(g.tpm)
	if err != nil {
		return nil, refused("TPM2_Sign", err)
	}
	return asn1Signature(&signed.Signature)
}

// asn1Signature is the form of RFC 3279, 2.2.3.
func asn1Signature(s *tpm2.TPMTSignature) ([]byte, error) {
	pair, err := s.Signature.ECDSA()
	if err != nil {
		return nil, refused("signature", err)
	}
	b, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(pair.SignatureR.Buffer), new(big.Int).SetBytes(pair.SignatureS.Buffer),
	})
	if err != nil {
		return nil, refused("signature", err)
	}
	return b, nil
}
