package issuer

import (
	"crypto/subtle"
	"slices"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/tlv"
)

// Derivation says which key of a card a step of a transaction uses.
type Derivation uint8

// The derivations.
const (
	// MasterKeyItself uses the ICC master key, the same in every transaction.
	MasterKeyItself Derivation = iota + 1
	// CommonSessionKey uses the EMV common session key of the ATC. Book 2, A1.3.1.
	CommonSessionKey
	// MChipSessionKey uses Mastercard's own session key, of the ATC and the Unpredictable Number. M/Chip 4, session key
	// derivation of cryptogram versions 16 and 17; Interac took it over.
	MChipSessionKey
	// InverseATCSessionKey uses the session key of the ATC and its inverse. JR/T 0025.7 (PBOC), session keys.
	InverseATCSessionKey
)

// ARPCMethod is the method of an authorisation response cryptogram, by its number in Book 2, 8.2.
type ARPCMethod uint8

// The methods.
const (
	Method1 ARPCMethod = 1 // Book 2, 8.2.1
	Method2 ARPCMethod = 2 // Book 2, 8.2.2
)

// Item is a data object, or some bytes of one, in the input of an application cryptogram.
type Item struct {
	Tag      tlv.Tag
	Size     int // bytes that the value must have; 0 where the card chooses
	From, To int // the bytes that enter, From included and To not; To 0: all from From on
}

// Profile is how a scheme's cryptogram version computes: a row of a table, which a program may also write itself. Where
// it refers to a master key, that is the ICC master key for application cryptograms.
type Profile struct {
	Name    string      // "Visa CVN 10"
	CVN     byte        // as it stands in the Issuer Application Data
	Cipher  Cipher      // of all its keys; the zero value is TDES
	ACKey   Derivation  // for the cryptogram
	Padding mac.Padding // of its input; AES has its own
	Input   []Item      // in order
	ARPC    ARPCMethod  // of the issuer's answer
	ARPCKey Derivation  // for that answer
}

// Data gives the value of a data object of the transaction, nil where there is none. A simulated card answers from what
// the terminal sent and what it holds, an issuer from DE55. Values are read before the next call.
type Data func(tlv.Tag) []byte

// AppendInput appends the input of the application cryptogram to dst, not padded.
//
// The errors are CodeDataMissing and CodeDataLength, with the tag; CodeProfile.
func (p *Profile) AppendInput(dst []byte, data Data) ([]byte, error) {
	for _, item := range p.Input {
		v, err := get(data, item.Tag, item.Size)
		if err != nil {
			return dst, err
		}
		to := item.To
		if to == 0 {
			to = len(v)
		} else if item.From >= to {
			return dst, &Error{Code: CodeProfile, Tag: item.Tag}
		}
		if item.From < 0 || item.From >= len(v) || to > len(v) {
			return dst, &Error{Code: CodeDataLength, Tag: item.Tag, N: len(v)}
		}
		dst = append(dst, v[item.From:to]...)
	}
	return dst, nil
}

// Generate returns the application cryptogram over data under master.
//
// The errors are CodeDataMissing and CodeDataLength, with the tag; CodeProfile, CodeKeyLength, mac.CodePadding and
// mac.CodeCipher.
func (p *Profile) Generate(master *Key, data Data) (Cryptogram, error) {
	var session Key
	return p.generate(&session, master, data)
}

// generate is Generate with the session key in session, which is zero behind it.
func (p *Profile) generate(session, master *Key, data Data) (Cryptogram, error) {
	defer session.Wipe()
	var room [96]byte
	input, err := p.AppendInput(room[:0], data)
	if err != nil {
		return Cryptogram{}, err
	}
	if err := p.ACKey.derive(session, master, p.Cipher, data); err != nil {
		return Cryptogram{}, err
	}
	return p.Cipher.cryptogram(session, p.Padding, input)
}

// Verify reports whether ac is the application cryptogram over data under master. An error says that it cannot be
// told, and is one of Generate's. The comparison takes the same time wherever the two differ.
func (p *Profile) Verify(master *Key, data Data, ac []byte) (bool, error) {
	want, err := p.Generate(master, data)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(want[:], ac) == 1, nil
}

// derive makes dst the key that d takes from master in the transaction of data.
func (d Derivation) derive(dst, master *Key, c Cipher, data Data) error {
	if d == MasterKeyItself {
		*dst = *master
		return nil
	}
	if d > InverseATCSessionKey || d == 0 || c == AES && d != CommonSessionKey {
		return &Error{Code: CodeProfile, N: int(d)}
	}
	v, err := get(data, tagATC, 2)
	if err != nil {
		return err
	}
	atc := [2]byte(v)
	switch {
	case c == AES:
		return SessionKeyAES(dst, master, DiversificationATC(atc))
	case d == InverseATCSessionKey:
		return InverseATCKey(dst, master, atc)
	case d == MChipSessionKey:
		un, err := get(data, tagUN, 4)
		if err != nil {
			return err
		}
		return SessionKey(dst, master, DiversificationMChip(atc, [4]byte(un)))
	}
	return SessionKey(dst, master, DiversificationATC(atc))
}

// get returns the value of a data object that must be there, and have size bytes where size is not 0.
func get(data Data, tag tlv.Tag, size int) ([]byte, error) {
	v := data(tag)
	switch {
	case len(v) == 0:
		return nil, &Error{Code: CodeDataMissing, Tag: tag}
	case size != 0 && len(v) != size:
		return nil, &Error{Code: CodeDataLength, Tag: tag, N: len(v)}
	}
	return v, nil
}

// find returns a copy of the row for cvn: what the caller does to it stays there.
func find(table []Profile, cvn byte) (Profile, error) {
	for _, p := range table {
		if p.CVN == cvn {
			p.Input = slices.Clone(p.Input)
			return p, nil
		}
	}
	return Profile{}, &Error{Code: CodeProfile, N: int(cvn)}
}
