package tpm

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"

	"github.com/google/go-tpm/tpm2"

	"github.com/cardwright/emv/crypto/keystore"
)

// Statement is what a TPM states of a key pair, as JSON with the four parts in base64. It is not secret.
type Statement struct {
	Key       []byte `json:"key"`       // TPMT_PUBLIC of the key pair
	Attested  []byte `json:"attested"`  // TPMS_ATTEST: what the TPM says
	Signature []byte `json:"signature"` // TPMT_SIGNATURE over it
	Attestor  []byte `json:"attestor"`  // TPMT_PUBLIC of the key that signed
}

const minNonce, maxNonce = 8, 32

func nonceLength(n []byte) error {
	if len(n) < minNonce || len(n) > maxNonce {
		return &keystore.Error{Code: keystore.CodeLength, Text: "a nonce has 8 to 32 bytes"}
	}
	return nil
}

// certify has the TPM state that it holds a key. Part 3, 18.2.
func (g *guard) certify(attestor, blob, nonce []byte) (*Statement, error) {
	key, err := g.load(blob)
	if err != nil {
		return nil, err
	}
	defer g.flush(key.Handle)
	signer, err := g.load(attestor)
	if err != nil {
		return nil, err
	}
	defer g.flush(signer.Handle)
	plain := func(h tpm2.NamedHandle) tpm2.AuthHandle {
		return tpm2.AuthHandle{
			Handle: h.Handle, Name: h.Name, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.secret[:])),
		}
	}
	certified, err := tpm2.Certify{
		ObjectHandle: plain(key), SignHandle: plain(signer),
		QualifyingData: tpm2.TPM2BData{Buffer: nonce},
		InScheme:       tpm2.TPMTSigScheme{Scheme: tpm2.TPMAlgNull},
	}.Execute(g.tpm)
	if err != nil {
		return nil, refused("TPM2_Certify", err)
	}
	keyPublic, _, err := split(blob)
	if err != nil {
		return nil, err
	}
	attestorPublic, _, err := split(attestor)
	if err != nil {
		return nil, err
	}
	return &Statement{
		Key: keyPublic.Bytes(), Attested: certified.CertifyInfo.Bytes(),
		Signature: tpm2.Marshal(certified.Signature), Attestor: attestorPublic.Bytes(),
	}, nil
}

// Attest states that the key pair of a label was made in this TPM and cannot leave it: JSON of a Statement.
func (s *Store) Attest(label string, nonce []byte) ([]byte, error) {
	if err := nonceLength(nonce); err != nil {
		return nil, err
	}
	var out []byte
	err := s.Blob(label, func(blob []byte) error {
		statement, err := s.guard.certify(s.attestor, blob, nonce)
		if err != nil {
			return err
		}
		if out, err = json.Marshal(statement); err != nil {
			return &keystore.Error{Code: keystore.CodeTPM, Label: label, Err: err}
		}
		return nil
	})
	return out, err
}

// Attestor returns the TPM name of the key that signs the statements of this store, 34 bytes: a hash of its public key and
// of its attributes. It is what a verifier pins when the device is enrolled, in a place where he sees the device. That it
// is a key of a TPM, nothing but that enrolment says; a chain to the manufacturer's endorsement certificate is not built.
func (s *Store) Attestor() ([]byte, error) {
	public, _, err := split(s.attestor)
	if err != nil {
		return nil, err
	}
	_, _, name, ok := publicArea(public.Bytes())
	if !ok {
		return nil, &keystore.Error{Code: keystore.CodeTampered, Text: "store.json"}
	}
	return name, nil
}

// Verify checks a statement that a TPM made: signed by the attestor that the verifier pinned, a restricted key, so that
// only a TPM can have written it; over the verifier's nonce; of a key that was made in that TPM, is fixed to it, and signs.
// It returns that key. The error is CodeAttestation, and CodeLength for a nonce of a wrong length.
func Verify(statement, nonce, attestor []byte) (*ecdsa.PublicKey, error) {
	if err := nonceLength(nonce); err != nil {
		return nil, err
	}
	bad := func(text string) (*ecdsa.PublicKey, error) {
		return nil, &keystore.Error{Code: keystore.CodeAttestation, Text: text}
	}
	var s Statement
	if json.Unmarshal(statement, &s) != nil {
		return bad("it is no statement")
	}
	signer, signerKey, signerName, ok := publicArea(s.Attestor)
	if !ok || !bytes.Equal(signerName, attestor) {
		return bad("it is signed by another attestor")
	}
	// Part 1, 25.5: a restricted key does not sign what looks like a statement of the TPM and is none.
	if a := signer.ObjectAttributes; !a.Restricted || !a.SignEncrypt || a.Decrypt || !a.FixedTPM || !a.SensitiveDataOrigin {
		return bad("the attestor is no attestation key")
	}
	signature, err := tpm2.Unmarshal[tpm2.TPMTSignature](s.Signature)
	if err != nil || signature.SigAlg != tpm2.TPMAlgECDSA {
		return bad("the signature is none of ECDSA")
	}
	pair, err := signature.Signature.ECDSA()
	if err != nil || pair.Hash != tpm2.TPMAlgSHA256 {
		return bad("the signature is none of ECDSA with SHA-256")
	}
	der, err := asn1Signature(signature)
	digest := sha256.Sum256(s.Attested)
	if err != nil || !ecdsa.VerifyASN1(signerKey, digest[:], der) {
		return bad("the signature is wrong")
	}
	attested, err := tpm2.Unmarshal[tpm2.TPMSAttest](s.Attested)
	if err != nil || attested.Magic != tpm2.TPMGeneratedValue || attested.Type != tpm2.TPMSTAttestCertify {
		return bad("it certifies nothing")
	}
	if !bytes.Equal(attested.ExtraData.Buffer, nonce) {
		return bad("it was made for another nonce")
	}
	certified, err := attested.Attested.Certify()
	if err != nil {
		return bad("it certifies nothing")
	}
	public, key, name, ok := publicArea(s.Key)
	if !ok {
		return bad("the key is none of P-256")
	}
	if !bytes.Equal(name, certified.Name.Buffer) {
		return bad("it certifies another key")
	}
	a := public.ObjectAttributes
	if !a.FixedTPM || !a.FixedParent || !a.SensitiveDataOrigin || !a.SignEncrypt || a.Decrypt || a.Restricted {
		return bad("the key can leave the TPM, or was not made in it")
	}
	return key, nil
}

// publicArea reads a TPMT_PUBLIC with a P-256 key, and computes its name. Part 1, 16.
func publicArea(b []byte) (public *tpm2.TPMTPublic, key *ecdsa.PublicKey, name []byte, ok bool) {
	area := tpm2.BytesAs2B[tpm2.TPMTPublic](b)
	public, err := area.Contents()
	if err != nil || public.NameAlg != tpm2.TPMAlgSHA256 {
		return nil, nil, nil, false
	}
	n, err := tpm2.ObjectName(public)
	if err != nil {
		return nil, nil, nil, false
	}
	key, err = publicKey(&area)
	return public, key, n.Buffer, err == nil
}
