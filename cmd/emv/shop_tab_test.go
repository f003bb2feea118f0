package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/cardwright/emv/terminal/browsertest"
)

// browse starts one Chromium for a test.
func browse(t *testing.T) *browsertest.Browser {
	t.Helper()
	return browsertest.Start(t, "go test -run 'TestShop' ./cmd/emv", browsertest.Touch, browsertest.Still)
}

// tab is a page in a window of its own.
type tab struct {
	*browsertest.Page
	t     *testing.T
	name  string // of its pictures
	touch bool

	mu    sync.Mutex
	away  bool // the program behind it is not there: that it can't be reached is no fault of the page
	heard bytes.Buffer
}

// open opens a page as a device of its own has it.
func open(t *testing.T, b *browsertest.Browser, name, url string, on browsertest.Device) *tab {
	t.Helper()
	p := &tab{Page: b.Window(t, name), t: t, name: name, touch: on.Touch}
	p.Stuck = func() { p.keep("stuck") }
	chromedp.ListenTarget(p.Context(), p.hear)
	p.Run(network.Enable(), cdplog.Enable())
	p.Open(url, on)
	return p
}

// hear keeps what the browser complains of, as what the policy forbids and what is not there, and what the page was sent.
func (b *tab) hear(e any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := e.(type) {
	case *cdplog.EventEntryAdded:
		unreached := strings.Contains(e.Entry.Text, "net::ERR_") || strings.Contains(e.Entry.Text, "WebSocket connection to")
		if e.Entry.Level != cdplog.LevelError && e.Entry.Level != cdplog.LevelWarning || b.away && unreached {
			return
		}
		b.Trouble("the browser complains: %s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *network.EventWebSocketFrameReceived:
		fmt.Fprintln(&b.heard, e.Response.PayloadData)
	case *network.EventEventSourceMessageReceived:
		fmt.Fprintln(&b.heard, e.Data)
	}
}

// leave says whether the program behind the page is away.
func (b *tab) leave(away bool) {
	b.mu.Lock()
	b.away = away
	b.mu.Unlock()
}

// awaited returns the value of a promise as text.
func (b *tab) awaited(promise string) string {
	b.t.Helper()
	var v string
	b.Await(promise, &v)
	return v
}

// press presses something where it is to be seen and nothing lies over it, with a finger where the device has no mouse.
func (b *tab) press(selector string) {
	b.t.Helper()
	find := fmt.Sprintf(`(async () => {
		const place = () => {
			const e = document.querySelector(%q);
			if (!e || e.disabled || !e.checkVisibility()) return null;
			e.scrollIntoView({block: 'nearest'});
			const r = e.getBoundingClientRect();
			const at = [r.left + r.width / 2, r.top + r.height / 2];
			const top = document.elementFromPoint(...at);
			return top && (e === top || e.contains(top)) ? at : null;
		};
		const before = place();
		await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)));
		const at = place();
		return before && at && before[0] === at[0] && before[1] === at[1] ? at : null; // nobody hits what moves
	})()`, selector)
	var at []float64
	for end := time.Now().Add(shopGiveUp); ; time.Sleep(10 * time.Millisecond) {
		b.Await(find, &at)
		if len(at) == 2 {
			break
		}
		if time.Now().After(end) {
			b.keep("stuck")
			b.t.Fatalf("%s: %s can't be pressed; it says: %s", b.name, selector, b.Text())
		}
	}
	if b.touch {
		b.Finger(0, [2]float64{at[0], at[1]})
	} else {
		b.Run(chromedp.MouseClickXY(at[0], at[1]))
	}
}

// finger moves one finger along points of x, y. It rests before it leaves: the browser takes a tap after a fling for its end.
func (b *tab) finger(points ...[2]float64) {
	b.t.Helper()
	b.Finger(90*time.Millisecond, points...)
}

// picture keeps a picture of the page among the artefacts of CI, and returns it. What it shows is searched for secrets.
func (b *tab) picture(name string) []byte {
	b.t.Helper()
	b.Drawn()
	b.scan()
	return b.keep(name)
}

func (b *tab) keep(name string) []byte {
	b.t.Helper()
	file := filepath.Join(shopOut, strings.TrimPrefix(b.t.Name(), "TestShop")+"-"+name+"-"+b.name+".png")
	file = filepath.Join(shopOut, strings.TrimLeft(strings.ReplaceAll(filepath.ToSlash(strings.TrimPrefix(file, shopOut)), "/", "-"), "-"))
	return toRead(b.t, file, b.Screenshot(file))
}

// scan searches all that is in the page, and all that it was sent so far, for card data.
func (b *tab) scan() {
	b.t.Helper()
	all := b.Eval(`document.documentElement.outerHTML + '\n' + document.body.innerText + '\n' +
		[...document.querySelectorAll('input, textarea')].map((e) => e.value).join('\n')`)
	b.mu.Lock()
	all += "\n" + b.heard.String()
	b.heard.Reset()
	b.mu.Unlock()
	searchSecrets(b.t, b.name, all)
}

func decodePNG(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
