package host

import (
	"fmt"
	"time"
)

// Trace is by what a host knows a request again. A repeat has the same; a reversal names that of the original.
type Trace struct {
	STAN uint32    // 1 to 999999: field 11
	RRN  string    // 12 characters, or empty: field 37
	Time time.Time // fields 7 (UTC), 12 and 13 (as its location has it)
}

// set writes fields 7, 11, 12, 13 and 37, where the message takes them.
func (t *Trace) set(d *Dialect, m *Message) error {
	if t.STAN < 1 || t.STAN > 999999 {
		return &Error{Code: CodeField, Field: fieldSTAN, Text: "must be 1 to 999999"}
	}
	d.put(m, fieldSent, sentAt(t.Time))
	d.put(m, fieldSTAN, fmt.Sprintf("%06d", t.STAN))
	d.put(m, fieldTime, t.Time.Format("150405"))
	d.put(m, fieldDate, t.Time.Format("0102"))
	if t.RRN != "" {
		d.put(m, fieldRRN, t.RRN)
	}
	return nil
}

// sentAt is field 7: MMDDhhmmss in UTC. ISO 8583:1987, 4.3.
func sentAt(t time.Time) string { return t.UTC().Format("0102150405") }

// Original is what a reversal, or the capture of an authorisation, is about.
type Original struct {
	MTI MTI
	Trace
	Acquirer, Forwarder string // fields 32 and 33 of the original; empty is not known
}

// elements are field 90: message type, STAN, date and time, acquirer and forwarder. ISO 8583:1987, 4.3.
func (o *Original) elements() (string, error) {
	if !o.MTI.valid() || o.STAN < 1 || o.STAN > 999999 || len(o.Acquirer) > 11 || len(o.Forwarder) > 11 {
		return "", &Error{Code: CodeField, Field: fieldOriginal, Text: "an original that is no request"}
	}
	return fmt.Sprintf("%s%06d%s%011s%011s", o.MTI, o.STAN, sentAt(o.Time), o.Acquirer, o.Forwarder), nil
}
