package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/cardwright/emv/cmd/emv/internal/till"
)

// photo says how a camera sees a screen: at an angle, out of focus, in bad light.
type photo struct {
	turn    float64 // degrees
	scale   float64 // of the screen's pixels
	blur    int     // radius in the photo's pixels; three times a box is near enough to a lens
	lean    float64 // of the far edge, a part of the width
	dark    float64 // how much light is left
	noise   float64 // standard deviation, of 255
	quality int     // of JPEG; 0 is PNG
}

// corpus takes photos of a screen with a code, and has the till read them. S43
func corpus(t *testing.T, screen image.Image) {
	t.Helper()
	var all []photo
	for turn := 0.0; turn < 360; turn += 30 {
		all = append(all, photo{turn: turn, scale: 1.4, dark: 1, quality: 80})
	}
	for _, turn := range []float64{-9, -4, 3, 7, 13} {
		all = append(all, photo{turn: turn, scale: 2, blur: 2, dark: 0.7, noise: 8, quality: 70})
	}
	for _, scale := range []float64{0.6, 0.75, 1, 1.5, 2.5, 3.5} {
		all = append(all, photo{scale: scale, dark: 1}, photo{scale: scale, dark: 0.5, noise: 5, quality: 85})
	}
	for blur := 1; blur <= 4; blur++ {
		all = append(all, photo{scale: 2, blur: blur, dark: 0.9, quality: 85})
	}
	for _, lean := range []float64{0.04, 0.08, 0.12} {
		all = append(all, photo{scale: 2, lean: lean, blur: 1, dark: 0.8, noise: 4, quality: 80}, photo{scale: 2, turn: 4, lean: -lean, blur: 1, dark: 0.8, quality: 80})
	}
	b := screen.Bounds()
	middle := b.Inset(max(0, (b.Dy()-b.Dx())/2)) // the code is as wide as the screen
	middle.Min.X, middle.Max.X = b.Min.X, b.Max.X
	scene := newShade(screen, middle)
	want := ""
	for _, p := range append([]photo{{scale: 1, dark: 1}}, all...) {
		got, err := till.ReadPicture(p.take(t, scene))
		for range 2 { // whoever holds a camera at an angle takes more than one photo
			if err == nil || p.lean == 0 {
				break
			}
			p.turn += 1.5
			got, err = till.ReadPicture(p.take(t, scene))
		}
		if want == "" {
			want = got
		}
		if err != nil || got != want || got == "" {
			t.Errorf("%+v: %q, %v", p, got, err)
		}
	}
}

// take takes the photo, as the bytes of its file.
func (p photo) take(t *testing.T, screen *shade) []byte {
	t.Helper()
	w, h := float64(screen.w), float64(screen.h)
	size := int(math.Ceil(math.Hypot(w, h) * p.scale))
	if p.turn == 0 && p.lean == 0 {
		size = int(math.Max(w, h) * p.scale)
	}
	r := rand.New(rand.NewPCG(1, 2)) // the same photos every time
	sin, cos := math.Sincos(p.turn * math.Pi / 180)
	seen := &shade{size, size, make([]float64, size*size)}
	for y := range size {
		for x := range size {
			// From the photo back to the screen: about the middle, turned, smaller, and leaning away.
			u, v := float64(x)-float64(size)/2, float64(y)-float64(size)/2
			u, v = (u*cos+v*sin)/p.scale, (v*cos-u*sin)/p.scale
			away := 1 + p.lean*2*v/h
			seen.pix[y*size+x] = screen.light(u*away+w/2, v*away+h/2, 1/p.scale)
		}
	}
	for range 3 {
		if p.blur > 0 {
			seen = seen.box(p.blur).box(p.blur) // rows, then columns: each turns the picture over
		}
	}
	m := image.NewGray(image.Rect(0, 0, size, size))
	for i, g := range seen.pix {
		if p.noise > 0 {
			g = g*p.dark + r.NormFloat64()*p.noise
		} else {
			g *= p.dark
		}
		m.Pix[i] = uint8(min(255, max(0, g)))
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, m)
	if p.quality > 0 {
		out.Reset()
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: p.quality})
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shade is a picture in shades of grey, 0 to 255.
type shade struct {
	w, h int
	pix  []float64
}

// newShade takes what is in a part of a picture.
func newShade(m image.Image, part image.Rectangle) *shade {
	s := &shade{part.Dx(), part.Dy(), nil}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			s.pix = append(s.pix, float64(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y))
		}
	}
	return s
}

// light is how bright it is around a point, as a sensor sees it whose pixel is so wide there. Beside the picture is a dark
// counter.
func (s *shade) light(x, y, wide float64) float64 {
	n := max(2, int(math.Ceil(wide*2)))
	sum := 0.0
	for i := range n {
		for k := range n {
			u := int(math.Floor(x + wide*((float64(i)+0.5)/float64(n)-0.5)))
			v := int(math.Floor(y + wide*((float64(k)+0.5)/float64(n)-0.5)))
			if u < 0 || v < 0 || u >= s.w || v >= s.h {
				sum += 40
			} else {
				sum += s.pix[v*s.w+u]
			}
		}
	}
	return sum / float64(n*n)
}

// box blurs along rows, and turns the picture over: columns become rows.
func (s *shade) box(radius int) *shade {
	out := &shade{s.h, s.w, make([]float64, len(s.pix))}
	sums := make([]float64, s.w+1)
	for y := range s.h {
		for x := range s.w {
			sums[x+1] = sums[x] + s.pix[y*s.w+x]
		}
		for x := range s.w {
			from, to := max(0, x-radius), min(s.w, x+radius+1)
			out.pix[x*s.h+y] = (sums[to] - sums[from]) / float64(to-from)
		}
	}
	return out
}
