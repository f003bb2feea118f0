package pairing

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"

	"github.com/cardwright/emv/terminal/wire"
)

// exporterLabel and exporterLength give E, which both ends of one TLS connection compute and no third does. RFC 8446, 7.5.
const (
	exporterLabel  = "cardwright pair v1"
	exporterLength = 32
)

func exporter(state *tls.ConnectionState) ([]byte, error) {
	e, err := state.ExportKeyingMaterial(exporterLabel, nil, exporterLength)
	if err != nil {
		return nil, &wire.Error{Code: wire.CodeInternal, Detail: "TLS exporter", Err: err}
	}
	return e, nil
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// codeID names a code without telling its secret. Only who has seen the code can compute it.
func codeID(s *Secret, t TerminalID) []byte { return mac(s[:], []byte("I"), t[:])[:8] }

// macP is the till's proof. PRODUCT 3.1, 2. Every part but the key has a fixed length, so no two inputs make one text.
func macP(s *Secret, e, spki []byte, t TerminalID) []byte {
	return mac(s[:], []byte("P"), e, spki, t[:])
}

// macT is the terminal's proof. PRODUCT 3.1, 3.
func macT(s *Secret, e, macP []byte) []byte { return mac(s[:], []byte("T"), e, macP) }

// Confirmation is what both sides show after pairing: equal texts on the two screens say that nobody is between.
type Confirmation struct {
	Words  [2]string
	Digits string // four
}

func (c Confirmation) String() string { return c.Words[0] + " " + c.Words[1] + " " + c.Digits }

func confirmation(e []byte) Confirmation {
	b := mac(e, []byte("cardwright pair confirm"))
	return Confirmation{
		Words:  [2]string{words[b[0]%64], words[b[1]%64]},
		Digits: fmt.Sprintf("%04d", binary.BigEndian.Uint64(b[2:])%10000),
	}
}

// words sound and look unlike each other, in a shop's noise.
var words = [64]string{
	"anchor", "apple", "arrow", "autumn", "bamboo", "basket", "bicycle", "bottle", "bridge", "butter", "cactus", "camera",
	"candle", "castle", "cherry", "circus", "cloud", "cobalt", "coffee", "compass", "copper", "cotton", "desert", "dolphin",
	"eagle", "engine", "feather", "forest", "garden", "ginger", "guitar", "hammer", "harbour", "honey", "igloo", "island",
	"jacket", "kettle", "ladder", "lemon", "magnet", "marble", "meadow", "mirror", "nutmeg", "ocean", "olive", "orchid",
	"paper", "pepper", "pillow", "planet", "quartz", "rabbit", "river", "rocket", "saddle", "silver", "tiger", "tunnel",
	"velvet", "violin", "window", "yellow",
}
