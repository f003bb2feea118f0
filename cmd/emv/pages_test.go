package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/testvectors/card"
)

// writings are a card number as texts and files may have it.
func writings(number string) [][]byte {
	packed, _ := hex.DecodeString((number + "F")[:len(number)+len(number)%2])
	list := [][]byte{
		[]byte(number), packed, []byte(hex.EncodeToString([]byte(number))),
		[]byte(number[:4] + " " + number[4:8] + " " + number[8:12]), []byte(number[:4] + "-" + number[4:8] + "-" + number[8:12]),
	}
	for _, b := range [][]byte{[]byte(number), packed} {
		for before := range 3 {
			text := base64.StdEncoding.EncodeToString(append(make([]byte, before), b...))
			list = append(list, []byte(text[[]int{0, 2, 3}[before]:(before+len(b))*8/6]))
		}
	}
	return list
}

func written(number string, b []byte) bool {
	for _, w := range writings(number) {
		if bytes.Contains(b, w) {
			return true
		}
	}
	return false
}

// TestPagesHoldNoCardNumber runs a terminal and a till as their command lines do, pays by tap, by insert with a PIN and by
// swipe, and looks for the cards' numbers in every page, in every JSON that a page asks for, in what both print, and in
// their folders.
func TestPagesHoldNoCardNumber(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const nowhere = "127.0.0.1:0"
	states := map[string]string{"terminal": filepath.Join(t.TempDir(), "state"), "till": t.TempDir()}
	var printed [2]safeBuffer
	ended := make(chan error, 2)
	terminal, till := terminalCommand(), posServeCommand()
	terminal.SetArgs([]string{
		"--state", states["terminal"], "--country", "US", "--session", nowhere, "--plain", nowhere, "--pairing", nowhere,
		"--presence", nowhere, "--counter", nowhere,
	})
	till.SetArgs([]string{"--listen", nowhere, "--state", states["till"], "--country", "US"})
	terminal.SetOut(&printed[0])
	till.SetOut(&printed[1])
	go func() { ended <- terminal.ExecuteContext(ctx) }()
	go func() { ended <- till.ExecuteContext(ctx) }()
	display, counter := printed[0].find(t, `customer display +(http://\S+)/display/ `), printed[0].find(t, `the counter +(http://\S+)/ `)
	register := strings.TrimSuffix(printed[1].find(t, `till at (http://\S+)\n`), "/")

	token := ""
	pages := map[string][]byte{}
	fetch := func(method, url, body string) []byte {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Till-Token", token)
		r.Header.Set("Origin", register)
		if !strings.HasPrefix(url, register) {
			r.Header.Del("Origin")
			r.Header.Set("Content-Type", "application/json")
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode >= 300 {
			t.Fatalf("%s %s: %s %v %s", method, url, a.Status, err, b)
		}
		pages[method+" "+strings.NewReplacer(register, "till", counter, "counter", display, "terminal").Replace(url)] = b
		return b
	}
	until := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("in vain: %s; %s", what, fetch("GET", counter+"/state", ""))
			}
		}
	}
	m := regexp.MustCompile(`name="token" content="([^"]+)"`).FindSubmatch(fetch("GET", register+"/", ""))
	if m == nil {
		t.Fatal("the till's page has no token")
	}
	token = string(m[1])

	type counterView struct {
		Code string
		Pad  *struct{ Open bool }
	}
	var at counterView
	until("the code", func() bool {
		at = counterView{}
		return json.Unmarshal(fetch("GET", counter+"/state", ""), &at) == nil && at.Code != ""
	})
	text, _ := json.Marshal(map[string]string{"text": at.Code})
	fetch("POST", register+"/api/pair", string(text))

	type tillView struct {
		Terminals []struct{ State string }
		Sale      struct {
			Order    string
			Rev      uint64
			Items    []any
			OnScreen bool `json:"on_screen"`
		}
		Payment *struct {
			Order, Prompt string
			Final         *struct{ Result string }
		}
	}
	view := func() (v tillView) {
		t.Helper()
		if err := json.Unmarshal(fetch("GET", register+"/api/view", ""), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	until("the terminal is ready", func() bool { v := view(); return len(v.Terminals) == 1 && v.Terminals[0].State == "ready" })

	look := func() {
		t.Helper()
		for _, path := range []string{"/", "/page.js", "/cards", "/state", "/ledger", "/charged?currency=840"} {
			fetch("GET", counter+path, "")
		}
		for _, path := range []string{"/", "/page.js", "/api/view", "/api/payments", "/api/catalogue", "/api/steps", "/api/texts?lang=en"} {
			fetch("GET", register+path, "")
		}
		for _, path := range []string{"/display/", "/hello", "/upnp.xml"} {
			fetch("GET", display+path, "")
		}
		for name, b := range pages {
			for _, profile := range []string{"visa-credit", "visa-contact", "contact-pin-plain"} {
				if number := numberOf(t, profile); written(number, b) {
					t.Errorf("%s holds the number of %s", name, profile)
				}
			}
		}
	}
	for i, c := range []struct{ path, card string }{{"tap", "visa-credit"}, {"insert", "contact-pin-plain"}, {"swipe", "visa-stripe"}} {
		fetch("POST", register+"/api/cart/amount", `{"name":"Things","amount":4200}`)
		v := view()
		order := v.Sale.Order
		fetch("POST", register+"/api/checkout", fmt.Sprintf(`{"order":%q,"rev":%d}`, order, v.Sale.Rev))
		present := func() bool {
			r, err := http.Post(counter+"/"+c.path, "application/json", strings.NewReader(`{"card":"`+c.card+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			return r.StatusCode < 300
		}
		until("the prompt", func() bool {
			v = view()
			return v.Payment != nil && v.Payment.Order == order && v.Payment.Prompt == "present_card"
		})
		until("the card is taken", present)
		if c.path == "insert" {
			until("the PIN pad asks", func() bool {
				r, err := http.Post(counter+"/pad", "application/json", strings.NewReader(`{"key":"1"}`))
				if err != nil {
					t.Fatal(err)
				}
				defer r.Body.Close()
				return r.StatusCode < 300
			})
			for _, key := range []string{"2", "3", "4", "enter"} {
				fetch("POST", counter+"/pad", `{"key":"`+key+`"}`)
			}
		}
		until("the outcome", func() bool { v = view(); return v.Payment != nil && v.Payment.Order == order && v.Payment.Final != nil })
		if v.Payment.Final.Result != "approved" {
			t.Fatalf("payment %d: %s", i, pages["GET till/api/view"])
		}
		look()
		fetch("POST", counter+"/leave", "")
		if c.path == "insert" {
			fetch("POST", counter+"/remove", "")
		}
		fetch("POST", register+"/api/dismiss", "{}")
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	files := map[string][]byte{"what the terminal printed": []byte(printed[0].find(t, "(?s)(.*)")), "what the till printed": []byte(printed[1].find(t, "(?s)(.*)"))}
	for who, dir := range states {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			files[who+": "+d.Name()] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 6 || len(pages) < 12 || !bytes.Contains(pages["GET till/api/payments"], []byte("************")) {
		t.Errorf("too little to look at: %d files, %d pages, %s", len(files), len(pages), pages["GET till/api/payments"])
	}
	for name, b := range files {
		for _, profile := range []string{"visa-credit", "visa-contact", "contact-pin-plain"} {
			number := numberOf(t, profile)
			if written(number, b) {
				t.Errorf("%s holds the number of %s", name, profile)
			}
			for _, w := range writings(number) { // the search finds what is there
				if !written(number, append(append(bytes.Clone(b), w...), b...)) {
					t.Errorf("%s: not found: %q", name, w)
				}
			}
		}
	}
}

func numberOf(t *testing.T, profile string) string {
	t.Helper()
	c, err := card.New(card.Config{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`^;(\d{12,19})=`).FindStringSubmatch(c.Stripe())
	if m == nil {
		t.Fatalf("%s has no number", profile)
	}
	return m[1]
}
