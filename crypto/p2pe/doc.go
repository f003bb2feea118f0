// Package p2pe enciphers what a terminal knows of a card before it leaves the kernel: the PAN, the tracks and the PIN,
// under the DUKPT working keys of one transaction. What leaves is a [Value], which is not secret and says what it is, and
// an [Account], which is what stays readable.
//
//	                 ┌─ PIN key ───▶ PIN block of format 4 (AES) or 0 (TDES)   ─┐
//	DUKPT            ├─ data key ──▶ PAN, track 1, track 2: CBC, random vector ─┼─▶ Value ──▶ host link ──▶ Host
//	transaction ─────┴─ MAC key ───▶ MAC over all of the value                 ─┘
//	card ──────────────────────────▶ Account: masked PAN, BIN, last four
//
// [Terminal.Record] does it for a kernel's whole Data Record: what is confidential is taken out and comes back as values.
//
// The terminal's side is a [Terminal], made of a transaction that a keystore gives; the host's side is a [Host], made of the
// same transaction, derived from the base derivation key. Working keys are AES by default; where a host asks for TDES, a
// TDES DUKPT transaction or a TDES working key type of an AES one makes them.
//
// What cannot be done by mistake: a Terminal has no method that deciphers; a Value holds no clear data and cannot be made
// but by a Terminal or from what was received; one Terminal enciphers one PIN; a Value opens only as what it was made as, for
// the KSN it was made with, and only after its MAC was right, so that a host is no padding oracle. A Terminal, and Clear, which
// a host opens, mask themselves and are wiped.
//
// Standards: the DUKPT key usages are those of ANSI X9.24-1 and X9.24-3, PIN blocks those of ISO 9564-1; padding is method 2
// of ISO/IEC 9797-1, the MAC is CMAC of NIST SP 800-38B. No standard fixes how card data is laid out in a message: the form of
// Value is this project's, and the two sides are tested against each other.
package p2pe
