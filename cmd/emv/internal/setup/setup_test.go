package setup_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cardwright/emv/cmd/emv/internal/setup"
	"github.com/cardwright/emv/kernel"
	"github.com/cardwright/emv/terminal/dock"
	"github.com/cardwright/emv/terminal/wire"
)

// documentation is the text that users read.
func documentation(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "terminal.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// example is the file that it shows.
func example(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(documentation(t))
	if found == nil {
		t.Fatal("docs/terminal.md shows no file")
	}
	return found[1]
}

func TestTheDocumentedExample(t *testing.T) {
	dir := t.TempDir()
	s, err := setup.Parse([]byte(example(t)), dir)
	if err != nil {
		t.Fatal(err)
	}
	for what, is := range map[string]bool{
		"name":         s.Name == "Counter 1",
		"place":        s.Merchant == "corner-shop" && s.Location == "high-street",
		"country":      s.Profile.Country.Alpha2 == "GB",
		"state":        s.State == "/var/lib/cardwright/terminal",
		"category":     s.Code == [2]byte{0x54, 0x11},
		"serial":       s.Serial == "00000042",
		"receipt name": s.Address == "CORNER SHOP, HIGH STREET",
		"ports": s.Ports == setup.Ports{
			Session: ":4443", Plain: "127.0.0.1:8080", Pairing: ":27000", Presence: ":27001",
		},
		"keystore":    *s.Keystore == setup.Keystore{Provider: "tpm", TPM: "/dev/tpmrm0"},
		"readers":     slices.Equal(s.Readers, []string{"pcsc:ACS", "device:/dev/nfc0"}),
		"ca keys":     slices.Equal(s.CAKeys, []string{"production"}),
		"host":        s.Host.Address == "acquirer.example:8583" && s.Host.Terminal == "T0000001" && s.Host.Merchant == "M00000000000001",
		"key":         s.Host.Key == "dukpt" && s.Host.Timeout == 30*time.Second,
		"field 43":    strings.HasPrefix(s.Host.Fields[43], "CORNER SHOP"),
		"pin":         len(s.Host.TLS.Pins) == 1 && s.Host.TLS.Pins[0][0] == 0x7D && s.Host.TLS.Pins[0][31] == 0xF8,
		"dock":        s.Dock == setup.DockUSB && slices.Equal(s.DockDevices, []dock.USBID{{Vendor: 0x0BDA, Product: 0x8153}}),
		"least app":   *s.Policy.MinApp == wire.Version{Major: 8, Minor: 16},
		"platforms":   slices.Equal(s.Policy.Platforms, []string{"ios", "android"}),
		"refunds":     slices.Equal(s.Policy.RefundRoles, []string{"manager"}) && s.Policy.RefundMost == 20000,
		"tips":        s.Policy.Tips.Ask && s.Policy.Tips.Custom && slices.Equal(s.Policy.Tips.Percent, []uint64{10, 12, 15}),
		"forward":     forwards(s.Policy.Forward, 5000, 50000, 20, 12*time.Hour),
		"cart":        s.Policy.RequireCart && !s.Policy.Surcharge,
		"disclaimers": len(s.Policy.Disclaimers) == 1,
		"brands":      slices.Equal(s.Appearance.Brands, []string{"visa", "mastercard", "amex"}),
		"message":     s.Appearance.PostPayment["fr"] == "Merci, et à bientôt !" && s.Appearance.Language == "en",
	} {
		if !is {
			t.Errorf("%s is not as the example has it", what)
		}
	}
}

func forwards(f *setup.Forward, most, sum uint64, count int, age time.Duration) bool {
	return f != nil && f.Max == most && f.Sum == sum && f.Count == count && f.Age == age && f.Brands == nil && !f.PIN
}

// TestDocumentation holds the page to the codes.
func TestDocumentation(t *testing.T) {
	text := documentation(t)
	for _, code := range []string{
		setup.CodeSyntax, setup.CodeSize, setup.CodeFormat, setup.CodeUnknown, setup.CodeMissing, setup.CodeType, setup.CodeLength,
		setup.CodeValue, setup.CodeDuplicate, setup.CodeConflict, setup.CodeFile,
	} {
		if !strings.Contains(text, "| `"+code+"` |") {
			t.Errorf("%s is not explained", code)
		}
	}
}

func TestLeast(t *testing.T) {
	s, err := setup.Parse([]byte(`{"format":"cardwright-terminal/1"}`), "")
	if err != nil {
		t.Fatal(err)
	}
	if s.Profile != nil || s.Host != nil || s.Keystore != nil || s.Readers != nil || s.Dock != "" || s.Policy.MinApp != nil {
		t.Errorf("something is set: %+v", s)
	}
}

// with is a document with some members.
func with(members string) string { return `{"format":"cardwright-terminal/1",` + members + `}` }

// host is one with a host with some members.
func host(members string) string {
	return with(`"host":{"address":"h:1","terminal":"T","merchant":"M","key":"k",` + members + `}`)
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ file, path, code string }{
		{``, "file", setup.CodeSyntax},
		{`{"format":"cardwright-terminal/1"`, "file", setup.CodeSyntax},
		{`{"format":"cardwright-terminal/1"} {}`, "file", setup.CodeSyntax},
		{`[]`, "file", setup.CodeType},
		{strings.Repeat(`{"a":`, 40), "file", setup.CodeSize},
		{`{"about":"` + strings.Repeat("x", 1<<18) + `"}`, "file", setup.CodeSize},
		{`{}`, "format", setup.CodeMissing},
		{`{"format":"cardwright-terminal/2"}`, "format", setup.CodeFormat},
		{with(`"names":"x"`), "names", setup.CodeUnknown},
		{with(`"name":"x","name":"y"`), "name", setup.CodeDuplicate},
		{with(`"name":7`), "name", setup.CodeType},
		{with(`"name":""`), "name", setup.CodeValue},
		{with(`"name":"` + strings.Repeat("x", 65) + `"`), "name", setup.CodeLength},
		{with(`"merchant":"a"`), "merchant", setup.CodeMissing},
		{with(`"merchant":"A b","location":"c"`), "merchant", setup.CodeValue},
		{with(`"country":"SE"`), "country", "profile.no_country"},
		{with(`"country":"GB","profile":"profile.json"`), "country", setup.CodeConflict},
		{with(`"profile":"absent.json"`), "profile", setup.CodeFile},
		{with(`"profile":"profile.json"`), "profile:format", "profile.missing"},
		{with(`"serial":"\u0001"`), "serial", setup.CodeValue},
		{with(`"category":"54x1"`), "category", setup.CodeValue},
		{with(`"category":"541"`), "category", setup.CodeValue},
		{with(`"ports":[]`), "ports", setup.CodeType},
		{with(`"ports":{"session":"4443"}`), "ports.session", setup.CodeValue},
		{with(`"ports":{"plain":":http"}`), "ports.plain", setup.CodeValue},
		{with(`"ports":{"plain":":70000"}`), "ports.plain", setup.CodeValue},
		{with(`"ports":{"tills":":1"}`), "ports.tills", setup.CodeUnknown},
		{with(`"keystore":{}`), "keystore.provider", setup.CodeMissing},
		{with(`"keystore":{"provider":"hsm"}`), "keystore.provider", setup.CodeValue},
		{with(`"keystore":{"provider":"tpm","passphrase_file":"x"}`), "keystore.passphrase_file", setup.CodeConflict},
		{with(`"keystore":{"provider":"file","tpm":"x"}`), "keystore.tpm", setup.CodeConflict},
		{with(`"keystore":{"provider":"file","device":"A B"}`), "keystore.device", setup.CodeValue},
		{with(`"readers":"pcsc:ACS"`), "readers", setup.CodeType},
		{with(`"readers":["a",7]`), "readers[1]", setup.CodeType},
		{with(`"readers":["a","a"]`), "readers[1]", setup.CodeDuplicate},
		{with(`"host":{"terminal":"T","merchant":"M","key":"k"}`), "host.address", setup.CodeMissing},
		{with(`"host":{"address":":1","terminal":"T","merchant":"M","key":"k"}`), "host.address", setup.CodeValue},
		{with(`"host":{"address":"h:1","terminal":"TTTTTTTTT","merchant":"M","key":"k"}`), "host.terminal", setup.CodeLength},
		{host(`"timeout_ms":1.5`), "host.timeout_ms", setup.CodeValue},
		{host(`"timeout_ms":-1`), "host.timeout_ms", setup.CodeValue},
		{host(`"timeout_ms":"1"`), "host.timeout_ms", setup.CodeType},
		{host(`"fields":{"1":"x"}`), "host.fields.1", setup.CodeValue},
		{host(`"fields":{"018":"x"}`), "host.fields.018", setup.CodeValue},
		{host(`"dialect":"profile.json"`), "host.dialect", "host.dialect"},
		{host(`"tls":{"pins":["sha256:00"]}`), "host.tls.pins[0]", setup.CodeValue},
		{host(`"tls":{"roots":"profile.json"}`), "host.tls.roots", setup.CodeFile},
		{with(`"dock":{}`), "dock.kind", setup.CodeMissing},
		{with(`"dock":{"kind":"usb"}`), "dock.devices", setup.CodeMissing},
		{with(`"dock":{"kind":"usb","devices":["bda:8153"]}`), "dock.devices[0]", setup.CodeValue},
		{with(`"dock":{"kind":"virtual","devices":["0bda:8153"]}`), "dock.devices", setup.CodeConflict},
		{with(`"discovery":["upnp"]`), "discovery[0]", setup.CodeValue},
		{with(`"policy":{"min_app":"newest"}`), "policy.min_app", setup.CodeValue},
		{with(`"policy":{"refunds":{"roles":["m"]}}`), "policy.refunds.most", setup.CodeMissing},
		{with(`"policy":{"refunds":{"most":1000000000000}}`), "policy.refunds.most", setup.CodeValue},
		{with(`"policy":{"forward":{"max":3,"sum":2,"count":3,"hours":1}}`), "policy.forward.max", setup.CodeValue},
		{with(`"policy":{"forward":{"max":1,"sum":2,"count":0,"hours":1}}`), "policy.forward.count", setup.CodeValue},
		{with(`"policy":{"forward":{"max":1,"sum":2,"count":3,"hours":1000}}`), "policy.forward.hours", setup.CodeValue},
		{with(`"policy":{"tips":{"percent":[101]}}`), "policy.tips.percent[0]", setup.CodeValue},
		{with(`"policy":{"tips":{"percent":[5,5]}}`), "policy.tips.percent[1]", setup.CodeDuplicate},
		{with(`"policy":{"tips":{"percent":[1,2,3,4,5,6,7]}}`), "policy.tips.percent", setup.CodeType},
		{with(`"policy":{"surcharge":"yes"}`), "policy.surcharge", setup.CodeType},
		{with(`"country":"GB","appearance":{"brands":["interac"]}`), "appearance.brands[0]", setup.CodeValue},
		{with(`"appearance":{"language":"de"}`), "appearance.language", setup.CodeValue},
		{with(`"appearance":{"post_payment":{"de":"x"}}`), "appearance.post_payment.de", setup.CodeValue},
		{with(`"appearance":{"post_payment":{"en":"` + strings.Repeat("x", 201) + `"}}`), "appearance.post_payment.en", setup.CodeLength},
		{with(`"appearance":{"standby":"absent.png"}`), "appearance.standby", setup.CodeFile},
		{with(`"appearance":{"standby":"empty"}`), "appearance.standby", setup.CodeFile},
		{with(`"appearance":{"standby":"."}`), "appearance.standby", setup.CodeFile},
		{with(`"appearance":{"standby":"profile.json"}`), "appearance.standby", setup.CodeFile},
		{with(`"merchant":"a","location":"b","authority":{"roots":"profile.json"}`), "authority.certificate", setup.CodeMissing},
		{with(`"merchant":"a","location":"b","authority":{"roots":"profile.json","certificate":"profile.json"}`), "authority.certificate", setup.CodeFile},
	} {
		_, err := setup.Parse([]byte(c.file), folder(t))
		var faults *kernel.ConfigError
		if !errors.As(err, &faults) {
			t.Errorf("%.80s: %v", c.file, err)
			continue
		}
		if !slices.ContainsFunc(faults.Faults, func(f kernel.Fault) bool { return f.Path == c.path && f.Code == c.code && f.Text != "" }) {
			t.Errorf("%.80s: want %s: %s; got %v", c.file, c.path, c.code, err)
		}
	}
}

