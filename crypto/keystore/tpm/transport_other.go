//go:build !windows

package tpm

import (
	"io/fs"
	"os"

	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/linuxtpm"
	"github.com/google/go-tpm/tpm2/transport/linuxudstpm"

	"github.com/cardwright/emv/crypto/keystore"
)

// DefaultPath is the TPM behind the kernel's resource manager, which a crashed process leaves nothing in.
const DefaultPath = "/dev/tpmrm0"

// connect opens a device or a socket.
func connect(path string) (transport.TPMCloser, error) {
	if path == "" {
		path = DefaultPath
	}
	info, err := os.Stat(path)
	var t transport.TPMCloser
	if err == nil {
		if info.Mode()&fs.ModeSocket != 0 {
			t, err = linuxudstpm.Open(path)
		} else {
			t, err = linuxtpm.Open(path)
		}
	}
	if err != nil {
		return nil, &keystore.Error{Code: keystore.CodeNoTPM, Text: path, Err: err}
	}
	return t, nil
}
