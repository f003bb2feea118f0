package issuer

import (
	"errors"

	emv "github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
	"github.com/cardwright/emv/tlv"
)

// Order is what a script command tells a card to do (Book 3, 6.5).
type Order uint8

// The orders.
const (
	BlockApplication   Order = iota + 1 // APPLICATION BLOCK (Book 3, 6.5.1)
	UnblockApplication                  // APPLICATION UNBLOCK (Book 3, 6.5.2)
	BlockCard                           // CARD BLOCK (Book 3, 6.5.3)
	UnblockPIN                          // PIN CHANGE/UNBLOCK (Book 3, 6.5.10): the PIN Try Counter is full again
	ChangePIN                           // the same command: a new PIN, and the counter is full again
	PutData                             // PUT DATA (VIS; M/Chip; CCD): a data object of the card is replaced
)

// String returns the command's name.
func (o Order) String() string {
	switch o {
	case BlockApplication:
		return "APPLICATION BLOCK"
	case UnblockApplication:
		return "APPLICATION UNBLOCK"
	case BlockCard:
		return "CARD BLOCK"
	case UnblockPIN, ChangePIN:
		return "PIN CHANGE/UNBLOCK"
	case PutData:
		return "PUT DATA"
	}
	return "none"
}

// Command is a script command that a host computes: enciphered where it has a PIN, and with the message authentication
// code of the card's scheme (Book 2, 9).
type Command struct {
	Order Order

	// Before has it sent in template 71, for the card to do it before the second GENERATE AC; otherwise in 72.
	Before bool

	PIN   pin.PIN // of ChangePIN
	Tag   tlv.Tag // of PutData, one or two bytes
	Value []byte  // of PutData, 1 to 200 bytes
}

// maxPutData is the longest value of PUT DATA: with its message authentication code it fits every scheme's command.
const maxPutData = 200

// check returns what is wrong with a command.
func (c *Command) check() error {
	switch {
	case c.Order < BlockApplication || c.Order > PutData:
		return errors.New("a script command without an order")
	case c.Order == ChangePIN && c.PIN.Len() == 0:
		return errors.New("a PIN change without a PIN")
	case c.Order != PutData && len(c.Value) > 0:
		return errors.New("a value for a command that takes none")
	case c.Order == PutData && (c.Tag > 0xFFFF || !c.Tag.Valid()):
		return errors.New("PUT DATA takes a tag of one or two bytes")
	case c.Order == PutData && (len(c.Value) == 0 || len(c.Value) > maxPutData):
		return errors.New("PUT DATA takes 1 to 200 bytes")
	}
	return nil
}

// header returns INS, P1 and P2. Book 3, 6.5.10: P2 '02' changes the PIN to one that was not given in plain.
func (c *Command) header() (ins, p1, p2 byte) {
	switch c.Order {
	case BlockApplication:
		return 0x1E, 0, 0
	case UnblockApplication:
		return 0x18, 0, 0
	case BlockCard:
		return 0x16, 0, 0
	case UnblockPIN:
		return 0x24, 0, 0
	case ChangePIN:
		return 0x24, 0, 2
	case PutData:
		return 0xDA, byte(c.Tag >> 8), byte(c.Tag)
	}
	return 0, 0, 0
}

// scriptIdentifier is the Issuer Script Identifier (9F18) of the scripts that a host computes.
var scriptIdentifier = [4]byte{0x00, 0x00, 0x00, 0x01}

// TestMACKey returns the issuer master key for the message authentication codes of scripts, 16 bytes, which the simulated
// cards' keys come from. It is published, and no secret.
func TestMACKey() []byte {
	return []byte{
		0x45, 0x76, 0x8A, 0xBC, 0xDF, 0x13, 0x25, 0x46,
		0x98, 0xBA, 0xDC, 0xFE, 0x10, 0x32, 0x54, 0x76,
	}
}

// TestEncipherKey returns the issuer master key for what scripts encipher, 16 bytes. It is published, and no secret.
func TestEncipherKey() []byte {
	return []byte{
		0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67,
		0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 0x10,
	}
}

// appendCommands appends the scripts of Config.Commands to dst: those of template 71 first, since the message
// authentication codes chain the commands in the order in which the card gets them.
func (h *Host) appendCommands(dst []byte, m *message) ([]byte, error) {
	if len(h.config.Commands) == 0 {
		return dst, nil
	}
	script, err := h.newScript(m)
	if err != nil {
		return dst, err
	}
	defer script.Wipe()
	for _, template := range [...]tlv.Tag{0x71, 0x72} {
		var body []byte
		for i := range h.config.Commands {
			c := &h.config.Commands[i]
			if c.Before != (template == 0x71) {
				continue
			}
			command, err := h.command(script, m, c)
			if err != nil {
				return dst, err
			}
			body = tlv.Append(body, 0x86, command)
		}
		if body != nil {
			dst = tlv.Append(dst, template, append(tlv.Append(nil, 0x9F18, scriptIdentifier[:]), body...))
		}
	}
	return dst, nil
}

// newScript begins the secure messaging of a transaction.
func (h *Host) newScript(m *message) (*emv.Script, error) {
	messaging, err := m.scheme.messagingOf(&m.profile)
	if err != nil {
		return nil, &Error{Code: CodeConfig, Err: err}
	}
	var keys [2]emv.Key
	for i, b := range [...][]byte{TestMACKey(), TestEncipherKey()} {
		master, err := emv.NewKey(b)
		if err == nil {
			err = m.derive(&keys[i], &master)
		}
		if err != nil {
			return nil, &Error{Code: CodeConfig, Err: err}
		}
		defer keys[i].Wipe()
	}
	script, err := messaging.NewScript(&keys[0], &keys[1], m.atc, m.cryptogram)
	if err != nil {
		return nil, &Error{Code: CodeConfig, Err: err}
	}
	return script, nil
}

// Classes of commands in secure messaging (Book 3, 6.3.2).
const (
	classFormat1 = 0x8C
	classFormat2 = 0x84
)

// command builds one command.
func (h *Host) command(script *emv.Script, m *message, c *Command) ([]byte, error) {
	var block pin.Block
	defer block.Wipe()
	var secret []byte
	if c.Order == ChangePIN {
		var key emv.Key
		defer key.Wipe()
		_, err := h.cardKey(&key, m)
		if err == nil {
			err = m.scheme.pinBlock(&block, &m.profile, &key, &c.PIN)
		}
		if err != nil {
			return nil, &Error{Code: CodeConfig, Err: err}
		}
		secret = block[:]
	}
	class := byte(classFormat2)
	if m.scheme.name == emv.SchemeCommonCore {
		class = classFormat1
	}
	ins, p1, p2 := c.header()
	command, err := script.Append(nil, emv.Header{class, ins, p1, p2}, c.Value, secret)
	if err != nil {
		return nil, &Error{Code: CodeConfig, Err: err}
	}
	return command, nil
}
