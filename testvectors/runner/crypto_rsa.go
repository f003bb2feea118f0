package runner

import (
	"errors"
	"slices"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
)

// publicKey returns the key inputs of an owner: issuer_modulus and issuer_exponent.
func (in *inputs) publicKey(owner string) cert.PublicKey {
	return cert.PublicKey{Modulus: in.need(owner + "_modulus"), Exponent: in.need(owner + "_exponent")}
}

// hashed reports whether a verification came past the comparison of hashes: it succeeded, or a later step failed. before
// are the codes of the steps up to there.
func hashed(err error, before ...cert.Code) bool {
	var code cert.Code
	return err == nil || errors.As(err, &code) && !slices.Contains(before, code)
}

// firstDay is a day on which a certificate with this expiry (MMYY) is good.
func firstDay(expiry [2]byte) capk.Date { return capk.Date{expiry[1], expiry[0], 0x01} }

// modulus puts a key together of its part in the certificate and the remainder.
func modulus(leftmost, remainder []byte, n int) []byte {
	if n <= len(leftmost) {
		return leftmost[:n]
	}
	return slices.Concat(leftmost, remainder)
}

// opIssuerRecovery is rsa_issuer_recovery (Book 2, 5.3 and 6.3): capk_modulus, capk_exponent, issuer_cert_90,
// issuer_exponent_9f32 and, where there are, rid, capk_index, issuer_remainder_92, pan_5a.
func opIssuerRecovery(in *inputs) (map[string]any, error) {
	var v cert.Verifier
	ca := &capk.Key{Modulus: in.need("capk_modulus"), Exponent: in.need("capk_exponent")}
	copy(ca.RID[:], in.bytes("rid"))
	d := cert.IssuerData{
		Certificate: in.need("issuer_cert_90"), Remainder: in.bytes("issuer_remainder_92"),
		Exponent: in.bytes("issuer_exponent_9f32"), PAN: in.bytes("pan_5a"),
	}
	out := map[string]any{"header_valid": "false", "hash_valid": "false"}
	block, err := v.Recover(cert.PublicKey{Modulus: ca.Modulus, Exponent: ca.Exponent}, d.Certificate)
	if err != nil || in.err != nil {
		return out, in.err
	}
	out["recovered"] = upper(block)
	c, err := cert.ParseIssuer(block)
	if err != nil {
		return out, nil //nolint:nilerr // that it is not one is the answer
	}
	out["header_valid"] = "true"
	out["issuer_id"], out["hash_result"] = upper(c.Identifier[:]), upper(c.Hash)
	out["cert_expiry_mmyy"], out["cert_serial"] = upper(c.Expiry[:]), upper(c.Serial[:])
	out["issuer_modulus"] = upper(modulus(c.Leftmost, d.Remainder, c.KeyLength))
	if d.PAN == nil {
		d.PAN = slices.Clone(c.Identifier[:])
	}
	d.Today = firstDay(c.Expiry)
	_, err = v.Issuer(ca, d)
	out["hash_valid"] = yesNo(hashed(err, cert.CodeKey, cert.CodeIssuerLength, cert.CodeIssuerTrailer,
		cert.CodeIssuerHeader, cert.CodeIssuerFormat, cert.CodeIssuerRemainderMissing, cert.CodeIssuerHashAlgorithm,
		cert.CodeIssuerHash))
	out["valid"] = yesNo(err == nil)
	return out, nil
}

// opICCRecovery is rsa_icc_recovery (Book 2, 6.4): issuer_modulus, issuer_exponent, icc_cert_9f46 and, where there are,
// icc_remainder_9f48, icc_exponent_9f47, pan_5a, static_data.
func opICCRecovery(in *inputs) (map[string]any, error) {
	var v cert.Verifier
	key := in.publicKey("issuer")
	d := cert.ICCData{
		Certificate: in.need("icc_cert_9f46"), Remainder: in.bytes("icc_remainder_9f48"),
		Exponent: in.bytes("icc_exponent_9f47"), PAN: in.bytes("pan_5a"), Static: [][]byte{in.bytes("static_data")},
	}
	out := map[string]any{"header_valid": "false", "hash_valid": "false"}
	block, err := v.Recover(key, d.Certificate)
	if err != nil || in.err != nil {
		return out, in.err
	}
	out["recovered"] = upper(block)
	c, err := cert.ParseICC(block)
	if err != nil {
		return out, nil //nolint:nilerr // that it is not one is the answer
	}
	out["header_valid"] = "true"
	out["pan"], out["hash_result"] = upper(c.PAN[:]), upper(c.Hash)
	out["cert_expiry_mmyy"], out["cert_serial"] = upper(c.Expiry[:]), upper(c.Serial[:])
	out["icc_modulus"] = upper(modulus(c.Leftmost, d.Remainder, c.KeyLength))
	if d.PAN == nil {
		d.PAN = slices.Clone(c.PAN[:])
	}
	d.Today = firstDay(c.Expiry)
	_, err = v.ICC(key, d)
	out["hash_valid"] = yesNo(hashed(err, cert.CodeKey, cert.CodeICCLength, cert.CodeICCTrailer, cert.CodeICCHeader,
		cert.CodeICCFormat, cert.CodeICCRemainderMissing, cert.CodeICCHashAlgorithm, cert.CodeICCHash))
	return out, nil
}

