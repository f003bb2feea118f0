package cert

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/cardwright/emv/crypto/capk"
)

// recording is the cryptographic part of a recorded transaction.
type recording struct {
	CAPK                         struct{ RID, Index, Modulus, Exponent string }
	Tags                         map[string]string
	Static, Dynamic, Transaction []string
	UN                           string
}

// chain is a recording in the form that this package takes.
type chain struct {
	ca                   capk.Key
	issuer               IssuerData
	icc                  ICCData
	sdad                 []byte
	cid                  byte
	un                   []byte
	dynamic, transaction [][]byte
}

var recordedDay = capk.Date{0x19, 0x08, 0x19}

func readRecording(t testing.TB, name string) *chain {
	t.Helper()
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(file[name], &r); err != nil {
		t.Fatal(err)
	}
	tag := func(name string) []byte { return unhex(r.Tags[name]) }
	pieces := func(texts []string) (b [][]byte) {
		for _, s := range texts {
			b = append(b, unhex(s))
		}
		return b
	}
	c := &chain{
		ca: capk.Key{
			RID: capk.RID(unhex(r.CAPK.RID)), Index: unhex(r.CAPK.Index)[0],
			Modulus: unhex(r.CAPK.Modulus), Exponent: unhex(r.CAPK.Exponent),
		},
		issuer: IssuerData{Certificate: tag("90"), Remainder: tag("92"), Exponent: tag("9F32"), PAN: tag("5A"), Today: recordedDay},
		icc:    ICCData{Certificate: tag("9F46"), Remainder: tag("9F48"), Exponent: tag("9F47"), PAN: tag("5A"), Today: recordedDay},
		sdad:   tag("9F4B"), un: unhex(r.UN), dynamic: pieces(r.Dynamic), transaction: pieces(r.Transaction),
	}
	c.icc.Static = pieces(r.Static)
	if b := tag("9F27"); len(b) == 1 {
		c.cid = b[0]
	}
	return c
}

// verify runs the chain to its signature: fDDA, or CDA where transaction data were recorded.
func (c *chain) verify(v *Verifier) error {
	issuer, err := v.Issuer(&c.ca, c.issuer)
	if err != nil {
		return err
	}
	icc, err := v.ICC(issuer.Key, c.icc)
	if err != nil {
		return err
	}
	if c.transaction == nil {
		_, err = v.SDAD(icc.Key, c.sdad, FormatSDAD, c.dynamic)
		return err
	}
	_, err = v.CDA(icc.Key, CDAData{SDAD: c.sdad, CID: c.cid, UnpredictableNumber: c.un, Transaction: c.transaction})
	return err
}

// TestRecordedTransactions verifies two recorded transactions; then it changes each signed byte in turn, in every
// bit of it, and each change must be seen.
func TestRecordedTransactions(t *testing.T) {
	for _, name := range []string{"visa_fdda", "mastercard_cda"} {
		t.Run(name, func(t *testing.T) {
			c := readRecording(t, name)
			var v Verifier
			if err := c.verify(&v); err != nil {
				t.Fatal(err)
			}
			parts := map[string][]byte{
				"90": c.issuer.Certificate, "92": c.issuer.Remainder, "9F32": c.issuer.Exponent,
				"9F46": c.icc.Certificate, "9F48": c.icc.Remainder, "9F47": c.icc.Exponent,
				"9F4B": c.sdad, "CA modulus": c.ca.Modulus, "9F37": c.un,
			}
			for i, b := range c.icc.Static {
				parts["static "+string('0'+rune(i))] = b
			}
			for i, b := range c.dynamic {
				parts["dynamic "+string('0'+rune(i))] = b
			}
			for i, b := range c.transaction {
				parts["transaction "+string('0'+rune(i))] = b
			}
			changed := 0
			for part, b := range parts {
				for i := range b {
					for bit := range 8 {
						b[i] ^= 1 << bit
						if c.verify(&v) == nil {
							t.Errorf("%s: byte %d, bit %d changed, not seen", part, i, bit)
						}
						b[i] ^= 1 << bit
						changed++
					}
				}
			}
			if err := c.verify(&v); err != nil || changed < 8*500 {
				t.Errorf("after %d changes: %v", changed, err)
			}
		})
	}
}

func TestRecordedFields(t *testing.T) {
	c := readRecording(t, "visa_fdda")
	var v Verifier
	issuer, err := v.Issuer(&c.ca, c.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if got := upper(issuer.Identifier[:]); got != "476173FF" {
		t.Errorf("issuer identifier %s", got)
	}
	icc, err := v.ICC(issuer.Key, c.icc)
	if err != nil {
		t.Fatal(err)
	}
	if got := upper(icc.PAN[:]); got != "4761739001010010FFFF" {
		t.Errorf("PAN %s", got)
	}
	s, err := v.SDAD(icc.Key, c.sdad, FormatSDAD, c.dynamic)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := s.DynamicNumber(); upper(n) != "0015" { // C-3: the ATC, 9F36
		t.Errorf("ICC dynamic number %X", n)
	}
	_, err = v.SDAD(icc.Key, c.sdad, FormatSDADOnline, c.dynamic)
	wantCode(t, "format '95' asked for", err, CodeSDADFormat)
}
