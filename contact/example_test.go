package contact_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/cardwright/emv/contact"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
)

// acquirer is where online requests go: here to an issuer that approves everything.
type acquirer struct{}

func (acquirer) Authorise(ctx context.Context, record kernel.Objects) (kernel.OnlineAnswer, error) {
	fmt.Println("to the issuer:", len(record) > 0)
	return kernel.OnlineAnswer{ARC: [2]byte{'0', '0'}}, ctx.Err()
}

// chip is a driver: it knows three commands of a card without offline data authentication.
type chip struct{}

func (chip) Transmit(_ context.Context, dst, command []byte) ([]byte, error) {
	answer := "6A82"
	switch hex.EncodeToString(command[:4]) {
	case "00a40400": // SELECT
		if len(command) == 13 {
			answer = "6F10 8407A0000000031010 A5055003564953 9000"
		}
	case "80a80000": // GET PROCESSING OPTIONS
		answer = "8006 0000 08010100 9000"
	case "00b2010c": // READ RECORD
		answer = "7019 5A084761739001010010 5F2403301231 8C039F0206 8D028A02 9000"
	case "80ae8000": // GENERATE AC, ARQC
		answer = "800B 80 0012 A1B2C3D4E5F60718 9000"
	case "80ae4000": // GENERATE AC, TC
		answer = "800B 40 0012 0102030405060708 9000"
	}
	raw, err := hex.DecodeString(clean(answer))
	return append(dst, raw...), err
}

func clean(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] != ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// A terminal is made once, and runs one transaction after the other.
func Example() {
	keys, err := capk.Production()
	if err != nil {
		panic(err)
	}
	terminal, err := contact.New(contact.Config{
		// Terminal Country Code, Terminal Capabilities, Terminal Type.
		Terminal: []byte{0x9F, 0x1A, 2, 0x08, 0x40, 0x9F, 0x33, 3, 0xE0, 0xF8, 0xC8, 0x9F, 0x35, 1, 0x22},
		Applications: []contact.Application{{
			AID: kernel.AID{0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10}, Partial: true,
			Data: []byte{0x9F, 0x1B, 4, 0, 0, 0, 0}, // Terminal Floor Limit of zero
		}},
	}, kernel.Env{Clock: kernel.SystemClock{}, Rand: rand.Reader, CAPKs: keys}, contact.Parties{Host: acquirer{}})
	if err != nil {
		panic(err) // with everything that is wrong with the configuration
	}
	out, err := terminal.Transact(context.Background(), chip{}, kernel.Transaction{Amount: 1250, Currency: 840})
	if err != nil {
		panic(err) // the context ended, or a bug
	}
	fmt.Println(out.Kind, "because of", out.Why)
	fmt.Println("to be reversed:", terminal.After().Reversal)
	terminal.Wipe()
	// Output:
	// to the issuer: true
	// approved-online because of completion: contact.issuer_approved (Book 4, 12.2.1)
	// to be reversed: false
}
