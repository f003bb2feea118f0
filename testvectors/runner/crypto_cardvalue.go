package runner

import (
	"encoding/hex"
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
)

// opCardValue is cvv_family. What is asked for is in what is given: cvk, pan, expiry and service_code → cvv (cvc, icvv,
// cvv2) with block1_enc and final; cvk, pan, unpredictable_number, authentication_result and second_factor → cavv;
// issuer_master_key or icc_master_key with atc → dcvv; issuer_master_key_cvc3 or icc_master_key_cvc3 with track1, track2
// or ivcvc3, atc and un → cvc3, cvc3_last3, ivcvc3.
func opCardValue(in *inputs) (map[string]any, error) {
	switch {
	case in.has("issuer_master_key_cvc3"), in.has("icc_master_key_cvc3"), in.has("ivcvc3"), in.has("track1"), in.has("track2"):
		return in.cvc3()
	case in.has("second_factor") || in.has("authentication_result"):
		return in.cavv()
	case in.has("cvk"):
		return in.cvv()
	}
	return in.dcvv()
}

// cardMaster derives the ICC master key of dynamic card verification values. Where a case says option B, PAN and PSN go
// through the hash whatever the PAN's length: so derive the hosts that the cases come from.
func (in *inputs) cardMaster(names ...string) (issuer.Key, error) {
	name := in.firstOf(names...)
	if o := in.firstOf("option", "mk_option"); in.has(o) && issuer.Option(in.m[o]) == issuer.OptionB {
		return in.derive(name, issuer.OptionBHashed)
	}
	return in.masterBy(name, issuer.OptionA)
}

func (in *inputs) cvv() (map[string]any, error) {
	k, err := in.key("cvk")
	if err != nil {
		return nil, err
	}
	pan, expiry := in.text("pan"), in.text("expiry")
	out := map[string]any{}
	if !in.has("service_code") {
		return out, in.chipAndPrinted(out, &k, pan, expiry)
	}
	v, err := issuer.CVV(&k, pan, expiry, in.text("service_code"))
	if err != nil {
		return nil, err
	}
	out["cvv"], out["cvc"], out["cvv_digits"] = v.Digits(3), v.Digits(3), v.Digits(16)
	out["block1_enc"], out["final"] = upper(v.First[:]), upper(v.Final[:])
	return out, in.chipAndPrinted(out, &k, pan, expiry)
}

// chipAndPrinted adds the values whose service code is fixed.
func (in *inputs) chipAndPrinted(out map[string]any, k *issuer.Key, pan, expiry string) error {
	chip, err := issuer.ICVV(k, pan, expiry)
	if err != nil {
		return err
	}
	printed, err := issuer.CVV2(k, pan, expiry)
	out["icvv"], out["cvv2"], out["cvc2"] = chip.Digits(3), printed.Digits(3), printed.Digits(3)
	return err
}

func (in *inputs) cavv() (map[string]any, error) {
	k, err := in.key("cvk")
	if err != nil {
		return nil, err
	}
	v, err := issuer.CAVV(&k, in.text("pan"), in.text("unpredictable_number"), in.text("authentication_result"), in.text("second_factor"))
	return map[string]any{"cavv": v.Digits(3), "block1_enc": upper(v.First[:]), "final": upper(v.Final[:])}, err
}

func (in *inputs) dcvv() (map[string]any, error) {
	k, err := in.cardMaster("icc_master_key", "issuer_master_key_ac", "issuer_master_key")
	if err != nil {
		return nil, err
	}
	v, err := issuer.DCVV(&k, in.text("pan"), in.text("expiry"), in.text("service_code"), [2]byte(in.sized("atc", 2)))
	return map[string]any{"dcvv": v.Digits(3), "block1_enc": upper(v.First[:]), "final": upper(v.Final[:])}, err
}

func (in *inputs) cvc3() (map[string]any, error) {
	k, err := in.cardMaster("icc_master_key_cvc3", "issuer_master_key_cvc3", "icc_master_key", "issuer_master_key")
	if err != nil {
		return nil, err
	}
	var iv [2]byte
	switch {
	case in.has("ivcvc3"):
		iv = [2]byte(in.sized("ivcvc3", 2))
	default:
		if iv, err = issuer.IVCVC3(&k, in.track()); err != nil {
			return nil, err
		}
	}
	c, err := issuer.ComputeCVC3(&k, iv, [4]byte(in.sized("un", 4)), [2]byte(in.sized("atc", 2)))
	if err != nil {
		return nil, err
	}
	out := map[string]any{"cvc3": c.Digits(), "cvc3_last3": c.Digits()[2:], "ivcvc3": upper(iv[:])}
	check, err := k.KCV()
	out["icc_key_kcv"] = upper(check[:])
	return out, err
}

// track returns static track data: in hexadecimal, track 2 with an 'F' behind an odd number of digits; or track 1 as
// text.
func (in *inputs) track() []byte {
	text := in.text(in.firstOf("track1", "track2"))
	if in.has("track2") {
		text = strings.ReplaceAll(text, "=", "D")
		if len(text)%2 == 1 {
			text += "F"
		}
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return []byte(text)
	}
	return b
}
