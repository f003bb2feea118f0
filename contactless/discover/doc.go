// Package discover is Kernel 6: EMV Contactless Specifications for Payment Systems, Book C-6, version 2.6 (February 2016),
// with what is publicly known of versions 2.10 and 2.11: Discover, Diners Club, PULSE and the US common debit AID.
//
//	           ┌──────────────────────────┐── FCI ─────────────────────► Try Another Interface, End Application
//	 activate.go│ Kernel Activation        │── PDOL, no common mode ────► Select Next (C)
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐── 6984 ────────────────────► Try Another Interface
//	           │ Initiate Application     │── 6986: see phone ─────────► Try Again (B)
//	initiate.go│ Processing               │── other, bad answer ───────► Select Next (C)
//	           └────────────┬─────────────┘── signature, cryptogram ───► End Application
//	           ┌────────────▼─────────────┐
//	    read.go│ Read Application Data    │── bad record, PAN differs ─► End Application
//	           └──────┬───────────┬───────┘    card may leave the field
//	             EMV  │           │ mag-stripe
//	                  │  ┌────────▼────────┐
//	                  │  │ track data      │  magstripe.go, dcvv.go ───► Online Request
//	                  │  └─────────────────┘
//	           ┌──────▼───────────────────┐
//	           │ Offline Data             │    CDA, where the card signed; a failure is for action analysis
//	      authenticate.go Authentication  │
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	  verify.go│ Cardholder Verification  │── none in common ──────────► Try Another Interface, End Application
//	           └────────────┬─────────────┘    by TTQ and CPR
//	           ┌────────────▼─────────────┐
//	restrict.go Processing Restrictions   │    into the TVR
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	   action.go│ Terminal Action Analysis │── the card says so ───────► Try Another Interface
//	           └────────────┬─────────────┘    by TVR and CPR; TACs and IACs are not looked at
//	           ┌────────────▼─────────────┐
//	 complete.go Declined · Online Request · Approved
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	  update.go│ Issuer update processing │    second tap, with the issuer's scripts
//	           └──────────────────────────┘
//
// # What is public, and how rules are cited
//
// EMVCo publishes the book; its text was not at hand while this was written. The rules stand here as public
// implementations, vendors' manuals and a domestic scheme's published card profile have them; what none of them settles is
// listed in docs/assumptions.md. The numbers of the book's sections are not publicly known either: in "C-6, 3.5.2" chapter
// 3 is this package, section 5 a step in the order of the diagram and 2 a rule of it, not a place in the book's text.
//
//	3.1 activation   3.2 initiate   3.3 read      3.4 authenticate   3.5 verify
//	3.6 restrict     3.7 action     3.8 complete  3.9 update         3.10 mag-stripe modes
//
// # Options
//
//	done      EMV mode · D-PAS mag-stripe mode, asked for by the card (9F7D) · the legacy mode of AID A0000003241010 (ZIP),
//	          both off unless TTQ byte 1 b8 is set · Card Processing Requirements (9F71) · CDA over the answer to GET
//	          PROCESSING OPTIONS · exception file · confirmation code of a consumer device · issuer update processing ·
//	          PID limit (loyalty) transactions, off unless asked for · display of the offline balance (D1) ·
//	          extended logging (DF3C), where it is configured and the card's PDOL asks for it
//	left out  data storage, recovery of torn transactions, fast mode, transit and deferred authorisation: of versions 2.10
//	          and 2.11, of which only tags and outlines are public. No card is told that they are there
package discover
