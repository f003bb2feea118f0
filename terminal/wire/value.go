package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Bytes is a binary value: base64url without padding in JSON.
type Bytes []byte

// MarshalJSON writes base64url.
func (b Bytes) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.RawURLEncoding.EncodeToString(b))
}

// UnmarshalJSON reads base64url, and nothing that another text would encode too.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	v, err := fromBase64(text)
	if err == nil {
		*b = v
	}
	return err
}

// Key is a secret that travels inside TLS: Bytes that masks itself wherever it is printed.
type Key []byte

const masked = "****"

// String masks.
func (k Key) String() string { return masked }

// Format masks, whatever the verb.
func (k Key) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(masked)) }

// LogValue masks.
func (k Key) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalJSON shows the key: it is how the key reaches the other side and the record file.
func (k Key) MarshalJSON() ([]byte, error) { return Bytes(k).MarshalJSON() }

// UnmarshalJSON reads base64url.
func (k *Key) UnmarshalJSON(text []byte) error { return (*Bytes)(k).UnmarshalJSON(text) }

// Wipe overwrites the key.
func (k Key) Wipe() { clear(k) }

func fromBase64(text []byte) ([]byte, error) {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, bad("a binary value is not a text")
	}
	v, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, bad("a binary value is not base64url")
	}
	return v, nil
}

// identifier refuses what is not 1 to MaxID of letters, digits and -_.: as names of devices, carts, orders and lines have.
func identifier(where, s string) error {
	if s == "" || len(s) > MaxID {
		return bad("%s: 1 to %d characters", where, MaxID)
	}
	for i := range len(s) {
		c := s[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:", rune(c)) {
			return bad("%s: a character that identifiers do not have", where)
		}
	}
	return nil
}

// text refuses a text for people that is too long or not UTF-8. What is in it is cleaned where it is shown.
func text(where, s string) error {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxText {
		return bad("%s: more than %d characters, or not UTF-8", where, MaxText)
	}
	return nil
}

func amount(where string, v int64) error {
	if v < 0 || v > MaxAmount {
		return bad("%s: not 0 to %d", where, int64(MaxAmount))
	}
	return nil
}

// signed is an amount that may be negative: a line that takes something back.
func signed(where string, v int64) error {
	if v < -MaxAmount || v > MaxAmount {
		return bad("%s: not within ±%d", where, int64(MaxAmount))
	}
	return nil
}

// currency refuses what is not three capital letters. ISO 4217.
func currency(where, s string) error { return capitals(where, s, 3) }

// country refuses what is not two capital letters. ISO 3166-1.
func country(where, s string) error { return capitals(where, s, 2) }

func capitals(where, s string, n int) error {
	if len(s) != n || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return bad("%s: %d capital letters", where, n)
	}
	return nil
}

func count(where string, n, most int) error {
	if n > most {
		return bad("%s: %d entries of %d", where, n, most)
	}
	return nil
}

func length(where string, b []byte, n int) error {
	if len(b) != n {
		return bad("%s: %d bytes", where, n)
	}
	return nil
}

func oneOf[T ~string](where string, v T, of ...T) error {
	for _, o := range of {
		if v == o {
			return nil
		}
	}
	return bad("%s: a value that the protocol does not have", where)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// requestID refuses what is not a ULID: 26 characters of Crockford's base 32, the first at most 7.
func requestID(where, s string) error {
	if len(s) != 26 || s[0] > '7' || strings.Trim(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return bad("%s: not a ULID", where)
	}
	return nil
}
