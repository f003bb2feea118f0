package discovery

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cardwright/emv/terminal/pairing"
	"github.com/cardwright/emv/terminal/session"
)

// Service is the type of a terminal in DNS-SD. RFC 6763, 7
const (
	Service = "_cardwright._tcp"
	domain  = "local"
)

// maxText bounds a name or address that is looked at.
const maxText = 256

// id is the presence id of an hour as text.
func id(r *pairing.Record, at time.Time) string {
	b := session.PresenceID(r.ResumeKey, at)
	return hex.EncodeToString(b[:])
}

// idsAt are those of the hours in which the other side's clock may be, as for the beacon.
func idsAt(r *pairing.Record, now time.Time) [3]string {
	return [3]string{id(r, now), id(r, now.Add(-time.Hour)), id(r, now.Add(time.Hour))}
}

// usn is the name of a terminal in SSDP: "uuid:" and a UUID made of the presence id, the session port and zeros, then the
// service. UPnP Device Architecture 1.1, 1.2.2. SSDP has no member of its own for a port.
func usn(id string, port uint16) string {
	p := hex.EncodeToString(binary.BigEndian.AppendUint16(nil, port))
	return "uuid:" + id[:8] + "-" + id[8:12] + "-" + id[12:] + "-" + p + "-000000000000::" + session.Service
}

// readUSN is the reverse of usn.
func readUSN(s string) (id string, port uint16, ok bool) {
	const form = "uuid:iiiiiiii-iiii-iiii-pppp-000000000000::" + session.Service
	if len(s) != len(form) {
		return "", 0, false
	}
	id = s[5:13] + s[14:18] + s[19:23]
	b, err := hex.DecodeString(s[24:28])
	if err != nil {
		return "", 0, false
	}
	port = binary.BigEndian.Uint16(b)
	return id, port, usn(id, port) == s
}

// location is where the description of a terminal is. UPnP Device Architecture 1.1, 2.3
func location(at netip.AddrPort) string { return "http://" + at.String() + "/upnp.xml" }

// readLocation returns the address in a location, which must be given in digits.
func readLocation(s string) (netip.Addr, bool) {
	if len(s) > maxText {
		return netip.Addr{}, false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.User != nil {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(u.Hostname())
	return a, err == nil
}

// instance is the name of a terminal in DNS-SD on one of its interfaces: the presence id, "-" and a hexadecimal digit. Every
// interface has a name of its own because a question is heard on all of them, and who asked keeps one address for a name.
func instance(id string, of int) string { return id + "-" + strconv.FormatInt(int64(of), 16) }

// readInstance returns the id in the full name of an instance, "ID-N._cardwright._tcp.local.". RFC 6763, 4.1
func readInstance(name string) (id string, ok bool) {
	if len(name) > maxText {
		return "", false
	}
	label, rest, _ := strings.Cut(name, ".")
	id, of, ok := strings.Cut(label, "-")
	return id, ok && len(of) == 1 && strings.TrimSuffix(rest, ".") == Service+"."+domain
}
