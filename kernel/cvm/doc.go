// Package cvm is cardholder verification by the card's CVM List (Book 3, 10.5; Book 4, 6.3.4).
//
//	      ┌──────────── next rule ◀──────────────┐
//	      ▼                                      │ b7 set: apply succeeding rule
//	condition satisfied? ─ no ─▶ next rule       │
//	      │ yes                                  │
//	      ▼                                      │
//	 recognised? ── no ─▶ TVR unrecognised ─▶ failed ── b7 clear ─▶ TVR not successful
//	      │ yes                                  ▲
//	      ▼                                      │
//	 supported? ─── no ─▶ TVR PIN pad missing ───┤
//	      │ yes          (a PIN only)            │
//	      ▼                                      │
//	 perform ────── not successful ──────────────┘
//	      │ successful
//	      ▼
//	     done
//
// Performed are: plaintext and enciphered offline PIN (RSA), both with signature too, online PIN, signature, no CVM, and
// fail. Biometric methods of EMV 4.4 are recognised and not supported: they fail without "Unrecognised CVM". Offline PIN
// under an ECC key is not supported either. Methods reserved for payment systems and issuers are not recognised.
//
// What a transaction's PIN is, only the PIN pad and, for the length of a command, one buffer here know.
package cvm
