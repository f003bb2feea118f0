package vault

import (
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// unwrap opens a key block with a key of this store. The key is in the scratch, until the operation ends.
//
// The protecting key must be K1, or K0, which stood for it before TR-31 of 2018; for version E, K4. ANSI X9.143, 6.3.1;
// ISO 20038. It must be of the version's algorithm: a TDES key of 16 bytes and an AES key of 16 bytes look alike.
func (v *Vault) unwrap(kek string, block []byte) (keyblock.Header, error) {
	refused := func(err error) error { return &keystore.Error{Code: keystore.CodeBlock, Label: kek, Err: err} }
	h, _, err := keyblock.ParseHeader(block)
	if err != nil {
		return h, refused(err)
	}
	r, key, err := v.opened(kek, keystore.KindSymmetric)
	if err != nil {
		return h, err
	}
	of := r.public.header()
	use := keystore.Use{Usage: keyblock.UsageKBPK, Operation: keyblock.OpDecrypt}
	algorithm := keyblock.AlgorithmTDES
	switch h.Version {
	case keyblock.VersionE:
		use.Usage, algorithm = keyblock.UsageKBPK20038, keyblock.AlgorithmAES
	case keyblock.VersionD:
		algorithm = keyblock.AlgorithmAES
	case keyblock.VersionA, keyblock.VersionB, keyblock.VersionC:
	}
	if use.Usage == keyblock.UsageKBPK && of.Usage == keyblock.UsageKEK {
		use.Usage = keyblock.UsageKEK
	}
	if err := use.Permit(kek, &of); err != nil {
		return h, err
	}
	if of.Algorithm != algorithm {
		return h, &keystore.Error{
			Code: keystore.CodeAlgorithm, Label: kek,
			Text: "version " + string(h.Version) + " wants a key of " + algorithm.String() + ", this is one of " + of.Algorithm.String(),
		}
	}
	if h, v.scratch.key, err = keyblock.Unwrap(key, block, 0); err != nil {
		return h, refused(err)
	}
	return h, nil
}

// Import keeps the key of a key block.
func (v *Vault) Import(label, kek string, block []byte) (info keystore.Info, err error) {
	err = v.change(func() error {
		if err := v.absent(label); err != nil {
			return err
		}
		h, err := v.unwrap(kek, block)
		if err != nil {
			return err
		}
		if _, component := h.KeyVersion.Component(); component {
			return &keystore.Error{Code: keystore.CodeUsage, Label: label, Text: "the block holds a component of a key"}
		}
		if h.Usage == keyblock.UsageInitialKey {
			info, err = v.importDUKPT(label, &h)
		} else {
			info, err = v.keep(label, h, v.scratch.key.Bytes())
		}
		return err
	})
	return info, err
}

// Unwrap gives the key of a key block to the caller.
func (v *Vault) Unwrap(kek string, block []byte, use keystore.Use) (h keyblock.Header, key keyblock.Key, err error) {
	err = v.read(func() error {
		if h, err = v.unwrap(kek, block); err != nil {
			return err
		}
		if err := use.Permit("", &h); err != nil {
			return err
		}
		if h.Exportability == keyblock.NonExportable {
			return &keystore.Error{
				Code: keystore.CodeExportability, Text: "the key must not leave the store; import it",
			}
		}
		key = keyblock.NewKey(v.scratch.key.Bytes())
		return nil
	})
	if err != nil {
		return keyblock.Header{}, keyblock.Key{}, err
	}
	return h, key, nil
}
