// Package issuer computes what an issuer and the card it personalised share: the card's keys, the session keys of a
// transaction, the application cryptogram and the answer to it. Simulated cards generate with it, simulated issuer
// hosts verify with it; a terminal has none of these keys.
//
//	issuer master key ──PAN, PSN──▶ ICC master key ──ATC──▶ session key ──data──▶ application cryptogram ──▶ ARPC
//	                  MasterKey                   SessionKey            Cryptogram                     ARPC1, ARPC2
//
// These functions are the steps of Book 2. A Profile says which steps a cryptogram version takes, over which data: it is
// a row of a table, one table a payment scheme.
//
// Keys are of type Key, which never prints itself; functions that derive one write into the caller's, and Key.Wipe ends
// it. What crypto/des expands from a key cannot be wiped: it lives until the garbage collector takes it.
package issuer
