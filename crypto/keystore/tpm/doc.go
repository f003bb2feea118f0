// Package tpm is a keystore that a TPM 2.0 holds: a device (/dev/tpmrm0), a unix socket (swtpm, vTPMs), or TBS on
// Windows.
//
//	storage root key (SRK), 0x81000001           made at first need, shared with whoever else uses the TPM
//	  ├── key pairs                              P-256, fixedTPM: made in the TPM, wrapped blobs in the records
//	  ├── attestation key                        P-256, restricted: signs only what the TPM itself says
//	  └── data keys                              sealed objects, one a record, opened for one operation; possibly to PCRs
//	NV index, 32 bytes                           the store's authorization value, random: every object above asks for it
//	NV counters, one a DUKPT key                 only grow
//
// The folder of a store alone is nothing: the blobs open under this TPM's SRK only, and with the authorization value
// only, which lies in the TPM. Wipe deletes that index, after which no copy of the folder opens again, wherever it was made.
// What travels to and from the TPM in the clear is public; secrets go through sessions that are salted with the SRK, or keyed
// with the authorization value, and enciphered: listening on the bus gives nothing.
//
// What the TPM does not protect from: a process with the same rights on this device can use the keys as the store does.
//
// Sections are those of the TPM 2.0 Library specification, revision 1.59.
package tpm
