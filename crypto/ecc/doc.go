// Package ecc computes what EMV does with elliptic curves: the points and keys of the curves P-256 and P-521, the
// ECSDSA signature of certificates, Diffie-Hellman with and without a blinding factor, and the session keys and message
// protection that Kernel 8 builds on it. Package cert verifies certificates with it.
//
//	card                                    terminal
//	d_C, Q_C = d_C·G (certified)            d_T, Q_T = d_T·G (new for each transaction)
//	                   ◀────── Q_T ───────
//	r drawn
//	x(r·Q_C)           ─── x(r·Q_C) ──────▶
//	z = x(r·d_C·Q_T)                        z = x(d_T·P), P a point with that x
//	SK_C, SK_I of z                         SK_C, SK_I of z
//	                   ─── r under SK_C ──▶ later, when Q_C is known: is x(r·Q_C) what was sent?
//
// The card's certified key stays unseen on the air, so that two taps of a card can't be linked; the terminal learns r,
// and with it that the channel ends in the card whose certificate it verified.
//
// # Sources
//
// The book is EMV Contactless Book E (Security and Key Management); the contact books take the same formats from it
// since version 4.4. Of Book E this package knows what is public: the signature and its two worked examples (8.8.7), and
// known answers of the session key derivation, the MACs and the encipherment, from which the formulas in the comments
// were found and which they reproduce. What no public number shows is left to the caller and said so: where message
// counters begin, and which messages are protected. The composition of a protected message in [Channel], encipher then
// MAC, is this package's own.
//
// # Secrets
//
// Scalars and keys are of types that print, log and marshal as "[key]", and have Wipe. Multiplications by a secret scalar
// are those of crypto/ecdh, arithmetic with one is that of filippo.io/bigmod: both take time that does not depend on the
// secret. The verification of a signature has none and uses crypto/elliptic, the only addition of points in the standard
// library. What crypto/ecdh and crypto/aes copy from a key cannot be wiped: it lives until the garbage collector takes it.
package ecc
