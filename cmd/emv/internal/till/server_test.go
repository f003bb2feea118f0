package till_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"rsc.io/qr"

	"github.com/cardwright/emv/cmd/emv/internal/till"
	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/text"
	"github.com/cardwright/emv/terminal/wire"
)

// page is a till's page on a server.
type page struct {
	t     *testing.T
	url   string
	token string
}

func open(t *testing.T, r *till.Till) *page {
	t.Helper()
	s := must[*till.Server](t)(till.NewServer(r))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	p := &page{t: t, url: web.URL}
	status, body := p.send(http.MethodGet, "/", nil, nil)
	m := regexp.MustCompile(`name="token" content="([0-9a-f]{32})"`).FindStringSubmatch(body)
	if status != http.StatusOK || m == nil {
		t.Fatalf("%d %s", status, body)
	}
	p.token = m[1]
	return p
}

func (p *page) send(method, path string, body io.Reader, change func(*http.Request)) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("X-Till-Token", p.token)
	if method == http.MethodPost {
		r.Header.Set("Origin", p.url)
	}
	if change != nil {
		change(r)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// post sends JSON and returns the code of the refusal, "" for none, and the answer.
func (p *page) post(path string, v any) (wire.Code, string) {
	p.t.Helper()
	b := must[[]byte](p.t)(json.Marshal(v))
	status, body := p.send(http.MethodPost, "/api/"+path, bytes.NewReader(b), nil)
	var refused struct{ Error *wire.Error }
	if err := json.Unmarshal([]byte(body), &refused); err != nil {
		p.t.Fatalf("%s: %d %s", path, status, body)
	}
	if (refused.Error == nil) != (status == http.StatusOK) {
		p.t.Errorf("%s: %d %s", path, status, body)
	}
	if refused.Error != nil {
		return refused.Error.Code, body
	}
	return "", body
}

func (p *page) view() till.View {
	p.t.Helper()
	_, body := p.send(http.MethodGet, "/api/view", nil, nil)
	var v till.View
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		p.t.Fatal(err)
	}
	return v
}

// The page is for this device alone, and what changes something is for the page alone.
func TestWhoMayAsk(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	add := func() io.Reader { return strings.NewReader(`{"product":"tea"}`) }
	for name, c := range map[string]struct {
		method, path string
		change       func(*http.Request)
		want         int
	}{
		"own":                   {"POST", "/api/cart/add", nil, http.StatusOK},
		"no token":              {"POST", "/api/cart/add", func(r *http.Request) { r.Header.Del("X-Till-Token") }, http.StatusForbidden},
		"another token":         {"POST", "/api/cart/add", func(r *http.Request) { r.Header.Set("X-Till-Token", strings.Repeat("0", 32)) }, http.StatusForbidden},
		"no origin":             {"POST", "/api/cart/add", func(r *http.Request) { r.Header.Del("Origin") }, http.StatusForbidden},
		"another origin":        {"POST", "/api/cart/add", func(r *http.Request) { r.Header.Set("Origin", "https://shop.example") }, http.StatusForbidden},
		"null origin":           {"POST", "/api/cart/add", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"picture, no origin":    {"POST", "/api/pair/picture", func(r *http.Request) { r.Header.Del("Origin") }, http.StatusForbidden},
		"rebound name":          {"GET", "/", func(r *http.Request) { r.Host = "till.example:8090" }, http.StatusForbidden},
		"address of the device": {"GET", "/", func(r *http.Request) { r.Host = "192.168.1.5:8090" }, http.StatusForbidden},
		"localhost":             {"GET", "/", func(r *http.Request) { r.Host = "localhost:8090" }, http.StatusOK},
		"view":                  {"GET", "/api/view", nil, http.StatusOK},
		"view without token":    {"GET", "/api/view", func(r *http.Request) { r.Header.Del("X-Till-Token") }, http.StatusForbidden},
		"payments without":      {"GET", "/api/payments", func(r *http.Request) { r.Header.Del("X-Till-Token") }, http.StatusForbidden},
		"a change by GET":       {"GET", "/api/cart/clear", nil, http.StatusMethodNotAllowed},
		"socket without":        {"GET", "/socket", func(r *http.Request) { r.Header.Set("Origin", p.url) }, http.StatusForbidden},
		"socket of a stranger":  {"GET", "/socket?token=" + p.token, func(r *http.Request) { r.Header.Set("Origin", "https://shop.example") }, http.StatusForbidden},
		"elsewhere":             {"GET", "/etc/passwd", nil, http.StatusNotFound},
	} {
		if got, body := p.send(c.method, c.path, add(), c.change); got != c.want {
			t.Errorf("%s: %d %s, want %d", name, got, body, c.want)
		}
	}
	if n := r.View().Sale.Count; n != 1 {
		t.Errorf("%d in the cart", n)
	}
	// Another machine, whatever the server listens on.
	s := must[*till.Server](t)(till.NewServer(r))
	q := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8090/", nil)
	q.RemoteAddr = "192.168.1.7:50000"
	w := httptest.NewRecorder()
	if s.Handler().ServeHTTP(w, q); w.Code != http.StatusForbidden {
		t.Errorf("another machine: %d", w.Code)
	}
}

// Every answer carries the policy; the page names nothing outside of itself and has no script or style in it.
func TestThePageIsClosed(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	for _, path := range []string{"/", "/page.css", "/page.js", "/setup.js", "/api/view", "/nothing"} {
		a := must[*http.Response](t)(http.Get(p.url + path))
		b := must[[]byte](t)(io.ReadAll(a.Body))
		_ = a.Body.Close()
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "base-uri 'none'"} {
			if !strings.Contains(a.Header.Get("Content-Security-Policy"), part) {
				t.Errorf("%s: the policy lacks %s", path, part)
			}
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, a.Header)
		}
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://", "//cdn", "<style", " style=", " onclick"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s has %s", path, word)
			}
		}
	}
}

