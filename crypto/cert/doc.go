// Package cert verifies the RSA certificates and signatures of cards: the issuer certificate, the ICC certificate,
// the ICC PIN encipherment certificate, signed static application data (SSAD) and signed dynamic application data
// (SDAD), as EMV Book 2, chapters 5 to 7 write them; and, in ecc_*.go, certificates on elliptic curves. Each function
// performs the steps of its section in the order of the book and stops at the first that fails; the error is that step's
// [Code].
//
//	CA key (capk) ── Issuer ──┬── SSAD            static data authentication (SDA)
//	                          ├── ICC ──┬── SDAD  dynamic data authentication (DDA, fDDA)
//	                          │         └── CDA   combined with the application cryptogram
//	                          └── PINKey          offline PIN encipherment
//
// What is not here: finding the CA key, deciding which method applies, collecting the static data and checking that
// the tag list 9F4A holds only 82, and what a failure means for the transaction (TVR, TSI). Those are the kernel's.
//
// All operations are methods of a [Verifier], which owns every buffer that they need: once it has seen a key size it
// does not allocate, whether it succeeds or fails. Keys and fields that it returns alias those buffers.
//
// The functions check what the book tells a terminal to check. The pad pattern 'BB' is not among it: the hash covers
// it. Two rules go beyond the numbered steps because what follows cannot be done otherwise: a key must have an odd
// modulus and an exponent of 3 or 2^16+1, and lengths inside a block must fit the block.
package cert
