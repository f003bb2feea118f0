// Package mac computes the message authentication codes that cards, terminals and issuers exchange:
//
//   - ISO/IEC 9797-1 MAC algorithm 1 (CBC-MAC) over any block cipher, and MAC algorithm 3 (the "retail MAC")
//     over DES, with padding methods 1, 2 and 3;
//   - CMAC of NIST SP 800-38B over AES and TDES.
//
// Every function appends the whole MAC, one cipher block, to a slice that the caller gives, and works in that slice:
// where it has room, only the key schedule is allocated. Protocols that use fewer bytes take the leftmost ones; Verify
// compares such a truncated MAC in constant time. The slice appended to must not overlap the data.
//
// Keys are read and not kept. The key schedules that crypto/des and crypto/aes expand from them cannot be wiped: they
// live until the garbage collector takes them.
//
// HMAC is crypto/hmac of the standard library.
package mac
