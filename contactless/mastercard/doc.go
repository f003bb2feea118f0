// Package mastercard is Kernel 2: EMV Contactless Specifications for Payment Systems, Book C-2, version 2.11 (June 2023),
// both modes. Files and functions follow the states and procedures of the book, under its names.
//
//	              ┌──────────────────────────┐
//	       idle.go│ S1  Idle                 │── FCI can't be read ─────────► Select Next (C)
//	   exchange.go│     lists, data storage  │
//	              └────────────┬─────────────┘
//	              ┌────────────▼─────────────┐
//	     signal.go│ S2  PDOL data            │── the terminal is silent ────► End Application
//	              └────────────┬─────────────┘   (S6 and S8, too)
//	              ┌────────────▼─────────────┐── status bytes ──────────────► Select Next (C)
//	   initiate.go│ S3  Get Processing       │── no answer (in every state) ► End Application, present
//	              │     Options; the mode    │                                card again (B)
//	              └─────┬──────────────┬─────┘
//	           EMV mode │              │ mag-stripe mode
//	┌───────────────────▼──────┐ ┌─────▼────────────────────┐
//	│ SR1 Exchange Relay       │ │ S7  Read Record          │magstripe.go
//	│     Resistance Data      │ │ S8  first write flag     │signal.go
//	└───────────────────┬──────┘ │ S78 limit, number        │── above limit ► Select Next (C)
//	 relay.go           │        └─────┬────────────────────┘
//	┌───────────────────▼──────┐ ┌─────▼────────────────────┐
//	│ S3R1  data storage       │ │ S13, S14  Compute        │checksum.go
//	│ S4, S4'  Read Record     │ │     Cryptographic        │── no checksum ► Declined, or
//	│ S5  Get Data             │ │     Checksum; the tracks │   second tap (B)
//	└───────────────────┬──────┘ └─────┬────────────────────┘track.go
//	 storage.go read.go │              └──────────────────────► Online Request
//	         getdata.go │
//	┌───────────────────▼──────┐
//	│ S6  first write flag     │signal.go
//	│ S456  card data, limit   │── above limit ───────────────► Select Next (C)
//	│       DS ID              │check.go, storage.go
//	│ 7.1, S16  balance before │balance.go
//	│ 7.7  Processing          │restrict.go
//	│      Restrictions        │
//	│ 7.5  CVM Selection       │cvm.go
//	│ 7.8  Terminal Action     │action.go
//	│      Analysis            │
//	│ S12  Put Data            │putdata.go
//	└─────┬──────────────┬─────┘
//	      │ torn record  │ none
//	┌─────▼────────┐┌────▼─────────────┐
//	│ S10 Recover  ││ 7.6, S9  Generate│── no answer: torn record ────► End Application, present
//	│     AC       ├► S11      AC      │                                card again (B)
//	└─────┬────────┘└────┬─────────────┘storage.go, digest.go
//	 torn.go             │generate.go
//	┌─────▼──────────────▼─────┐
//	│ 7.3, S17  balance after  │
//	│ S910 A  CDA, summaries   │authenticate.go, storage.go
//	│ S910 B  no CDA           │── invalid ───────────────────► End Application
//	│ S15  Put Data            │putdata.go
//	└────────────┬─────────────┘
//	 complete.go ▼ Approved · Online Request · Declined · Try Another Interface · second tap (B)
//
// # What is public, and what was decided
//
// The book is published by EMVCo. Its text was not at hand while this was written: the rules stand here as public
// implementations and general knowledge of the book have them, with the numbers of states, steps and procedures that those
// cite. Where readings differ, the comment at the rule says which one was taken and why. This kernel is code that blocks
// and not a process with signals: ACT is the call of Run, CA and RA are an exchange, L1RSP is an exchange that fails, MSG is
// Env.UI, OUT is the Outcome that is returned, DEK and DET are calls of Options.Exchange, CLEAN is the function Clean.
//
// STOP is the end of the context. Run then returns its error, with the outcome of the book beside it; the entry point passes
// the error on, and the data objects (DF8129, DF8115) keep the outcome. From GENERATE AC on STOP comes too late, as the book has it: a card that may have answered leaves its Torn
// Record, and behind its answer the transaction is completed.
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
//	          before and after GENERATE AC · field off detection · reading fewer records without CDA · data exchange
//	          with the terminal · integrated data storage of versions 1 and 2 · standalone data storage by Tags To Read
//	          and Tags To Write
//	left out  a template is checked in answers and records, not in the FCI · DET does not change amounts and what else
//	          pre-processing has tested: a Transaction always has them, and "amount not present" can't happen · Data
//	          Needed and Data To Send are handed over and not kept as data objects
package mastercard
