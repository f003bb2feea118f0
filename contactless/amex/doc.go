// Package amex is Kernel 4: EMV Contactless Specifications for Payment Systems, Book C-4, version 2.11 (June 2023), which is
// Expresspay 4: EMV mode and mag-stripe mode. One file a step, in the order of the book.
//
//	             ┌──────────────────────────┐
//	capabilities.go 3.1.1 9F6D and 9F6E      │
//	             │ 3.1 Initiate Application │── 6985 ─────────────────────► Select Next (C)
//	  initiate.go│     Processing; the mode │── 6984, no mode in common ──► Try Another Interface
//	             └────────────┬─────────────┘── no answer, at every step ─► End Application, present
//	             ┌────────────▼─────────────┐                               card again (B), once
//	      read.go│ 3.2 Read Application Data│── missing, malformed ───────► End Application
//	             └────────────┬─────────────┘
//	             ┌────────────▼─────────────┐
//	authenticate.go 3.3 Offline Data        │    SDA; CDA follows with the cryptogram
//	             │     Authentication       │
//	             └────────────┬─────────────┘
//	    limits.go┌────────────▼─────────────┐── above the limit ──────────► Try Another Interface,
//	  restrict.go│ 3.4 Processing           │                               or End Application
//	             │     Restrictions         │
//	             └────────────┬─────────────┘
//	    verify.go┌────────────▼─────────────┐── see phone ────────────────► End Application (B), once
//	    mobile.go│ 3.5 Cardholder           │── no common method ─────────► Try Another Interface
//	             │     Verification         │
//	             └────────────┬─────────────┘
//	             ┌────────────▼─────────────┐
//	   analyse.go│ 3.6 Risk Management      │
//	             │ 3.7 Terminal Action      │
//	             │     Analysis             │
//	             └────────────┬─────────────┘
//	  generate.go┌────────────▼─────────────┐── malformed ────────────────► Try Another Interface,
//	     track.go│ 3.8 GENERATE AC, CDA     │                               or End Application
//	             └────────────┬─────────────┘
//	             ┌────────────▼─────────────┐
//	  complete.go│ 3.9 Declined (or Try Another Interface) · Online Request · Approved
//	             └────────────┬─────────────┘
//	             ┌────────────▼─────────────┐
//	    online.go│ 3.10 Full online: second GENERATE AC and scripts, the card still in the field (D)
//	             └──────────────────────────┘
//
// # The rules by number
//
//	3.1.1 what the reader tells of itself · 3.1.2 PDOL and modified Terminal Type · 3.1.3 status words · 3.1.4 the answer
//	3.1.5 mode · 3.1.6 method of offline data authentication · 3.1.7 blocked mobile CVM
//	3.2.1 records · 3.2.2 what is mandatory · 3.2.3 formats · 3.2.4 the counter in mag-stripe mode
//	3.3.1 SDA · 3.3.2 whether CDA can succeed
//	3.4.1 whether contacts are possible · 3.4.2 dynamic limit sets · 3.4.3 limits · 3.4.4 versions, usage, dates
//	3.4.5 delayed authorisation
//	3.5.1 CVM required · 3.5.2 not required · 3.5.3 the rules of the list · 3.5.4 mobile CVM · 3.5.5 unable to complete
//	3.6.1 floor limit · 3.6.2 exception file
//	3.7.1 unable to go online
//	3.8.1 unpredictable number of mag-stripe mode · 3.8.2 the command · 3.8.3 no answer, status words · 3.8.4 form of the
//	answer · 3.8.5 the cryptogram · 3.8.6 CDA · 3.8.7 mag-stripe mode
//	3.9.1 pseudo tracks · 3.9.2 approved · 3.9.3 online request · 3.9.4 declined · 3.9.5 the data
//	3.10.1 scripts · 3.10.2 second GENERATE AC · 3.10.3 outcome
//
// # What is public, and what was decided
//
// The book is published by EMVCo. Its text was not at hand while this was written, and no public text quotes its section
// numbers: those that stand behind "C-4" here are the numbers of the list above, in the order of processing. The rules are as public implementations, logs of cards and general knowledge of the book have
// them; docs/assumptions.md lists what no public text settles. Tags, bits, the modified Terminal Type, the unpredictable
// number of mag-stripe mode and the input of the combined signature are borne out by published logs of real cards.
//
// # Limits and action codes
//
// The book gives no tags to what a terminal configures beside 9F6D and 9F6E: limits are those of the combination, action
// codes and the rest are Options.
//
// # Outcomes
//
// A card that gave no answer and a phone that wants its owner are End Application with Start B, as in Kernel 2: final for
// the entry point, and continued by Terminal.Restart without an answer. That happens once in a transaction, whatever the
// cause. In mag-stripe mode the Data Record holds the two tracks as 56 and 9F6B, in the form that Kernel 2 gives them.
//
// # Options
//
//	done      EMV mode · mag-stripe mode with both pseudo tracks · SDA · CDA · mobile CVM and see phone · dynamic reader
//	          limit sets · partial online · full online (the older style, where 9F6E says so) · delayed authorisation ·
//	          terminals that can't go online now · exempt and transit terminals · exception file · Try Another
//	          Interface instead of a decline
//	left out  magnetic stripe mode of Expresspay 1.0 and EMV mode of 2.0, which the book no longer has · a combined
//	          signature over the second GENERATE AC of full online
package amex
