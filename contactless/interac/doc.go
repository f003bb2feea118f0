// Package interac is the kernel of Interac Flash, the contactless debit of Canada.
//
//	         ┌──────────────────────────┐
//	prepare.go Terminal's objects       │   9F58 to 9F5F, 9F33 by amount
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐── 6984, 6985 ───────────────► other interface
//	initiate.go Initiate Application    │── 6986: see phone ──────────► Try Again (B)
//	         │ Processing               │── no answer ────────────────► Try Again (B), so many times
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐
//	  read.go│ Read Application Data    │── no answer ────────────────► Try Again (B), so many times
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐
//	 check.go│ Card data                │── missing, repeated ────────► End Application
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐
//	switch.go│ Form factor, limits,     │── not here ─────────────────► other interface
//	         │ option status            │
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐
//	         │ Processing Restrictions  │   Book 3, 10.4: leave their findings in the TVR
//	verify.go│ Cardholder Verification  │── none that will do ────────► other interface
//	 risk.go │ Terminal Risk Management │   Book 3, 10.6
//	action.go│ Terminal Action Analysis │   Book 3, 10.7: AAC, ARQC or TC is asked for
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐── no answer ────────────────► Try Again (B), so many times
//	generate.go GENERATE AC, once       │── AAC ──────────────────────► other interface, Declined
//	         │ authenticate.go: CDA     │── signature bad or missing ─► other interface
//	         └────────────┬─────────────┘
//	         ┌────────────▼─────────────┐
//	complete.go Online Request · Approved
//	         └──────────────────────────┘
//
// "Other interface" is what Terminal Transaction Information (9F59) says of the place: Try Another Interface with contact
// chip in this terminal, the same without a preference where another terminal has it, and Declined where none has.
//
// # What is public, and what was decided
//
// The specification of Interac Flash is licensed and not public; versions 1.2, 1.4 and 1.5 are known by name, and 1.5 is the
// newest that public texts mention. Public are names, lengths and bits of the terminal's objects 9F58 to 9F5E, the outcomes,
// that there is EMV mode only, with one GENERATE AC and CDA or no offline data authentication, how refunds and cumulative
// limits work for the customer, and status words of a few cards. Everything else is an assumption with a number: code and
// vectors cite it as "Interac, A7", and docs/assumptions.md is the list. A terminal that is to accept Interac cards needs the
// scheme's licence and its certification; this kernel has neither.
//
// # Options
//
//	done      purchases and refunds with the card present · merchant types · option status · limits for cards and for
//	          phones · floor and receipt limits · CDA, for a TC and on wish for an ARQC · offline approval with CDA ·
//	          online PIN where 9F59 has it · cards and phones refused by form factor · legacy floor limit · retry limit
//	left out  signature: no public text says when Flash takes one · the bits of Card Transaction Information (9F63), which are
//	          not public: it is forwarded · issuer update and mag-stripe mode, which the scheme does not have without contacts
package interac
