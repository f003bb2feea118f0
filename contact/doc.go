// Package contact is the contact kernel of EMV 4.4: a transaction from the card's reset to completion, in the order of the
// books, a file a phase.
//
//	terminal, err := contact.New(config, env, contact.Parties{Host: host, PINPad: pad, Chooser: display})
//	outcome, err := terminal.Transact(ctx, slot, kernel.Transaction{Amount: 1250, Currency: 840})
//
//	atr.go          reset                           Book 1, 8          refused twice ──► fallback
//	tpdu.go         T=0 below kernel.Card           Book 1, 9.3.1
//	candidates.go   PSE, list of AIDs               Book 1, 12.3
//	select.go       final selection      ◄──┐       Book 1, 12.4       none left ──► not accepted
//	entry.go        amount and account   when the application is known     Book 4, 6.3.1
//	initiate.go     GET PROCESSING OPTIONS ─┘ 6985  Book 3, 10.1
//	read.go         AFL, records                    Book 3, 10.2
//	oda.go          SDA, DDA, CDA                   Book 3, 10.3
//	transact.go     restrictions, CVM, risk         Book 3, 10.4 to 10.6, in package kernel's folders
//	generate.go     first GENERATE AC               Book 3, 10.7, 10.8  TC ──► approved offline, AAC ──► declined offline
//	online.go       the issuer                      Book 3, 10.9
//	issuerauth.go   EXTERNAL AUTHENTICATE           Book 3, 10.9
//	scripts.go      71 before, 72 after             Book 3, 10.10
//	complete.go     second GENERATE AC              Book 3, 10.11      approved or declined, online or unable to be
//	journal.go      transaction log, counter        Book 3, 10.6.1
//
// What a card does wrong ends in an Outcome with a Reason, never in an error; a card that is taken out terminates the
// transaction wherever it is. After tells whether an approval has to be reversed.
//
// A driver implements kernel.Card, and Slot where it can reset the card; one that exchanges TPDUs of T=0 is wrapped by
// TPDU. PPS, IFSD and T=1 are the driver's.
//
// All transaction types run the same way: the type (9C) decides what the card's usage control and CVM list say to it. A
// verification is a purchase of nothing that the merchant forces online; so is a pre-authorisation, of its amount. A
// refund asks for whatever cryptogram the action codes lead to; where a scheme wants the card's data only, TAC-Denial
// with all bits makes it an AAC.
//
// Done: what Books 1, 3 and 4 have terminals do, with RSA. Not done: XDA, offline PIN under an ECC key and biometric
// verification: no public text gives the form of XDA's signature. A card that supports XDA (82, byte 1 b8) is
// authenticated by what it supports besides. Voice referrals are the host side's to settle.
package contact
