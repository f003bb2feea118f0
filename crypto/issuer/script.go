package issuer

import (
	"encoding/binary"

	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
)

// Header is CLA, INS, P1 and P2 of a command.
type Header [4]byte

const (
	tagPlainValue = 0x81 // ISO/IEC 7816-4, secure messaging data objects
	tagCryptogram = 0x87 // with a padding indicator in front
	tagMAC        = 0x8E
	paddedByISO   = 0x01 // the padding indicator: '80' and zeros
	secureNibble  = 0x04 // of CLA: secure messaging, format 2; in format 1 'C'. Book 3, 6.3.2; Book 2, 9.2.1
	maxLc         = 0xFF
)

// Script is the secure messaging of one transaction's issuer script commands, in their order. It holds the master keys
// that the session keys come from; it prints, logs and marshals as "[key]", and Wipe ends it. A simulated host builds
// commands with it, a simulated card opens them with its own.
type Script struct {
	mask.Key
	messaging Messaging
	smi, smc  Key
	session   Key // of the command at hand; zero between commands
	atc       [2]byte
	rand      Cryptogram     // the cryptogram, to which ChainIncrement adds
	chain     [aesBlock]byte // ChainMAC: what stands in front of the next command
}

// NewScript starts the script commands of a transaction. smi and smc are the ICC master keys for MAC and for encipherment
// (the zero Key where nothing is enciphered), ac the cryptogram of the first GENERATE AC.
//
// The error is CodeMessaging.
func (m *Messaging) NewScript(smi, smc *Key, atc [2]byte, ac Cryptogram) (*Script, error) {
	ok := m.MACSize >= 4 && m.MACSize <= 8 && m.Cipher <= AES && m.Key >= CryptogramKey && m.Key <= InverseKey &&
		(m.Format == Format1 || m.Format == Format2) && m.Chaining >= ChainCryptogram && m.Chaining <= ChainMAC
	if !ok {
		return nil, &Error{Code: CodeMessaging}
	}
	s := &Script{messaging: *m, smi: *smi, smc: *smc, atc: atc, rand: ac}
	copy(s.chain[:], ac[:])
	return s, nil
}

// Wipe overwrites the keys.
func (s *Script) Wipe() { *s = Script{} }

// Append appends a protected command to dst: header, Lc, data and MAC. data are sent as they are, secret enciphered; at
// most one of them has bytes. CLA has to say secure messaging: low nibble '4' for format 2, 'C' for format 1.
// Book 2, 9.2 and 9.3.
//
// The errors are CodeCommand, CodeMessaging, CodeDataLength, CodeKeyLength and mac.CodeCipher. After one, the script
// stands where it stood.
func (s *Script) Append(dst []byte, header Header, data, secret []byte) ([]byte, error) {
	m := &s.messaging
	if len(data) > 0 && len(secret) > 0 || m.MACSize == 0 {
		return dst, &Error{Code: CodeMessaging}
	}
	if !m.secure(header[0]) {
		return dst, &Error{Code: CodeCommand, N: int(header[0])}
	}
	var room [maxLc + 1]byte
	body := room[:0]
	var err error
	switch {
	case len(secret) > 0:
		body, err = s.encipher(body, secret)
	case m.Format == Format1 && len(data) > 0:
		body = appendObject(body, tagPlainValue, data)
	default:
		body = append(body, data...)
	}
	if err != nil {
		return dst, err
	}
	size := len(body) + m.MACSize
	if m.Format == Format1 {
		size += 2
	}
	if size > maxLc {
		return dst, &Error{Code: CodeDataLength, N: size}
	}
	code, err := s.mac(header, byte(size), body)
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, header[:]...), byte(size))
	dst = append(dst, body...)
	if m.Format == Format1 {
		dst = append(dst, tagMAC, byte(m.MACSize))
	}
	dst = append(dst, code[:m.MACSize]...)
	s.next(code)
	return dst, nil
}

