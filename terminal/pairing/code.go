package pairing

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/wire"
)

// Prefix begins the text of every code; the digit is the major version of the protocol.
const Prefix = "CARDWRIGHT1:"

// MaxText is the length of the longest code, in characters. PRODUCT 3.1.
const MaxText = 160

// TerminalID names a terminal: random, not its serial number.
type TerminalID [16]byte

func (t TerminalID) String() string { return fmt.Sprintf("%x", t[:]) }

// Pin is the SHA-256 of a SubjectPublicKeyInfo.
type Pin [sha256.Size]byte

// PinOf returns the pin of a public key in DER.
func PinOf(spki []byte) Pin { return sha256.Sum256(spki) }

// Secret is the one-time secret of a code. It masks itself; Wipe ends it.
type Secret [16]byte

// String masks.
func (Secret) String() string { return "****" }

// Format masks, whatever the verb.
func (Secret) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte("****")) }

// LogValue masks.
func (Secret) LogValue() slog.Value { return slog.StringValue("****") }

// MarshalJSON masks.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"****"`), nil }

// Wipe overwrites the secret.
func (s *Secret) Wipe() { clear(s[:]) }

// Code is what a QR code says.
type Code struct {
	MinMinor, MaxMinor uint8        // protocol versions 1.MinMinor to 1.MaxMinor
	Terminal           TerminalID   //
	Pin                Pin          // of the terminal's certificate
	Secret             Secret       //
	Place              [8]byte      // PlaceOf merchant and location; zero where there is none
	Expires            uint32       // Unix seconds
	MinApp             [3]uint8     // least version of the till; zero says nothing
	Port               uint16       // of all addresses
	Addresses          []netip.Addr // one to four of IPv4, in order of preference, then at most one of IPv6
}

// PlaceOf is the hash by which a till sees before dialling that a code is of another store.
func PlaceOf(merchant, location string) [8]byte {
	sum := sha256.Sum256([]byte(merchant + "|" + location))
	return [8]byte(sum[:8])
}

// The record: minimum, maximum, id, pin, secret, place, expiry, least version, flags; then the port unless it is the
// usual one, the IPv4 addresses, the IPv6 address. At most 98 bytes fit behind the prefix in 160 characters.
const (
	fixed     = 2 + 16 + 32 + 16 + 8 + 4 + 3 + 1
	maxRecord = (MaxText - len(Prefix)) / 3 * 2

	flagV4   = 0x07 // number of IPv4 addresses
	flagV6   = 0x08
	flagPort = 0x10
)

// Text returns a code as it stands in the QR code. It fails with CodeFormat if it cannot be written: no address, more
// than fit, or none of a kind that can be dialled.
func (c *Code) Text() (string, error) {
	b := make([]byte, 0, maxRecord)
	b = append(b, c.MinMinor, c.MaxMinor)
	b = append(b, c.Terminal[:]...)
	b = append(b, c.Pin[:]...)
	b = append(b, c.Secret[:]...)
	defer func() { clear(b[:cap(b)]) }()
	b = append(b, c.Place[:]...)
	b = binary.BigEndian.AppendUint32(b, c.Expires)
	b = append(b, c.MinApp[:]...)
	flags := byte(0)
	if c.Port != wire.PortPairing {
		flags |= flagPort
	}
	for i, a := range c.Addresses {
		switch {
		case !dialable(a) || flags&flagV6 != 0:
			return "", wire.Refuse(wire.CodeFormat, "address %d can't be in a code", i)
		case a.Is4():
			flags++
		default:
			flags |= flagV6
		}
		if flags&flagV4 > 4 {
			return "", wire.Refuse(wire.CodeFormat, "more than four IPv4 addresses")
		}
	}
	b = append(b, flags)
	if flags&flagPort != 0 {
		b = binary.BigEndian.AppendUint16(b, c.Port)
	}
	for _, a := range c.Addresses {
		b = append(b, a.AsSlice()...)
	}
	if len(b) > maxRecord {
		return "", wire.Refuse(wire.CodeFormat, "%d bytes of %d", len(b), maxRecord)
	}
	if err := c.check(); err != nil {
		return "", err
	}
	return string(appendBase45([]byte(Prefix), b)), nil
}

