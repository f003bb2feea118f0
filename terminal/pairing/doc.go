// Package pairing makes a till and a terminal known to each other. PRODUCT 3.1.
//
//	terminal                                   till
//	shows code{pin, s, addresses} ───────────▶ scans it
//	listens on 27000            ◀──TLS 1.3──── dials every address, accepts only pin
//	      E = exporter("cardwright pair v1")  both sides
//	                            ◀───────────── PairHello{mac_p = HMAC(s, "P" E spki tid)}
//	checks, stores the record   ─────────────▶ PairOK{mac_t = HMAC(s, "T" E mac_p), resume key}
//	shows confirmation(E)                      checks mac_t, stores the record, shows confirmation(E)
//
// A till without a camera takes the eight digits that stand beside the code. They are too few to prove with, so that the
// two run SPAKE2+ (RFC 9383, crypto/spake2plus) first; what comes of it takes the place of s, and the rest is the same:
//
//	shows eight digits                         has them typed, and the address
//	                            ◀──TLS 1.3──── dials the address, whoever is there
//	                            ◀───────────── PairStart{share_p}
//	counts the try              ─────────────▶ PairShare{share_v, confirm_v}
//	                                           checks confirm_v before it says who it is
//	                            ◀───────────── PairConfirm{confirm_p, PairHello}
//	checks, stores the record   ─────────────▶ PairOK
//
// # Contract
//
//   - The port is open only while Desk.Run runs: while a code is on the screen. All secrets are erased when it returns.
//   - A code serves once. It is erased by the first proof that holds, whatever the later checks say, and by the third that
//     does not.
//   - The proof covers the TLS exporter, so a middleman who relays it has another one; and it covers the till's public key,
//     which must be that of its TLS certificate. SPAKE2+ covers the exporter and the public keys of both.
//   - The record is on the disk before the answer leaves, on either side.
//   - Every refusal is a *wire.Error whose code is stable. The checks have one order, and the first that fails answers:
//     used or expired, proof, versions, platform, chain, merchant, location, country, network, lease.
//
// # Strangers on the network
//
// Whoever does not know the secret of a code that is scanned can't name the code (its id is an HMAC under the secret), so
// a stranger can't use up its three tries, let alone guess 128 bits.
//
// Eight digits have no name that would not tell something of them, so there is one such code at a time, and who begins
// an exchange has used a try of it: it is counted before the terminal's answer, with which one guess can be checked. That
// leaves a stranger three guesses of 10^8 for each code, and the codes have their own pace: after the second spoiled one
// the terminal waits a minute before it shows the next, then two, four and so on up to an hour, and begins anew after an
// hour without. That is fewer than forty guesses an hour, however many strangers there are and however they go about it;
// a Desk remembers it from Run to Run. A stranger can thus keep others from typing, though not from scanning. That one
// alone can't spoil the code that follows, an address with three tries waits a minute. DeskConfig.ScanOnly does without
// digits.
//
// What was heard of an exchange is of no use for finding the code: SPAKE2+ leaves nothing to try codes on.
//
// # Two ways to trust
//
// Without Roots the two are stand-alone: certificates are self-signed and the pair record is all the trust there is; a till
// that has no location yet takes over the terminal's. With Roots both present certificates of the merchant's authority
// for one location (identity.go), and every later session needs chain and pin.
package pairing
