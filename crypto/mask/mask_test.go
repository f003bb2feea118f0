package mask_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unsafe"

	"github.com/cardwright/emv/crypto/mask"
)

type key struct {
	mask.Key
	Bytes [4]byte
	Size  int
}

type pin struct {
	mask.PIN
	Digits [4]byte
	Size   uint8
}

// TestMasks prints structs that embed a mask in every way there is.
func TestMasks(t *testing.T) {
	k, p := key{Bytes: [4]byte{0xA1, 0xA2, 0xA3, 0xA4}, Size: 777}, pin{Digits: [4]byte{0xA1, 0xA2, 0xA3, 0xA4}, Size: 77}
	for text, values := range map[string][2]any{mask.KeyText: {k, &k}, mask.PINText: {p, &p}} {
		for _, v := range values {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%08b", "%30v"} {
				if got := fmt.Sprintf(verb, v); got != text {
					t.Errorf("%s of %T: %s", verb, v, got)
				}
			}
			if got := v.(fmt.Stringer).String(); got != text {
				t.Errorf("%T: %s", v, got)
			}
			if j, err := json.Marshal(v); err != nil || string(j) != `"`+text+`"` {
				t.Errorf("%T: %s, %v", v, j, err)
			}
			if x, err := xml.Marshal(v); err != nil || !strings.Contains(string(x), ">"+text+"<") {
				t.Errorf("%T: %s, %v", v, x, err)
			}
			var out strings.Builder
			slog.New(slog.NewTextHandler(&out, nil)).Info("secret", "v", v)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("secret", "v", v)
			if !strings.Contains(out.String(), "v="+text+"\n") || !strings.Contains(out.String(), `"v":"`+text+`"`) {
				t.Errorf("%T: %s", v, out.String())
			}
		}
	}
}

// TestMasksOfNothing: a pointer to nothing prints as one.
func TestMasksOfNothing(t *testing.T) {
	if got := fmt.Sprint((*key)(nil), (*pin)(nil)); got != "<nil> <nil>" {
		t.Error(got)
	}
}

// TestMaskTakesNoRoom: who embeds a mask is as large as without, and can be compared.
func TestMaskTakesNoRoom(t *testing.T) {
	if unsafe.Sizeof(key{}) != unsafe.Sizeof(struct {
		b [4]byte
		n int
	}{}) || unsafe.Sizeof(pin{}) != 5 {
		t.Errorf("%d and %d bytes", unsafe.Sizeof(key{}), unsafe.Sizeof(pin{}))
	}
	a, b := key{Size: 1}, key{Size: 1}
	if a != b || a == (key{}) {
		t.Error("keys do not compare")
	}
}
