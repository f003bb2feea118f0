package dukpt

// updateCounter is the counter of the DUKPT update key: no transaction has so many one bits. ANSI X9.24-3, 6.5.
const updateCounter = 0xFFFFFFFF

// AESUpdateKey makes dst the DUKPT update key of a device, from its initial key: the key encryption key of a transaction
// with all bits of the counter one, under which the host sends a new initial key. The type is what the parties have
// agreed on. ANSI X9.24-3, 6.5 ("DUKPT Update Key").
//
// The errors are CodeKeyLength, CodeKeyType, CodeUsage (an HMAC key enciphers no keys), CodeKeyStrength and CodeCipher.
func AESUpdateKey(dst, initial *Key, k KeyType, id InitialKeyID) error {
	var t AESTransaction
	defer t.Wipe()
	if err := t.descend(initial, id.ksn(updateCounter)); err != nil {
		return err
	}
	return t.Key(dst, KeyEncryption, k)
}

// Update replaces the initial key by one that the host sent under the DUKPT update key, which the caller has unwrapped:
// the counter starts anew under another initial key ID. An exhausted terminal lives on so. ANSI X9.24-3, 6.5 ("Update
// Initial Key").
//
// The errors are those of Load, CodeNotLoaded, and CodeInitialKeyID for the ID in use, under which KSNs would repeat;
// t is as before then.
func (t *AESTerminal) Update(initial *Key, id InitialKeyID) error {
	if t.counter == 0 {
		return &Error{Code: CodeNotLoaded}
	}
	if id == t.id {
		return &Error{Code: CodeInitialKeyID}
	}
	return t.Load(initial, id)
}

// UpdateKey makes dst the DUKPT update key of a type, as AESUpdateKey derives it. It stays the same until the initial
// key is replaced, and outlives exhaustion. The errors are CodeNotLoaded, and those of AESUpdateKey.
func (t *AESTerminal) UpdateKey(dst *Key, k KeyType) error {
	update := AESTransaction{KSN: t.id.ksn(updateCounter), key: t.update}
	defer update.Wipe()
	return update.Key(dst, KeyEncryption, k)
}
