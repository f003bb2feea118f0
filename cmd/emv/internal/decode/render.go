package decode

import (
	"fmt"
	"io"
	"strings"

	"github.com/cardwright/emv/cmd/emv/internal/style"
)

// Write writes the document as a tree for people.
func (doc *Document) Write(w io.Writer, s style.Style) error {
	var b strings.Builder
	for i := range doc.Parts {
		if i > 0 && doc.Parts[i].Kind != "response" && doc.Parts[i].Kind != "tag" {
			b.WriteByte('\n')
		}
		doc.Parts[i].write(&b, s, "")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Write writes one part, each line behind indent.
func (p *Part) Write(w io.Writer, s style.Style, indent string) error {
	var b strings.Builder
	p.write(&b, s, indent)
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Part) write(b *strings.Builder, s style.Style, indent string) {
	inner := indent
	switch p.Kind {
	case "command":
		fmt.Fprintf(b, "%s> %s\n", indent, s.Strong(p.Title))
		inner += "  "
		fmt.Fprintf(b, "%s%s\n", inner, s.Value(p.Raw))
	case "response":
		paint := s.Good
		if p.SW != "9000" {
			paint = s.Bad
		}
		fmt.Fprintf(b, "%s< %s %s\n", indent, paint(p.SW), p.Title)
		inner += "  "
	}
	for _, n := range p.Notes {
		fmt.Fprintf(b, "%s%s\n", inner, s.Faint("("+n+")"))
	}
	for i := range p.Objects {
		p.Objects[i].write(b, s, inner)
	}
}

// wrapAt is how many digits of a value stand in a line.
const wrapAt = 96

func (o *Object) write(b *strings.Builder, s style.Style, indent string) {
	b.WriteString(indent)
	b.WriteString(s.Strong(o.title()))
	switch {
	case o.ambiguous:
		b.WriteString(s.Faint(" depends on the kernel"))
	case o.Name == "":
		b.WriteString(s.Faint(" unknown"))
	}
	if o.Book != "" && o.Book != "EMV" {
		b.WriteString(s.Faint(" [" + o.Book + "]"))
	}
	if o.entry && o.constructed {
		b.WriteString(", template")
	}
	if !o.entry || o.Meaning == nil {
		if o.Format != "" && !o.constructed {
			b.WriteString(", " + o.Format)
		}
		b.WriteString(", " + count(o.Length, "byte"))
	}
	b.WriteByte('\n')
	inner := indent + "  "
	deeper := inner + "  "
	for v := o.Value; v != ""; {
		line := v[:min(len(v), wrapAt)]
		v = v[len(line):]
		b.WriteString(deeper + s.Value(line))
		if v == "" && o.Text != "" {
			b.WriteString(" = " + o.Text)
		}
		b.WriteByte('\n')
	}
	for _, m := range o.Meaning {
		b.WriteString(deeper + "- " + m + "\n")
	}
	for i := range o.Objects {
		o.Objects[i].write(b, s, inner)
	}
}

func (o *Object) title() string {
	return strings.TrimSpace(o.Tag + " " + o.Name)
}
