package tpm

import (
	"errors"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"github.com/cardwright/emv/crypto/keystore"
)

const (
	// srkHandle is the storage root key's. TCG TPM v2.0 Provisioning Guidance, 7.5.1.
	srkHandle tpm2.TPMHandle = 0x81000001

	nonceLen = 16 // bytes of a session's nonces
	aesBits  = 128
)

// guard is the TPM as one store sees it: vault.Guard, vault.Counters and vault.KeyPairs.
type guard struct {
	tpm   transport.TPMCloser
	owner []byte // authorization of the owner hierarchy; mostly empty

	srk    tpm2.NamedHandle
	public tpm2.TPMTPublic // of the SRK

	id     [32]byte // the store's, in the policy field of its NV indices
	secret [32]byte // the authorization value of all its objects
	pcrs   []uint   // to which data keys are sealed
}

// Name is "tpm".
func (g *guard) Name() string { return "tpm" }

// Hardware is true. Whether what answers is a chip or an emulator, the TPM's own certificate says; not this.
func (g *guard) Hardware() bool { return true }

// Close overwrites the authorization value and closes the connection.
func (g *guard) Close() error {
	clear(g.secret[:])
	clear(g.owner)
	if err := g.tpm.Close(); err != nil {
		return &keystore.Error{Code: keystore.CodeTPM, Err: err}
	}
	return nil
}

// findSRK reads the storage root key, and makes it where there is none and make is set.
func (g *guard) findSRK(makeIt bool) error {
	read, err := tpm2.ReadPublic{ObjectHandle: srkHandle}.Execute(g.tpm)
	if errors.Is(err, tpm2.TPMRCHandle) && makeIt {
		if err := g.makeSRK(); err != nil {
			return err
		}
		read, err = tpm2.ReadPublic{ObjectHandle: srkHandle}.Execute(g.tpm)
	}
	if errors.Is(err, tpm2.TPMRCHandle) {
		return &keystore.Error{Code: keystore.CodeOtherTPM, Text: "this TPM has no storage root key"}
	}
	if err != nil {
		return refused("TPM2_ReadPublic", err)
	}
	public, err := read.OutPublic.Contents()
	if err != nil {
		return refused("TPM2_ReadPublic", err)
	}
	// The name is computed, not believed.
	name, err := tpm2.ObjectName(public)
	if err != nil {
		return refused("TPM2_ReadPublic", err)
	}
	g.srk, g.public = tpm2.NamedHandle{Handle: srkHandle, Name: *name}, *public
	return nil
}

// makeSRK makes the TCG's P-256 storage key in the owner hierarchy and keeps it. Part 3, 24.1 and 28.5.
func (g *guard) makeSRK() error {
	made, err := tpm2.CreatePrimary{
		PrimaryHandle: g.ownerAuth(), InPublic: tpm2.New2B(tpm2.ECCSRKTemplate),
	}.Execute(g.tpm)
	if err != nil {
		return refused("TPM2_CreatePrimary", err)
	}
	defer g.flush(made.ObjectHandle)
	_, err = tpm2.EvictControl{
		Auth:             g.ownerAuth(),
		ObjectHandle:     &tpm2.NamedHandle{Handle: made.ObjectHandle, Name: made.Name},
		PersistentHandle: srkHandle,
	}.Execute(g.tpm)
	return refused("TPM2_EvictControl", err)
}

// ownerAuth proves the owner hierarchy's authorization, by HMAC: the value is not sent.
func (g *guard) ownerAuth() tpm2.AuthHandle {
	return tpm2.AuthHandle{
		Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner),
		Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.owner)),
	}
}

// parent proves the SRK's authorization, which is empty, in a session that enciphers what is sent.
func (g *guard) parent() tpm2.AuthHandle {
	return tpm2.AuthHandle{
		Handle: g.srk.Handle, Name: g.srk.Name,
		Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(nil), tpm2.Salted(g.srk.Handle, g.public),
			tpm2.AESEncryption(aesBits, tpm2.EncryptIn)),
	}
}

// own is the session of an object of this store: keyed with the authorization value, it enciphers what comes back.
func (g *guard) own() tpm2.Session {
	return tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.secret[:]), tpm2.AESEncryption(aesBits, tpm2.EncryptOut))
}

// create makes an object below the SRK, with the store's authorization value, and returns its blob. Part 3, 12.1.
func (g *guard) create(template tpm2.TPMTPublic, data []byte) ([]byte, error) {
	sensitive := tpm2.TPMSSensitiveCreate{UserAuth: tpm2.TPM2BAuth{Buffer: g.secret[:]}}
	if data != nil {
		sensitive.Data = tpm2.NewTPMUSensitiveCreate(&tpm2.TPM2BSensitiveData{Buffer: data})
	}
	made, err := tpm2.Create{
		ParentHandle: g.parent(),
		InSensitive:  tpm2.TPM2BSensitiveCreate{Sensitive: &sensitive},
		InPublic:     tpm2.New2B(template),
	}.Execute(g.tpm)
	if err != nil {
		return nil, refused("TPM2_Create", err)
	}
	return append(tpm2.Marshal(made.OutPublic), tpm2.Marshal(made.OutPrivate)...), nil
}

// load loads a blob for one operation. Part 3, 12.2.
func (g *guard) load(blob []byte) (tpm2.NamedHandle, error) {
	none := tpm2.NamedHandle{}
	public, private, err := split(blob)
	if err != nil {
		return none, err
	}
	loaded, err := tpm2.Load{ParentHandle: g.parent(), InPublic: *public, InPrivate: *private}.Execute(g.tpm)
	if errors.Is(err, tpm2.TPMRCSize) || errors.Is(err, tpm2.TPMRCValue) || errors.Is(err, tpm2.TPMRCHash) {
		return none, &keystore.Error{Code: keystore.CodeTampered, Text: "TPM2_Load", Err: err}
	}
	if err != nil {
		return none, refused("TPM2_Load", err)
	}
	return tpm2.NamedHandle{Handle: loaded.ObjectHandle, Name: loaded.Name}, nil
}

// use is the authorization to use a loaded object of this store.
func (g *guard) use(h tpm2.NamedHandle) tpm2.AuthHandle {
	return tpm2.AuthHandle{Handle: h.Handle, Name: h.Name, Auth: g.own()}
}

// flush unloads an object. Nothing can be done where that fails.
func (g *guard) flush(h tpm2.TPMHandle) {
	_, _ = tpm2.FlushContext{FlushHandle: h}.Execute(g.tpm)
}

// split takes a blob apart: TPM2B_PUBLIC, then TPM2B_PRIVATE, each with its length before it.
func split(blob []byte) (*tpm2.TPM2BPublic, *tpm2.TPM2BPrivate, error) {
	bad := &keystore.Error{Code: keystore.CodeTampered, Text: "a blob of the TPM"}
	if len(blob) < 4 {
		return nil, nil, bad
	}
	n := 2 + int(blob[0])<<8 + int(blob[1])
	if n > len(blob) {
		return nil, nil, bad
	}
	public, err := tpm2.Unmarshal[tpm2.TPM2BPublic](blob[:n])
	if err != nil {
		return nil, nil, bad
	}
	private, err := tpm2.Unmarshal[tpm2.TPM2BPrivate](blob[n:])
	if err != nil {
		return nil, nil, bad
	}
	return public, private, nil
}
