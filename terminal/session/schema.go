package session

import _ "embed"

// Schema is the JSON Schema (2020-12) of the protocol: of a frame, its bodies and the messages of the pairing port.
//
//go:embed schema.json
var Schema []byte
