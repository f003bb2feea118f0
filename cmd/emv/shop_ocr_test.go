package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"slices"
)

// reader finds the program that reads pictures; it is "", with the reason, where there is none.
func reader() (path, why string) {
	if os.Getenv(readerVariable) == "0" {
		return "", "left out; to run it: " + readerVariable + "=1 go test -run 'TestShop' ./cmd/emv"
	}
	path, err := exec.LookPath("tesseract")
	if err != nil {
		return "", "nothing reads pictures: apt-get install tesseract-ocr tesseract-ocr-eng, or put one called tesseract on the PATH"
	}
	return path, ""
}

// readerVariable says whether pictures must be read (1), are left unread (0), or are read where that is possible.
const readerVariable = "CARDWRIGHT_REQUIRE_OCR"

// readPicture returns what is written on a picture, a line for each piece of text.
func readPicture(program string, flat []byte) (string, error) {
	cmd := exec.Command(program, "stdin", "stdout", "--psm", "11", "-l", "eng")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.Stdin = bytes.NewReader(flat)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said.Bytes())
	}
	return out.String(), nil
}

// enlarged is how many times larger a picture is read than it is: the smallest letters have eight pixels.
const enlarged = 2

// flatten makes dark text on white of a picture, whatever its colours: what differs most from the commonest brightness
// around it is black. The result is a portable graymap.
func flatten(m image.Image) []byte {
	const tile, around = 8, 16
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	gray := make([]uint8, w*h)
	for y := range h {
		for x := range w {
			gray[y*w+x] = color.GrayModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y
		}
	}
	flat := make([]uint8, w*h)
	for top := 0; top < h; top += tile {
		for left := 0; left < w; left += tile {
			var count [256]int
			for y := max(0, top-tile); y < min(h, top+2*tile); y++ {
				for x := max(0, left-around); x < min(w, left+tile+around); x++ {
					count[gray[y*w+x]]++
				}
			}
			paper, most := 0, 48 // less than this is a shade, and no text
			for v, n := range count {
				if n > count[paper] {
					paper = v
				}
			}
			for v, n := range count {
				if n > 2 {
					most = max(most, v-paper, paper-v)
				}
			}
			for y := top; y < min(h, top+tile); y++ {
				for x := left; x < min(w, left+tile); x++ {
					v := int(gray[y*w+x])
					flat[y*w+x] = uint8(255 - min(255, max(v-paper, paper-v)*255/most))
				}
			}
		}
	}
	return enlarge(withoutFrames(flat, w, h), w, h, enlarged)
}

// withoutFrames returns it without what is dark along a line longer than those of letters: the edges of buttons and sheets,
// which would be taken for a part of the text in them.
func withoutFrames(p []uint8, w, h int) []uint8 {
	const longest = 48
	out := slices.Clone(p)
	erase := func(from, step, n int) {
		run := 0
		for i := range n + 1 {
			if i < n && p[from+i*step] < 128 {
				run++
				continue
			}
			if run > longest {
				for k := i - run; k < i; k++ {
					out[from+k*step] = 255
				}
			}
			run = 0
		}
	}
	for y := range h {
		erase(y*w, 1, w)
	}
	for x := range w {
		erase(x, w, h)
	}
	return out
}

// enlarge returns a graymap of times the size, bilinear.
func enlarge(p []uint8, w, h, times int) []byte {
	out := fmt.Appendf(nil, "P5\n%d %d\n255\n", w*times, h*times)
	half := 2 * times
	at := func(i, end int) (a, b, part int) { // in half pixels of the result
		d := max(0, 2*i+1-times)
		return d / half, min(d/half+1, end-1), d % half
	}
	for y := range h * times {
		y0, y1, v := at(y, h)
		for x := range w * times {
			x0, x1, u := at(x, w)
			above := int(p[y0*w+x0])*(half-u) + int(p[y0*w+x1])*u
			below := int(p[y1*w+x0])*(half-u) + int(p[y1*w+x1])*u
			out = append(out, uint8((above*(half-v)+below*v)/(half*half)))
		}
	}
	return out
}
