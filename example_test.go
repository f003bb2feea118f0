package emv_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log"

	"github.com/cardwright/emv/contactless"
	"github.com/cardwright/emv/contactless/visa"
	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/testvectors/card"
)

// A terminal that accepts Visa by tap. In a device, reader is your driver: anything with the one method of kernel.Card.
func Example() {
	keys, err := capk.Test() // in the field: capk.Production, or the acquirer's own set
	if err != nil {
		log.Fatal(err)
	}
	config := contactless.Config{
		Terminal: mustHex("9F1A020840" + "9F3303E008C8" + "9F350122"), // country, capabilities, type
		Combinations: []contactless.Combination{{
			AID: mustHex("A0000000031010"), Kernel: kernel.Visa,
			TTQ:    &contactless.TTQ{0x27, 0x00, 0x40, 0x00}, // EMV mode, online PIN, signature, ODA for online, CDCVM
			Limits: contactless.Limits{Floor: new(uint64(0)), CVM: new(uint64(10000))},
		}},
	}
	env := kernel.Env{
		Clock: kernel.SystemClock{}, Rand: rand.Reader, CAPKs: keys,
		UI: kernel.UIFunc(func(r kernel.UIRequest) { fmt.Println("display:", r.Message) }),
	}
	terminal, err := contactless.New(config, env, visa.Kernel)
	if err != nil {
		log.Fatal(err) // lists everything that is wrong with the configuration
	}
	defer terminal.Wipe()

	reader, err := card.New(card.Config{Profile: "visa-credit"})
	if err != nil {
		log.Fatal(err)
	}
	out, err := terminal.Transact(context.Background(), reader, kernel.Transaction{Amount: 1250, Currency: 840})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("outcome:", out.Kind)
	// out.Record holds the data for the online request.

	// Output:
	// display: present card
	// display: card read OK, please remove card
	// display: authorising, please wait
	// outcome: online-request
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
