// Package iso is a simulated acquirer and issuer behind a socket: ISO 8583:1987 over TCP, with DUKPT, card data enciphered,
// and testvectors/issuer.Host to verify cryptograms and to decide.
//
//	s, err := iso.New(iso.Config{})
//	err = s.Serve(ctx, listener)
//	s.Misbehave(iso.Fault{Kind: iso.Drop, MTI: "0200", Times: 1})
//	for _, e := range s.Ledger() { … }
//
// It was written apart from terminal/host, which has its message format as data: here it is a table in code (spec.go), so
// that the two can disagree. It believes nothing: a MAC is verified with the key that the serial number gives, a card number
// comes out of the enciphered data only, a PIN out of its block, and the amount must be the one that the card has signed.
//
// # Doing things once
//
// A request is known again by terminal, merchant, STAN, RRN and time (41, 42, 11, 37, 7): the second one, a doubled one or
// an advice that is repeated, has the answer of the first and changes nothing. A reversal names its original by field 90. One
// that comes before its original is remembered, and the original is refused when it comes.
//
// # Misbehaviour
//
// Faults are one-shot by default and wait for a request of their message type: see ParseFault for how they are written, and
// Control for the HTTP side that takes them while the server runs and tells what is in the ledger.
package iso
