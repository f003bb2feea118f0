package runner

import (
	"strings"

	"github.com/cardwright/emv/crypto/issuer"
	"github.com/cardwright/emv/crypto/pin"
)

// messagingMethod returns how the case derives the session keys of secure messaging: by session_key_method, or SKD= in
// the case's own text; by the cryptogram version that its id begins with; and Visa's for an id that begins with vis or
// for data in ECB mode, which no other scheme has.
func (in *inputs) messagingMethod() issuer.MessagingKey {
	switch sessionMethod(in.hint("session_key_method", "SKD")) {
	case methodMaster:
		return issuer.VisaKey
	case methodCommon, methodMChip:
		return issuer.CryptogramKey
	case methodInverse:
		return issuer.InverseKey
	}
	if p, ok := findScheme(in.id, nil); ok {
		switch {
		case p.scheme == issuer.SchemeVisa && p.ARPC == issuer.Method1, p.scheme == issuer.SchemeVisa && p.CVN == visaCVN18:
			return issuer.VisaKey
		case p.ACKey == issuer.InverseATCSessionKey:
			return issuer.InverseKey
		}
		return issuer.CryptogramKey
	}
	if strings.HasPrefix(in.id, "vis") || in.has("mode") && in.mode() == issuer.ECB {
		return issuer.VisaKey
	}
	return issuer.CryptogramKey
}

// visaCVN18 has session keys of Book 2 for its cryptograms, and VIS's own for secure messaging.
const visaCVN18 = 0x12

// messagingSession derives the session key of secure messaging below mk.
func (in *inputs) messagingSession(mk *issuer.Key) (issuer.Key, error) {
	m := issuer.Messaging{Key: in.messagingMethod()}
	var (
		atc [2]byte
		ac  issuer.Cryptogram
		k   issuer.Key
	)
	switch {
	case m.Key == issuer.CryptogramKey && in.has("diversification_r"):
		ac = issuer.Cryptogram(in.sized("diversification_r", 8))
	case m.Key == issuer.CryptogramKey:
		ac = issuer.Cryptogram(in.sized("arqc", 8))
	default:
		atc = [2]byte(in.sized(in.atcName(), 2))
	}
	if in.err != nil {
		return k, in.err
	}
	err := m.SessionKey(&k, mk, atc, ac)
	return k, err
}

// messagingKey returns the key of a use, smi or smc: the session key itself, or one derived.
func (in *inputs) messagingKey(use string) (issuer.Key, error) {
	for _, n := range []string{"session_key_" + use, "session_key"} {
		if in.has(n) {
			return in.key(n)
		}
	}
	mk, err := in.master(in.firstOf("icc_master_key_"+use, "icc_master_key", "issuer_master_key_"+use, "issuer_master_key"))
	if err != nil {
		return mk, err
	}
	return in.messagingSession(&mk)
}

// opMessagingMAC is emv_secure_messaging_mac: a session key, or keys with arqc or atc, and the input of the MAC as
// mac_input, as command, or in parts: command_header, atc, arqc and data → mac, all of it (Book 2, 9.2.3).
func opMessagingMAC(in *inputs) (map[string]any, error) {
	var input []byte
	switch {
	case in.has("mac_input"):
		input = in.bytes("mac_input")
	case in.has("command_header") || in.has("header"):
		input = in.macInput(in.bytes(in.firstOf("command_data", "data", "enciphered_data")))
	default:
		input = in.need("command")
	}
	return in.scriptMAC(input)
}

func (in *inputs) scriptMAC(input []byte) (map[string]any, error) {
	k, err := in.messagingKey("smi")
	if err != nil {
		return nil, err
	}
	v, err := issuer.TDES.ScriptMAC(&k, input)
	return macOutputs(v[:]), err
}

// macInput returns what the MAC of a command is computed over: command_header, atc and arqc, or header, which holds
// them; and the data.
func (in *inputs) macInput(data []byte) []byte {
	if in.has("header") {
		return append(in.bytes("header"), data...)
	}
	input := append(in.need("command_header"), in.bytes(in.atcName())...)
	return append(append(input, in.bytes("arqc")...), data...)
}

