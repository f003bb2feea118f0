package runner

import "github.com/cardwright/emv/crypto/issuer"

// opMasterKeyAES is emv_aes_icc_master_key: issuer_master_key (16, 24 or 32 bytes), pan, psn, option (C) →
// icc_master_key (Book 2, A1.4.3).
func opMasterKeyAES(in *inputs) (map[string]any, error) {
	k, err := in.masterBy("issuer_master_key", issuer.OptionC)
	return map[string]any{"icc_master_key": upper(k.Bytes())}, err
}

// opSessionKeyAES is emv_aes_session_key: icc_master_key, or issuer_master_key with pan and psn, and atc, or arqc for
// secure messaging, or diversification_r (8 bytes) → session_key (Book 2, A1.3.1).
func opSessionKeyAES(in *inputs) (map[string]any, error) {
	k, err := in.sessionAES()
	return map[string]any{"session_key": upper(k.Bytes())}, err
}

func (in *inputs) sessionAES() (issuer.Key, error) {
	if in.has("session_key") {
		return in.key("session_key")
	}
	mk, err := in.masterBy(in.firstOf("icc_master_key", "issuer_master_key"), issuer.OptionC)
	if err != nil {
		return mk, err
	}
	var r issuer.Diversification
	switch {
	case in.has("diversification_r"):
		copy(r[:], in.bytes("diversification_r"))
	case in.has(in.atcName()):
		r = issuer.DiversificationATC([2]byte(in.sized(in.atcName(), 2)))
	default:
		r = issuer.Diversification(in.sized("arqc", 8))
	}
	var k issuer.Key
	err = issuer.SessionKeyAES(&k, &mk, r)
	return k, err
}

// opCryptogramAES is emv_aes_arqc: keys as for emv_aes_session_key, or session_key, and data → application_cryptogram
// (Book 2, 8.1.2 and A1.2.2).
func opCryptogramAES(in *inputs) (map[string]any, error) {
	k, err := in.sessionAES()
	if err != nil {
		return nil, err
	}
	ac, err := issuer.ApplicationCryptogramAES(&k, in.need("data"))
	return map[string]any{"application_cryptogram": upper(ac[:])}, err
}

// opARPC1AES is emv_aes_arpc_method1: keys as for emv_aes_arqc, arqc and arpc_rc → arpc (Book 2, 8.2.1).
func opARPC1AES(in *inputs) (map[string]any, error) {
	k, err := in.sessionAES()
	if err != nil {
		return nil, err
	}
	arqc, rc := in.sized("arqc", 8), in.sized("arpc_rc", 2)
	v, err := issuer.ARPC1AES(&k, issuer.Cryptogram(arqc), [2]byte(rc))
	return map[string]any{"arpc": upper(v[:])}, err
}

// opARPC2AES is emv_aes_arpc_method2: keys as for emv_aes_arqc, arqc, csu and proprietary_auth_data → arpc (Book 2,
// 8.2.2).
func opARPC2AES(in *inputs) (map[string]any, error) {
	k, err := in.sessionAES()
	if err != nil {
		return nil, err
	}
	arqc, csu := in.sized("arqc", 8), in.sized("csu", 4)
	v, err := issuer.ARPC2AES(&k, issuer.Cryptogram(arqc), [4]byte(csu), in.bytes("proprietary_auth_data"))
	return map[string]any{"arpc": upper(v[:])}, err
}