// Ten clicks at once on the page's own route: one payment.
func TestDoubleClickOnThePage(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "GB")
	r, _ := start(t, options(t, t.TempDir()))
	pair(t, r, d)
	p := open(t, r)
	p.post("cart/add", map[string]string{"product": "gift"})
	v := p.view()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if code, body := p.post("checkout", map[string]any{"order": v.Sale.Order, "rev": v.Sale.Rev}); code != "" {
				t.Error(body)
			}
		})
	}
	wg.Wait()
	until(t, "the outcome", func() bool { q := p.view().Payment; return q != nil && q.Done })
	if q := p.view().Payment; q.Final == nil || q.Final.Result != wire.Approved || len(d.asked) != 1 {
		t.Errorf("%+v, asked %v", q, d.asked)
	}
	status, body := p.send(http.MethodGet, "/api/payments", nil, nil)
	var rows []till.Row
	if json.Unmarshal([]byte(body), &rows) != nil || status != http.StatusOK || len(rows) != 1 || rows[0].CanRefund != 3200 {
		t.Errorf("%s", body)
	}
	if code, _ := p.post("checkout", map[string]any{"order": "X-1", "rev": 1}); code != wire.CodeCartMismatch {
		t.Errorf("another order: %s", code)
	}
	if code, _ := p.post("later", map[string]any{"kind": "refund", "id": rows[0].RequestID, "amount": 200}); code != "" {
		t.Errorf("refund: %s", code)
	}
	if code, _ := p.post("dismiss", map[string]any{}); code != "" {
		t.Error(code)
	}
}

// The socket tells every change.
func TestSocket(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	ctx := t.Context()
	c, a, err := websocket.Dial(ctx, p.url+"/socket?token="+p.token, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {p.url}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body
	defer func() { _ = c.CloseNow() }()
	p.post("cart/add", map[string]string{"product": "tea"})
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var v till.View
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		if v.Sale.Count == 1 {
			return
		}
	}
}

