package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// app is a phone's app before emv card serve: it serves its card by the protocol of terminal/driver/device, as that
// package's comment tells it, and asks the card by that of vpcd, as emv card serve --help tells it.
type app struct {
	terminal, card net.Conn
}

// serve answers the terminal until it hangs up.
func (a *app) serve() error {
	for {
		var head [5]byte
		if _, err := io.ReadFull(a.terminal, head[:]); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:])-1)
		if _, err := io.ReadFull(a.terminal, body); err != nil {
			return err
		}
		kind, answer := byte(0), []byte(nil)
		switch head[4] {
		case 0x01: // hello
			kind, answer = 0x01, []byte("\x01the app")
		case 0x02: // on: power, and the card is there
			if err := a.control(1); err != nil {
				return err
			}
			kind, answer = 0x81, append(body[:4:4], 0x01, 0x05, 0x78, 0x80, 0x70, 0x02)
		case 0x03: // off
			if err := a.control(0); err != nil {
				return err
			}
			kind, answer = 0x82, body
		case 0x04: // command
			got, err := a.ask(body[4:])
			if err != nil {
				return err
			}
			kind, answer = 0x84, append(append(body[:4:4], make([]byte, 8)...), got...)
		case 0x05: // abort: nothing takes long here
			continue
		default:
			return errors.New("a message of another type")
		}
		f := binary.BigEndian.AppendUint32(nil, uint32(1+len(answer)))
		if _, err := a.terminal.Write(append(append(f, kind), answer...)); err != nil {
			return err
		}
	}
}

func (a *app) send(payload []byte) error {
	_, err := a.card.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(payload))), payload...))
	return err
}

func (a *app) control(b byte) error { return a.send([]byte{b}) }

func (a *app) ask(command []byte) ([]byte, error) {
	if err := a.send(command); err != nil {
		return nil, err
	}
	var head [2]byte
	if _, err := io.ReadFull(a.card, head[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(head[:]))
	_, err := io.ReadFull(a.card, answer)
	return answer, err
}

// startApp starts emv card serve with args at an address, and an app before it. It returns the app's socket.
func startApp(t *testing.T, network, address string, args ...string) string {
	t.Helper()
	listen := address
	if network == "unix" {
		listen = "unix:" + address
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := &paying{t: t}
	cmd := rootCommand()
	cmd.SetArgs(append([]string{"card", "serve", "--listen", listen}, args...))
	cmd.SetOut(said)
	cmd.SetErr(said)
	served := make(chan error, 1)
	go func() { served <- cmd.ExecuteContext(ctx) }()

	var card net.Conn
	for end := time.Now().Add(payWait); card == nil; time.Sleep(time.Millisecond) {
		if at, ok := strings.CutPrefix(firstLine(said.said()), "listening at "); ok {
			var err error
			if card, err = net.Dial(network, at); err != nil {
				t.Fatal(err)
			}
		} else if time.Now().After(end) {
			t.Fatalf("it does not listen: %s", said.said())
		}
	}
	socket := filepath.Join(t.TempDir(), "app")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			terminal, err := l.Accept()
			if err != nil {
				return
			}
			_ = (&app{terminal, card}).serve() // until the terminal hangs up
			_ = terminal.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		_ = card.Close()
		cancel()
		if err := <-served; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("card serve: %v", err)
		}
	})
	return socket
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// paid runs emv pay and returns its report.
func paid(t *testing.T, want int, args ...string) map[string]any {
	t.Helper()
	var out, errs bytes.Buffer
	status := run(append([]string{"pay", "--json"}, args...), strings.NewReader(""), &out, &errs)
	report := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || status != want {
		t.Fatalf("status %d, %v: %s%s", status, err, out.String(), errs.String())
	}
	return report
}

// TestPayThroughAnApp pays with a card that emv card serve serves, by way of an app's socket, writes what happened, and
// serves that as a scripted card, which pays the same again.
func TestPayThroughAnApp(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			at := "127.0.0.1:0"
			if network == "unix" {
				at = filepath.Join(t.TempDir(), "slot")
			}
			socket := startApp(t, network, at, "--card", "visa-offline")
			file := filepath.Join(t.TempDir(), "capture.json")
			args := []string{"--reader", "device:" + socket, "--seed", "7", "--amount", "8.40", "--floor-limit", "20"}
			first := paid(t, exitOK, append(args, "--trace="+file, "--unmasked")...)
			if first["approved"] != true || first["online"] != nil {
				t.Fatalf("outcome %v because of %v", first["outcome"], first["reason"])
			}
			if status := run([]string{"vectors", "run", file}, strings.NewReader(""), io.Discard, io.Discard); status != exitOK {
				t.Errorf("the capture does not replay: status %d", status)
			}

			at = "127.0.0.1:0"
			if network == "unix" {
				at = filepath.Join(t.TempDir(), "script")
			}
			args[1] = "device:" + startApp(t, network, at, "--script", file, "--case", "tap-1")
			second := paid(t, exitOK, args...)
			for _, key := range []string{"outcome", "reason", "receipt"} {
				if was, is := text(t, first[key]), text(t, second[key]); was != is {
					t.Errorf("%s: %s, and the script's %s", key, was, is)
				}
			}
		})
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPayWithKeysOfAFile verifies a card with the keys of --capk: without its own it can't approve offline (Book 3, 10.3).
func TestPayWithKeysOfAFile(t *testing.T) {
	socket := startApp(t, "unix", filepath.Join(t.TempDir(), "slot"), "--card", "visa-offline")
	test, err := os.ReadFile("../../crypto/capk/data/test.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "acquirer.json")
	if err := os.WriteFile(file, test, 0o600); err != nil {
		t.Fatal(err)
	}
	for keys, verified := range map[string]bool{file: true, capksProduction: false} {
		r := paid(t, exitOK, "--reader", "device:"+socket, "--amount", "8.40", "--floor-limit", "20", "--capk", keys)
		if offline := r["online"] == nil; offline != verified {
			t.Errorf("%s: approved offline %v because of %v", filepath.Base(keys), offline, r["reason"])
		}
	}
}