// Open checks a protected command and appends its data to dst, deciphered where enciphered says so (in format 1 the data
// object says it): what a card does. ok is false for a MAC that is wrong; the script then stands where it stood.
//
// The errors are CodeCommand, of a command that has not the form, and those of Append.
func (s *Script) Open(dst, command []byte, enciphered bool) (data []byte, ok bool, err error) {
	m := &s.messaging
	refused := &Error{Code: CodeCommand, N: len(command)}
	if len(command) < 5 || len(command) != 5+int(command[4]) || m.MACSize == 0 || !m.secure(command[0]) {
		return dst, false, refused
	}
	trailer := m.MACSize
	if m.Format == Format1 {
		trailer += 2
	}
	end := len(command) - trailer
	if end < 5 || m.Format == Format1 && (command[end] != tagMAC || int(command[end+1]) != m.MACSize) {
		return dst, false, refused
	}
	body, received := command[5:end], command[len(command)-m.MACSize:]
	code, err := s.mac(Header(command), command[4], body)
	if err != nil {
		return dst, false, err
	}
	if !mac.Verify(code[:], received, m.MACSize) {
		return dst, false, nil
	}
	if m.Format == Format1 && len(body) > 0 {
		if body, enciphered, err = openObject(body); err != nil {
			return dst, false, err
		}
	}
	if enciphered && len(body) > 0 {
		dst, err = s.decipher(dst, body)
	} else {
		dst = append(dst, body...)
	}
	if err != nil {
		return dst, false, err
	}
	s.next(code)
	return dst, true, nil
}

// secure reports whether CLA says secure messaging in the format. Book 2, 9.2.1.
func (m *Messaging) secure(cla byte) bool {
	if m.Format == Format1 {
		return cla&0x0F == secureNibble|0x08
	}
	return cla&0x0F == secureNibble
}

// mac returns the whole MAC of a command: of 8 bytes, or of 16 for AES.
func (s *Script) mac(header Header, lc byte, body []byte) ([aesBlock]byte, error) {
	m := &s.messaging
	var (
		room [maxLc + 3*aesBlock]byte
		full [aesBlock]byte
	)
	defer s.session.Wipe()
	if err := m.SessionKey(&s.session, &s.smi, s.atc, s.rand); err != nil {
		return full, err
	}
	input := room[:0]
	block := m.Cipher.blockSize()
	if m.Chaining == ChainMAC {
		input = append(input, s.chain[:block]...) // Book 2, 9.2.3.1: MAC chaining
	}
	input = append(input, header[:]...)
	if m.Format == Format1 {
		// Book 2, 9.2.3.1: the header is padded to a block by '80' and zeros.
		start := len(input) - len(header)
		input = append(input, 0x80)
		for len(input)-start < block {
			input = append(input, 0)
		}
	} else {
		input = append(input, lc)
	}
	if m.Chaining != ChainMAC {
		input = append(append(input, s.atc[:]...), s.rand[:]...)
	}
	input = append(input, body...)
	_, err := m.Cipher.mac(full[:0], &s.session, mac.Method2, input)
	return full, err
}

// next moves on to the next command: code is the MAC of this one, before truncation.
func (s *Script) next(code [aesBlock]byte) {
	s.chain = code
	if s.messaging.Chaining == ChainIncrement {
		binary.BigEndian.PutUint64(s.rand[:], binary.BigEndian.Uint64(s.rand[:])+1)
	}
}

// encipher appends data, enciphered, to body.
func (s *Script) encipher(body, secret []byte) ([]byte, error) {
	m := &s.messaging
	defer s.session.Wipe()
	if err := m.SessionKey(&s.session, &s.smc, s.atc, s.rand); err != nil {
		return body, err
	}
	text, err := m.Cipher.Encipher(nil, &s.session, m.Mode, m.Padding, secret)
	if err != nil || m.Format == Format2 {
		return append(body, text...), err
	}
	return appendObject(body, tagCryptogram, append([]byte{paddedByISO}, text...)), nil
}

// decipher appends the data in text to dst.
func (s *Script) decipher(dst, text []byte) ([]byte, error) {
	m := &s.messaging
	defer s.session.Wipe()
	if err := m.SessionKey(&s.session, &s.smc, s.atc, s.rand); err != nil {
		return dst, err
	}
	return m.Cipher.Decipher(dst, &s.session, m.Mode, m.Padding, text)
}

// appendObject appends a data object of a one-byte tag and a value of up to 255 bytes.
func appendObject(dst []byte, tag byte, value []byte) []byte {
	dst = append(dst, tag)
	if len(value) > 0x7F {
		dst = append(dst, 0x81)
	}
	return append(append(dst, byte(len(value))), value...)
}

// openObject returns the value of the data object that fills body, and whether it is a cryptogram.
func openObject(body []byte) (value []byte, enciphered bool, err error) {
	refused := &Error{Code: CodeCommand, N: len(body)}
	at := 2
	if len(body) > 2 && body[1] == 0x81 {
		at = 3
	}
	if len(body) < at || len(body)-at != int(body[at-1]) || at == 2 && body[1] > 0x7F {
		return nil, false, refused
	}
	value = body[at:]
	switch body[0] {
	case tagPlainValue:
		return value, false, nil
	case tagCryptogram:
		if len(value) > 0 && value[0] == paddedByISO {
			return value[1:], true, nil
		}
	}
	return nil, false, refused
}
