// Package issuer computes what an issuer and the card it personalised share: the card's keys, the session keys of a
// transaction, the application cryptogram and the answer to it, issuer script commands, and the values that verify a card
// or a PIN. Simulated cards generate with it, simulated issuer hosts verify with it; a terminal has none of these keys.
//
//	issuer master key ──PAN, PSN──▶ ICC master key ──ATC──▶ session key ──data──▶ application cryptogram ──▶ ARPC
//	                  MasterKey                   SessionKey            Cryptogram                     ARPC1, ARPC2
//	                                              └─cryptogram─▶ session keys for scripts ──▶ MAC, enciphered data
//	                                                Messaging                                 Script
//
// These functions are the steps of Book 2, for TDES and for AES. A Profile says which steps a cryptogram version takes,
// over which data, and a Messaging how a scheme protects its scripts: both are rows of tables, one table a payment scheme.
//
// What is known by published numbers: options A, B and C; the session keys of EMV, of M/Chip, of UnionPay, of VIS's
// secure messaging and of EMV 4.0's tree; cryptograms and answers of Visa 10, 18 and 22, M/Chip 16 to 21 and UnionPay 1;
// CCD's input; commands of VIS and M/Chip; card and PIN verification values. Where no number is public - cryptograms and
// answers under AES, Visa 17, Interac's input, and the versions of American Express, Discover and JCB - the tests let a
// card's side that is written from the formulas alone meet the issuer's side, and testvectors/crypto-issuer.json has
// cases that a second implementation computed. The comment of each table says what of it is public.
//
// Keys are of type Key, PINs of type [pin.PIN], which never print themselves; functions that derive one write into the
// caller's, and Wipe ends it. What crypto/des and crypto/aes expand from a key cannot be wiped: it lives until the
// garbage collector takes it.
package issuer
