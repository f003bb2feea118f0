// Package issuer is a simulated issuer host. It takes the ICC data of an authorisation (DE55 of ISO 8583: BER-TLV data
// objects, as a terminal sends them), verifies the application cryptogram with the key of the card, decides, and answers
// with Issuer Authentication Data and issuer scripts.
//
//	host, err := issuer.New(issuer.Config{})
//	verdict, err := host.Decide(de55)
//
// It was written apart from the kernels and from the simulated cards of testvectors/card: it believes nothing that
// DE55 says and the cryptogram does not prove. The card number is that of Track 2 Equivalent Data (57) or 5A, where
// there are both they must be the same. The type of the cryptogram is the one that the Card Verification Results give;
// a CID (9F27) that says otherwise makes the message invalid.
//
// A Host remembers every cryptogram by card and Application Transaction Counter for as long as it lives, so that a
// second one with the same counter is told to be a replay; memory grows with the messages it has seen. It is for one
// goroutine at a time.
//
// Which cryptogram versions it knows: those of crypto/issuer for Visa (CVN 10, 18 and 22).
package issuer
