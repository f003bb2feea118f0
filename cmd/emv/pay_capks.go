package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/cardwright/emv/crypto/capk"
	"github.com/cardwright/emv/kernel"
)

// The sets of CA public keys that come with emv, by their names for --capk.
const (
	capksTest       = "test"
	capksProduction = "production"
)

// maxCAPKFile bounds a key file: some thousand keys.
const maxCAPKFile = 4 << 20

// maxRefusals bounds how many keys that were left out of a file are named.
const maxRefusals = 10

// loadCAPKs reads the sets of --capk into one: names of sets or of files. What was left out of a file is said on w. It
// returns nil for an empty list. The error's code is "input.capk".
func loadCAPKs(names []string, w io.Writer) (*capk.Set, error) {
	var keys []capk.Key
	for _, name := range names {
		set, err := loadCAPK(name, w)
		if err != nil {
			return nil, &kernel.Error{Code: "input.capk", Text: name + ": " + err.Error()}
		}
		for k := range set.All() {
			same := func(o capk.Key) bool {
				return o.RID == k.RID && o.Index == k.Index && bytes.Equal(o.Modulus, k.Modulus) && bytes.Equal(o.Exponent, k.Exponent)
			}
			if !slices.ContainsFunc(keys, same) {
				keys = append(keys, *k)
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	set, err := capk.NewSet(keys...)
	if err != nil {
		return nil, &kernel.Error{Code: "input.capk", Text: err.Error()}
	}
	return set, nil
}

func loadCAPK(name string, w io.Writer) (*capk.Set, error) {
	switch name {
	case capksTest:
		return capk.Test()
	case capksProduction:
		return capk.Production()
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxCAPKFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxCAPKFile {
		return nil, fmt.Errorf("more than %d bytes", maxCAPKFile)
	}
	set, err := capk.Parse(data)
	if err != nil {
		return nil, err
	}
	for i, r := range set.Refused() {
		if i == maxRefusals {
			fmt.Fprintf(w, "capk %s: and %d more\n", name, len(set.Refused())-i)
			break
		}
		fmt.Fprintf(w, "capk %s: left out: %v\n", name, r)
	}
	return set, nil
}
