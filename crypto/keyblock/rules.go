package keyblock

import "strings"

// Permit is a set of what is let through although X9.143 forbids or deprecates it. The zero Permit lets nothing through.
type Permit uint8

// What can be let through.
const (
	PermitVersionA  Permit = 1 << iota // version A
	PermitAnyUse                       // usages, algorithms, modes and their combinations that are in no table, proprietary values included
	PermitSingleDES                    // DES keys of 8 bytes, as algorithm D or T
	PermitWeakKBPK                     // keys that are stronger than the KBPK

	PermitAll = PermitVersionA | PermitAnyUse | PermitSingleDES | PermitWeakKBPK
)

// Check holds a header to what X9.143 allows: the version, the usage with its algorithm and mode of use, exportability and
// context, and the optional blocks that go with the key.
//
// The errors are CodeVersion, CodeField, CodeDeprecated, CodeUsage, CodeAlgorithm, CodeMode and CodeOptionalBlock.
func (h *Header) Check(p Permit) error {
	if _, err := h.Version.binding(); err != nil {
		return err
	}
	if err := h.wellFormed(); err != nil {
		return err
	}
	if err := checkBlocks(h.Blocks); err != nil {
		return err
	}
	// ANSI X9.143, 6.2, byte 0: version A is deprecated and not for new applications.
	if h.Version == VersionA && p&PermitVersionA == 0 {
		return &Error{Code: CodeDeprecated, Field: fieldVersion}
	}
	if p&PermitAnyUse != 0 {
		return nil
	}
	// ANSI X9.143, 6.3.1 to 6.3.3: the usages, and the algorithms and modes of each.
	rule, ok := h.Usage.Rule()
	if !ok {
		return &Error{Code: CodeUsage, Field: string(h.Usage)}
	}
	if !has(rule.Algorithms, h.Algorithm) {
		return &Error{Code: CodeAlgorithm, Field: string(h.Usage + Usage(h.Algorithm))}
	}
	if !has(rule.Modes, h.Mode) {
		return &Error{Code: CodeMode, Field: string(h.Usage + Usage(h.Mode))}
	}
	if _, ok := exportabilities[h.Exportability]; !ok {
		return &Error{Code: CodeField, Field: fieldExportability}
	}
	if _, ok := contexts[h.Context]; !ok {
		return &Error{Code: CodeField, Field: fieldContext}
	}
	return h.checkCompany()
}

// checkCompany holds the optional blocks to the keys that they are for. ANSI X9.143, 6.3.6.
func (h *Header) checkCompany() error {
	// An HMAC key names its hash, and no other key does.
	hash, named := h.Find(BlockHash)
	if hmac := has(hmacs, h.Algorithm); hmac != named || hmac && !h.Algorithm.hashes(Hash(hash)) {
		return &Error{Code: CodeOptionalBlock, Field: string(BlockHash)}
	}
	// Only a derivation key says what may be derived from it.
	if _, ok := h.Find(BlockDerivations); ok && h.Usage != UsageDerivation {
		return &Error{Code: CodeOptionalBlock, Field: string(BlockDerivations)}
	}
	return nil
}

// hashes reports whether an HMAC algorithm is one with that hash: H with all, I with SHA-2, J with SHA-3.
func (a Algorithm) hashes(id Hash) bool {
	if _, ok := id.info(); !ok {
		return false
	}
	switch a {
	case AlgorithmHMACSHA2:
		return strings.HasPrefix(string(id), "2")
	case AlgorithmHMACSHA3:
		return id >= HashSHA3_224
	default:
		return true
	}
}

// checkKey holds a key's length to its algorithm, and its strength to that of the KBPK.
//
// The errors are CodeKeyLength, CodeSingleDES and CodeStrength.
func (h *Header) checkKey(n, kbpk int, p Permit) error {
	if h.Usage == UsageIV {
		if n != desBlock && n != aesBlock {
			return &Error{Code: CodeKeyLength, N: n} // an IV has the length of a block
		}
		return nil
	}
	if n == desKey && (h.Algorithm == AlgorithmTDES || h.Algorithm == AlgorithmDES) {
		if p&PermitSingleDES == 0 {
			return &Error{Code: CodeSingleDES, N: n}
		}
		return nil
	}
	if !h.Algorithm.takes(n) {
		return &Error{Code: CodeKeyLength, N: n}
	}
	// ANSI X9.24-1 (key strength): a key is protected by one that is at least as strong.
	b, err := h.Version.binding()
	if err != nil {
		return err
	}
	if p&PermitWeakKBPK == 0 && strength(h.Algorithm, n) > strength(b.algorithm(), kbpk) {
		return &Error{Code: CodeStrength, N: n}
	}
	return nil
}

const (
	desKey   = 8 // bytes
	desBlock = 8
	aesBlock = 16
)

// takes reports whether keys of an algorithm can have n bytes. Key pairs are encoded, HMAC keys are of any length.
func (a Algorithm) takes(n int) bool {
	switch a {
	case AlgorithmAES:
		return n == 16 || n == 24 || n == 32
	case AlgorithmTDES:
		return n == 16 || n == 24
	case AlgorithmDES:
		return false
	default:
		return n > 0
	}
}

// longest returns the length of the algorithm's longest key in bytes, 0 where there is none.
func (a Algorithm) longest() int {
	switch a {
	case AlgorithmAES:
		return 32
	case AlgorithmTDES:
		return 24
	case AlgorithmDES:
		return desKey
	default:
		return 0
	}
}

// strength returns the security strength of a symmetric key of n bytes in bits, 0 for what is not judged: key pairs, whose
// size is inside their encoding, and HMAC keys. NIST SP 800-57 part 1, 5.6.1.1.
func strength(a Algorithm, n int) int {
	switch {
	case a == AlgorithmAES:
		return 8 * n
	case a == AlgorithmTDES && n == 16:
		return 80
	case a == AlgorithmTDES && n == 24:
		return 112
	}
	return 0
}
