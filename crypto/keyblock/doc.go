// Package keyblock wraps keys into key blocks and takes them out again: TR-31 and ANSI X9.143 versions A, B, C and D, and
// version E of ISO 20038. A key block is printable text that binds a key to what it may be used for:
//
//	D 0112 P0 A E 00 E 00 0 0   optional blocks   length, key, padding   MAC
//	│ │    │  │ │ │  │ │  │ └ reserved            └ enciphered, in hex   └ in hex, over the header and the key
//	│ │    │  │ │ │  │ │  └ key context           └──────────────────────────────┐
//	│ │    │  │ │ │  │ └ how many optional blocks                                │
//	│ │    │  │ │ │  └ exportability       version A, C   TDES, KBPK variants:   MAC of what is enciphered, 4 bytes
//	│ │    │  │ │ └ key version number     version B      TDES, derived keys:    CMAC of the plaintext, 8 bytes
//	│ │    │  │ └ mode of use              version D      AES-CBC, derived keys: CMAC of the plaintext, 16 bytes
//	│ │    │  └ algorithm                  version E      AES-CTR, derived keys: CMAC of the plaintext, 16 bytes
//	│ │    └ key usage
//	│ └ length of all, in characters
//	└ version
//
// Wrap makes a block, Unwrap opens one, ParseHeader reads what is readable without a key. What a header says is enforced
// with Header.Allow (usage and mode) and Header.AllowExport; the tables behind them are in README.md, and Usages lists
// them. Header.Check holds a header to the combinations that X9.143 allows; both Wrap and Unwrap ask it, and a Permit
// names each thing that X9.143 forbids or deprecates and that is let through all the same.
//
// Blocks are read to the letter: length field and length agree, hexadecimal is upper case, no block has spare bytes, and
// any character that is changed is noticed. MACs are compared in constant time. What the header promises is looked at once
// the MAC is right, and the key leaves only after that.
//
// Every refusal is an *Error with a stable Code. Keys come out as Key, which masks itself wherever it is printed and which
// Wipe overwrites. Derived keys and plaintext are overwritten before a function returns; the key schedules that crypto/des
// and crypto/aes expand can't be, and live until the garbage collector takes them.
//
// Clause numbers of X9.143 are those of the edition of 2021, those of TR-31 of 2018.
package keyblock
