package host

import (
	"log/slog"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// macLength is the length of fields 64 and 128.
const macLength = 8

// The algorithms of message authentication codes.
const (
	algorithmCMAC   = "cmac-aes"
	algorithmRetail = "retail"
)

// Keys gives DUKPT transactions, none of them twice. A keystore.Provider is one.
type Keys interface {
	NextAES(dst *dukpt.AESTransaction, label string) error
	NextTDES(dst *dukpt.TDESTransaction, label string) error
}

// MACKeys are the keys of one exchange: what the terminal sends has another key than what the host answers. They mask
// themselves and are wiped when the exchange ends.
type MACKeys struct {
	mask.Key
	ksn             []byte
	request, answer dukpt.Key
}

// KSN returns the key serial number that they come from.
func (k *MACKeys) KSN() []byte { return k.ksn }

// Wipe overwrites the keys.
func (k *MACKeys) Wipe() {
	k.request.Wipe()
	k.answer.Wipe()
}

// LogValue returns the mask.
func (k *MACKeys) LogValue() slog.Value { return slog.StringValue(mask.KeyText) }

// UseAES makes k the keys of an AES DUKPT transaction. ANSI X9.24-3, 6.3.1: the terminal generates under one key and
// verifies under another. The error is CodeKeys.
func (k *MACKeys) UseAES(t *dukpt.AESTransaction) error {
	k.ksn = append([]byte(nil), t.KSN[:]...)
	err := t.Key(&k.request, dukpt.MACGeneration, dukpt.AES128)
	if err == nil {
		err = t.Key(&k.answer, dukpt.MACVerification, dukpt.AES128)
	}
	return k.used(err)
}

// UseTDES makes k the keys of a TDES DUKPT transaction. ANSI X9.24-1, A.4.1. The error is CodeKeys.
func (k *MACKeys) UseTDES(t *dukpt.TDESTransaction) error {
	k.ksn = append([]byte(nil), t.KSN[:]...)
	err := t.Key(&k.request, dukpt.TDESMACRequest)
	if err == nil {
		err = t.Key(&k.answer, dukpt.TDESMACResponse)
	}
	return k.used(err)
}

func (k *MACKeys) used(err error) error {
	if err != nil {
		k.Wipe()
		return &Error{Code: CodeKeys, Err: err}
	}
	return nil
}

// NextKeys draws a DUKPT transaction and makes dst the keys of the dialect's MAC. Without a MAC it draws none. The error is
// CodeKeys.
func (d *Dialect) NextKeys(dst *MACKeys, from Keys, label string) error {
	switch d.security.MAC.Algorithm {
	case algorithmCMAC:
		var t dukpt.AESTransaction
		defer t.Wipe()
		if err := from.NextAES(&t, label); err != nil {
			return &Error{Code: CodeKeys, Err: err}
		}
		return dst.UseAES(&t)
	case algorithmRetail:
		var t dukpt.TDESTransaction
		defer t.Wipe()
		if err := from.NextTDES(&t, label); err != nil {
			return &Error{Code: CodeKeys, Err: err}
		}
		return dst.UseTDES(&t)
	}
	return nil
}

// Authenticate gives a request its key serial number and its MAC, and returns it built. Without a MAC it only builds.
// The errors are those of Build and CodeKeys.
func (d *Dialect) Authenticate(m *Message, k *MACKeys) ([]byte, error) {
	if d.security.MAC.Algorithm == "" {
		return d.Build(nil, m)
	}
	m.Set(d.security.MAC.KSN, k.ksn)
	m.Set(fieldMAC, nil)
	m.Set(fieldMAC2, nil)
	at := d.macField(m)
	m.Set(at, make([]byte, macLength))
	b, err := d.Build(nil, m)
	if err != nil {
		return nil, err
	}
	sum, err := d.sum(&k.request, b)
	if err != nil {
		return nil, err
	}
	copy(b[len(b)-macLength:], sum)
	m.Set(at, sum[:macLength])
	return b, nil
}

// Verify reports whether the MAC of an answer is right. built is the message whole, as it was received, m what Parse made
// of it. Without a MAC every message is right.
func (d *Dialect) Verify(built []byte, m *Message, k *MACKeys) bool {
	if d.security.MAC.Algorithm == "" {
		return true
	}
	received := m.Get(d.macField(m))
	if len(received) != macLength || len(built) < len(d.header)+macLength {
		return false
	}
	plain := append([]byte(nil), built...)
	clear(plain[len(plain)-macLength:])
	sum, err := d.sum(&k.answer, plain)
	return err == nil && mac.Verify(sum, received, macLength)
}

// sum computes the MAC of a message that is built with zeros in place of it.
func (d *Dialect) sum(key *dukpt.Key, built []byte) ([]byte, error) {
	data := built
	if !d.security.MAC.Header {
		data = data[len(d.header):]
	}
	if !d.security.MAC.Zeros {
		data = data[:len(data)-macLength]
	}
	var sum []byte
	var err error
	if d.security.MAC.Algorithm == algorithmRetail {
		sum, err = mac.Retail(nil, key.Bytes(), mac.Method1, data) // ANSI X9.19
	} else {
		sum, err = mac.CMACAES(nil, key.Bytes(), data)
	}
	if err != nil {
		return nil, &Error{Code: CodeKeys, Err: err}
	}
	return sum, nil
}
