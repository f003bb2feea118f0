package iso

import (
	"sync"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/mask"
	"github.com/cardwright/emv/crypto/p2pe"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/tlv"
)

// TestBDK returns the base derivation key of the simulated acquirer, AES-128. It is published (ANSI X9.24-3, supplement),
// and no secret.
func TestBDK() []byte {
	return []byte{
		0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
		0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1,
	}
}

// TestInitialKeyID returns the initial key ID of a simulated terminal; terminals that talk to one server at the same time
// have different numbers.
func TestInitialKeyID(number uint32) dukpt.InitialKeyID {
	return dukpt.InitialKeyID{
		0x12, 0x34, 0x56, 0x78, byte(number >> 24), byte(number >> 16), byte(number >> 8), byte(number),
	}
}

// TerminalKeys are a simulated terminal's DUKPT keys, under TestBDK, in memory. It is good for terminal/host, and for
// concurrent use.
type TerminalKeys struct {
	mask.Key
	mu       sync.Mutex
	terminal dukpt.AESTerminal
}

// NewTerminalKeys returns the keys of a terminal that has used none.
func NewTerminalKeys(id dukpt.InitialKeyID) (*TerminalKeys, error) {
	var bdk, initial dukpt.Key
	defer initial.Wipe()
	if err := dukpt.SetKey(&bdk, TestBDK()); err != nil {
		return nil, err
	}
	if err := dukpt.AESInitialKey(&initial, &bdk, id); err != nil {
		return nil, err
	}
	k := &TerminalKeys{}
	return k, k.terminal.Load(&initial, id)
}

// NextAES makes dst the next transaction. There is one key, whatever the label.
func (k *TerminalKeys) NextAES(dst *dukpt.AESTransaction, _ string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.terminal.Next(dst)
}

// NextTDES has no key.
func (k *TerminalKeys) NextTDES(*dukpt.TDESTransaction, string) error {
	return &dukpt.Error{Code: dukpt.CodeNotLoaded}
}

// transaction derives the DUKPT transaction of a key serial number.
func (s *Server) transaction(dst *dukpt.AESTransaction, ksn string) error {
	k, err := dukpt.ParseAESKSN([]byte(ksn))
	if err != nil {
		return err
	}
	return dukpt.HostAES(dst, &s.bdk, k)
}

// sum computes a MAC over a message without its last 8 bytes: NIST SP 800-38B, the leftmost 8 bytes.
func sum(t *dukpt.AESTransaction, usage dukpt.Usage, built []byte) ([]byte, error) {
	var key dukpt.Key
	defer key.Wipe()
	if err := t.Key(&key, usage, dukpt.AES128); err != nil {
		return nil, err
	}
	full, err := mac.CMACAES(nil, key.Bytes(), built[:len(built)-8])
	if err != nil {
		return nil, err
	}
	return full[:8], nil
}

// card is what a message says of a card.
type card struct {
	pan    string
	object []byte // 5A or 57, as DE55 has it
}

// openCard deciphers field 62.
func (s *Server) openCard(field string) (c card, ok bool) {
	for r := tlv.Read([]byte(field)); r.Next(); {
		v, good := value(r.Value())
		if r.Tag() != 0xE1 || !good {
			return card{}, false
		}
		var t dukpt.AESTransaction
		var h p2pe.Host
		var clear p2pe.Clear
		err := s.transaction(&t, string(v.KSN))
		if err == nil {
			err = h.UseAES(&t, 0)
		}
		if err == nil {
			err = h.Open(&clear, v, v.Content)
		}
		t.Wipe()
		h.Wipe()
		if err != nil {
			return card{}, false
		}
		switch b := clear.Bytes(); v.Content {
		case p2pe.PAN:
			c.pan = string(b)
			if c.object == nil {
				c.object = tlv.Append(nil, 0x5A, packed(b))
			}
		case p2pe.Track2Equivalent:
			c.object = tlv.Append(nil, 0x57, b)
			if c.pan == "" {
				c.pan = nibbles(b)
			}
		case p2pe.Track2:
			if c.pan == "" {
				c.pan = number(b)
			}
		default:
		}
		clear.Wipe()
	}
	return c, c.pan != ""
}

// value reads one value of field 62.
func value(b []byte) (*p2pe.Value, bool) {
	v := &p2pe.Value{}
	get := func(t tlv.Tag) []byte { x, _ := tlv.Find(b, t); return x }
	content, algorithm := get(0x80), get(0x81)
	if len(content) != 1 || len(algorithm) != 1 || algorithm[0] != 3 {
		return nil, false
	}
	v.Content, v.Algorithm = p2pe.Content(content[0]), p2pe.AES128
	v.KSN, v.Vector, v.Ciphertext, v.MAC = get(0x82), get(0x83), get(0x84), get(0x85)
	return v, true
}

// packed writes digits as tag 5A has them: two in a byte, filled with F on the right.
func packed(d []byte) []byte {
	out := make([]byte, (len(d)+1)/2)
	for i := range out {
		low := byte(0x0F)
		if 2*i+1 < len(d) {
			low = d[2*i+1] - '0'
		}
		out[i] = (d[2*i]-'0')<<4 | low
	}
	return out
}

// nibbles returns the digits in front of the separator of Track 2 Equivalent Data.
func nibbles(b []byte) string {
	var out []byte
	for _, x := range b {
		for _, d := range [2]byte{x >> 4, x & 0x0F} {
			if d > 9 {
				return string(out)
			}
			out = append(out, '0'+d)
		}
	}
	return string(out)
}

// number returns the digits in front of the separator of track 2.
func number(b []byte) string {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return string(b[:n])
}

// pinGood deciphers a PIN block of format 4 (ISO 9564-1, 9.4.2) and compares it. ok is false where it can't be read.
func (s *Server) pinGood(block, ksn, pan string) (good, ok bool) {
	var t dukpt.AESTransaction
	var key dukpt.Key
	var f pin.Field
	var entered, own pin.PIN
	defer t.Wipe()
	defer key.Wipe()
	defer f.Wipe()
	defer entered.Wipe()
	if len(block) != 16 || s.transaction(&t, ksn) != nil || t.Key(&key, dukpt.PINEncryption, dukpt.AES128) != nil {
		return false, false
	}
	if pin.DecipherAES(&f, pin.AESBlock([]byte(block)), []byte(pan), key.Bytes()) != nil || f.Decode4(&entered) != nil {
		return false, false
	}
	is, known := s.config.PINs[pan]
	if !known {
		is = DefaultPIN
	}
	return pin.Parse(&own, []byte(is)) == nil && own.Equal(&entered), true
}
