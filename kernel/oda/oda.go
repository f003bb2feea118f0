package oda

import (
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/crypto/cert"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/tlv"
)

// The data objects of offline data authentication.
const (
	tagPAN             tlv.Tag = 0x5A
	tagTrack2          tlv.Tag = 0x57
	tagAIP             tlv.Tag = 0x82
	tagCAIndex         tlv.Tag = 0x8F
	tagIssuerCert      tlv.Tag = 0x90
	tagIssuerRemainder tlv.Tag = 0x92
	tagSSAD            tlv.Tag = 0x93
	tagDate            tlv.Tag = 0x9A
	tagAID             tlv.Tag = 0x9F06
	tagCID             tlv.Tag = 0x9F27
	tagIssuerExponent  tlv.Tag = 0x9F32
	tagUN              tlv.Tag = 0x9F37
	tagDAC             tlv.Tag = 0x9F45
	tagICCCert         tlv.Tag = 0x9F46
	tagICCExponent     tlv.Tag = 0x9F47
	tagICCRemainder    tlv.Tag = 0x9F48
	tagSDATagList      tlv.Tag = 0x9F4A
	tagSDAD            tlv.Tag = 0x9F4B
	tagICCDynamic      tlv.Tag = 0x9F4C
)

// Code is why offline data authentication failed before any certificate was looked at. It is itself the error.
type Code string

// The codes.
const (
	CodeCAIndex Code = "oda.ca_index" // no CA Public Key Index (8F)
	CodeCAPK    Code = "oda.capk"     // no CA public key with that RID and index
	CodeData    Code = "oda.data"     // a data object that the method needs is missing
	CodeTagList Code = "oda.tag_list" // 9F4A names anything but 82
	CodeRecord  Code = "oda.record"   // a signed record is not a template 70, or there are too many
)

var codeText = map[Code]string{
	CodeCAIndex: "the card gave no CA public key index",
	CodeCAPK:    "no CA public key with that RID and index",
	CodeData:    "a data object that the method needs is missing",
	CodeTagList: "the SDA tag list names something other than the AIP",
	CodeRecord:  "a signed record is not a template 70",
}

// Error returns the code and what it means.
func (c Code) Error() string { return string(c) + ": " + codeText[c] }

// ErrorCode returns the stable code.
func (c Code) ErrorCode() string { return string(c) }

// Input is what a method works on.
type Input struct {
	Env    *kernel.Env
	Data   *kernel.Data
	Cert   *cert.Verifier
	Static *Static
}

// Result is what a method found. Keys and slices are good until the Verifier is used again.
type Result struct {
	Why    error // nil: authenticated. Otherwise a Code of this package or of crypto/cert
	Issuer cert.Issuer
	ICC    cert.ICC // not of SDA
	CDA    cert.CDA // of CDA only
}

// SDA is static data authentication (Book 2, 5). format is cert.FormatSSAD or cert.FormatSSADOnline. It stores the Data
// Authentication Code (9F45).
func SDA(in Input, format byte) Result {
	var r Result
	r.Why = in.missing(tagIssuerCert, tagIssuerExponent, tagSSAD)
	if r.Why == nil {
		r.Why = in.issuer(&r)
	}
	if r.Why != nil {
		return r
	}
	s, err := in.Cert.SSAD(r.Issuer.Key, in.Data.Get(tagSSAD), format, in.Static.Parts())
	if r.Why = err; err == nil {
		r.Why = in.Data.Set(tagDAC, s.DAC[:])
	}
	return r
}

// DDA is dynamic data authentication (Book 2, 6.5) and, with another format and other data, fDDA (C-3, Annex C). dynamic
// is the terminal's part of what is signed. It stores the ICC Dynamic Number (9F4C).
func DDA(in Input, format byte, dynamic [][]byte) Result {
	var r Result
	if r.Why = in.icc(&r); r.Why != nil {
		return r
	}
	if r.Why = in.missing(tagSDAD); r.Why != nil {
		return r
	}
	s, err := in.Cert.SDAD(r.ICC.Key, in.Data.Get(tagSDAD), format, dynamic)
	if r.Why = err; err == nil {
		number, _ := s.DynamicNumber()
		r.Why = in.Data.Set(tagICCDynamic, number)
	}
	return r
}

