package display

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// maxQR bounds a pairing code; PRODUCT 3.1 asks for 160 characters at most.
const maxQR = 512

// quiet is the free space around a code, in modules (ISO/IEC 18004, 6.3.8).
const quiet = 4

// qrSVG draws a code with error correction M. Its colours are black and white whatever the page's are: cameras want that.
func qrSVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	side := code.Size + 2*quiet
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, side, side)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}
