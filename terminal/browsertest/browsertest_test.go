package browsertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// verdict is a test that is watched by another.
type verdict struct {
	testing.TB
	skipped, failed string
	complaints      []string
	cleanups        []func()
}

func (v *verdict) Helper()          {}
func (v *verdict) Cleanup(f func()) { v.cleanups = append(v.cleanups, f) }

func (v *verdict) Skip(a ...any) {
	v.skipped = fmt.Sprint(a...)
	runtime.Goexit()
}

func (v *verdict) Fatal(a ...any) {
	v.failed = fmt.Sprint(a...)
	runtime.Goexit()
}

func (v *verdict) Fatalf(format string, a ...any) { v.Fatal(fmt.Sprintf(format, a...)) }

func (v *verdict) Errorf(format string, a ...any) {
	v.complaints = append(v.complaints, fmt.Sprintf(format, a...))
}

// watch runs a test to its end.
func watch(t *testing.T, test func(t testing.TB)) *verdict {
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, f := range slices.Backward(v.cleanups) {
				f()
			}
		}()
		test(v)
	}()
	<-done
	return v
}

// Where there is no browser the variable decides; 0 decides in any case.
func TestVariable(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, c := range []struct{ value, skipped, failed string }{
		{"0", "left out; to run it: CARDWRIGHT_REQUIRE_CHROMIUM=1 go test ./here", ""},
		{"1", "", "no browser: apt-get install chromium"},
		{"", "no browser: apt-get install chromium", ""},
	} {
		t.Setenv(Variable, c.value)
		v := watch(t, func(t testing.TB) { Start(t, "go test ./here") })
		for got, want := range map[string]string{v.skipped: c.skipped, v.failed: c.failed} {
			if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("%q: %q, want %q", c.value, got, want)
			}
		}
	}
}

// Each thing that a page does wrong fails its test, and nothing else does.
func TestHear(t *testing.T) {
	console := func(as cdp.APIType) any {
		return &cdp.EventConsoleAPICalled{Type: as, Args: []*cdp.RemoteObject{{Value: []byte(`"one"`)}, {Description: "Error: two"}}}
	}
	request := func(url string) any {
		return &network.EventRequestWillBeSent{Request: &network.Request{URL: url}}
	}
	for _, c := range []struct {
		event any
		want  string
	}{
		{&cdp.EventExceptionThrown{ExceptionDetails: &cdp.ExceptionDetails{Text: "Uncaught"}}, `the till: it threw: `},
		{console(cdp.APITypeError), `the till: it complains: "one" Error: two`},
		{console(cdp.APITypeWarning), `the till: it complains: "one" Error: two`},
		{console(cdp.APITypeAssert), `the till: it complains: "one" Error: two`},
		{&cdp.EventConsoleAPICalled{Type: cdp.APITypeError}, `the till: it complains: `},
		{console(cdp.APITypeLog), ""},
		{request("http://127.0.0.1:8080/page.js"), ""},
		{request("data:text/plain,x"), ""},
		{request("http://127.0.0.1:8081/page.js"), `the till: it asks elsewhere: http://127.0.0.1:8081/page.js`},
		{request("https://fonts.example/a.woff2"), `the till: it asks elsewhere: https://fonts.example/a.woff2`},
		{&network.EventWebSocketCreated{URL: "ws://127.0.0.1:8080/socket"}, ""},
		{&network.EventWebSocketCreated{URL: "wss://listener.example/"}, `the till: it asks elsewhere: wss://listener.example/`},
	} {
		v := watch(t, func(t testing.TB) {
			p := newPage(context.Background(), t, "the till")
			p.server = "127.0.0.1:8080"
			p.hear(c.event)
		})
		if len(v.complaints) > 1 || !strings.HasPrefix(strings.Join(v.complaints, ""), c.want) || (len(v.complaints) == 0) != (c.want == "") {
			t.Errorf("%+v: %q, want %q", c.event, v.complaints, c.want)
		}
	}
}

// A real page, which does what it must not: its test fails, and says why.
func TestBadPage(t *testing.T) {
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,"><title>`, r.Header.Get("Accept-Language"), `</title><p>Bad</p><script>
			console.warn('careful'); console.error(new Error('broken')); console.log('fine');
			fetch('`, elsewhere.URL, `/x').catch(() => {}).finally(() => { document.body.dataset.ready = 'yes'; throw new TypeError('thrown'); });
		</script>`)
	}))
	t.Cleanup(server.Close)
	chromium := Start(t, "go test ./terminal/browsertest")
	for name, open := range map[string]func(testing.TB) *Page{
		"the page": chromium.Tab, "a window": func(t testing.TB) *Page { return chromium.Window(t, "a window") },
	} {
		var seen string
		v := watch(t, func(t testing.TB) {
			p := open(t)
			p.Open(server.URL, Device{Width: 321, Height: 123, Touch: true, Language: "sv"})
			p.Until(`document.body.dataset.ready === 'yes'`)
			p.Drawn()
			seen = p.Text() + p.Eval(`[' ', innerWidth, innerHeight, navigator.maxTouchPoints > 0, document.title].join(' ')`)
		})
		if want := "Bad  321 123 true sv"; v.failed != "" || seen != want {
			t.Errorf("%s: %q, want %q; %s", name, seen, want, v.failed)
		}
		all := strings.Join(v.complaints, "\n")
		for _, want := range []string{"careful", "Error: broken", "TypeError: thrown", "asks elsewhere: " + elsewhere.URL} {
			if !strings.Contains(all, name+": it ") || !strings.Contains(all, want) {
				t.Errorf("%s: nobody complains of %s: %s", name, want, all)
			}
		}
		if len(v.complaints) != 4 {
			t.Errorf("%s: %q", name, v.complaints)
		}
	}
	broken := watch(t, func(t testing.TB) {
		chromium.Tab(t).Run(chromedp.ActionFunc(func(context.Context) error { return errors.New("it can't") }))
	})
	if broken.failed != "the page: it can't" {
		t.Errorf("%q", broken.failed)
	}
}
