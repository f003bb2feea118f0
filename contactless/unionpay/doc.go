// Package unionpay is Kernel 7: EMV Contactless Specifications for Payment Systems, Book C-7, version 2.11, as far as it is
// publicly known: UnionPay QuickPass, which is qUICS abroad and qPBOC in China. It has one mode: the whole transaction is
// in GET PROCESSING OPTIONS.
//
//	           ┌──────────────────────────┐
//	 prepare.go│ Kernel Activation        │── PDOL without TTQ ─────────► Select Next (C)
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐── 6984, others ────────────► Try Another Interface, End Application
//	           │ Initiate Application     │── 6985 ────────────────────► Select Next (C)
//	initiate.go│ Processing               │── 6986: see phone ─────────► Try Again (B)
//	           │                          │── no answer ───────────────► Try Again (B)
//	           └────────────┬─────────────┘── AAC ─────────────────────► Declined
//	           ┌────────────▼─────────────┐
//	    read.go│ Read Application Data    │── no answer ───────────────► Try Again (B)
//	 balance.go│                          │    card may leave the field
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	   check.go│ Card data, the card's    │── contradictions ──────────► End Application
//	           │ decision                 │    ARQC ─► online
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐── cash, cashback ──────────► Try Another Interface
//	restrict.go│ Processing Restrictions  │── listed, not allowed ─────► Declined
//	           └────────────┬─────────────┘    expired ─► decline or online
//	           ┌────────────▼─────────────┐
//	  verify.go│ Cardholder Verification  │── none in common ──────────► Declined
//	           └────────────┬─────────────┘    by TTQ and CTQ
//	           ┌────────────▼─────────────┐
//	           │ Offline Data             │── failed, card says so ─────► Try Another Interface
//	authenticate.go Authentication        │    fDDA; failed ─► decline or online
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	complete.go│ Online Request · Approved│
//	           └──────────────────────────┘
//
// # What is public, and how rules are cited
//
// EMVCo publishes the book; its text was not at hand while this was written. The rules stand here as PBOC 3.0 (JR/T 0025,
// from which the book comes), public implementations and vendors' manuals have them. Where those differ from what is known
// of C-7, C-7 was taken; what none of them settles is listed in docs/assumptions.md. The numbers of the book's sections are
// not publicly known either: in "C-7, 3.5.2" chapter 3 is this package, section 5 a step in the order of the diagram and 2 a
// rule of it, not a place in the book's text.
//
//	3.1 activation   3.2 initiate   3.3 read          3.4 card data
//	3.5 restrict     3.6 verify     3.7 authenticate  3.8 complete
//
// # Options
//
//	done      fDDA version 01 · version 00 of older cards, off unless asked for · derivation of the CID · exception file ·
//	          Application Usage Control · consumer device CVM with its signed copy · no PIN and no signature below the
//	          reader's CVM limit, off unless asked for · CVM and online cryptogram for cashback, off unless asked for ·
//	          authentication of online transactions (transit gates), where TTQ byte 1 b1 is set · electronic cash: approved
//	          as the card decides, its balance shown, and read with GET DATA from cards that send none
//	left out  the algorithms SM2, SM3 and SM4 of Chinese cards, which are recognised and refused: no card is told that the
//	          reader has them (DF69), and a certificate made with them fails with a code of its own · mag-stripe mode and
//	          PBOC by tap, which the book no longer has · extended applications of transit (DF60) · issuer update
//	          processing and torn transactions, of which only bits and settings are public
//
// Limits on single and cumulative offline amounts are the card's own affair: nothing of them is tested by the reader, whose
// limits work through the TTQ. There is no terminal risk management and no action analysis, and the TVR stays zero.
package unionpay
