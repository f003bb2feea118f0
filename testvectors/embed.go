// Package testvectors carries the project's own test vectors, in the format emv-vectors/1 that README.md documents and
// schema.json describes. Nothing but tests and the command imports it.
package testvectors

import "embed"

//go:embed *.json
var files embed.FS

// FS returns the suites, schema.json and rules.json. runner.LoadFS(FS(), ".") loads the suites.
func FS() embed.FS { return files }
