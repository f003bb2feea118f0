package keyblock

import (
	"errors"
	"io"
)

// Options say how Wrap goes about it. The zero value hides the key's length and lets nothing through.
type Options struct {
	// ShowLength leaves out the padding that makes all keys of an algorithm look as long as its longest: 24 bytes for TDES,
	// 32 for AES. Key pairs and HMAC keys have no longest; their length always shows. ANSI X9.143, 6.1 (key length
	// obfuscation).
	ShowLength bool

	Permit Permit
}

const (
	lengthField = 2               // bytes before the key: its length in bits
	maxKey      = (1<<16 - 1) / 8 // bytes that the length field counts
)

// Wrap appends the key block of a key under a KBPK to dst. The KBPK has 16 or 24 bytes (a TDES key) for versions A, B and
// C, and 16, 24 or 32 (an AES key) for D and E. random gives the padding. A padding block in h is not used: Wrap adds one
// where the header needs it, h itself stays as it is.
//
// The errors are those of Header.Check and CodeKBPK, CodeKeyLength, CodeSingleDES, CodeStrength, CodeLength (a block would
// be longer than 9999 characters) and CodeRandom.
func Wrap(dst []byte, random io.Reader, kbpk []byte, h *Header, key []byte, o Options) ([]byte, error) {
	var w worker
	return w.wrap(dst, random, kbpk, h, key, o)
}

func (w *worker) wrap(dst []byte, random io.Reader, kbpk []byte, h *Header, key []byte, o Options) ([]byte, error) {
	defer w.wipe()
	if err := h.Check(o.Permit); err != nil {
		return dst, err
	}
	if err := w.derive(h.Version, kbpk); err != nil {
		return dst, err
	}
	if len(key) > maxKey {
		return dst, &Error{Code: CodeKeyLength, N: len(key)}
	}
	if err := h.checkKey(len(key), len(kbpk), o.Permit); err != nil {
		return dst, err
	}
	fill := func(b []byte) error { return draw(random, b) }
	own, n, err := h.padded(w.block, fill)
	if err != nil {
		return dst, err
	}
	shown := len(key)
	if !o.ShowLength {
		shown = max(shown, h.Algorithm.longest())
	}
	size := w.padded(shown)
	total := n + 2*(size+w.mac)
	if total > maxLength {
		return dst, &Error{Code: CodeLength, N: total}
	}

	// ANSI X9.143, 6.1: header, then length in bits, key and random padding.
	w.text = own.append(make([]byte, 0, n+size), total)
	w.text = append(w.text, byte(8*len(key)>>8), byte(8*len(key)))
	w.text = append(w.text, key...)
	at := len(w.text)
	w.text = w.text[:n+size]
	if err := fill(w.text[at:]); err != nil {
		return dst, err
	}
	var sum [16]byte
	if !w.variant {
		if sum, err = w.authenticate(); err != nil {
			return dst, err
		}
	}
	if err := w.crypt(n, sum[:w.block], false); err != nil {
		return dst, err
	}
	if w.variant {
		if sum, err = w.authenticate(); err != nil {
			return dst, err
		}
	}
	dst = append(dst, w.text[:n]...)
	dst = appendHex(dst, w.text[n:])
	return appendHex(dst, sum[:w.mac]), nil
}

// padded returns the header with a padding block of its own where one is needed, and its length.
func (h *Header) padded(block int, fill func([]byte) error) (Header, int, error) {
	own := *h
	own.Blocks = make([]OptionalBlock, 0, len(h.Blocks)+1)
	n := headerLen
	for i := range h.Blocks {
		if h.Blocks[i].ID != BlockPadding {
			own.Blocks = append(own.Blocks, h.Blocks[i])
			n += h.Blocks[i].size()
		}
	}
	p, need, err := pad(n, block, fill)
	if err != nil {
		return own, 0, err
	}
	if need {
		own.Blocks = append(own.Blocks, p)
		n += p.size()
	}
	if len(own.Blocks) > maxBlocks {
		return own, 0, &Error{Code: CodeOptionalBlock, Field: fieldBlocks, N: len(own.Blocks)}
	}
	return own, n, nil
}

var errNoSource = errors.New("no source of random bytes")

// draw fills b.
func draw(random io.Reader, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	err := errNoSource
	if random != nil {
		_, err = io.ReadFull(random, b)
	}
	if err != nil {
		return &Error{Code: CodeRandom, Err: err}
	}
	return nil
}
