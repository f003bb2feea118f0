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
// # Contract
//
//   - The port is open only while Desk.Run runs: while a code is on the screen. All secrets are erased when it returns.
//   - A code serves once. It is erased by the first proof that holds, whatever the later checks say, and by the third that
//     does not. Whoever does not know the secret cannot name the code (its id is an HMAC under the secret), so a stranger on
//     the network cannot use up the three tries.
//   - The proof covers the TLS exporter, so a middleman who relays it has another one; and it covers the till's public key,
//     which must be that of its TLS certificate.
//   - The record is on the disk before the answer leaves, on either side.
//   - Every refusal is a *wire.Error whose code is stable. The checks have one order, and the first that fails answers:
//     used or expired, proof, versions, platform, chain, merchant, location, country, network, lease.
//
// # Two ways to trust
//
// Without Roots the two are stand-alone: certificates are self-signed and the pair record is all the trust there is; a till
// that has no location yet takes over the terminal's. With Roots both present certificates of the merchant's authority
// for one location (identity.go), and every later session needs chain and pin.
//
// There is no code to type: eight digits need a password-authenticated key exchange, and the standard library has no
// constant-time arithmetic of P-256 points for one.
package pairing
