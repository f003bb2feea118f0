package localpage_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cardwright/emv/terminal/localpage"
)

// inside answers with a status that nothing else here has.
var inside = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

// ask sends a request from an address to a host.
func ask(h http.Handler, from, host string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr, r.Host = from, host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestGuardKnowsThisDevice(t *testing.T) {
	h := localpage.Guard(inside, "not for you")
	const here = "127.0.0.1:50000"
	for _, c := range []struct {
		from, host string
		want       int
	}{
		{here, "127.0.0.1:8080", http.StatusTeapot},
		{here, "127.0.0.1", http.StatusTeapot},
		{here, "localhost", http.StatusTeapot},
		{here, "LocalHost:8080", http.StatusTeapot},
		{"127.8.0.3:50000", "127.9.0.4", http.StatusTeapot},
		{"[::1]:50000", "[::1]:8080", http.StatusTeapot},
		{"[::1]:50000", "[::1]", http.StatusTeapot},
		{"[::ffff:127.0.0.1]:50000", "[::ffff:127.0.0.1]:8080", http.StatusTeapot},

		{"192.0.2.7:50000", "127.0.0.1:8080", http.StatusForbidden},
		{"[2001:db8::7]:50000", "localhost", http.StatusForbidden},
		{"@", "localhost", http.StatusForbidden},
		{"", "localhost", http.StatusForbidden},
		{here, "", http.StatusForbidden},
		{here, "192.0.2.1:8080", http.StatusForbidden},
		{here, "[2001:db8::1]:8080", http.StatusForbidden},
		{here, "evil.example", http.StatusForbidden},
		{here, "127.0.0.1.evil.example", http.StatusForbidden},
		{here, "localhost.evil.example:8080", http.StatusForbidden},
		{here, "0.0.0.0:8080", http.StatusForbidden},
	} {
		a := ask(h, c.from, c.host)
		if a.StatusCode != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.from, c.host, a.StatusCode, c.want)
		}
		if text, err := io.ReadAll(a.Body); err != nil || (string(text) == "not for you\n") != (c.want == http.StatusForbidden) {
			t.Errorf("from %q to %q: %q, %v", c.from, c.host, text, err)
		}
		if sent := a.Header.Get("Content-Security-Policy") != ""; sent != (c.want == http.StatusTeapot) {
			t.Errorf("from %q to %q: policy sent is %v", c.from, c.host, sent)
		}
	}
}

func TestGuardHeaders(t *testing.T) {
	want := http.Header{
		"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"no-referrer"},
		"Cache-Control":                {"no-store"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), usb=(), serial=()"},
	}
	same := func(a, b []string) bool { return strings.Join(a, "|") == strings.Join(b, "|") }
	if got := ask(localpage.Guard(inside, "no"), "127.0.0.1:1", "localhost").Header; !maps.EqualFunc(got, want, same) {
		t.Errorf("%v", got)
	}
	want.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), usb=(), serial=()")
	if got := ask(localpage.Guard(inside, "no", "camera"), "127.0.0.1:1", "localhost").Header; !maps.EqualFunc(got, want, same) {
		t.Errorf("%v", got)
	}
}

func TestSameOrigin(t *testing.T) {
	for origin, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "": false, "null": false, "https://127.0.0.1:8080": false, "http://127.0.0.1:8081": false,
		"http://127.0.0.1": false, "http://127.0.0.1:8080/": false, "http://evil.example": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", http.NoBody)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if got := localpage.SameOrigin(r); got != want {
			t.Errorf("%q: %v", origin, got)
		}
	}
}

func TestFile(t *testing.T) {
	files := fstest.MapFS{"page/page.css": {Data: []byte("p{}")}}
	w := httptest.NewRecorder()
	localpage.File(files, "page/page.css", "text/css")(w, nil)
	if w.Body.String() != "p{}" || w.Header().Get("Content-Type") != "text/css" {
		t.Errorf("%q, %v", w.Body, w.Header())
	}
	defer func() {
		if recover() == nil {
			t.Error("a file that is not there can be served")
		}
	}()
	localpage.File(files, "page/page.js", "text/javascript")
}
