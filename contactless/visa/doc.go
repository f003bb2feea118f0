// Package visa is Kernel 3: EMV Contactless Specifications for Payment Systems, Book C-3, version 2.11 (June 2023), EMV
// mode. It is the model that the other kernel packages follow: one file a step, in the order of the book.
//
//	          ┌──────────────────────────┐
//	 limits.go│ Dynamic Reader Limits    │── not allowed ──────────────► Select Next (C)
//	          └────────────┬─────────────┘
//	          ┌────────────▼─────────────┐── 6984 ─────────────────────► Try Another Interface
//	          │ Initiate Application     │── 6985 ─────────────────────► Select Next (C)
//	        initiate.go  Processing      │── 6986: see phone ──────────► Try Again (B)
//	          └────────────┬─────────────┘── no answer ────────────────► Try Again (B)
//	          ┌────────────▼─────────────┐
//	   read.go│ Read Application Data    │── no answer ────────────────► Try Again (B)
//	          └────────────┬─────────────┘    card may leave the field
//	          ┌────────────▼─────────────┐
//	  check.go│ Card Read Complete       │── missing, repeated ────────► End Application
//	          │ the card's decision      │    AAC ─► decline   ARQC ─► online
//	          └────────────┬─────────────┘
//	          ┌────────────▼─────────────┐
//	restrict.go Processing Restrictions  │── cash, cashback ───────────► Try Another Interface
//	          └────────────┬─────────────┘    expired, listed ─► decline or online
//	          ┌────────────▼─────────────┐
//	          │ Offline Data             │── failed, card says so ─────► Try Another Interface
//	     authenticate.go Authentication  │    failed ─► decline or online
//	          └────────────┬─────────────┘
//	          ┌────────────▼─────────────┐
//	 verify.go│ Cardholder Verification  │    by TTQ and CTQ
//	          └────────────┬─────────────┘
//	          ┌────────────▼─────────────┐
//	complete.go Declined · Online Request · Approved
//	          └────────────┬─────────────┘
//	          ┌────────────▼─────────────┐
//	 update.go│ Issuer update processing │    second tap, with the issuer's answer
//	          └──────────────────────────┘
//
// # What is public, and what was decided
//
// The book is published by EMVCo. Its text was not at hand while this was written: the rules stand here as public
// implementations and general knowledge of the book have them, with the book's requirement numbers. Where readings
// differ, the comment at the rule says which one was taken and why; docs/decisions/0003 lists them.
//
// # Options
//
//	done      fDDA version 01 · SDA · offline data authentication for online authorisations · exception file ·
//	          Application Usage Control for cash and cashback · ATM check · dynamic reader limits · display of the
//	          available offline spending amount · issuer update processing
//	left out  Integrated Data Storage (only its tags are public) · fDDA version 00, which the book no longer accepts ·
//	          mag-stripe mode, which the book no longer has
package visa
