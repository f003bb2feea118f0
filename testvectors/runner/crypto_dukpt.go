package runner

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/cardwright/emv/crypto/dukpt"
	"github.com/cardwright/emv/crypto/mac"
	"github.com/cardwright/emv/crypto/pin"
)

// opDUKPTTDES is dukpt_tdes: bdk, or initial_key, and ksn → initial_key, transaction_key, and the working keys
// pin_key, mac_request_key, mac_response_key, data_request_key, data_response_key (which data_key is the first of),
// data_request_variant, data_response_variant; with clear_pin_block, or pin and pan for one of format 0,
// encrypted_pin_block; with data mac_request, mac_response (ISO/IEC 9797-1 algorithm 3, the left 4 bytes; with _8 all),
// cmac_request, cmac_response, encrypted_data_request, encrypted_data_response (CBC from zero, filled with zeros).
func opDUKPTTDES(in *inputs) (map[string]any, error) {
	ksn, err := dukpt.ParseTDESKSN(in.need("ksn"))
	if err != nil || in.err != nil {
		return nil, err
	}
	var initial dukpt.Key
	if in.has("bdk") {
		var bdk dukpt.Key
		if err := dukpt.SetKey(&bdk, in.need("bdk")); err != nil {
			return nil, err
		}
		err = dukpt.TDESInitialKey(&initial, &bdk, ksn)
	} else {
		err = dukpt.SetKey(&initial, in.need("initial_key"))
	}
	if err != nil {
		return nil, err
	}
	out := map[string]any{"initial_key": upper(initial.Bytes()), "ipek": upper(initial.Bytes())}
	if ksn.Counter() == 0 {
		return out, nil
	}
	var t dukpt.TDESTransaction
	if err := dukpt.TDESFromInitial(&t, &initial, ksn); err != nil {
		return nil, err
	}
	out["transaction_key"] = upper(t.TransactionKey().Bytes())
	keys := map[dukpt.TDESUsage]*dukpt.Key{}
	for usage, names := range map[dukpt.TDESUsage][]string{
		dukpt.TDESPIN:                 {"pin_key", "pin_encryption_key"},
		dukpt.TDESMACRequest:          {"mac_request_key", "mac_key"},
		dukpt.TDESMACResponse:         {"mac_response_key"},
		dukpt.TDESDataRequest:         {"data_request_key", "data_request_derived", "data_key"},
		dukpt.TDESDataResponse:        {"data_response_key", "data_response_derived"},
		dukpt.TDESDataRequestVariant:  {"data_request_variant"},
		dukpt.TDESDataResponseVariant: {"data_response_variant"},
	} {
		k := new(dukpt.Key)
		if err := t.Key(k, usage); err != nil {
			return nil, err
		}
		keys[usage] = k
		for _, name := range names {
			out[name] = upper(k.Bytes())
		}
	}
	if err := in.tdesPINBlock(out, keys[dukpt.TDESPIN]); err != nil {
		return nil, err
	}
	if !in.has("data") {
		return out, nil
	}
	data := in.need("data")
	for end, k := range map[string]*dukpt.Key{
		"_request": keys[dukpt.TDESMACRequest], "_response": keys[dukpt.TDESMACResponse],
	} {
		m, err := mac.Retail(nil, k.Bytes(), mac.Method1, data)
		if err != nil {
			return nil, err
		}
		c, err := mac.CMACTDES(nil, k.Bytes(), data)
		if err != nil {
			return nil, err
		}
		out["mac"+end], out["mac"+end+"_8"], out["cmac"+end] = upper(m[:4]), upper(m), upper(c)
	}
	for end, k := range map[string]*dukpt.Key{
		"_request": keys[dukpt.TDESDataRequest], "_response": keys[dukpt.TDESDataResponse],
	} {
		b, err := mac.NewTDES(k.Bytes())
		if err != nil {
			return nil, err
		}
		if out["encrypted_data"+end], err = zeroCBC(b, data); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tdesPINBlock enciphers the case's PIN block, where it has one, under a working key.
func (in *inputs) tdesPINBlock(out map[string]any, k *dukpt.Key) error {
	var b pin.Block
	switch {
	case in.has("clear_pin_block"):
		b = pin.Block(in.sized("clear_pin_block", 8))
	case in.has("pin") && in.has("pan"):
		var p pin.PIN
		if err := pin.Parse(&p, []byte(in.text("pin"))); err != nil {
			return err
		}
		if err := b.Encode0(&p, in.pan(true)); err != nil {
			return err
		}
	default:
		return nil
	}
	e, err := pin.EncipherTDES(&b, k.Bytes())
	out["encrypted_pin_block"] = upper(e[:])
	return err
}

// aesUsageNames are the working keys of dukpt_aes by name; "_" and the key type follow: pin_encryption_key_aes128.
func aesUsageNames() map[string]dukpt.Usage {
	return map[string]dukpt.Usage{
		"key_encryption_key": dukpt.KeyEncryption, "pin_encryption_key": dukpt.PINEncryption,
		"mac_generation_key": dukpt.MACGeneration, "mac_verification_key": dukpt.MACVerification,
		"mac_both_ways_key": dukpt.MACBothWays, "data_encryption_key": dukpt.DataEncrypt,
		"data_decryption_key": dukpt.DataDecrypt, "data_both_ways_key": dukpt.DataBothWays,
		"key_derivation_key": dukpt.KeyDerivation,
	}
}

// aesKeyTypes are the key types of dukpt_aes.
func aesKeyTypes() map[string]dukpt.KeyType {
	return map[string]dukpt.KeyType{
		"2tdea": dukpt.TDES2, "3tdea": dukpt.TDES3, "aes128": dukpt.AES128, "aes192": dukpt.AES192, "aes256": dukpt.AES256,
		"hmac128": dukpt.HMAC128, "hmac192": dukpt.HMAC192, "hmac256": dukpt.HMAC256,
	}
}

// opDUKPTAES is dukpt_aes: bdk and initial_key_id, or the ID in ksn → initial_key; initial_key or bdk, initial_key_id
// and key_type → update_key; and with ksn transaction_key and every working key that may come from it, named as
// aesUsageNames and aesKeyTypes say. The rest is under working keys of the initial key's own length, the requests' with
// the terminal generating and enciphering: with pin, pan and pin_field encrypted_pin_block_format4; with data
// cmac_request, cmac_response, hmac_request, hmac_response (SHA-256), encrypted_data_request and encrypted_data_response
// (CBC from zero, filled with zeros).
func opDUKPTAES(in *inputs) (map[string]any, error) {
	var ksn dukpt.AESKSN
	var id dukpt.InitialKeyID
	var err error
	if in.has("ksn") {
		if ksn, err = dukpt.ParseAESKSN(in.need("ksn")); err != nil {
			return nil, err
		}
		id = ksn.InitialKeyID()
	} else if id, err = dukpt.ParseInitialKeyID(in.need("initial_key_id")); err != nil {
		return nil, err
	}
	var initial dukpt.Key
	if in.has("bdk") {
		var bdk dukpt.Key
		if err := dukpt.SetKey(&bdk, in.need("bdk")); err != nil {
			return nil, err
		}
		err = dukpt.AESInitialKey(&initial, &bdk, id)
	} else {
		err = dukpt.SetKey(&initial, in.need("initial_key"))
	}
	if err != nil || in.err != nil {
		return nil, err
	}
	out := map[string]any{"initial_key": upper(initial.Bytes())}
	if in.has("key_type") {
		var k dukpt.Key
		if err := dukpt.AESUpdateKey(&k, &initial, aesKeyTypes()[in.text("key_type")], id); err != nil {
			return nil, err
		}
		out["update_key"] = upper(k.Bytes())
	}
	if ksn.Counter() == 0 {
		return out, nil
	}
	var t dukpt.AESTransaction
	if err := dukpt.AESFromInitial(&t, &initial, ksn); err != nil {
		return nil, err
	}
	out["transaction_key"] = upper(t.TransactionKey().Bytes())
	for name, usage := range aesUsageNames() {
		for ending, kind := range aesKeyTypes() {
			var k dukpt.Key
			if t.Key(&k, usage, kind) == nil { // a type that may not come from this key has no output
				out[name+"_"+ending] = upper(k.Bytes())
			}
		}
	}
	kinds := aesKinds{aes: dukpt.AES128, hmac: dukpt.HMAC128}
	switch len(initial.Bytes()) {
	case 24:
		kinds = aesKinds{aes: dukpt.AES192, hmac: dukpt.HMAC192}
	case 32:
		kinds = aesKinds{aes: dukpt.AES256, hmac: dukpt.HMAC256}
	}
	if in.has("pin") && in.has("pan") {
		if err := in.aesPINBlock(out, &t, kinds.aes); err != nil {
			return nil, err
		}
	}
	if in.has("data") {
		return out, in.aesData(out, &t, kinds)
	}
	return out, nil
}

// aesKinds are the types of working keys that have the length of an initial key.
type aesKinds struct{ aes, hmac dukpt.KeyType }

// aesPINBlock enciphers the case's PIN in format 4.
func (in *inputs) aesPINBlock(out map[string]any, t *dukpt.AESTransaction, kind dukpt.KeyType) error {
	f, err := in.pinField()
	if err != nil {
		return err
	}
	var k dukpt.Key
	if err := t.Key(&k, dukpt.PINEncryption, kind); err != nil {
		return err
	}
	e, err := pin.EncipherAES(&f, in.pan(true), k.Bytes())
	out["encrypted_pin_block_format4"] = upper(e[:])
	return err
}

// aesData computes MACs and enciphered data of both directions.
func (in *inputs) aesData(out map[string]any, t *dukpt.AESTransaction, kinds aesKinds) error {
	data := in.need("data")
	for end, u := range map[string]struct{ mac, data dukpt.Usage }{
		"_request":  {dukpt.MACGeneration, dukpt.DataEncrypt},
		"_response": {dukpt.MACVerification, dukpt.DataDecrypt},
	} {
		var k dukpt.Key
		if err := t.Key(&k, u.mac, kinds.aes); err != nil {
			return err
		}
		c, err := mac.CMACAES(nil, k.Bytes(), data)
		if err != nil {
			return err
		}
		if err := t.Key(&k, u.mac, kinds.hmac); err != nil {
			return err
		}
		h := hmac.New(sha256.New, k.Bytes())
		h.Write(data)
		out["cmac"+end], out["hmac"+end] = upper(c), upper(h.Sum(nil))
		if err := t.Key(&k, u.data, kinds.aes); err != nil {
			return err
		}
		b, err := mac.NewAES(k.Bytes())
		if err != nil {
			return err
		}
		if out["encrypted_data"+end], err = zeroCBC(b, data); err != nil {
			return err
		}
	}
	return nil
}

// zeroCBC enciphers data, filled with zeros, in CBC mode from a zero block.
func zeroCBC(b cipher.Block, data []byte) (string, error) {
	v, err := mac.Method1.Pad(nil, data, b.BlockSize())
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(b, make([]byte, b.BlockSize())).CryptBlocks(v, v)
	return upper(v), nil
}
