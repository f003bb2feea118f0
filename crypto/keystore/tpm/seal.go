package tpm

import (
	"crypto/rand"
	"crypto/sha256"
	"slices"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"github.com/cardwright/emv/crypto/keystore"
	"github.com/cardwright/emv/crypto/keystore/internal/vault"
)

// maskLen is the length of a selection of PCRs 0 to 23, which stands before the blob of a data key.
const maskLen = 3

// Wrap makes a data key and seals it: under the authorization value, and where PCRs are chosen, to what they hold now. The
// form is the selection of PCRs and the blob.
func (g *guard) Wrap(key *vault.DataKey) ([]byte, error) {
	_, _ = rand.Read(key[:]) // never fails
	template := tpm2.TPMTPublic{
		Type: tpm2.TPMAlgKeyedHash, NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{FixedTPM: true, FixedParent: true, NoDA: true, UserWithAuth: true},
	}
	mask := make([]byte, maskLen)
	if len(g.pcrs) > 0 {
		mask = tpm2.PCClientCompatible.PCRs(g.pcrs...)
		policy, err := g.policy(mask)
		if err != nil {
			return nil, err
		}
		template.AuthPolicy, template.ObjectAttributes.UserWithAuth = policy, false // the policy alone opens it
	}
	blob, err := g.create(template, key[:])
	if err != nil {
		return nil, err
	}
	return append(mask, blob...), nil
}

// Unwrap unseals a data key. Part 3, 12.7.
func (g *guard) Unwrap(key *vault.DataKey, wrapped []byte) error {
	if len(wrapped) < maskLen {
		return &keystore.Error{Code: keystore.CodeTampered}
	}
	mask := wrapped[:maskLen]
	h, err := g.load(wrapped[maskLen:])
	if err != nil {
		return err
	}
	defer g.flush(h.Handle)
	auth := g.use(h)
	if slices.Max(mask) != 0 {
		auth.Auth = tpm2.Policy(tpm2.TPMAlgSHA256, nonceLen, satisfy(mask), tpm2.Auth(g.secret[:]),
			tpm2.AESEncryption(aesBits, tpm2.EncryptOut), tpm2.Salted(g.srk.Handle, g.public))
	}
	out, err := tpm2.Unseal{ItemHandle: auth}.Execute(g.tpm)
	if err != nil {
		return refused("TPM2_Unseal", err)
	}
	defer clear(out.OutData.Buffer)
	if len(out.OutData.Buffer) != len(key) {
		return &keystore.Error{Code: keystore.CodeTampered}
	}
	copy(key[:], out.OutData.Buffer)
	return nil
}

func selection(mask []byte) tpm2.TPMLPCRSelection {
	return tpm2.TPMLPCRSelection{PCRSelections: []tpm2.TPMSPCRSelection{{Hash: tpm2.TPMAlgSHA256, PCRSelect: mask}}}
}

// satisfy replays the policy of an object that is sealed to PCRs: TPM2_PolicyPCR over what they hold, then
// TPM2_PolicyAuthValue. Part 3, 23.7 and 23.17.
func satisfy(mask []byte) tpm2.PolicyCallback {
	return func(t transport.TPM, session tpm2.TPMISHPolicy, _ tpm2.TPM2BNonce) error {
		if _, err := (tpm2.PolicyPCR{PolicySession: session, Pcrs: selection(mask)}).Execute(t); err != nil {
			return err
		}
		_, err := tpm2.PolicyAuthValue{PolicySession: session}.Execute(t)
		return err
	}
}

// policy computes the digest of that policy for what the PCRs hold now.
func (g *guard) policy(mask []byte) (tpm2.TPM2BDigest, error) {
	none := tpm2.TPM2BDigest{}
	values, err := g.readPCRs(mask)
	if err != nil {
		return none, err
	}
	calculator, err := tpm2.NewPolicyCalculator(tpm2.TPMAlgSHA256)
	if err != nil {
		return none, refused("policy", err)
	}
	digest := sha256.Sum256(values)
	pcr := tpm2.PolicyPCR{PcrDigest: tpm2.TPM2BDigest{Buffer: digest[:]}, Pcrs: selection(mask)}
	if err := pcr.Update(calculator); err != nil {
		return none, refused("policy", err)
	}
	if err := (tpm2.PolicyAuthValue{}).Update(calculator); err != nil {
		return none, refused("policy", err)
	}
	return tpm2.TPM2BDigest{Buffer: calculator.Hash().Digest}, nil
}

// readPCRs returns what the PCRs of a selection hold, from the lowest number up. The TPM gives as many at a time as it
// likes. Part 3, 22.4.
func (g *guard) readPCRs(mask []byte) ([]byte, error) {
	rest := slices.Clone(mask)
	var values []byte
	for slices.Max(rest) != 0 {
		read, err := tpm2.PCRRead{PCRSelectionIn: selection(rest)}.Execute(g.tpm)
		if err != nil {
			return nil, refused("TPM2_PCR_Read", err)
		}
		got := read.PCRSelectionOut.PCRSelections
		if len(got) != 1 || len(got[0].PCRSelect) != len(rest) || slices.Max(got[0].PCRSelect) == 0 {
			return nil, &keystore.Error{Code: keystore.CodeTPM, Text: "the TPM has no SHA-256 bank with these PCRs"}
		}
		for i := range rest {
			rest[i] &^= got[0].PCRSelect[i]
		}
		for _, d := range read.PCRValues.Digests {
			values = append(values, d.Buffer...)
		}
	}
	return values, nil
}
