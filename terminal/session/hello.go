package session

import (
	"encoding/json"
	"encoding/xml"
	"net/http"

	"github.com/cardwright/emv/terminal/wire"
)

// Service is the type under which a terminal is found by SSDP.
const Service = "urn:cardwright:service:1"

// Public is all that the plain port tells: nothing that names the device or the store to a passer-by. PRODUCT 3.0.
type Public struct {
	Protocol wire.Range `json:"protocol"`
	State    string     `json:"state"`
}

// Plain serves GET /hello and GET /upnp.xml on port 8080, and nothing else. state is one word.
func Plain(protocol wire.Range, state func() string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, "application/json")
		_ = json.NewEncoder(w).Encode(Public{Protocol: protocol, State: state()})
	})
	mux.HandleFunc("GET /upnp.xml", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, `text/xml; charset="utf-8"`)
		_, _ = w.Write([]byte(xml.Header))
		_ = xml.NewEncoder(w).Encode(description())
	})
	return mux
}

func plain(w http.ResponseWriter, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// upnpRoot is a device description without a serial number. UPnP Device Architecture 1.1, 2.3.
type upnpRoot struct {
	XMLName xml.Name    `xml:"urn:schemas-upnp-org:device-1-0 root"`
	Version upnpVersion `xml:"specVersion"`
	Device  upnpDevice  `xml:"device"`
}

type upnpVersion struct {
	Major int `xml:"major"`
	Minor int `xml:"minor"`
}

type upnpDevice struct {
	Type         string `xml:"deviceType"`
	Name         string `xml:"friendlyName"`
	Manufacturer string `xml:"manufacturer"`
	Model        string `xml:"modelName"`
}

func description() upnpRoot {
	return upnpRoot{
		Version: upnpVersion{1, 1},
		Device:  upnpDevice{Type: "urn:cardwright:device:terminal:1", Name: "Card terminal", Manufacturer: "cardwright", Model: "terminal"},
	}
}
