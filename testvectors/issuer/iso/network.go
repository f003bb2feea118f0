package iso

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/keyblock"
)

// network answers 0800.
func (s *Server) network(m *message) *message {
	a := m.answer(70)
	switch m.fields[70] {
	case networkSignOn, networkSignOff, networkEcho:
		return a.with(39, codeApproved)
	case networkNewKey:
		block, err := s.newKey(m.fields[61])
		if err != nil {
			return a.with(39, codeUnable)
		}
		return a.with(39, codeApproved).with(96, string(block))
	}
	return a.with(39, codeInvalid)
}

// newKey wraps the initial key of the next initial key ID under the DUKPT update key of the one in use (ANSI X9.24-3, 6.5),
// in a key block of version D with the ID in its optional block IK (ANSI X9.143, 6.3.6).
func (s *Server) newKey(ksn string) ([]byte, error) {
	k, err := dukpt.ParseAESKSN([]byte(ksn))
	if err != nil {
		return nil, err
	}
	old := k.InitialKeyID()
	next := old
	s.issued++
	binary.BigEndian.PutUint32(next[4:], binary.BigEndian.Uint32(old[4:])+s.issued<<16)
	var initial, update dukpt.Key
	defer initial.Wipe()
	defer update.Wipe()
	if err := dukpt.AESInitialKey(&initial, &s.bdk, old); err != nil {
		return nil, err
	}
	if err := dukpt.AESUpdateKey(&update, &initial, dukpt.AES128, old); err != nil {
		return nil, err
	}
	return keyBlock(&s.bdk, update.Bytes(), next)
}

// TestKeyBlock returns the initial key of a simulated terminal under TestBDK, wrapped under an AES key: what a keystore
// imports.
func TestKeyBlock(kbpk []byte, id dukpt.InitialKeyID) ([]byte, error) {
	var bdk dukpt.Key
	if err := dukpt.SetKey(&bdk, TestBDK()); err != nil {
		return nil, err
	}
	return keyBlock(&bdk, kbpk, id)
}

// keyBlock wraps an initial key.
func keyBlock(bdk *dukpt.Key, kbpk []byte, id dukpt.InitialKeyID) ([]byte, error) {
	var initial dukpt.Key
	defer initial.Wipe()
	if err := dukpt.AESInitialKey(&initial, bdk, id); err != nil {
		return nil, err
	}
	h := keyblock.Header{
		Version: keyblock.VersionD, Usage: keyblock.UsageInitialKey, Algorithm: keyblock.AlgorithmAES,
		Mode: keyblock.ModeDerive, KeyVersion: "00", Exportability: keyblock.NonExportable, Context: keyblock.ContextExchange,
		Blocks: []keyblock.OptionalBlock{keyblock.InitialKeyID(id)},
	}
	return keyblock.Wrap(nil, rand.Reader, kbpk, &h, initial.Bytes(), keyblock.Options{})
}
