package dock

import (
	"io"
	"io/fs"
	"strings"
)

// maxAttribute bounds an attribute that is read: numbers and words.
const maxAttribute = 64

// attribute reads a file of one word; "" if it can't be read or is no attribute of this kind.
func attribute(sys fs.FS, name string) string {
	f, err := sys.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxAttribute+1))
	if err != nil || len(b) > maxAttribute {
		return ""
	}
	return strings.TrimSpace(string(b))
}
