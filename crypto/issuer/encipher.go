package issuer

import (
	"crypto/cipher"
	"crypto/subtle"
)

// Mode is a mode of operation for the data of secure messaging. Book 2, A1.1.
type Mode uint8

// The modes.
const (
	ECB Mode = iota + 1 // each block by itself
	CBC                 // chained, from a zero initial vector
)

// DataPadding is how data of secure messaging become whole blocks before they are enciphered.
type DataPadding uint8

// The paddings.
const (
	// PadAlways adds '80' and zeros, a whole block of them to data that fill their blocks. Book 2, 9.3.1 and A1.1.
	PadAlways DataPadding = iota + 1
	// PadIfNeeded adds '80' and zeros only to data that leave a block unfilled: a PIN block stays as it is. M/Chip 4.
	PadIfNeeded
	// PadLength puts a byte with the length of the data in front and then pads as PadAlways. VIS.
	PadLength
)

// Encipher appends data, padded and enciphered under key, to dst: whole blocks. dst must not overlap data, of which
// PadLength takes up to 255 bytes.
//
// The errors are CodeMessaging, CodeDataLength, CodeKeyLength and mac.CodeCipher.
func (c Cipher) Encipher(dst []byte, key *Key, mode Mode, padding DataPadding, data []byte) ([]byte, error) {
	if mode != ECB && mode != CBC {
		return dst, &Error{Code: CodeMessaging, N: int(mode)}
	}
	block, err := c.block(key)
	if err != nil {
		return dst, err
	}
	at, size := len(dst), block.BlockSize()
	switch padding {
	case PadAlways, PadIfNeeded:
	case PadLength:
		if len(data) > 0xFF {
			return dst, &Error{Code: CodeDataLength, N: len(data)}
		}
		dst = append(dst, byte(len(data)))
	default:
		return dst, &Error{Code: CodeMessaging, N: int(padding)}
	}
	dst = append(dst, data...)
	if whole := (len(dst)-at)%size == 0; !whole || padding != PadIfNeeded {
		dst = append(dst, 0x80)
		for (len(dst)-at)%size != 0 {
			dst = append(dst, 0)
		}
	}
	encipher(block, mode, dst[at:])
	return dst, nil
}

// Decipher appends the data in text, of whole blocks, to dst: what a card does with an issuer's command. PadIfNeeded does
// not tell what was padded: the blocks come back whole. text must not overlap dst.
//
// The errors are CodeMessaging, also for a text that does not unpad, CodeDataLength, CodeKeyLength and mac.CodeCipher.
func (c Cipher) Decipher(dst []byte, key *Key, mode Mode, padding DataPadding, text []byte) ([]byte, error) {
	if mode != ECB && mode != CBC || padding < PadAlways || padding > PadLength {
		return dst, &Error{Code: CodeMessaging, N: int(mode)}
	}
	block, err := c.block(key)
	if err != nil {
		return dst, err
	}
	size := block.BlockSize()
	if len(text) == 0 || len(text)%size != 0 {
		return dst, &Error{Code: CodeDataLength, N: len(text)}
	}
	at := len(dst)
	dst = append(dst, text...)
	decipher(block, mode, dst[at:])
	if padding == PadIfNeeded {
		return dst, nil
	}
	end := len(dst)
	for end > at && dst[end-1] == 0 {
		end--
	}
	refused := &Error{Code: CodeMessaging}
	if end == at || dst[end-1] != 0x80 || len(dst)-end >= size {
		clear(dst[at:])
		return dst[:at], refused
	}
	end--
	if padding == PadLength {
		if end == at || int(dst[at]) != end-at-1 {
			clear(dst[at:])
			return dst[:at], refused
		}
		copy(dst[at:], dst[at+1:end])
		end--
	}
	clear(dst[end:])
	return dst[:end], nil
}

// encipher enciphers whole blocks in place.
func encipher(block cipher.Block, mode Mode, text []byte) {
	n := block.BlockSize()
	for at := 0; at < len(text); at += n {
		b := text[at : at+n]
		if mode == CBC && at > 0 {
			subtle.XORBytes(b, b, text[at-n:at])
		}
		block.Encrypt(b, b)
	}
}

// decipher deciphers whole blocks in place, from the last, so that each finds its neighbour enciphered.
func decipher(block cipher.Block, mode Mode, text []byte) {
	n := block.BlockSize()
	for at := len(text) - n; at >= 0; at -= n {
		b := text[at : at+n]
		block.Decrypt(b, b)
		if mode == CBC && at > 0 {
			subtle.XORBytes(b, b, text[at-n:at])
		}
	}
}
