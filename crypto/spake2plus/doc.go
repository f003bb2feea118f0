// Package spake2plus is the password-authenticated key exchange SPAKE2+ (RFC 9383) with the ciphersuite
// P256-SHA256-HKDF-SHA256-HMAC-SHA256. Two sides that share a short password get a strong key; who is between them, or
// who does not know the password, gets one guess for each exchange and nothing to try guesses on afterwards.
//
//	Prover: w0, w1                                   Verifier: w0, L = w1·P
//	shareP = x·P + w0·M        ─── shareP ─────────▶ checked: on the curve
//	                                                 shareV = y·P + w0·N
//	checked: on the curve      ◀── shareV, confirmV ─
//	Z = x·(shareV - w0·N)                            Z = y·(shareP - w0·M)
//	V = w1·(shareV - w0·N)                           V = y·L
//	confirmV checked           ─── confirmP ───────▶ confirmP checked
//	K_shared                                         K_shared
//
// # Contract
//
//   - Neither side gives its key before the other's confirmation was checked: the types leave no other order. RFC 9383, 3.3.
//   - The verifier's answer confirms first. Whoever plays the prover can hold one guess of the password against it, so the
//     application counts the guess before it sends the answer.
//   - Identities and context go into the transcript: sides that differ in one bit of them do not agree on a key. What
//     binds the exchange to a connection belongs into the context.
//   - The group is of prime order with a cofactor of 1: a point on the curve that is not the identity is in the subgroup,
//     and there is nothing to multiply by. Points have the uncompressed form, which is the only one that the transcript
//     knows; the identity has none. RFC 9383, 3.3 and 6.
//   - Randomness is passed in; the same bytes give the same shares.
//
// # Secrets
//
// Secrets and exchanges print, log and marshal as "[key]" and have Wipe. Points are multiplied by filippo.io/nistec and
// scalars by filippo.io/bigmod, in a time that depends on no secret. What the hash, HMAC and HKDF of the standard library
// copy from a key cannot be wiped: it lives until the garbage collector takes it.
package spake2plus
