package runner

import (
	"errors"
	"strconv"
	"strings"

	"github.com/cardwright/emv/crypto/keyblock"
)

// opKeyBlock is tr31_A … tr31_E: kbpk, key_block_ascii and, where it is given, header, which the block must begin with →
// mac_ok, reject, and for a block that is taken key and the fields of its header. A block that can't be taken apart is an
// error; one whose MAC is wrong has mac_ok and reject, and so has one whose MAC is right and whose key is not.
//
// Keys are shown as they come out of a block: combinations, lengths and versions that only a Permit lets through too.
func opKeyBlock(v keyblock.Version) cryptoOperation {
	return func(in *inputs) (map[string]any, error) {
		kbpk, block := in.need("kbpk"), in.text("key_block_ascii")
		if in.err != nil {
			return nil, in.err
		}
		parsed, n, err := keyblock.ParseHeader([]byte(block))
		if err != nil {
			return nil, err
		}
		if parsed.Version != v {
			in.fail("input.version", "the block has version %q and the run is of %q", string(parsed.Version), string(v))
		}
		if !strings.HasPrefix(block, in.m["header"]) {
			in.fail("input.header", "the block does not begin with the header")
		}
		h, key, err := keyblock.Unwrap(kbpk, []byte(block), keyblock.PermitAll)
		switch {
		case errors.Is(err, &keyblock.Error{Code: keyblock.CodeMAC}):
			return map[string]any{"mac_ok": yesNo(false), "reject": yesNo(true)}, nil
		case macWasRight(err):
			return map[string]any{"mac_ok": yesNo(true), "reject": yesNo(true)}, nil
		case err != nil:
			return nil, err
		}
		defer key.Wipe()
		return map[string]any{
			"mac_ok": yesNo(true), "reject": yesNo(false), "key": upper(key.Bytes()),
			"header": block[:n], "version": string(h.Version), "key_usage": string(h.Usage),
			"algorithm": string(h.Algorithm), "mode_of_use": string(h.Mode), "key_version": string(h.KeyVersion),
			"exportability": string(h.Exportability), "key_context": string(h.Context),
			"optional_blocks": strconv.Itoa(len(h.Blocks)),
		}, nil
	}
}

// macWasRight reports whether a block was refused for what its text holds, which is looked at once the MAC is right.
func macWasRight(err error) bool {
	var e *keyblock.Error
	return errors.As(err, &e) && e.Code == keyblock.CodeKeyLength
}

// opKeyBlockKeys is tr31_key_derivation: kbpk → the keys of every version that takes a KBPK of its length. kbek_variant and
// kbak_variant are those of A and C; kbek_derive and kbak_derive those of B, for a KBPK of 32 bytes or where the input
// version is "D" those of D; kbek and kbak those of E.
func opKeyBlockKeys(in *inputs) (map[string]any, error) {
	kbpk := in.need("kbpk")
	if in.err != nil {
		return nil, in.err
	}
	derived := keyblock.VersionB
	if len(kbpk) == 32 || in.m["version"] == string(keyblock.VersionD) {
		derived = keyblock.VersionD
	}
	out := map[string]any{}
	for _, w := range []struct {
		version keyblock.Version
		name    string
	}{{keyblock.VersionC, "_variant"}, {derived, "_derive"}, {keyblock.VersionE, ""}} {
		kbek, kbak, err := keyblock.DeriveKeys(w.version, kbpk)
		if w.version == keyblock.VersionC && len(kbpk) == 32 {
			continue // no TDES key
		}
		if err != nil {
			return nil, err
		}
		out["kbek"+w.name], out["kbak"+w.name] = upper(kbek.Bytes()), upper(kbak.Bytes())
		kbek.Wipe()
		kbak.Wipe()
	}
	return out, nil
}