// The body of a request may be anything.
func TestBodies(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	for _, body := range []string{"", "{", "[]", `"x"`, `{"amount":1.5,"name":"x"}`, `{"amount":"1","name":"x"}`, strings.Repeat(" ", 70<<10)} {
		if status, answer := p.send(http.MethodPost, "/api/cart/amount", strings.NewReader(body), nil); status != http.StatusBadRequest {
			t.Errorf("%.20q: %d %s", body, status, answer)
		}
	}
	for _, v := range []map[string]any{
		{"amount": 0, "name": "x"},
		{"amount": -1, "name": "x"},
		{"amount": 1, "name": ""},
		{"amount": 100_000_000, "name": "x"},
		{"amount": 1, "name": strings.Repeat("x", 81)},
		{"amount": 1, "name": "a\u0000b"},
		{"amount": 1, "name": "a\nb"},
	} {
		if code, answer := p.post("cart/amount", v); code != wire.CodeBadMessage && !strings.Contains(v["name"].(string), "a") {
			t.Errorf("%v: %s", v, answer)
		}
	}
	for path, v := range map[string]any{
		"cart/add": map[string]string{"product": "yacht"}, "cart/quantity": map[string]any{"line": "l9", "qty": 1},
		"cart/discount": map[string]int{"percent": 101},
	} {
		if code, answer := p.post(path, v); code != wire.CodeBadMessage {
			t.Errorf("%s: %s", path, answer)
		}
	}
	if code, _ := p.post("terminal/default", map[string]string{"id": "none"}); code != wire.CodeNoReader {
		t.Error(code)
	}
	if code, _ := p.post("tender", map[string]string{"order": "X", "tender": "cash"}); code != wire.CodeCartMismatch {
		t.Error(code)
	}
}

// otherCode is a typed code with another last digit.
func otherCode(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

// Where there is no camera, the address and eight digits that the terminal shows are typed.
func TestPairByCode(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "IE")
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	shown, done := d.show()
	for _, c := range []struct {
		what, address, code string
		want                wire.Code
	}{
		{"no address", "", shown.Typed, "E_ADDRESS"},
		{"not an address", "http://till", shown.Typed, "E_ADDRESS"},
		{"seven digits", shown.Address, shown.Typed[:8], wire.CodeWrongCode},
		{"nobody there", "127.0.0.1:1", shown.Typed, wire.CodeUnreachable},
		{"a wrong digit", shown.Address, otherCode(shown.Typed), wire.CodeWrongCode},
	} {
		if code, answer := p.post("pair/code", map[string]string{"address": c.address, "code": c.code}); code != c.want {
			t.Errorf("%s: %s", c.what, answer)
		}
		if v := p.view(); v.Pairing.State != "failed" || v.Pairing.Error.Code != c.want || len(v.Terminals) != 0 {
			t.Errorf("%s: %+v", c.what, v)
		}
		for _, language := range []string{"en", "sv", "fr"} {
			if till.Text(string(c.want), language) == string(c.want) {
				t.Errorf("%s has no text in %s", c.want, language)
			}
		}
	}
	if status, body := p.send(http.MethodPost, "/api/pair/code", strings.NewReader(`{"address":1}`), nil); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, body)
	}
	if code, answer := p.post("pair/code", map[string]string{"address": shown.Address, "code": shown.Typed}); code != "" {
		t.Fatal(answer)
	}
	v := p.view()
	if v.Pairing.State != "paired" || strings.Join(v.Pairing.Words, " ")+" "+v.Pairing.Digits != <-done || v.Pairing.Name != "Counter 1" {
		t.Errorf("%+v", v.Pairing)
	}
	online(t, r, d)
}

// The terminal counts tries; after the third wrong one its next code waits, for whoever typed them.
func TestPairByCodeWaits(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "IE")
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	shown, _ := d.show()
	wrong := map[string]string{"address": shown.Address, "code": otherCode(shown.Typed)}
	for range 3 {
		if code, answer := p.post("pair/code", wrong); code != wire.CodeWrongCode {
			t.Fatal(answer)
		}
	}
	if code, answer := p.post("pair/code", wrong); code != wire.CodeWaitCode {
		t.Error(answer)
	}
}

