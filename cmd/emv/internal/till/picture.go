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
	// Where the grid of the code was guessed wrong, by a fraction of a module, the guess is another one at another size.
	for _, size := range []float64{1, 0.5, 1.5, 0.75, 1.25, 0.6} {
		source := gozxing.NewLuminanceSourceFromImage(resize(m, size/float64(first)))
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

// resize returns a picture of another size in shades of grey. Each pixel is the mean of those that it stands for, and of
// its neighbours where there are more pixels than before.
func resize(m image.Image, size float64) image.Image {
	if size == 1 {
		return m
	}
	b := m.Bounds()
	w := b.Dx()
	light := make([]float64, 0, w*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := m.At(x, y).RGBA() // Rec. 601 weights; the components have 16 bits
			light = append(light, float64((299*r+587*g+114*bl)/1000>>8))
		}
	}
	out := image.NewGray(image.Rect(0, 0, max(1, int(float64(w)*size)), max(1, int(float64(b.Dy())*size))))
	reach := max(1, 1/size) / 2 // half of a pixel's side
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := (float64(x)+0.5)/size, (float64(y)+0.5)/size
			fromX, toX := max(0, int(u-reach)), min(w-1, int(u+reach-1e-9))
			fromY, toY := max(0, int(v-reach)), min(b.Dy()-1, int(v+reach-1e-9))
			sum, n := 0.0, 0
			for i := fromY; i <= toY; i++ {
				for k := fromX; k <= toX; k++ {
					sum += light[i*w+k]
					n++
				}
			}
			if n > 0 {
				out.Pix[y*out.Stride+x] = uint8(sum / float64(n))
			}
		}
	}
	return out
}
