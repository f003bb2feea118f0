package tpm

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/google/go-tpm/tpm2"

	"github.com/cardwright/emv/crypto/keystore"
)

// NV indices of a store lie in the range of the owner, at random places. Each has the store's id where its policy would
// be, and no attribute that asks for a policy: so a store knows its own. TCG Registry of Reserved TPM 2.0 Handles, 2.2.
const (
	nvFirst  = 0x01C20000
	nvLast   = 0x01C2FFFF
	nvTries  = 16
	nvAll    = 0x01000000 // the first handle of all NV indices
	countLen = 8
)

// define makes an NV index at a free place. Part 3, 31.3.
func (g *guard) define(attributes tpm2.TPMANV, auth []byte, size uint16) (tpm2.TPMHandle, error) {
	var place [2]byte
	var err error
	for range nvTries {
		_, _ = rand.Read(place[:]) // never fails
		index := tpm2.TPMHandle(nvFirst + uint32(binary.BigEndian.Uint16(place[:])))
		_, err = tpm2.NVDefineSpace{
			AuthHandle: tpm2.AuthHandle{
				Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner),
				Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.owner), tpm2.Salted(g.srk.Handle, g.public),
					tpm2.AESEncryption(aesBits, tpm2.EncryptIn)),
			},
			Auth: tpm2.TPM2BAuth{Buffer: auth},
			PublicInfo: tpm2.New2B(tpm2.TPMSNVPublic{
				NVIndex: index, NameAlg: tpm2.TPMAlgSHA256, Attributes: attributes,
				AuthPolicy: tpm2.TPM2BDigest{Buffer: g.id[:]}, DataSize: size,
			}),
		}.Execute(g.tpm)
		if err == nil {
			return index, nil
		}
		if !errors.Is(err, tpm2.TPMRCNVDefined) {
			break
		}
	}
	return 0, refused("TPM2_NV_DefineSpace", err)
}

// find reads the public area of an index, which must be one of this store. ok is false where there is none.
func (g *guard) find(index tpm2.TPMHandle) (h tpm2.NamedHandle, ok bool, err error) {
	if index < nvFirst || index > nvLast {
		return h, false, nil
	}
	read, err := tpm2.NVReadPublic{NVIndex: index}.Execute(g.tpm)
	if errors.Is(err, tpm2.TPMRCHandle) {
		return h, false, nil
	}
	if err != nil {
		return h, false, refused("TPM2_NV_ReadPublic", err)
	}
	public, err := read.NVPublic.Contents()
	if err != nil {
		return h, false, refused("TPM2_NV_ReadPublic", err)
	}
	name, err := tpm2.NVName(public)
	if err != nil {
		return h, false, refused("TPM2_NV_ReadPublic", err)
	}
	return tpm2.NamedHandle{Handle: index, Name: *name}, bytes.Equal(public.AuthPolicy.Buffer, g.id[:]), nil
}

// undefine deletes an index. Part 3, 31.4.
func (g *guard) undefine(h tpm2.NamedHandle) error {
	_, err := tpm2.NVUndefineSpace{AuthHandle: g.ownerAuth(), NVIndex: h}.Execute(g.tpm)
	return refused("TPM2_NV_UndefineSpace", err)
}

// drawSecret draws an authorization value in which no byte is zero. A TPM removes zeros from the end of a value (Part 1,
// 19.6.4.3); go-tpm v0.9.8 cuts it at the first one, wherever that is (github.com/google/go-tpm/pull/446).
func drawSecret(dst *[32]byte) {
	for i := range dst {
		for dst[i] = 0; dst[i] == 0; {
			_, _ = rand.Read(dst[i : i+1]) // never fails
		}
	}
}

// makeSecret draws the store's authorization value and writes it to an index of its own.
func (g *guard) makeSecret() (tpm2.TPMHandle, error) {
	drawSecret(&g.secret)
	index, err := g.define(tpm2.TPMANV{
		NT: tpm2.TPMNTOrdinary, OwnerWrite: true, OwnerRead: true, NoDA: true,
	}, nil, uint16(len(g.secret)))
	if err != nil {
		return 0, err
	}
	h, _, err := g.find(index)
	if err != nil {
		return index, err
	}
	_, err = tpm2.NVWrite{
		AuthHandle: tpm2.AuthHandle{
			Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner),
			Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.owner), tpm2.Salted(g.srk.Handle, g.public),
				tpm2.AESEncryption(aesBits, tpm2.EncryptIn)),
		},
		NVIndex: h, Data: tpm2.TPM2BMaxNVBuffer{Buffer: g.secret[:]},
	}.Execute(g.tpm)
	return index, refused("TPM2_NV_Write", err)
}

