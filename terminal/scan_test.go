package terminal_test

import (
	"image"
	"image/color"
	"image/draw"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var (
	boxOf = regexp.MustCompile(`viewBox="0 0 (\d+) \d+"`)
	runOf = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)
)

// scan reads the code that is on the display as a camera would: from its picture.
func (s *shop) scan() string {
	s.Helper()
	st := s.page.state()
	if st.QR == nil {
		s.Fatalf("no code is shown: %+v", st)
	}
	r := must[*http.Response](s.T)(http.Get(s.page.url + st.QR.Source + "&token=" + s.page.token))
	defer r.Body.Close()
	svg := string(must[[]byte](s.T)(io.ReadAll(r.Body)))
	box := boxOf.FindStringSubmatch(svg)
	if r.StatusCode != http.StatusOK || box == nil {
		s.Fatalf("the picture: %d %.80s", r.StatusCode, svg)
	}
	const zoom = 4
	number := func(t string) int { return must[int](s.T)(strconv.Atoi(t)) * zoom }
	side := number(box[1])
	m := image.NewGray(image.Rect(0, 0, side, side))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	for _, run := range runOf.FindAllStringSubmatch(svg, -1) {
		x, y, w := number(run[1]), number(run[2]), number(run[3])
		draw.Draw(m, image.Rect(x, y, x+w, y+zoom), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	bitmap := must[*gozxing.BinaryBitmap](s.T)(gozxing.NewBinaryBitmapFromImage(m))
	text := must[*gozxing.Result](s.T)(qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})).GetText()
	if !strings.HasPrefix(text, "CARDWRIGHT1:") {
		s.Fatalf("the code says %.20s…", text)
	}
	return text
}
