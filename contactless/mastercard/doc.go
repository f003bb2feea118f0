// Package mastercard is Kernel 2: EMV Contactless Specifications for Payment Systems, Book C-2, version 2.11 (June 2023),
// both modes. Files and functions follow the states and procedures of the book, under its names.
//
//	              ┌──────────────────────────┐
//	       idle.go│ S1  Idle                 │── FCI can't be read ─────────► Select Next (C)
//	              └────────────┬─────────────┘
//	              ┌────────────▼─────────────┐── status bytes ──────────────► Select Next (C)
//	   initiate.go│ S3  Get Processing       │── no answer (in every state) ► End Application, present
//	              │     Options; the mode    │                                card again (B)
//	              └─────┬──────────────┬─────┘
//	           EMV mode │              │ mag-stripe mode
//	┌───────────────────▼──────┐ ┌─────▼────────────────────┐
//	│ SR1 Exchange Relay       │ │ S7  Read Record          │magstripe.go
//	│     Resistance Data      │ │ S78 limit, number        │── above limit ► Select Next (C)
//	└───────────────────┬──────┘ └─────┬────────────────────┘
//	 relay.go           │        ┌─────▼────────────────────┐
//	┌───────────────────▼──────┐ │ S13, S14  Compute        │checksum.go
//	│ S3R1, S4  Read Record    │ │     Cryptographic        │── no checksum ► Declined, or
//	└───────────────────┬──────┘ │     Checksum; the tracks │   second tap (B)
//	 read.go            │        └─────┬────────────────────┘track.go
//	┌───────────────────▼──────┐       └──────────────────────► Online Request
//	│ S456  card data, limit   │── above limit ───────────────► Select Next (C)
//	│ 7.1, S16  balance before │check.go, balance.go
//	│ 7.7  Processing          │restrict.go
//	│      Restrictions        │
//	│ 7.5  CVM Selection       │cvm.go
//	│ 7.8  Terminal Action     │action.go
//	│      Analysis            │
//	└─────┬──────────────┬─────┘
//	      │ torn record  │ none
//	┌─────▼────────┐┌────▼─────────────┐
//	│ S10 Recover  ││ 7.6, S9  Generate│── no answer: torn record ────► End Application, present
//	│     AC       ├► S11      AC      │                                card again (B)
//	└─────┬────────┘└────┬─────────────┘
//	 torn.go             │generate.go
//	┌─────▼──────────────▼─────┐
//	│ 7.3, S17  balance after  │
//	│ S910 A  CDA              │authenticate.go
//	│ S910 B  no CDA           │── invalid ───────────────────► End Application
//	└────────────┬─────────────┘
//	 complete.go ▼ Approved · Online Request · Declined · Try Another Interface · second tap (B)
//
// # What is public, and what was decided
//
// The book is published by EMVCo. Its text was not at hand while this was written: the rules stand here as public
// implementations and general knowledge of the book have them, with the numbers of states, steps and procedures that those
// cite. Where readings differ, the comment at the rule says which one was taken and why. This kernel is code that blocks
// and not a process with signals: ACT is the call of Run, CA and RA are an exchange, L1RSP is an exchange that fails, MSG is
// Env.UI, OUT is the Outcome that is returned, STOP is the end of the context, CLEAN is the function Clean.
//
// # Outcomes
//
// Every outcome leaves its parameters in the data store as the book writes them: Outcome Parameter Set (DF8129), User
// Interface Request Data (DF8116), Error Indication (DF8115), Data Record (FF8105) and Discretionary Data (FF8106), the
// last two being Outcome.Record and Outcome.Discretionary. A card that gave no answer, and a device that wants its owner,
// are End Application with Start B: final for the entry point, and continued by Terminal.Restart without an answer.
//
// # Options
//
//	done      EMV mode with and without CDA · on-device cardholder verification · mag-stripe mode with both tracks ·
//	          phone messages and second tap · relay resistance protocol · torn transaction recovery · balance reading
//	          before and after GENERATE AC · field off detection · reading fewer records without CDA
//	left out  data exchange with the terminal (DEK and DET, states S2, S5, S6, S8; Tags To Read, Tags To Write, Proceed To
//	          First Write) · standalone and integrated data storage (states S12, S15) · the template in which a card sends
//	          an object is not checked · L3 errors, which need a terminal that does not answer or gives no amount
package mastercard
