package display

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // what a standby image may be
	_ "image/png"
)

// Bounds of a standby image (PRODUCT 3.4).
const (
	maxImageBytes  = 8 << 20
	maxImagePixels = 4_000_000
)

// Image is a standby image that was looked at.
type Image struct {
	mime string
	data []byte
	hash string
}

// NewImage takes a PNG or JPEG of at most 8 MiB and four million pixels. Its header is read, and its pixels: what is
// broken is refused here and not on the counter. The error is *Refusal with E_REQUEST.
func NewImage(data []byte) (*Image, error) {
	no := func(what string) (*Image, error) {
		return nil, &Refusal{Code: "E_REQUEST", What: "standby image: " + what}
	}
	if len(data) > maxImageBytes {
		return no(fmt.Sprintf("%d bytes", len(data)))
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil || format != "png" && format != "jpeg":
		return no("neither PNG nor JPEG")
	case c.Width <= 0 || c.Height <= 0 || c.Width > maxImagePixels/c.Height:
		return no(fmt.Sprintf("%d × %d pixels", c.Width, c.Height))
	}
	if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
		return no("broken")
	}
	sum := sha256.Sum256(data)
	return &Image{mime: "image/" + format, data: bytes.Clone(data), hash: hex.EncodeToString(sum[:8])}, nil
}

// Hash names the image.
func (i *Image) Hash() string { return i.hash }
