package issuer

import (
	"crypto/subtle"
	"errors"
)

// tagIssuerAuthData is where a refused Issuer Authentication Data is reported.
const tagIssuerAuthData = 0x91

// Response is what an issuer tells the card beside the cryptogram that proves it.
type Response struct {
	ARC         [2]byte // method 1: the Authorisation Response Code, or what the scheme puts in its place
	CSU         [4]byte // method 2: the Card Status Update
	Proprietary []byte  // method 2: Proprietary Authentication Data, 0 to 8 bytes
}

// AppendAuthData appends the Issuer Authentication Data (tag '91') that answers arqc to dst: ARPC and ARC by method 1,
// ARPC, CSU and Proprietary Authentication Data by method 2. master is the ICC master key for application cryptograms.
// Book 2, 8.2.
//
// The errors are CodeDataMissing and CodeDataLength, with the tag; CodeProfile, CodeKeyLength and mac.CodeCipher.
func (p *Profile) AppendAuthData(dst []byte, master *Key, data Data, arqc Cryptogram, r Response) ([]byte, error) {
	var session Key
	return p.appendAuthData(dst, &session, master, data, arqc, r)
}

// appendAuthData is AppendAuthData with the session key in session, which is zero behind it.
func (p *Profile) appendAuthData(dst []byte, session, master *Key, data Data, arqc Cryptogram, r Response) ([]byte, error) {
	defer session.Wipe()
	if err := p.ARPCKey.derive(session, master, p.Cipher, data); err != nil {
		return dst, err
	}
	switch p.ARPC {
	case Method1:
		arpc, err := p.Cipher.arpc1(session, arqc, r.ARC)
		if err != nil {
			return dst, err
		}
		return append(append(dst, arpc[:]...), r.ARC[:]...), nil
	case Method2:
		arpc, err := p.Cipher.arpc2(session, arqc, r.CSU, r.Proprietary)
		if err != nil {
			return dst, err
		}
		return append(append(append(dst, arpc[:]...), r.CSU[:]...), r.Proprietary...), nil
	}
	return dst, &Error{Code: CodeProfile, N: int(p.ARPC)}
}

// ParseAuthData splits Issuer Authentication Data (tag '91') by the profile's method. Proprietary aliases value.
//
// The errors are CodeDataLength with tag '91', and CodeProfile.
func (p *Profile) ParseAuthData(value []byte) (Response, error) {
	var r Response
	n := len(value)
	switch p.ARPC {
	case Method1: // Book 2, 8.2.1: ARPC (8), ARC (2)
		if n != 10 {
			return r, &Error{Code: CodeDataLength, Tag: tagIssuerAuthData, N: n}
		}
		r.ARC = [2]byte(value[8:])
	case Method2: // Book 2, 8.2.2: ARPC (4), CSU (4), Proprietary Authentication Data (0 to 8)
		if n < 8 || n > 8+maxProprietary {
			return r, &Error{Code: CodeDataLength, Tag: tagIssuerAuthData, N: n}
		}
		r.CSU, r.Proprietary = [4]byte(value[4:]), value[8:]
	default:
		return r, &Error{Code: CodeProfile, N: int(p.ARPC)}
	}
	return r, nil
}

// VerifyAuthData reports whether value (tag '91') is the issuer's answer to arqc: what a card does in issuer
// authentication. A value of a wrong length is not. An error says that it cannot be told, and is one of
// AppendAuthData's. The comparison takes the same time wherever the two differ.
func (p *Profile) VerifyAuthData(master *Key, data Data, arqc Cryptogram, value []byte) (bool, error) {
	r, err := p.ParseAuthData(value)
	if errors.Is(err, &Error{Code: CodeDataLength}) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var room [16]byte
	want, err := p.AppendAuthData(room[:0], master, data, arqc, r)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(want, value) == 1, nil
}
