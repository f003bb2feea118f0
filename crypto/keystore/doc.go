// Package keystore is how a terminal keeps its keys: one interface, [Provider], and three implementations.
//
//	keystore/tpm      TPM 2.0: the device key never leaves it, secrets are sealed to it, its counter keeps DUKPT states new
//	keystore/file     a folder sealed under a passphrase. Software: who has the folder and the passphrase has the keys
//	keystore/memory   nothing survives; for tests
//
// # What a key may do
//
// Every key is kept together with what its TR-31 header says (usage, mode of use, exportability), under one
// authentication: who changes the header has lost the key. Each operation asks for a [Use] and the store refuses what the
// header does not permit. Key bytes leave by Unwrap alone, only out of a key block that the caller brought, and only if
// its header does not say 'N'; and as the transactions of a DUKPT key, each once.
//
// # Where keys are while they are used
//
// The private key of a key pair stays in the TPM. Symmetric keys and DUKPT states do not: a TPM offers no TDES and no
// DUKPT, so they are sealed to it at rest and opened for one operation, in a buffer that is overwritten at its end. What
// crypto/aes, crypto/des and the AEAD expand from a key cannot be wiped: it lives until the garbage collector takes it.
// So "in hardware" means for them: a stolen disk, a copied folder or a backup gives nothing; the running process is
// trusted. Hardware that computes DUKPT itself (a secure element, an HSM behind PKCS#11) is a Provider of its own.
//
// # DUKPT states and the counter
//
// A DUKPT key gives each working key once. The state is a record; the TPM holds a counter that only grows, one for
// each DUKPT key, and the record says, under its seal, which value it belongs to. A step goes:
//
//  1. read the record (value c, state s) and the counter v. c = v goes on; c = v+1 is a step that was written and not
//     counted: the counter is incremented first; anything else is an old state: CodeRolledBack
//  2. derive the working keys and the next state s'
//  3. write (c+1, s') durably: file, then folder
//  4. increment the counter
//  5. hand the working keys out
//
// A crash, or the loss of power,
//
//   - before 3 is done leaves (c, s) and v = c: nothing was handed out, the same step is done again;
//   - between 3 and 4 leaves (c+1, s') and v = c: the next step counts first and goes on from s'. The working keys of s
//     were never handed out and never will be: one transaction number is skipped;
//   - after 4 leaves (c+1, s') and v = c+1, whether or not the keys were handed out: at most one number is skipped.
//
// A working key leaves only after the counter has passed the state that it came from, so a copy of that state, put back at
// any later time, is behind the counter and refused. The file provider has no such counter: there a copied folder works, and
// Info.Counter is false.
package keystore