// CDA is combined dynamic data authentication (Book 2, 6.6.2). transaction is what the Transaction Data Hash Code covers,
// as cert.CDAData has it. It stores the ICC Dynamic Number (9F4C).
func CDA(in Input, transaction [][]byte) Result {
	var r Result
	if r.Why = in.icc(&r); r.Why != nil {
		return r
	}
	if r.Why = in.missing(tagSDAD, tagCID, tagUN); r.Why != nil {
		return r
	}
	c, err := in.Cert.CDA(r.ICC.Key, cert.CDAData{
		SDAD: in.Data.Get(tagSDAD), CID: in.Data.Get(tagCID)[0], UnpredictableNumber: in.Data.Get(tagUN),
		Transaction: transaction,
	})
	r.CDA = c
	if r.Why = err; err == nil {
		r.Why = in.Data.Set(tagICCDynamic, c.DynamicNumber)
	}
	return r
}

// missing returns CodeData when one of the objects is absent.
func (in *Input) missing(tags ...tlv.Tag) error {
	for _, t := range tags {
		if !in.Data.Has(t) {
			return CodeData
		}
	}
	return nil
}

// issuer finds the CA public key (Book 2, 5.2 and 6.2) and retrieves the issuer's.
func (in *Input) issuer(r *Result) error {
	if in.Static.fail != "" {
		return in.Static.fail
	}
	index := in.Data.Get(tagCAIndex)
	if index == nil {
		return CodeCAIndex
	}
	ca, ok := in.capk(index[0])
	if !ok {
		return CodeCAPK
	}
	issuer, err := in.Cert.Issuer(ca, cert.IssuerData{
		Certificate: in.Data.Get(tagIssuerCert), Remainder: in.Data.Get(tagIssuerRemainder),
		Exponent: in.Data.Get(tagIssuerExponent), PAN: in.pan(), Today: in.today(), Revoked: in.Env.Revoked,
	})
	r.Issuer = issuer
	return err
}

func (in *Input) icc(r *Result) error {
	if err := in.missing(tagIssuerCert, tagIssuerExponent, tagICCCert, tagICCExponent); err != nil {
		return err
	}
	if err := in.issuer(r); err != nil {
		return err
	}
	icc, err := in.Cert.ICC(r.Issuer.Key, cert.ICCData{
		Certificate: in.Data.Get(tagICCCert), Remainder: in.Data.Get(tagICCRemainder),
		Exponent: in.Data.Get(tagICCExponent), PAN: in.pan(), Today: in.today(), Static: in.Static.Parts(),
	})
	r.ICC = icc
	return err
}

// capk looks the key up by the RID of the AID that was selected. Whether a key past its published date is still there is
// decided where keys are loaded (Book 4, 10.2; capk.Set.At), not here.
func (in *Input) capk(index byte) (*capk.Key, bool) {
	aid := in.Data.Get(tagAID)
	if in.Env.CAPKs == nil || len(aid) < len(capk.RID{}) {
		return nil, false
	}
	return in.Env.CAPKs.CAPK(capk.RID(aid), index)
}

func (in *Input) today() capk.Date {
	var d capk.Date
	copy(d[:], in.Data.Get(tagDate))
	return d
}

// pan returns the Application PAN (5A), or that of Track 2 Equivalent Data (57) where a card has no other.
func (in *Input) pan() []byte {
	if pan := in.Data.Get(tagPAN); pan != nil {
		return pan
	}
	t, ok := kernel.ParseTrack2(in.Data.Get(tagTrack2))
	if !ok {
		return nil
	}
	return t.PAN.AppendCN(nil)
}