// opMessagingEncipherment is emv_secure_messaging_encipherment. clear_data, clear_block or clear_pin_block, or the block
// for new_pin and current_pin (pin_block), enciphered (enciphered_data, enciphered_pin) by mode and padding, or by
// encipherment, which is both; and with header or command_header the MAC (mac) and the command (command_apdu).
// Book 2, 9.3.
func opMessagingEncipherment(in *inputs) (map[string]any, error) {
	out := map[string]any{}
	clear := in.bytes(in.firstOf("clear_data", "clear_block", "clear_pin_block"))
	if clear == nil {
		block, err := in.pinBlock()
		if err != nil {
			return nil, err
		}
		out["pin_block"], out["clear_block"] = upper(block[:]), upper(block[:])
		clear = block[:]
	}
	if !in.has("mode") && !in.has("encipherment") {
		return out, nil
	}
	k, err := in.messagingKey("smc")
	if err != nil {
		return nil, err
	}
	mode, padding := in.mode(), in.dataPadding()
	if in.err != nil {
		return nil, in.err
	}
	text, err := issuer.TDES.Encipher(nil, &k, mode, padding, clear)
	if err != nil {
		return nil, err
	}
	out["enciphered_data"], out["enciphered_pin"] = upper(text), upper(text)
	if !in.has("header") && !in.has("command_header") {
		return out, nil
	}
	code, err := in.scriptMAC(in.macInput(text))
	if err != nil {
		return nil, err
	}
	out["mac"], out["mac_left4"] = code["mac"], code["mac_left4"]
	if head := in.bytes("command_header"); len(head) == 5 {
		n := min(max(int(head[4])-len(text), 4), 8) // Lc says how long the MAC is
		out["command_apdu"] = upper(head) + upper(text) + code["mac"].(string)[:2*n]
	}
	return out, nil
}

// mode returns the mode of encipherment that a case names.
func (in *inputs) mode() issuer.Mode {
	name := strings.ToLower(in.m[in.firstOf("mode", "encipherment")])
	switch {
	case strings.Contains(name, "ecb"):
		return issuer.ECB
	case strings.Contains(name, "cbc"):
		return issuer.CBC
	}
	in.fail("input.mode", "%q is no mode: ECB or cbc_zero_iv", name)
	return 0
}

// dataPadding returns the padding that a case names: in padding, or padding= in its own text; by the scheme in
// encipherment; else VIS's for ECB and that of Book 2 for CBC.
func (in *inputs) dataPadding() issuer.DataPadding {
	name := strings.ToLower(in.hint("padding", "padding"))
	if name == "" {
		name, _, _ = strings.Cut(strings.ToLower(in.m["encipherment"]), "_")
	}
	switch name {
	case "only_if_needed", "if_needed", "mchip", "mc", "mastercard", "interac":
		return issuer.PadIfNeeded
	case "length_byte_then_iso9797_method2", "vsdc", "visa", "vis":
		return issuer.PadLength
	case "iso9797_method2", "always", "ccd", "emv", "2":
		return issuer.PadAlways
	case "":
		if in.mode() == issuer.ECB {
			return issuer.PadLength
		}
		return issuer.PadAlways
	}
	in.fail("input.padding", "%q is no padding of secure messaging", name)
	return 0
}

// pinBlock returns the block for new_pin: VIS's, with current_pin where it is not empty, under icc_master_key_ac; or that
// of format 2 where the case's own text says so.
func (in *inputs) pinBlock() (block pin.Block, err error) {
	var p, current pin.PIN
	if err := pin.Parse(&p, []byte(in.text("new_pin"))); err != nil {
		return block, err
	}
	names := []string{"icc_master_key_ac", "issuer_master_key_ac", "icc_master_key", "issuer_master_key"}
	if kind := in.hint("block", "block"); strings.HasPrefix(kind, "ISO") || !in.has(in.firstOf(names...)) {
		err = block.Encode2(&p)
		return block, err
	}
	if in.m["current_pin"] != "" {
		if err := pin.Parse(&current, []byte(in.m["current_pin"])); err != nil {
			return block, err
		}
	}
	mk, err := in.master(in.firstOf(names...))
	if err != nil {
		return block, err
	}
	err = issuer.PINBlockVIS(&block, &mk, &p, &current)
	return block, err
}
