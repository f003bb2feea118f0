// Package card is simulated payment cards. A card is personalised in New, computes its own cryptograms and signatures
// with real keys, and answers command APDUs in Transmit, whose signature is that of a reader driver.
//
//	c, err := card.New(card.Config{Profile: "visa-offline"})
//	answer, err := c.Transmit(ctx, nil, command)
//
// The package knows no kernel, so that a card can disagree with the one that talks to it. The same inputs give the same
// bytes: there is no clock, and no randomness but Config.Rand.
//
// # Keys
//
// All cards are certified by certification authorities of this package, AuthorityShort and AuthorityLong, whose public
// keys are in the set capk.Test. The private halves, and all other RSA keys, are published in keys.json; keys_test.go
// makes them anew. The issuer master key is TestMasterKey, under derivation key index '01' and by option A (Book 2,
// A1.4.1). Certificates are made when they are sent, with the data as personalised. They expire in December 2049.
//
// # Profiles
//
//	visa-credit         online; signature or online PIN; fDDA for online authorisations; CVN 10
//	visa-debit          online; online PIN; fDDA for online authorisations; CVN 18
//	visa-offline        approves offline within limits, with fDDA; signature or online PIN
//	visa-expired        visa-offline that expired in December 2020, CTQ "go online if expired"
//	visa-phone          token, form factor phone, consumer device CVM where reader or card asks for a CVM
//	visa-phone-locked   the same, answers 6986 until it was asked once and left the field; CVN 22
//	visa-issuer-update  has no funds left offline; takes issuer authentication and scripts in a second tap
//	visa-sda            approves offline with static data authentication (tag 93)
//	visa-minimal        sends only what a Visa card must; the CID is to be found in the Issuer Application Data
//	visa-select-next    the first application of the directory answers GET PROCESSING OPTIONS with 6985
//	visa-blocked        GET PROCESSING OPTIONS answers 6985
//	visa-switch         GET PROCESSING OPTIONS answers 6984
//
// A Visa card decides in GET PROCESSING OPTIONS. It gives a TC when its profile approves offline, the reader does not ask
// for an online cryptogram, no online PIN was chosen, the currency is its own (9F51), and the amount is within 9F78 and
// 9F79; the latter shrinks with each TC and is filled again by issuer authentication. Otherwise it gives an ARQC, or an
// AAC to a reader that is offline only. It refuses a TTQ without EMV mode with 6985. The Application Transaction Counter
// counts transactions that were begun: not those that a status word refused.
//
// # Personalisation
//
// Config.Set changes data objects. A value replaces the profile's; an empty one takes the object away. An object that the
// profile does not have is sent in the first signed record, or in the answer to GET PROCESSING OPTIONS where there is
// none. All of it is done before anything is signed. An object that the card computes is sent as Config.Set has it,
// and what depends on it follows: a CTQ (9F6C) of Set is also the one of which 9F69 has a copy. Four work another way:
//
//	9F10  is completed with the card's decision; its cryptogram version chooses how the card computes. One that can't be
//	      read is sent as it is, and the card computes by the profile's own.
//	9F27  is the card's decision, in cryptogram and signature too.
//	9F36  is the counter of the first transaction.
//	4F    is the name of the first application, and what the card is selected by.
//
// Objects that stay in the card can be set as well: 9F51 currency, 9F6B Card CVM Limit, 9F77 VLP Funds Limit, 9F78 VLP
// Single Transaction Limit, 9F79 VLP Available Funds. 57 and 5A do not follow each other.
//
// # Faults
//
// Config.Faults makes a card break rules; the function Faults explains every one.
//
//	on the way, for the N-th command or from it on (N..)
//	  removed@N timeout@N transmission@N protocol@N collision@N           the errors of a reader driver
//	  empty@N garbage@N sw=XXXX@N 61xx@N answer=HEX@N                     another answer
//	  truncate=COUNT@N flip-answer=OFFSET[:MASK]@N                        a damaged one
//	in what is sent, after everything was signed
//	  flip=TAG[:OFFSET[:MASK]] flip-record=SFI.RECORD:OFFSET[:MASK] drop=TAG repeat=TAG
//	  add=TAG:[VALUE][:PLACE] nested=COUNT[:PLACE]
//	in what is signed
//	  long-records[=COUNT] ca-index=XX issuer-expired issuer-revoked wrong-issuer-id icc-expired wrong-pan-in-cert
//	  wrong-icc-key sdad-replay sdad-format=XX wrong-cryptogram atc-stuck
//
// Card.Signed and Card.Records list what must be noticed when it is changed, and by whom; Card.Idle lists the faults that
// had no effect.
//
// # What is not done
//
// Issuer scripts are taken and kept (Card.Scripts) but their message authentication code is not verified and they change
// nothing. Logical channels, extended length, chaining and GET RESPONSE are not there: answers are whole.
package card
