// Package dukpt derives unique keys per transaction: DUKPT with TDES of ANSI X9.24-1 and with AES of ANSI X9.24-3, on
// both sides.
//
//	terminal  initial key ──▶ future keys ──counter──▶ transaction key ──usage──▶ working keys
//	                          TDESTerminal, AESTerminal  .Next                    .Key
//	host      BDK ──KSN──▶ initial key ──counter──▶ transaction key ──usage──▶ working keys
//	                       HostTDES, HostAES                         .Key
//
// A terminal forgets the initial key as soon as it is loaded, and each future key when it has been used: what it holds
// tells nothing of the transactions before. Its state is a secret that the caller keeps. AppendBinary gives it out to
// be sealed, under a counter that only grows: who can put an old state back gets old keys again. Next moves the state on
// in memory, and the new state must be stored before the transaction's keys are used.
//
// The transaction counter skips values with more one bits than an allowance (10 of 21, 16 of 32), so that the host never
// derives deeper; KSNs with more are refused. After the last value a terminal is exhausted and needs a new initial key.
//
// Keys are of type Key, which never prints itself; functions that derive one write into the caller's, and Wipe ends it.
// What crypto/des and crypto/aes expand from a key cannot be wiped: it lives until the garbage collector takes it.
package dukpt
