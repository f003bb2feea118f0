// Package pin builds and opens PIN blocks: formats 0 to 4 of ISO 9564-1, and the two forms in which a terminal hands a
// PIN to a card for offline verification.
//
//	              PIN ──Encode──▶ clear block ──Encipher──▶ what leaves the PIN entry device
//	format 0, 3   PIN, PAN        Block                     TDESBlock
//	format 1      PIN             Block                     TDESBlock
//	format 2      PIN             Block, and no further: it is the data field of VERIFY in plaintext
//	format 4      PIN             Field                     AESBlock, which takes the PAN
//	EMV offline   PIN             PIN data of N_PE bytes    RSA under the key of the card
//
// PIN, Block and Field are secrets: they print, log and marshal as "[pin]", and Wipe ends them. Functions that make
// one write into the caller's. What enciphers has no such type. Errors carry no PIN, no PAN and no key.
//
// A PAN is given as 1 to 19 ASCII digits in a slice, so that the caller can wipe it. Randomness is passed in.
//
// What crypto/des and crypto/aes expand from a key, and the numbers that bigmod keeps on the stack while it multiplies,
// cannot be wiped: the first live until the garbage collector takes them, the others until the stack is used again.
package pin
