package capk

import _ "embed"

//go:embed data/test.json
var testFile []byte

//go:embed data/production.json
var productionFile []byte

// Test returns the keys of test environments, as published in public lists, and those whose environment cannot be
// told. The file is parsed at each call: keep the result.
func Test() (*Set, error) { return Parse(testFile) }

// Production returns the keys that public lists name as live, expired ones included. It is not a substitute for
// the keys that an acquirer distributes. The file is parsed at each call: keep the result.
func Production() (*Set, error) { return Parse(productionFile) }
