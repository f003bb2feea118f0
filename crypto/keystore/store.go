package keystore

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// storeFile is the file of a store's folder that its provider reads first.
const storeFile = "store.json"

// ProviderOf returns the name of the provider whose store is in a folder: "tpm" or "file". The errors are CodeNoStore,
// CodeTampered for a file that says something else, and CodeStorage.
func ProviderOf(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, storeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", &Error{Code: CodeNoStore, Text: dir}
	}
	if err != nil {
		return "", &Error{Code: CodeStorage, Err: err}
	}
	var p struct {
		Provider string `json:"provider"`
	}
	if json.Unmarshal(b, &p) != nil || p.Provider != "tpm" && p.Provider != "file" {
		return "", &Error{Code: CodeTampered, Text: storeFile}
	}
	return p.Provider, nil
}
