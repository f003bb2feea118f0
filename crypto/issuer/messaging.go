package issuer

import "github.com/cardwright/emv/crypto/mac"

// MessagingKey says how the session keys of secure messaging come from the ICC master keys for it.
type MessagingKey uint8

// The derivations.
const (
	// CryptogramKey is the common session key of the cryptogram of the first GENERATE AC. Book 2, 9.2.2, 9.3.2, A1.3.1.
	CryptogramKey MessagingKey = iota + 1
	// VisaKey is VisaMessagingKey of the ATC. VIS, cryptogram versions 10, 17 and 18.
	VisaKey
	// InverseKey is InverseATCKey. JR/T 0025.7 (PBOC).
	InverseKey
)

// MessagingFormat is a format of the data field of a protected command. Book 2, 9.2.1 and 9.3.1.
type MessagingFormat uint8

// The formats.
const (
	Format1 MessagingFormat = 1 // BER-TLV: '81' plain data, '87' enciphered data, '8E' the MAC. Book 2, 9.2.1.1
	Format2 MessagingFormat = 2 // data and MAC as they are; their lengths are known to both. Book 2, 9.2.1.2
)

// Chaining says what ties a command to the transaction and to the commands before it.
type Chaining uint8

// The ways.
const (
	// ChainCryptogram puts ATC and cryptogram behind the header, the same in each command of a transaction. VIS, secure
	// messaging.
	ChainCryptogram Chaining = iota + 1
	// ChainIncrement does so too, and adds one to the cryptogram for each command, as a number of 8 bytes; the session
	// keys come from that number. M/Chip 4, issuer scripts (RAND).
	ChainIncrement
	// ChainMAC puts one block in front: the cryptogram for the first command, the whole MAC of the preceding command for
	// the others. Book 2, 9.2.3.1.
	ChainMAC
)

// Messaging is how a scheme protects issuer script commands: a row of a table, which a program may also write itself.
type Messaging struct {
	Name     string
	Cipher   Cipher
	Key      MessagingKey
	Format   MessagingFormat
	Chaining Chaining
	Mode     Mode        // of encipherment
	Padding  DataPadding // before it
	MACSize  int         // bytes of the MAC in a command: 4 to 8. Book 2, 9.2.1
}

// messaging is the table.
var messaging = []Messaging{
	// VIS: secure messaging, PIN change. Cryptogram version 18 has VIS's own keys still.
	{Name: "VIS", Key: VisaKey, Format: Format2, Chaining: ChainCryptogram, Mode: ECB, Padding: PadLength, MACSize: 8},
	// VIS, cryptogram version '22': the keys of Book 2.
	{Name: "VIS CSK", Key: CryptogramKey, Format: Format2, Chaining: ChainCryptogram, Mode: ECB, Padding: PadLength, MACSize: 8},
	// M/Chip 4 and Advance.
	{Name: "M/Chip", Key: CryptogramKey, Format: Format2, Chaining: ChainIncrement, Mode: CBC, Padding: PadIfNeeded, MACSize: 8},
	// Book 2, Common Core Definitions, 9.2 and 9.3.
	{Name: "CCD", Key: CryptogramKey, Format: Format1, Chaining: ChainMAC, Mode: CBC, Padding: PadAlways, MACSize: 4},
	{Name: "CCD AES", Cipher: AES, Key: CryptogramKey, Format: Format1, Chaining: ChainMAC, Mode: CBC, Padding: PadAlways, MACSize: 4},
	// JR/T 0025.7 (PBOC): as VIS, under PBOC's session keys.
	{Name: "PBOC", Key: InverseKey, Format: Format2, Chaining: ChainCryptogram, Mode: ECB, Padding: PadLength, MACSize: 4},
}

// MessagingOf returns a row by its name: "VIS", "VIS CSK", "M/Chip", "CCD", "CCD AES" or "PBOC". The error is
// CodeMessaging.
func MessagingOf(name string) (Messaging, error) {
	for _, m := range messaging {
		if m.Name == name {
			return m, nil
		}
	}
	return Messaging{}, &Error{Code: CodeMessaging}
}

// SessionKey makes dst the session key of secure messaging that master gives: the ICC master key for MAC (SMI) or the one
// for encipherment (SMC). ac is the cryptogram of the first GENERATE AC. dst may be master itself.
//
// The errors are CodeMessaging, CodeKeyLength and mac.CodeCipher.
func (m *Messaging) SessionKey(dst, master *Key, atc [2]byte, ac Cryptogram) error {
	switch {
	case m.Key == CryptogramKey && m.Cipher == AES:
		return SessionKeyAES(dst, master, Diversification(ac))
	case m.Key == CryptogramKey:
		return SessionKey(dst, master, Diversification(ac))
	case m.Key == VisaKey && m.Cipher == TDES:
		return VisaMessagingKey(dst, master, atc)
	case m.Key == InverseKey && m.Cipher == TDES:
		return InverseATCKey(dst, master, atc)
	}
	return &Error{Code: CodeMessaging, N: int(m.Key)}
}

// ScriptMAC returns the MAC of secure messaging over input under key, a session key: all 8 bytes of MAC algorithm 3
// with padding method 2, or the leftmost 8 bytes of the CMAC for AES. Book 2, 9.2.3 and A1.2.
//
// The errors are CodeKeyLength and mac.CodeCipher.
func (c Cipher) ScriptMAC(key *Key, input []byte) ([8]byte, error) {
	var full [aesBlock]byte
	_, err := c.mac(full[:0], key, mac.Method2, input)
	return [8]byte(full[:]), err
}
