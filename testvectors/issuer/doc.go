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
// # Schemes
//
// Whose card it is the RID says: of the DF name (84), else the ADF name (4F), else the terminal's AID (9F06); a message
// without any is Visa's. Issuer Application Data of the Common Core Definitions are read as such under every RID.
//
//	scheme                  RID                                cryptogram versions     answer        scripts
//	Visa                    A000000003 A000000098              10 17 18 '22'           by version    VIS
//	Mastercard (M/Chip)     A000000004 A000000005              16 17 20 21             method 1      M/Chip
//	American Express        A000000025                         1 2                     method 1      Book 2, format 2
//	Discover, Diners Club   A000000152 A000000324              '05' '15'               method 1      Book 2, format 2
//	JCB                     A000000065                         1 4                     method 1      Book 2, format 2
//	UnionPay                A000000333                         1                       method 1      PBOC
//	Interac                 A000000277                         133                     method 1      M/Chip
//	common core             any                                'A5' 'A6' (AES)         method 2      CCD
//
// Interac's Card Verification Results are not public: there the CID tells the type. crypto/issuer says of each version
// what is public.
//
// # Scripts
//
// Config.Commands has the host compute issuer script commands with their message authentication codes: application block
// and unblock, card block, PIN change and unblock, PUT DATA. The issuer master keys for them are TestMACKey and
// TestEncipherKey, for every derivation key index.
//
// # Memory
//
// A Host remembers every cryptogram by card and Application Transaction Counter for as long as it lives, so that a
// second one with the same counter is told to be a replay; memory grows with the messages it has seen. It is for one
// goroutine at a time.
package issuer
