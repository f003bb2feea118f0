package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The page is served until the interrupt, and nobody else has the folder in the meantime.
func TestPosServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	state := t.TempDir()
	var out safeBuffer
	cmd := posServeCommand()
	cmd.SetArgs([]string{"--listen", "127.0.0.1:0", "--state", state, "--name", "Till 3", "--country", "IE"})
	cmd.SetOut(&out)
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	url := out.find(t, `till at (http://\S+)\n`)
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.Contains(string(body), `id="checkout"`) {
		t.Errorf("%s %s", response.Status, body)
	}
	var stderr strings.Builder
	if status := run([]string{"pos", "status", "--state", state}, nil, io.Discard, &stderr); status != exitUsage || !strings.Contains(stderr.String(), "till.in_use") {
		t.Errorf("a second one: %d %s", status, &stderr)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stderr.Reset()
	if status := run([]string{"pos", "status", "--state", state}, nil, io.Discard, &stderr); status != exitOK {
		t.Errorf("afterwards: %d %s", status, &stderr)
	}
}
