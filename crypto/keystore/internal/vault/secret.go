package vault

import (
	"github.com/cardwright/emv/crypto/keyblock"
	"github.com/cardwright/emv/crypto/keystore"
)

// Seal keeps a secret.
func (v *Vault) Seal(label string, secret []byte) (info keystore.Info, err error) {
	if len(secret) == 0 || len(secret) > keystore.MaxSecret {
		return info, &keystore.Error{Code: keystore.CodeLength, Label: label, Text: "a secret has 1 to 2048 bytes"}
	}
	err = v.change(func() error {
		if err := v.absent(label); err != nil {
			return err
		}
		info, err = v.create(v.describe(label, keystore.KindSecret, keyblock.Header{}, 0), secret)
		return err
	})
	return info, err
}

// Unseal gives it back.
func (v *Vault) Unseal(dst *keystore.Secret, label string) error {
	dst.Wipe()
	return v.read(func() error {
		_, plain, err := v.opened(label, keystore.KindSecret)
		if err != nil {
			return err
		}
		return dst.Set(plain)
	})
}
