package issuer

import (
	"bytes"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/tlv"
)

// The data objects of DE55 that a host looks at (Book 3, Annex A).
const (
	tagADFName    tlv.Tag = 0x4F
	tagTrack2     tlv.Tag = 0x57
	tagPAN        tlv.Tag = 0x5A
	tagPSN        tlv.Tag = 0x5F34
	tagDFName     tlv.Tag = 0x84
	tagTVR        tlv.Tag = 0x95
	tagAmount     tlv.Tag = 0x9F02
	tagOther      tlv.Tag = 0x9F03
	tagAID        tlv.Tag = 0x9F06
	tagIAD        tlv.Tag = 0x9F10
	tagCryptogram tlv.Tag = 0x9F26
	tagCID        tlv.Tag = 0x9F27
	tagATC        tlv.Tag = 0x9F36
)

// maxMessage is the longest DE55: ISO 8583 has three digits for its length.
const maxMessage = 999

// message is DE55, read.
type message struct {
	data       []byte
	pan        string
	psn        byte
	atc        [2]byte
	amount     uint64
	scheme     *scheme
	iad        emv.IAD
	profile    emv.Profile
	kind       Cryptogram
	second     bool   // of the second GENERATE AC
	cid        []byte // as sent, nil where it is absent
	cryptogram emv.Cryptogram
}

// read takes DE55 apart.
func read(de55 []byte) (*message, error) {
	if len(de55) > maxMessage {
		return nil, &Error{Code: CodeSyntax}
	}
	if err := tlv.Check(de55); err != nil {
		return nil, &Error{Code: CodeSyntax, Err: err}
	}
	m := &message{data: de55}
	if t, twice := m.repeated(); twice {
		return nil, &Error{Code: CodeRepeated, Tag: t}
	}
	for _, step := range []func() error{m.readIAD, m.readNumber, m.readFixed} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// repeated returns a tag that stands twice on the first level.
func (m *message) repeated() (tlv.Tag, bool) {
	for c := tlv.Read(m.data); c.Next(); {
		for rest := c; rest.Next(); {
			if rest.Tag() == c.Tag() {
				return c.Tag(), true
			}
		}
	}
	return 0, false
}

// get returns an object, nil where it is absent.
func (m *message) get(t tlv.Tag) []byte {
	v, _ := tlv.Find(m.data, t)
	return v
}

// need returns an object that must be there and have n bytes.
func (m *message) need(t tlv.Tag, n int) ([]byte, error) {
	v := m.get(t)
	switch {
	case len(v) == 0:
		return nil, &Error{Code: CodeMissing, Tag: t}
	case len(v) != n:
		return nil, &Error{Code: CodeLength, Tag: t}
	}
	return v, nil
}

// readIAD finds the scheme, the cryptogram version, and the type of the cryptogram. Issuer Application Data of the Common
// Core Definitions are what they say, whichever scheme's RID the application has.
func (m *message) readIAD() error {
	v := m.get(tagIAD)
	if len(v) == 0 {
		return &Error{Code: CodeMissing, Tag: tagIAD}
	}
	m.scheme = schemeNamed(emv.SchemeCommonCore)
	err := m.takeIAD(v)
	if err != nil {
		m.scheme = schemeOf(m)
		err = m.takeIAD(v)
	}
	if err != nil {
		return &Error{Code: CodeIAD, Tag: tagIAD, Err: err}
	}
	m.cid = m.get(tagCID)
	if len(m.cid) > 1 {
		return &Error{Code: CodeLength, Tag: tagCID}
	}
	m.kind, m.second = m.scheme.kindOf(&m.iad, m.cid)
	return nil
}

// takeIAD reads Issuer Application Data as the scheme's.
func (m *message) takeIAD(v []byte) (err error) {
	if m.iad, err = emv.ParseIAD(m.scheme.name, v); err == nil {
		m.profile, err = emv.ProfileOf(m.scheme.name, m.iad.CVN)
	}
	return err
}

// readNumber finds the card number and its sequence number.
func (m *message) readNumber() error {
	pan, track2 := m.get(tagPAN), m.get(tagTrack2)
	digits, ok := "", false
	if len(track2) > 0 {
		if digits, ok = beforeSeparator(track2); !ok {
			return &Error{Code: CodePAN, Tag: tagTrack2}
		}
	}
	if len(pan) > 0 {
		other, err := emv.PANDigits(pan)
		if err != nil || ok && other != digits {
			return &Error{Code: CodePAN, Tag: tagPAN}
		}
		digits, ok = other, true
	}
	if !ok {
		return &Error{Code: CodePAN}
	}
	m.pan = digits
	if psn := m.get(tagPSN); len(psn) > 0 {
		if len(psn) != 1 || psn[0]>>4 > 9 || psn[0]&0x0F > 9 {
			return &Error{Code: CodeLength, Tag: tagPSN}
		}
		m.psn = psn[0]
	}
	return nil
}

// beforeSeparator returns the digits of Track 2 Equivalent Data in front of 'D' (ISO/IEC 7813): 1 to 19.
func beforeSeparator(track2 []byte) (string, bool) {
	var digits []byte
	for _, b := range track2 {
		for _, d := range [2]byte{b >> 4, b & 0x0F} {
			switch {
			case d == 0x0D:
				return string(digits), len(digits) > 0
			case d > 9 || len(digits) == 19:
				return "", false
			}
			digits = append(digits, '0'+d)
		}
	}
	return "", false
}

// readFixed reads the counter, the cryptogram and the amount, and sees that what enters the cryptogram is there.
func (m *message) readFixed() error {
	atc, err := m.need(tagATC, 2)
	if err != nil {
		return err
	}
	m.atc = [2]byte(atc)
	ac, err := m.need(tagCryptogram, 8)
	if err != nil {
		return err
	}
	m.cryptogram = emv.Cryptogram(ac)
	for _, item := range m.profile.Input {
		if item.Size == 0 || item.Tag == tagOther && len(m.get(tagOther)) == 0 {
			continue
		}
		if _, err := m.need(item.Tag, item.Size); err != nil {
			return err
		}
	}
	for _, b := range m.get(tagAmount) {
		if b>>4 > 9 || b&0x0F > 9 {
			return &Error{Code: CodeLength, Tag: tagAmount}
		}
		m.amount = m.amount*100 + uint64(b>>4)*10 + uint64(b&0x0F)
	}
	return nil
}

// input is the data of the cryptogram. A terminal may leave out Amount, Other where there is none; the card has seen
// zeros then (Book 3, 5.4).
func (m *message) input(t tlv.Tag) []byte {
	v := m.get(t)
	if t == tagOther && len(v) == 0 {
		return bytes.Repeat([]byte{0}, 6)
	}
	if t == tagTVR && m.scheme.early != 0 && m.scheme.early == m.profile.CVN {
		return make([]byte, len(v))
	}
	return v
}