// A picture of the terminal's screen is all that pairing needs. S43
func TestPairByPicture(t *testing.T) {
	d := newDevice(t, 1, "Counter 1", "IE")
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	for name, b := range map[string][]byte{"text": []byte("no picture"), "empty": nil, "a picture without a code": picture(t, "", 1, false)} {
		status, body := p.send(http.MethodPost, "/api/pair/picture", bytes.NewReader(b), nil)
		if status != http.StatusConflict || !strings.Contains(body, string(wire.CodeFormat)) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if v := p.view(); v.Pairing.State != "failed" || v.Pairing.Error.Code != wire.CodeFormat {
		t.Errorf("%+v", v.Pairing)
	}
	code, done := d.code()
	if status, body := p.send(http.MethodPost, "/api/pair/picture", bytes.NewReader(picture(t, code, 5, true)), nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	v := p.view()
	if v.Pairing.State != "paired" || strings.Join(v.Pairing.Words, " ")+" "+v.Pairing.Digits != <-done || v.Pairing.Name != "Counter 1" {
		t.Errorf("%+v", v.Pairing)
	}
	if v.Market.Country != "IE" || v.Market.Currency != "EUR" || len(v.Terminals) != 1 || !v.Terminals[0].Default {
		t.Errorf("%+v", v)
	}
	p.post("pair/done", map[string]any{}) // S45
	if v := p.view(); v.Pairing.State != "" {
		t.Errorf("%+v", v.Pairing)
	}
	if code, _ := p.post("pair", map[string]string{"text": code}); code == "" {
		t.Error("the code served twice")
	}
}

// picture draws a QR code as a camera might see it: with a border, in grey, large or small, as JPEG or PNG.
func picture(t testing.TB, code string, scale int, asJPEG bool) []byte {
	t.Helper()
	var c *qr.Code
	side := 640
	if code != "" {
		c = must[*qr.Code](t)(qr.Encode(code, qr.M))
		side = max(side, c.Size*scale+150)
	}
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = 205
	}
	if c != nil {
		for y := range c.Size * scale {
			for x := range c.Size * scale {
				if c.Black(x/scale, y/scale) {
					m.SetGray(60+x, 70+y, color.Gray{Y: 35})
				}
			}
		}
	}
	var b bytes.Buffer
	var err error
	if asJPEG {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 60})
	} else {
		err = png.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadPicture(t *testing.T) {
	const code = "CARDWRIGHT1:THE TEXT OF A CODE 0123456789"
	for _, asJPEG := range []bool{true, false} {
		for _, scale := range []int{3, 5, 9, 90} { // the last one has as many pixels as a phone's
			if got, err := till.ReadPicture(picture(t, code, scale, asJPEG)); err != nil || got != code {
				t.Errorf("scale %d: %q, %v", scale, got, err)
			}
		}
	}
	// A picture that says that it is larger than a till can hold is not decoded.
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	copy(bomb[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // IHDR: 65536 by 65536
	_, err := till.ReadPicture(bomb)
	wantCode(t, err, wire.CodeFormat)
}

func FuzzReadPicture(f *testing.F) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Add(picture(f, "CARDWRIGHT1:X", 3, true))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		if code, err := till.ReadPicture(b); err != nil {
			wantCode(t, err, wire.CodeFormat)
		} else if _, err := pairing.DecodeQR(code); err != nil {
			wantCode(t, err, wire.CodeFormat)
		}
	})
}

// Every code that the page may meet has a text in every language, and each text of the till's own is there in all of them.
func TestTexts(t *testing.T) {
	r, _ := start(t, options(t, t.TempDir()))
	p := open(t, r)
	all := map[string]map[string]string{}
	for _, language := range text.Languages() {
		_, body := p.send(http.MethodGet, "/api/texts?lang="+language, nil, nil)
		var words map[string]string
		if err := json.Unmarshal([]byte(body), &words); err != nil {
			t.Fatal(err)
		}
		all[language] = words
		for _, code := range wire.Codes() {
			if words[string(code)] == "" {
				t.Errorf("%s: no text for %s", language, code)
			}
		}
		for code, s := range words {
			if s == "" {
				t.Errorf("%s: no text for %s", language, code)
			}
		}
	}
	// What the page asks for by name.
	for _, file := range []string{"/", "/page.js", "/setup.js"} {
		_, body := p.send(http.MethodGet, file, nil, nil)
		for _, m := range regexp.MustCompile(`(?:data-t="|\bt\('|'|")((?:app|cat|sale|term|pay|receipt|entry|cvm|kind|list|step|readers|review|scan|done|about)\.[a-z.-]+)['"]`).FindAllStringSubmatch(body, -1) {
			if !strings.HasSuffix(m[1], ".") && all["en"][m[1]] == "" && !strings.HasSuffix(m[1], ".css") && !strings.HasSuffix(m[1], ".js") {
				t.Errorf("%s asks for %s", file, m[1])
			}
		}
	}
	steps := must[[]till.Step](t)(till.Steps())
	for _, s := range steps {
		for _, language := range text.Languages() {
			if all[language]["step."+s.ID] == "" {
				t.Errorf("step %s has no name in %s", s.ID, language)
			}
		}
	}
}