// folder has files that a file may name.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"profile.json": "{}", "empty": "", "standby.png": picture.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFilesAreFoundFromTheFile(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "terminal.json")
	text := with(`"state":"state","keystore":{"provider":"file","dir":"keys","passphrase_file":"p"},"ca_keys":["test","k.json"],` +
		`"appearance":{"standby":"standby.png"}`)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := setup.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	if s.State != at("state") || s.Keystore.Dir != at("keys") || s.Keystore.Passphrase != at("p") || s.Appearance.Standby == nil ||
		!slices.Equal(s.CAKeys, []string{"test", at("k.json")}) {
		t.Errorf("%+v, %+v", s, s.Keystore)
	}
	if _, err := setup.Load(at("absent.json")); kernel.CodeOf(err) != setup.CodeFile {
		t.Errorf("a file that is not there: %v", err)
	}
}

// FuzzParse: whatever the file holds, it is a setup or a list of faults that are complete.
func FuzzParse(f *testing.F) {
	f.Add([]byte(with(`"name":"x"`)))
	f.Add([]byte(host(`"tls":{"pins":["sha256:00"]}`)))
	f.Add([]byte(with(`"policy":{"tips":{"percent":[5,5,{}]},"refunds":{"roles":[1]}},"appearance":{"post_payment":{"en":""}}`)))
	f.Add([]byte(with(`"dock":{"kind":"usb","devices":["0bda:8153"]},"ports":{"session":":0"}`)))
	f.Add([]byte(`{"format":null,"readers":{},"keystore":7}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := setup.Parse(file, t.TempDir())
		if (s == nil) == (err == nil) {
			t.Fatal("neither a setup nor an error, or both")
		}
		var faults *kernel.ConfigError
		if err != nil && (!errors.As(err, &faults) || len(faults.Faults) == 0) {
			t.Fatalf("%v", err)
		}
		if err == nil {
			return
		}
		for _, fault := range faults.Faults {
			if fault.Code == "" || fault.Text == "" || strings.ContainsAny(fault.Path, "\n\r\x00") {
				t.Fatalf("%+v", fault)
			}
		}
	})
}
