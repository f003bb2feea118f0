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
//	visa-applepay       token of a wallet that is known by its requestor: Apple Pay; consumer device CVM always
//	visa-googlepay      the same of Google Pay; consumer device CVM where reader or card asks for a CVM
//	visa-samsungpay     the same of Samsung Pay; consumer device CVM always
//	visa-watch          the same of Apple Pay in a watch; consumer device CVM always
//	visa-phone-refuses  a device whose GET PROCESSING OPTIONS answers 6985
//
//	mastercard-credit         online with CDA; online PIN or signature; EMV and mag-stripe mode; CVN 16
//	mastercard-debit          Maestro: online without offline data authentication; online PIN; CVN 20
//	mastercard-offline        approves offline within limits, with CDA; gives its balance; CVN 17
//	mastercard-magstripe      mag-stripe mode alone, with CVC3 on both tracks
//	mastercard-rrp            mastercard-offline with the relay resistance protocol
//	mastercard-rrp-slow       the same behind a relay that takes 60 ms
//	mastercard-torn           mastercard-offline that answers RECOVER AC
//	mastercard-ids            integrated data storage (version 1) and standalone data storage (32 bytes)
//	mastercard-expired        mastercard-credit that expired in December 2020
//	mastercard-declines       gives an AAC whatever it is asked for
//	mastercard-blocked        GET PROCESSING OPTIONS answers 6985
//	mastercard-phone          token, Device Type phone, on-device verification where the reader asks for it; CVN 21
//	mastercard-phone-locked   the same, wants its owner in the first tap, and is unlocked before the second
//	mastercard-phone-refuses  the same, declines because of a conflicting context
//	mastercard-applepay       Apple Pay in a phone; on-device verification always
//	mastercard-googlepay      Google Pay in a phone; on-device verification where the reader asks for it
//	mastercard-samsungpay     Samsung Pay in a phone; on-device verification always
//	mastercard-watch          Apple Pay in a watch; on-device verification always
//
//	amex-credit           online with CDA; online PIN or signature; membership data; version 1
//	amex-plain            online without offline data authentication; version 2
//	amex-offline          approves offline within limits, with CDA
//	amex-sda              the same with static data authentication (tag 93)
//	amex-magstripe        mag-stripe mode alone, with CDA
//	amex-expired          amex-offline that expired in December 2020
//	amex-declines         gives an AAC whatever it is asked for
//	amex-no-cvm           can't verify its cardholder
//	amex-blocked          GET PROCESSING OPTIONS answers 6985
//	amex-switch           GET PROCESSING OPTIONS answers 6984
//	amex-phone            token; mobile CVM where the reader asks for one; version 2
//	amex-phone-always     the same, mobile CVM always
//	amex-phone-locked     the same, wants its owner in the first tap, and is unlocked before the second
//	amex-phone-blocked    the same, its own verification is blocked
//	amex-phone-refuses    the same, gives an AAC
//	amex-phone-magstripe  the same in mag-stripe mode alone
//
//	discover-credit            online; signature or online PIN; version '15'
//	discover-debit             under two names, its own and US common debit; online; online PIN; no records
//	discover-offline           approves offline within limits, with CDA; gives its balance
//	discover-expired           discover-offline that expired in December 2020, "process online if card expired"
//	discover-expired-declines  the same, "decline if card expired"
//	discover-declines          gives an AAC always
//	discover-loyalty           signs an AAC of a loyalty transaction whose PID limit is reached
//	discover-strict            online; online PIN, for which nothing may stand in
//	discover-phone             token; consumer device CVM where the reader asks for a CVM
//	discover-phone-locked      the same, answers 6986 until it was asked once and left the field
//	discover-watch             the same, its owner has verified always
//	discover-issuer-update     online; takes scripts in a second tap
//	discover-switch            GET PROCESSING OPTIONS answers 6984
//	discover-blocked           GET PROCESSING OPTIONS answers 6985
//	discover-magstripe         D-PAS mag-stripe mode, with a dynamic verification value
//	discover-zip               the older mag-stripe application, with tracks that are always the same
//	diners-credit              Diners Club, 14 digits; online; online PIN or signature
//	diners-magstripe           the same in D-PAS mag-stripe mode
//
//	jcb-credit         online with CDA; signature or online PIN; version 1
//	jcb-plain          online without offline data authentication; version 4
//	jcb-offline        approves offline within limits, with CDA; gives its balance
//	jcb-torn           the same, leaves the field with its first cryptogram, and gives it again (ECHO)
//	jcb-expired        jcb-offline that expired in December 2020
//	jcb-declines       gives an AAC whatever it is asked for
//	jcb-no-cvm         chooses no CVM whatever the reader asks for
//	jcb-legacy         Legacy mode: online, CVM List, no offline data authentication
//	jcb-magstripe      Mag-stripe mode, for readers that still have it
//	jcb-issuer-update  has no funds left offline; takes the issuer's answer in a second presentment
//	jcb-issuer-hold    the same, stays in the field until the issuer has answered
//	jcb-blocked        GET PROCESSING OPTIONS answers 6985
//	jcb-switch         GENERATE AC answers 6984
//	jcb-phone          token; on-device CVM where the reader asks for one; version 4
//	jcb-phone-always   the same, on-device CVM always
//	jcb-phone-locked   the same, answers 6986 until it was asked once and left the field
//	jcb-phone-refuses  the same, gives an AAC
//
//	unionpay-credit          online; signature or online PIN; signs for gates of transit
//	unionpay-debit           19 digits; online; online PIN, whatever the amount
//	unionpay-quasi-credit    the same under the name of quasi-credit
//	unionpay-common-debit    under two names, its own and US common debit; online; online PIN above the limit
//	unionpay-offline         approves offline within limits, with fDDA version 01
//	unionpay-cash            electronic cash: approves offline down to its reset threshold; tells its balance
//	unionpay-purse           an old one: fDDA version 00; its balance by GET DATA
//	unionpay-expired         unionpay-offline that expired in December 2020
//	unionpay-expired-online  the same, goes online for that
//	unionpay-sm              unionpay-offline with made-up certificates of SM2
//	unionpay-minimal         no records, CTQ or CID
//	unionpay-declines        gives an AAC always
//	unionpay-switch          GET PROCESSING OPTIONS answers 6984
//	unionpay-blocked         GET PROCESSING OPTIONS answers 6985
//	unionpay-phone           token; consumer device CVM where the reader asks for a CVM
//	unionpay-phone-locked    the same, answers 6986 until it was asked once and left the field
//	unionpay-phone-pin       the same, verified always, and wants an online PIN above 50.00 USD
//	unionpay-phone-offline   the same, verified always, approves offline within limits
//	unionpay-phone-refuses   the same, gives an AAC
//	unionpay-watch           the same, its owner has verified always
//
//	interac-debit          online; keys for CDA; up to 250.00 CAD a purchase, 400.00 until a PIN is entered; CVN 133
//	interac-plain          the same without offline data authentication, as most cards in the field
//	interac-offline        approves up to 100.00 CAD in all offline, with CDA, where the reader can
//	interac-limit          50.00 CAD are left before the card wants to be inserted
//	interac-declines       gives an AAC whatever it is asked for
//	interac-expired        interac-debit that expired in December 2020
//	interac-foreign        issued in the USA, in US dollars
//	interac-blocked        GET PROCESSING OPTIONS answers 6985
//	interac-switch         GET PROCESSING OPTIONS answers 6984
//	interac-phone          token, Form Factor Indicator phone, no limits
//	interac-phone-locked   the same, answers 6986 until it was asked once and left the field
//	interac-phone-refuses  the same, gives an AAC
//
//	visa-contact                 contacts: online; DDA; signature or online PIN; CVN 10; transaction log
//	visa-contact-sda             an old card: SDA, format 1; approves offline up to 100.00
//	mastercard-contact           M/Chip: online; CDA; chip and PIN; CDOL2 with the issuer's answer; CVN 16
//	amex-contact                 T=1; approves offline up to 100.00; CDA; chip and PIN; version 1
//	discover-contact             online; DDA; signature or online PIN; version '05'
//	interac-contact              T=1; online; DDA; PIN in any case; version 133
//	jcb-contact                  approves offline up to 100.00; DDA; signature or online PIN; version 1
//	unionpay-contact             online; DDA; online PIN, signature; version 1
//	contact-multi                three applications in a directory: the second to be confirmed, the third blocked
//	contact-no-pse               two applications and no directory
//	contact-pin-plain            PIN in the clear, or signature
//	contact-pin-enciphered       PIN enciphered under a key of its own, or signature
//	contact-pin-blocked          the PIN Try Counter is at zero
//	contact-blocked-application  SELECT answers 6283
//	contact-blocked-card         SELECT answers 6A81
//	contact-scripts              approves offline, chip and PIN: every script command changes something
//	contact-offline              approves offline up to 100.00, three times behind each other; DDA
//	contact-cda                  the same with CDA; CVN 18
//	contact-common-core          online; common core cryptogram, version 5
//	contact-declines             gives an AAC whatever it is asked for
//	contact-mute                 no answer to reset
//	contact-bad-atr              answers to reset that are refused
//	contact-warm-reset           the cold reset's answer is refused, the warm one's tolerated
//
// A Visa card decides in GET PROCESSING OPTIONS. It gives a TC when its profile approves offline, the reader does not ask
// for an online cryptogram, no online PIN was chosen, the currency is its own (9F51), and the amount is within 9F78 and
// 9F79; the latter shrinks with each TC and is filled again by issuer authentication. Otherwise it gives an ARQC, or an
// AAC to a reader that is offline only. It refuses a TTQ without EMV mode with 6985. The Application Transaction Counter
// counts transactions that were begun: not those that a status word refused.
//
// A Mastercard card decides in GENERATE AC, and never gives more than it was asked for: a TC when its profile approves
// offline, the currency is its own (9F42) and the amount is within 9F78 and 9F79, otherwise an ARQC, or an AAC to a terminal
// that is offline only. Asked for a combined signature it gives one; its data are those of the PDOL and of GENERATE AC as
// they came, and the relay resistance data of the transaction. RECOVER AC gives the last answer again where the values of
// the DRDOL are those of that transaction. COMPUTE CRYPTOGRAPHIC CHECKSUM gives CVC3 under the card's key. The relay
// resistance protocol declares DF8303, DF8304 and DF8305; ExchangeTime says how long it took. Data storage keeps what
// terminals write for as long as the Card lives: how cards compute summaries and check digests is not public, so a terminal
// must not rely on more than that a summary changes with the data.
//
// An American Express card decides in GENERATE AC too, by the same limits as Mastercard's, and signs a TC or an ARQC where a
// combined signature is asked for, over the data of the PDOL as they came. Mag-stripe mode differs in its AIP only. A phone
// looks at 9F6E, or at the modified Terminal Type, for whether its owner is to be verified, and answers with 9F71.
//
// A Discover card decides in GET PROCESSING OPTIONS, by the same limits, and in its own currency (9F42). It signs what it
// approves, and a loyalty transaction; the cryptogram stands inside the signature then. Its Card Processing Requirements
// (9F71) ask for its best CVM where reader or card wants one, and say what is to be done where things fail. How the digits
// of the mag-stripe modes (9F7E) are computed is not public: those of these cards are made up.
//
// A UnionPay card decides in GET PROCESSING OPTIONS as Visa's does, and gives records to those transactions only that it
// signs. It approves offline as long as its reset threshold (9F6D) is left of the balance (9F79), and signs an ARQC where
// its FCI says so (DF61) and the reader wants it. 9F69 stands in the last record, that of a phone in the answer.
//
// An Interac card decides in GENERATE AC, and never gives more than it was asked for. It counts the purchases since its last
// PIN, in its own currency (9F42): one beyond the limit of the merchant's type (9F52, 9F54 to 9F57) or, with what was paid
// before, beyond 9F5C gets an AAC; within 9F51 it approves offline, where profile and reader (9F59) can. Refunds count
// nothing and go online. Only those that approve offline or go online with keys sign, when asked to. The bits of Card
// Transaction Information (9F63) are not public: it is zero.
//
// # Contacts
//
// A card with contacts is reset by Power, which gives its answer to reset: of T=0 for most profiles, of T=1 for
// amex-contact and interac-contact. Then it answers whole APDUs in Transmit, as a reader does that handles the protocol
// itself, or, as a T=0 card at the end of the wire, TPDUs in TransmitTPDU with 61xx, 6Cxx and GET RESPONSE. A slot for
// package contact is three lines:
//
//	func (s slot) Reset(_ context.Context, warm bool) ([]byte, error)                   { return s.card.Power(warm) }
//	func (s slot) Transmit(ctx context.Context, dst, c []byte) ([]byte, error)         { return s.card.Transmit(ctx, dst, c) }
//	func (r reader) TransmitTPDU(ctx context.Context, dst, c []byte) ([]byte, error)   { return r.card.TransmitTPDU(ctx, dst, c) }
//
// Errors are *Error with the codes of a reader driver; whoever drives a kernel makes them the kernel's (CodeRemoved is
// kernel.ErrRemoved, and so on). Contactless cards have no answer to reset: Power gives CodeTimeout.
//
// The card's risk management is as VIS has it: a TC without the issuer when the profile approves offline, no PIN was wrong,
// the last online transaction came to its end, the amount is within 9F78, and no more transactions were made since the
// last online one (9F13) than 9F58 says; behind "unable to go online" 9F59 counts. Otherwise an ARQC. The answer of the
// issuer is verified, in EXTERNAL AUTHENTICATE or in CDOL2; a wrong one, or one that declines, makes the second cryptogram
// an AAC, and so does a missing one where the profile says that it must be there. The PIN is TestPIN. Script commands need
// the message authentication code of the scheme under keys of TestMACKey and TestEncipherKey, from the first GENERATE AC
// on, and work: PIN change and unblock, application block and unblock, card block, PUT DATA of 9F58 and 9F59. What they
// change lasts as long as the Card.
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
// Single Transaction Limit, 9F79 VLP Available Funds; of UnionPay 9F6D Reset Threshold; of Mastercard DF8303 to DF8305, the
// declared times; of contact cards 9F13, 9F17 PIN Try Counter, 9F4F Log Format, 9F58 and 9F59. 57 and 5A do not follow each
// other.
//
// # Faults
//
// Config.Faults makes a card break rules; the function Faults explains every one.
//
//	on the way, for the N-th command or from it on (N..)
//	  removed@N timeout@N transmission@N protocol@N collision@N           the errors of a reader driver
//	  empty@N garbage@N sw=XXXX@N 61xx@N answer=HEX@N                     another answer
//	  truncate=COUNT@N flip-answer=OFFSET[:MASK]@N                        a damaged one
//	  delay=MICROSECONDS@N                                                a late one, as through a relay
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
// Contactless cards take issuer scripts and keep them (Card.Scripts) but their message authentication code is not verified
// and they change nothing. Logical channels, extended length and chaining are not there.
package card
