package spake2plus_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log"

	"github.com/cardwright/emv/crypto/spake2plus"
)

// Two sides that know eight digits agree on a key, over a connection whose exporter is in the context.
func Example() {
	session := spake2plus.Session{Context: []byte("example v1, exporter of the connection"), Prover: []byte("till"), Verifier: []byte("terminal")}
	secrets, err := spake2plus.Derive([]byte("12345678"), nil, []byte("terminal"), []byte("example v1"), spake2plus.Cost{Passes: 1, KiB: 8192})
	if err != nil {
		log.Fatal(err)
	}
	record, err := secrets.Record() // what the terminal keeps of the code
	if err != nil {
		log.Fatal(err)
	}

	till, err := spake2plus.NewProver(&secrets, session, rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	terminal, err := spake2plus.NewVerifier(&record, session)
	if err != nil {
		log.Fatal(err)
	}
	shareV, confirmV, err := terminal.Answer(till.Share(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	confirmP, err := till.Confirm(shareV, confirmV)
	if err != nil {
		log.Fatal(err) // another code, or somebody between
	}
	if err := terminal.Verify(confirmP); err != nil {
		log.Fatal(err)
	}
	one, _ := till.Shared()
	two, _ := terminal.Shared()
	fmt.Println(till, bytes.Equal(one, two), len(one))
	// Output: [key] true 32
}