// DecodeQR reads a scanned text. It takes exactly what Text writes; anything else is CodeFormat, and a code of another
// major version CodeProtocol.
func DecodeQR(text string) (*Code, error) {
	rest, ok := strings.CutPrefix(text, Prefix)
	switch {
	case !ok && strings.HasPrefix(text, "CARDWRIGHT"):
		return nil, wire.Refuse(wire.CodeProtocol, "a code of another protocol version")
	case !ok || len(text) > MaxText:
		return nil, wire.Refuse(wire.CodeFormat, "not a pairing code")
	}
	b, ok := fromBase45(rest)
	if !ok || len(b) < fixed {
		return nil, wire.Refuse(wire.CodeFormat, "not a whole pairing code")
	}
	defer clear(b)
	c := &Code{MinMinor: b[0], MaxMinor: b[1], Expires: binary.BigEndian.Uint32(b[74:]), Port: wire.PortPairing}
	copy(c.Terminal[:], b[2:])
	copy(c.Pin[:], b[18:])
	copy(c.Secret[:], b[50:])
	copy(c.Place[:], b[66:])
	copy(c.MinApp[:], b[78:])
	flags := b[81]
	p := b[82:]
	v4 := int(flags & flagV4)
	want := 4 * v4
	if flags&flagV6 != 0 {
		want += 16
	}
	if flags&flagPort != 0 {
		want += 2
	}
	if flags&^(flagV4|flagV6|flagPort) != 0 || v4 > 4 || len(p) != want {
		c.Secret.Wipe()
		return nil, wire.Refuse(wire.CodeFormat, "not a whole pairing code")
	}
	if flags&flagPort != 0 {
		c.Port, p = binary.BigEndian.Uint16(p), p[2:]
		if c.Port == wire.PortPairing {
			c.Port = 0 // the usual port is left out: check refuses
		}
	}
	for range v4 {
		c.Addresses, p = append(c.Addresses, netip.AddrFrom4([4]byte(p))), p[4:]
	}
	if flags&flagV6 != 0 {
		c.Addresses = append(c.Addresses, netip.AddrFrom16([16]byte(p)))
	}
	if err := c.check(); err != nil {
		c.Secret.Wipe()
		return nil, err
	}
	return c, nil
}

func (c *Code) check() error {
	for _, a := range c.Addresses {
		if !dialable(a) {
			return wire.Refuse(wire.CodeFormat, "an address that can't be dialled")
		}
	}
	if c.MinMinor > c.MaxMinor || len(c.Addresses) == 0 || c.Port == 0 || c.Expires == 0 || c.Secret == (Secret{}) {
		return wire.Refuse(wire.CodeFormat, "a pairing code that contradicts itself")
	}
	return nil
}

// dialable refuses what names no single machine. An IPv4 address inside an IPv6 one has a form of its own.
func dialable(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !a.Is4In6() && a.Zone() == "" &&
		!a.IsLinkLocalUnicast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// Targets returns the addresses with their port.
func (c *Code) Targets() []netip.AddrPort {
	list := make([]netip.AddrPort, len(c.Addresses))
	for i, a := range c.Addresses {
		list[i] = netip.AddrPortFrom(a, c.Port)
	}
	return list
}

// Least returns the least version of the till that the code tells.
func (c *Code) Least() wire.Version {
	return wire.Version{Major: int(c.MinApp[0]), Minor: int(c.MinApp[1]), Patch: int(c.MinApp[2])}
}

// leastOf is the way back: zero, which says nothing, for a version that three bytes do not hold. The terminal checks
// the version in any case.
func leastOf(v wire.Version) (b [3]uint8) {
	if v.Major > 255 || v.Minor > 255 || v.Patch > 255 || v.Pre != "" {
		return b
	}
	return [3]uint8{uint8(v.Major), uint8(v.Minor), uint8(v.Patch)}
}

// expiry returns a time as the code holds it.
func expiry(t time.Time) (uint32, bool) {
	s := t.Unix()
	return uint32(s), s > 0 && s <= math.MaxUint32
}
