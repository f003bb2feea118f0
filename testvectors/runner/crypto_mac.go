package runner

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/cardwright/emv/crypto/mac"
)

// opAESCMAC is aes_cmac: key, data → cmac (NIST SP 800-38B).
func opAESCMAC(in *inputs) (map[string]any, error) {
	v, err := mac.CMACAES(nil, in.need("key"), in.need("data"))
	return map[string]any{"cmac": upper(v)}, err
}

// opTDESCMAC is tdes_cmac: key, data → cmac (NIST SP 800-38B).
func opTDESCMAC(in *inputs) (map[string]any, error) {
	v, err := mac.CMACTDES(nil, in.need("key"), in.need("data"))
	return map[string]any{"cmac": upper(v)}, err
}

// opHMAC is hmac_sha256: key, data → hmac (ISO/IEC 9797-2, MAC algorithm 2 with SHA-256; RFC 2104).
func opHMAC(in *inputs) (map[string]any, error) {
	h := hmac.New(sha256.New, in.need("key"))
	h.Write(in.need("data"))
	return map[string]any{"hmac": upper(h.Sum(nil))}, nil
}

// opAlgorithm1 is iso9797_alg1: key, padding_method, data → mac.
func opAlgorithm1(in *inputs) (map[string]any, error) {
	p, data := in.padding(), in.need("data")
	b, err := mac.NewTDES(in.need("key"))
	if err != nil {
		return nil, err
	}
	v, err := mac.Algorithm1(nil, b, p, data)
	return macOutputs(v), err
}

// opRetailMAC is retail_mac: key, or key1 and key2, with padding_method and data → mac.
func opRetailMAC(in *inputs) (map[string]any, error) {
	p, data := in.padding(), in.need("data")
	if in.has("key") {
		v, err := mac.Retail(nil, in.need("key"), p, data)
		return macOutputs(v), err
	}
	var blocks [2]cipher.Block
	for i, name := range []string{"key1", "key2"} {
		var err error
		if blocks[i], err = mac.NewTDES(double(in.need(name))); err != nil {
			return nil, err
		}
	}
	v, err := mac.Algorithm3(nil, blocks[0], blocks[1], p, data)
	return macOutputs(v), err
}

// double makes a key of 16 bytes of a single DES key, which it equals.
func double(key []byte) []byte {
	if len(key) == 8 {
		return append(append([]byte(nil), key...), key...)
	}
	return key
}

// opPadding is padding: data, block_len and padding_method → padded. Cases without padding_method name the method in
// their id: padding_m2_3 is method 2.
func opPadding(in *inputs) (map[string]any, error) {
	v, err := in.padding().Pad(nil, in.need("data"), in.number("block_len"))
	return map[string]any{"padded": upper(v)}, err
}

// padding returns the method of ISO/IEC 9797-1 that a case names.
func (in *inputs) padding() mac.Padding {
	const lead = "padding_m"
	if in.has("padding_method") {
		return mac.Padding(in.number("padding_method"))
	}
	if len(in.id) > len(lead) && in.id[:len(lead)] == lead {
		return mac.Padding(in.id[len(lead)] - '0')
	}
	in.fail("input.missing", "neither the input padding_method nor an id padding_mN names a method")
	return 0
}

func macOutputs(v []byte) map[string]any {
	out := map[string]any{"mac": upper(v)}
	if len(v) >= 4 {
		out["mac_left4"] = upper(v[:4])
	}
	return out
}
