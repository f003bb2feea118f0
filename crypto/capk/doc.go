// Package capk holds certification authority public keys: the root keys by which a terminal verifies the
// certificates of cards (EMV Book 2, sections 5.1, 6.1 and 11.2; 11.2.2 lists what is kept of each).
//
// A [Set] is immutable. It is made by [NewSet] from keys at hand, or by [Parse] or [Load] from a key file in JSON,
// whose published checksums are verified. Kernels ask a [Source] and know of nothing else here.
//
// [Test] and [Production] are the sets that come with the package. See README.md for how their files were made.
// They are for simulation and for the laboratory: a terminal in the field takes its keys from its acquirer.
//
// # Expiry
//
// A lookup ignores the expiry date of a key. Schemes review the dates every year and move them (Book 2, section 10), a
// date in a public list says only what was planned, and a recorded transaction must verify years later. A terminal
// whose keys carry dates that it trusts asks for the rest with [Set.At] at start of day: Book 2, 11.2.4 makes the
// withdrawal of keys a matter of terminal management, not of the processing of a transaction.
package capk
