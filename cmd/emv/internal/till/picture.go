package till

import (
	"bytes"
	"image"
	_ "image/jpeg" // pictures of cameras
	_ "image/png"  // pictures of screens

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/cardwright/emv/terminal/wire"
)

const (
	maxPicture = 12 << 20 // bytes of a file
	maxPixels  = 24 << 20
	maxSide    = 1400 // of what is searched
)

// ReadPicture finds the QR code in a PNG or JPEG picture and returns its text. The error is CodeFormat.
func ReadPicture(b []byte) (string, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return "", wire.Refuse(wire.CodeFormat, "not a PNG or JPEG picture of at most %d megapixels", maxPixels>>20)
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return "", wire.Refuse(wire.CodeFormat, "the picture is damaged")
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	// A camera's picture has more pixels than a code needs, and is sharper when it is smaller.
	first := 1 + (max(c.Width, c.Height)-1)/maxSide
	for _, n := range []int{first, 2 * first} {
		source := gozxing.NewLuminanceSourceFromImage(shrink(m, n))
		for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
			bitmap, err := gozxing.NewBinaryBitmap(binarizer)
			if err != nil {
				continue
			}
			if r, err := qrcode.NewQRCodeReader().Decode(bitmap, hints); err == nil {
				return r.GetText(), nil
			}
		}
	}
	return "", wire.Refuse(wire.CodeFormat, "no QR code in the picture")
}

// shrink returns a picture n times smaller, each pixel the mean of the ones that it stands for.
func shrink(m image.Image, n int) image.Image {
	if n == 1 {
		return m
	}
	b := m.Bounds()
	out := image.NewGray(image.Rect(0, 0, max(1, b.Dx()/n), max(1, b.Dy()/n)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum := uint32(0)
			for dy := range n {
				for dx := range n {
					// Rec. 601 weights; the components have 16 bits.
					r, g, bl, _ := m.At(b.Min.X+x*n+dx, b.Min.Y+y*n+dy).RGBA()
					sum += (299*r + 587*g + 114*bl) / 1000 >> 8
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / uint32(n*n))
		}
	}
	return out
}
