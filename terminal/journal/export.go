package journal

import (
	"encoding/json"
	"io"
	"unicode/utf8"
)

// line is a record as Export writes it.
type line struct {
	Segment uint64 `json:"segment"`
	Offset  int64  `json:"offset"`
	Seq     uint64 `json:"seq"`
	Kind    Kind   `json:"kind"`
	Payload any    `json:"payload"`
}

// verdict is the last line that Export writes.
type verdict struct {
	Verdict string `json:"verdict"` // "whole", "torn" or "journal_damaged"
	Records uint64 `json:"records"`
	Segment uint64 `json:"segment,omitempty"` // of the damage
	Offset  int64  `json:"offset,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Export writes every record that can be believed as a line of JSON, and a last line with the verdict: for whoever has to
// find out what happened. Payloads that are JSON are shown as they are, others as base64. It changes nothing and takes no
// lock. The error is the file system's or w's.
func Export(fs FS, w io.Writer) error {
	out := json.NewEncoder(w)
	v := verdict{Verdict: "whole"}
	s, err := read(fs, func(r Record) error {
		v.Records++
		l := line{r.At.Segment, r.At.Offset, r.Seq, r.Kind, r.Payload}
		if json.Valid(r.Payload) && utf8.Valid(r.Payload) {
			l.Payload = json.RawMessage(r.Payload)
		}
		return out.Encode(l)
	})
	switch {
	case err != nil:
		return err
	case s.damage != nil:
		v.Verdict, v.Segment, v.Offset, v.Text = CodeDamaged, s.damage.At.Segment, s.damage.At.Offset, s.damage.Text
	case s.torn, s.headless:
		v.Verdict = "torn"
	}
	return out.Encode(v)
}