// readSecret reads the store's authorization value.
func (g *guard) readSecret(index tpm2.TPMHandle) error {
	h, ok, err := g.find(index)
	if err != nil {
		return err
	}
	if !ok {
		return &keystore.Error{Code: keystore.CodeWiped, Text: "the TPM does not know this store"}
	}
	read, err := tpm2.NVRead{
		AuthHandle: tpm2.AuthHandle{
			Handle: tpm2.TPMRHOwner, Name: tpm2.HandleName(tpm2.TPMRHOwner),
			Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.owner), tpm2.Salted(g.srk.Handle, g.public),
				tpm2.AESEncryption(aesBits, tpm2.EncryptOut)),
		},
		NVIndex: h, Size: uint16(len(g.secret)),
	}.Execute(g.tpm)
	if err != nil {
		return refused("TPM2_NV_Read", err)
	}
	defer clear(read.Data.Buffer)
	if len(read.Data.Buffer) != len(g.secret) {
		return &keystore.Error{Code: keystore.CodeTPM, Text: "TPM2_NV_Read gave another length"}
	}
	copy(g.secret[:], read.Data.Buffer)
	return nil
}

// NewCounter makes a counter. The TPM starts it one above all that it had before (Part 1, 37.2.4); a second step keeps a
// record of a deleted counter, which may be one ahead, behind it too.
func (g *guard) NewCounter() (uint32, uint64, error) {
	index, err := g.define(tpm2.TPMANV{
		NT: tpm2.TPMNTCounter, AuthWrite: true, AuthRead: true, NoDA: true,
	}, g.secret[:], countLen)
	if err != nil {
		return 0, 0, err
	}
	for range 2 {
		if err := g.Increment(uint32(index)); err != nil {
			return 0, 0, errors.Join(err, g.DropCounter(uint32(index)))
		}
	}
	value, err := g.Count(uint32(index))
	return uint32(index), value, err
}

// counter finds an index that must be there: a store without its counter cannot tell a new state from an old one.
func (g *guard) counter(index uint32) (tpm2.NamedHandle, error) {
	h, ok, err := g.find(tpm2.TPMHandle(index))
	if err == nil && !ok {
		err = &keystore.Error{Code: keystore.CodeRolledBack, Text: "the counter is gone"}
	}
	return h, err
}

// Count reads a counter. Part 3, 31.13.
func (g *guard) Count(index uint32) (uint64, error) {
	h, err := g.counter(index)
	if err != nil {
		return 0, err
	}
	read, err := tpm2.NVRead{AuthHandle: g.use(h), NVIndex: h, Size: countLen}.Execute(g.tpm)
	if err != nil {
		return 0, refused("TPM2_NV_Read", err)
	}
	if len(read.Data.Buffer) != countLen {
		return 0, &keystore.Error{Code: keystore.CodeTPM, Text: "TPM2_NV_Read gave another length"}
	}
	return binary.BigEndian.Uint64(read.Data.Buffer), nil
}

// Increment steps a counter; the TPM answers when the new value is durable. Part 3, 31.8.
func (g *guard) Increment(index uint32) error {
	h, err := g.counter(index)
	if err != nil {
		return err
	}
	auth := g.use(h)
	auth.Auth = tpm2.HMAC(tpm2.TPMAlgSHA256, nonceLen, tpm2.Auth(g.secret[:])) // nothing comes back to be enciphered
	_, err = tpm2.NVIncrement{AuthHandle: auth, NVIndex: h}.Execute(g.tpm)
	return refused("TPM2_NV_Increment", err)
}

// DropCounter deletes a counter.
func (g *guard) DropCounter(index uint32) error {
	h, ok, err := g.find(tpm2.TPMHandle(index))
	if err != nil || !ok {
		return err
	}
	return g.undefine(h)
}

// Wipe deletes every NV index of the store: counters that no record names any more, and the authorization value.
func (g *guard) Wipe() error {
	next := uint32(nvAll)
	for {
		got, err := tpm2.GetCapability{
			Capability: tpm2.TPMCapHandles, Property: next, PropertyCount: 64,
		}.Execute(g.tpm)
		if err != nil {
			return refused("TPM2_GetCapability", err)
		}
		handles, err := got.CapabilityData.Data.Handles()
		if err != nil {
			return refused("TPM2_GetCapability", err)
		}
		for _, handle := range handles.Handle {
			next = uint32(handle) + 1
			h, ok, err := g.find(handle)
			if err != nil {
				return err
			}
			if ok {
				if err := g.undefine(h); err != nil {
					return err
				}
			}
		}
		if !got.MoreData || len(handles.Handle) == 0 {
			return nil
		}
	}
}
