package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cardwright/emv/terminal/host"
	"github.com/cardwright/emv/testvectors/issuer/iso"
)

// TestIssuerServe runs the acquirer as its command line does, and asks the control side.
func TestIssuerServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out safeBuffer
	cmd := issuerServeCommand()
	cmd.SetArgs([]string{"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--misbehave", "drop@0800"})
	cmd.SetOut(&out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	control := out.find(t, `control at (http://\S+)\n`)
	response, err := http.Get(control + "/ledger")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if strings.TrimSpace(string(body)) != "[]" {
		t.Errorf("ledger %s", body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestIssuerServeAnswers has a client of terminal/host talk to it.
func TestIssuerServeAnswers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out safeBuffer
	cmd := issuerServeCommand()
	cmd.SetArgs([]string{"--listen", "127.0.0.1:0", "--tls", "--misbehave", "double@0800"})
	cmd.SetOut(&out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	address, pin := out.find(t, `listening at (\S+)\n`), out.find(t, `pin sha256:([0-9a-f]{64})\n`)
	var key [32]byte
	if _, err := hex.Decode(key[:], []byte(pin)); err != nil {
		t.Fatal(err)
	}
	keys, err := iso.NewTerminalKeys(iso.TestInitialKeyID(7))
	if err != nil {
		t.Fatal(err)
	}
	client, err := host.New(host.Config{
		Endpoint: host.Endpoint{Address: address, TLS: &host.TLS{Pins: [][32]byte{key}}}, Keys: keys, Terminal: "T", Merchant: "M",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Echo(ctx, host.Trace{STAN: 1, RRN: "000000000001", Time: time.Unix(1, 0)}); err != nil {
		t.Error(err)
	}
	_ = client.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	out.find(t, `(0800  000001  00)`)
}

// safeBuffer is what a command prints while a test looks at it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// find waits until something was printed.
func (s *safeBuffer) find(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 6000 {
		if m := re.FindStringSubmatch(s.String()); m != nil {
			return m[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s was not printed", pattern)
	return ""
}
