package keyblock

import (
	"encoding/base64"
	"time"
)

// What the optional blocks of X9.143 hold, typed: a function that makes the block, and a method of Header that reads it.
// Each method's errors are CodeAbsent where the block is not there and CodeOptionalBlock where it says something else.

// find returns the data of a block that must be there.
func (h *Header) find(id BlockID) (string, error) {
	s, ok := h.Find(id)
	if !ok {
		return "", &Error{Code: CodeAbsent, Field: string(id)}
	}
	return s, nil
}

func badBlock(id BlockID) error { return &Error{Code: CodeOptionalBlock, Field: string(id)} }

// hexOf returns what digits stand for.
func hexOf(id BlockID, digits string) ([]byte, error) {
	b := make([]byte, len(digits)/2)
	if !unhex(b, digits) {
		return nil, badBlock(id)
	}
	return b, nil
}

// KeySet makes the block KS: the Key Set Identifier of TDES DUKPT, as many bytes of the initial KSN as the parties agreed
// on (8 or 10). ANSI X9.143, 6.3.6.
func KeySet(id []byte) OptionalBlock {
	return OptionalBlock{ID: BlockKeySet, Data: string(appendHex(nil, id))}
}

// KeySet reads the block KS.
func (h *Header) KeySet() ([]byte, error) {
	s, err := h.find(BlockKeySet)
	if err != nil {
		return nil, err
	}
	return hexOf(BlockKeySet, s)
}

const initialKeyIDLen = 8

// InitialKeyID makes the block IK: the Initial Key ID of AES DUKPT, BDK ID and derivation ID. ANSI X9.143, 6.3.6.
func InitialKeyID(id [initialKeyIDLen]byte) OptionalBlock {
	return OptionalBlock{ID: BlockInitialKeyID, Data: string(appendHex(nil, id[:]))}
}

// InitialKeyID reads the block IK.
func (h *Header) InitialKeyID() (id [initialKeyIDLen]byte, err error) {
	s, err := h.find(BlockInitialKeyID)
	if err == nil && !unhex(id[:], s) {
		err = badBlock(BlockInitialKeyID)
	}
	return id, err
}

// The kinds of DUKPT that a BDK is for, as the block BI writes them, and the lengths of its identifiers.
const (
	bdkTDES, ksiLen  = "00", 5
	bdkAES, bdkIDLen = "01", 4
)

// BDKID makes the block BI, which names a BDK: by 5 bytes, the Key Set Identifier of TDES DUKPT, or by 4 bytes, the BDK ID
// of AES DUKPT. ANSI X9.143, 6.3.6. The error is CodeOptionalBlock.
func BDKID(id []byte) (OptionalBlock, error) {
	kind := bdkTDES
	switch len(id) {
	case ksiLen:
	case bdkIDLen:
		kind = bdkAES
	default:
		return OptionalBlock{}, badBlock(BlockBDKID)
	}
	return OptionalBlock{ID: BlockBDKID, Data: string(appendHex([]byte(kind), id))}, nil
}

// BDKID reads the block BI: 5 bytes for TDES DUKPT, 4 for AES DUKPT.
func (h *Header) BDKID() ([]byte, error) {
	s, err := h.find(BlockBDKID)
	if err != nil {
		return nil, err
	}
	aes := len(s) == 2+2*bdkIDLen && s[:2] == bdkAES
	if !aes && (len(s) != 2+2*ksiLen || s[:2] != bdkTDES) {
		return nil, badBlock(BlockBDKID)
	}
	return hexOf(BlockBDKID, s[2:])
}

// Block makes the block KC, KP or PK of a check value.
func (v CheckValue) Block(id BlockID) OptionalBlock {
	return OptionalBlock{ID: id, Data: string(appendHex([]byte(v.Method), v.Value))}
}

// CheckValue reads a check value: of the key (BlockKeyCheck), of the KBPK (BlockProtectionCheck) or of the KBPK to export
// under (BlockExportCheck). ANSI X9.143, 6.3.6.
func (h *Header) CheckValue(id BlockID) (CheckValue, error) {
	s, err := h.find(id)
	if err != nil {
		return CheckValue{}, err
	}
	if len(s) < 4 || s[:2] != string(CheckLegacy) && s[:2] != string(CheckCMAC) {
		return CheckValue{}, badBlock(id)
	}
	v, err := hexOf(id, s[2:])
	return CheckValue{CheckMethod(s[:2]), v}, err
}

// Label makes the block LB of printable ASCII text. ANSI X9.143, 6.3.6.
func Label(text string) OptionalBlock { return OptionalBlock{ID: BlockLabel, Data: text} }

// Label reads the block LB.
func (h *Header) Label() (string, error) { return h.find(BlockLabel) }

// timeLayouts are the forms of ISO 8601 in which times are read; the first is written. ANSI X9.143, 6.3.6.
var timeLayouts = [...]string{
	"20060102150405Z", "20060102T150405Z", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05", // with fractions of a second too
}

// Time makes the block TC (when the key was made) or TS (when the block was made), in UTC to the second.
func Time(id BlockID, t time.Time) OptionalBlock {
	return OptionalBlock{ID: id, Data: t.UTC().Format(timeLayouts[0])}
}

// Time reads the block TC or TS.
func (h *Header) Time(id BlockID) (time.Time, error) {
	s, err := h.find(id)
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, badBlock(id)
}

// CertificateFormat is what a certificate is encoded as.
type CertificateFormat string

// The formats. Others are read as they stand.
const (
	CertificateX509 CertificateFormat = "00" // DER
	CertificateEMV  CertificateFormat = "01" // as EMV has it
)

// Certificate makes the block CT: a format and a certificate, in base64. ANSI X9.143, 6.3.6.
func Certificate(f CertificateFormat, certificate []byte) OptionalBlock {
	return OptionalBlock{ID: BlockCertificate, Data: string(f) + base64.StdEncoding.EncodeToString(certificate)}
}

// Certificate reads the block CT.
func (h *Header) Certificate() (CertificateFormat, []byte, error) {
	s, err := h.find(BlockCertificate)
	if err != nil {
		return "", nil, err
	}
	if len(s) < 2 {
		return "", nil, badBlock(BlockCertificate)
	}
	b, err := base64.StdEncoding.DecodeString(s[2:])
	if err != nil {
		return "", nil, badBlock(BlockCertificate)
	}
	return CertificateFormat(s[:2]), b, nil
}
