package capk

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Format is the value of "format" in a key file.
const Format = "emv-capks/1"

// file is a key file as it is written.
type file struct {
	Format string            `json:"format"`
	About  string            `json:"about"`
	Keys   []json.RawMessage `json:"keys"`
}

// entry is one key of a file. All byte strings are hexadecimal.
type entry struct {
	RID            string   `json:"rid"`
	Index          string   `json:"index"`
	Modulus        string   `json:"modulus"`
	Exponent       string   `json:"exponent"`
	SHA1           string   `json:"sha1"`            // as published; empty where none was
	ChecksumAgrees *bool    `json:"checksum_agrees"` // false marks a key that is kept for the record and never loaded
	Expiry         string   `json:"expiry_yymmdd"`
	Environment    string   `json:"environment"` // "live", "test", or empty where it is not known
	Superseded     string   `json:"superseded"`  // why another key under the same RID and index is the right one
	Note           string   `json:"note"`
	Source         []string `json:"source"`
}

// Load reads a key file to its end and parses it.
func Load(r io.Reader) (*Set, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", &Error{Code: CodeRead}, err)
	}
	return Parse(data)
}

// Parse reads a key file. Keys that must not be trusted are left out and listed by [Set.Refused]: a checksum that
// is missing or does not agree, an exponent or a modulus that breaks Book 2, and what the file itself calls
// superseded. A file that is malformed, or that has two keys under one RID and index and does not say which is
// right, is an error: a [Faults] with every fault and its place.
func Parse(data []byte) (*Set, error) {
	var f file
	if err := decode(data, &f); err != nil {
		return nil, Faults{{Code: CodeFile, Text: err.Error()}}
	}
	if f.Format != Format {
		return nil, Faults{{Code: CodeFile, Path: "format", Text: fmt.Sprintf("%q, not %q", f.Format, Format)}}
	}
	var (
		keys    []Key
		refused []Refusal
		faults  Faults
	)
	for i, raw := range f.Keys {
		path := fmt.Sprintf("keys[%d]", i)
		var e entry
		if err := decode(raw, &e); err != nil {
			faults = append(faults, &Error{Code: CodeFile, Path: path, Text: err.Error()})
			continue
		}
		k, bad := e.key(path)
		if len(bad) > 0 {
			faults = append(faults, bad...)
			continue
		}
		if why := e.refuse(&k); why != nil {
			refused = append(refused, Refusal{RID: k.RID, Index: k.Index, Code: why.Code, Path: path, Text: why.Text})
			continue
		}
		for j := range keys {
			if compare(&keys[j], k.RID, k.Index) == 0 {
				faults = append(faults, &Error{
					Code: CodeClash, Path: path, RID: k.RID, Index: k.Index,
					Text: fmt.Sprintf("moduli of %d and %d bytes, neither is superseded", len(keys[j].Modulus), len(k.Modulus)),
				})
			}
		}
		keys = append(keys, k)
	}
	if err := faults.orNil(); err != nil {
		return nil, err
	}
	s, err := NewSet(keys...)
	if err != nil {
		return nil, err
	}
	s.refused = refused
	return s, nil
}

// key converts what is written into a key, and returns every field that is not what its format asks for.
func (e *entry) key(path string) (Key, Faults) {
	var (
		k      Key
		faults Faults
	)
	fault := func(code Code, field, text string) {
		faults = append(faults, &Error{Code: code, Path: path + "." + field, Text: text})
	}
	rid, err := hex.DecodeString(e.RID)
	if copy(k.RID[:], rid); err != nil || len(rid) != len(k.RID) {
		fault(CodeRID, "rid", "want 10 hexadecimal digits")
	}
	index, err := hex.DecodeString(e.Index)
	if err != nil || len(index) != 1 {
		fault(CodeIndex, "index", "want 2 hexadecimal digits")
	} else {
		k.Index = index[0]
	}
	if k.Modulus, err = hex.DecodeString(e.Modulus); err != nil {
		fault(CodeHex, "modulus", err.Error())
	}
	if k.Exponent, err = hex.DecodeString(e.Exponent); err != nil {
		fault(CodeHex, "exponent", err.Error())
	}
	if sum, err := hex.DecodeString(e.SHA1); err != nil || (len(sum) != 20 && e.SHA1 != "") {
		fault(CodeHex, "sha1", "want 40 hexadecimal digits or nothing")
	}
	if e.Expiry != "" {
		expiry, err := hex.DecodeString(e.Expiry)
		if copy(k.Expiry[:], expiry); err != nil || len(expiry) != len(k.Expiry) || !k.Expiry.Valid() {
			fault(CodeExpiry, "expiry_yymmdd", "want YYMMDD")
		}
	}
	switch e.Environment {
	case "", "live", "test":
	default:
		fault(CodeFile, "environment", "want live or test")
	}
	return k, faults
}

// refuse says why a key of the file is not to be trusted, or nil.
func (e *entry) refuse(k *Key) *Error {
	sum := k.Checksum()
	switch {
	case e.SHA1 == "":
		return &Error{Code: CodeChecksumMissing, Text: "no checksum was published"}
	case !strings.EqualFold(e.SHA1, hex.EncodeToString(sum[:])):
		return &Error{Code: CodeChecksum, Text: fmt.Sprintf("published %s, the key has %X", e.SHA1, sum)}
	case e.ChecksumAgrees != nil && !*e.ChecksumAgrees:
		return &Error{Code: CodeChecksum, Text: "marked so in the file"}
	case e.Superseded != "":
		return &Error{Code: CodeSuperseded, Text: e.Superseded}
	}
	return k.check()
}

// decode reads exactly one JSON value and refuses fields that are not in the format.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more than one value")
	}
	return nil
}