// opSSAD is rsa_sda (Book 2, 5.4): issuer_modulus, issuer_exponent, ssad_93 and static_data.
func opSSAD(in *inputs) (map[string]any, error) {
	var v cert.Verifier
	key, ssad := in.publicKey("issuer"), in.need("ssad_93")
	out := map[string]any{"header_valid": "false", "hash_valid": "false", "sda_pass": "false"}
	block, err := v.Recover(key, ssad)
	if err != nil || in.err != nil {
		return out, in.err
	}
	out["recovered"] = upper(block)
	s, err := cert.ParseSSAD(block, cert.FormatSSAD)
	if err != nil {
		return out, nil //nolint:nilerr // that it is not one is the answer
	}
	out["header_valid"], out["dac"], out["hash_result"] = "true", upper(s.DAC[:]), upper(s.Hash)
	_, err = v.SSAD(key, ssad, cert.FormatSSAD, [][]byte{in.bytes("static_data")})
	out["sda_pass"], out["hash_valid"] = yesNo(err == nil), yesNo(err == nil)
	return out, in.err
}

// opDDA is rsa_dda (Book 2, 6.5.2): icc_modulus, icc_exponent, sdad_9f4b and ddol_data.
func opDDA(in *inputs) (map[string]any, error) {
	out, _, err := in.sdad()
	return out, err
}

// opCDA is rsa_cda (Book 2, 6.6.2): as rsa_dda, where ddol_data is the unpredictable number; with transaction_data it also
// says whether the transaction data hash code is right.
func opCDA(in *inputs) (map[string]any, error) {
	out, s, err := in.sdad()
	if err != nil || s == nil {
		return out, err
	}
	c, err := s.CDA()
	if err != nil {
		return out, nil //nolint:nilerr // that it is none is the answer
	}
	cid := c.CID
	out["cid"], out["application_cryptogram"] = upper([]byte{cid}), upper(c.Cryptogram)
	out["transaction_data_hash_code"] = upper(c.TransactionHash)
	if in.has("transaction_data") {
		var v cert.Verifier
		_, err := v.CDA(in.publicKey("icc"), cert.CDAData{
			SDAD: in.need("sdad_9f4b"), CID: cid, UnpredictableNumber: in.bytes("ddol_data"),
			Transaction: [][]byte{in.bytes("transaction_data")},
		})
		out["transaction_hash_valid"] = yesNo(err == nil)
	}
	return out, in.err
}

// sdad verifies signed dynamic data; it returns them where they could be taken apart and their hash is right.
func (in *inputs) sdad() (map[string]any, *cert.SDAD, error) {
	var v cert.Verifier
	key, sdad, data := in.publicKey("icc"), in.need("sdad_9f4b"), in.bytes("ddol_data")
	out := map[string]any{"header_valid": "false", "hash_valid": "false"}
	block, err := v.Recover(key, sdad)
	if err != nil || in.err != nil {
		return out, nil, in.err
	}
	out["recovered"] = upper(block)
	s, err := cert.ParseSDAD(block, cert.FormatSDAD)
	if err != nil {
		return out, nil, nil //nolint:nilerr // that it is none is the answer
	}
	out["header_valid"], out["hash_result"] = "true", upper(s.Hash)
	if number, ok := s.DynamicNumber(); ok {
		out["icc_dynamic_number"] = upper(number)
	}
	s, err = v.SDAD(key, sdad, cert.FormatSDAD, [][]byte{data})
	out["hash_valid"] = yesNo(err == nil)
	if err != nil {
		return out, nil, nil //nolint:nilerr // that it is wrong is the answer
	}
	return out, &s, in.err
}
