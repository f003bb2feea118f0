// Package jcb is Kernel 5: EMV Contactless Specifications for Payment Systems, Book C-5, version 2.11 (June 2023), JCB's
// J/Speedy: EMV mode and Legacy mode, and the Mag-stripe mode that readers had until J/Speedy 1.4.
//
//	           ┌──────────────────────────┐
//	 activate.go│ 3.2 Kernel Activation    │── FCI, no common mode ─────► Select Next (C)
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐── status, bad answer ──────► Select Next (C)
//	 initiate.go│ 3.3 Initiate Application │── no answer (in every step)► End Application, present card again (B)
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	    read.go│ 3.4 Read Application Data│── bad or missing data ─────► Select Next (C)
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	    risk.go│ 3.5 Terminal Risk        │── above limit ─────────────► Select Next (C)
//	           │     Management           │   TVR; "CVM required" in 9F53
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	restrict.go│ 3.6 Processing           │   TVR
//	           │     Restrictions         │
//	           └────────────┬─────────────┘
//	           ┌────────────▼─────────────┐
//	  action.go│ 3.7 Terminal Action      │── denial, refund ──────────► Declined
//	           │     Analysis             │
//	           └──┬─────────┬──────────┬──┘
//	         EMV  │  legacy │          │ mag-stripe
//	┌─────────────▼──┐ ┌────▼───────┐ ┌▼──────────────┐
//	│ 3.8 GENERATE AC│ │ 3.10 GENE- │ │ 3.9 GET MAG-  │── 6986: see phone ──► End Application (B)
//	│     CDA, CVM   │ │ RATE AC,   │ │ STRIPE DATA   │
//	└──────────────┬─┘ │ CVM List   │ │ legacy.go, magstripe.go
//	generate.go    │   └────┬───────┘ └┬──────────────┘
//	authenticate.go│        └────┬─────┘
//	verify.go      ▼             ▼
//	complete.go  3.13  Approved · Declined · Online Request · Try Another Interface
//	             ┌──────────────────────────┐
//	    update.go│ 3.11 Issuer Update       │   the field is held (D), or a second presentment (B)
//	             └──────────────────────────┘
//	             ┌──────────────────────────┐
//	      torn.go│ 3.14 Torn Transaction    │   ECHO first, when GENERATE AC was left without an answer
//	             └──────────────────────────┘
//
// # What is public, and how rules are cited
//
// EMVCo publishes the book; of its text only the contents list was at hand while this was written. The numbers of the steps,
// "C-5, 3.5", are those of that list; a third number, "C-5, 3.5.2", counts the rules of the step here and is no place in
// the book. The rules stand as public code and vendors' manuals have them, most of it of version 2.5, with what is known
// of later ones. What none of them settles is in docs/assumptions.md.
//
// # End Application after an issuer's answer
//
// The issuer decides. Where issuer update ends in End Application, its decision stands, and the terminal shows it: the card
// did not take what was for it, which changes nothing of the payment. Declined is different: the card refused what the
// issuer had approved.
//
// # Options
//
//	done      EMV mode with and without CDA · Legacy mode · Mag-stripe mode, off unless the Combination Options say so ·
//	          status check · exception file · random selection · separate limits for cards and for devices · issuer update
//	          by present and hold and by two presentments · torn transaction recovery with ECHO, of one transaction ·
//	          transit readers · see phone · display of the Offline Balance (9F5F)
//	left out  'FF' as padding between the objects of a record (the reader of TLV is strict) · what versions 2.10 to 2.12
//	          have new beyond what is named above: not publicly known
package jcb
