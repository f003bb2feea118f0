package oda

import (
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/tlv"
)

const (
	tagPINCert      tlv.Tag = 0x9F2D
	tagPINExponent  tlv.Tag = 0x9F2E
	tagPINRemainder tlv.Tag = 0x9F2F
)

// PINKey retrieves the key under which a PIN is enciphered for the card: that of its PIN encipherment certificate, or the
// ICC public key where it has none (Book 2, 7.1). A certificate that fails leaves no key: the other one does not take its
// place. The error is a Code of this package or of crypto/cert. The key is good until the Verifier is used again.
func PINKey(in Input) (cert.PublicKey, error) {
	var r Result
	if !in.Data.Has(tagPINCert) {
		err := in.icc(&r)
		return r.ICC.Key, err
	}
	if err := in.missing(tagIssuerCert, tagIssuerExponent, tagPINExponent); err != nil {
		return cert.PublicKey{}, err
	}
	if err := in.issuer(&r); err != nil {
		return cert.PublicKey{}, err
	}
	icc, err := in.Cert.PINKey(r.Issuer.Key, cert.ICCData{
		Certificate: in.Data.Get(tagPINCert), Remainder: in.Data.Get(tagPINRemainder),
		Exponent: in.Data.Get(tagPINExponent), PAN: in.pan(), Today: in.today(),
	})
	return icc.Key, err
}
