// Package localpage serves the pages that are for this device's own browser and for nobody else: the customer's display, the
// till and the counter. Whatever they listen on, other devices are refused, and so are names that were pointed at this one;
// a page may do nothing but with its own server, and no script may write markup.
package localpage

import (
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// policy lets a page use its own script, style, pictures and connections. Trusted types forbid to write markup from a script
// at all.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// features are parts of a device that a browser would hand to a page.
var features = []string{"camera", "microphone", "geolocation", "usb", "serial"}

// Guard lets the requests of this device through, and sends the policy with every answer. Others have status 403 and refusal
// as text. A page may use of the device what is allowed to it, as "camera", and nothing else.
func Guard(inside http.Handler, refusal string, allowed ...string) http.Handler {
	permissions := make([]string, len(features))
	for i, f := range features {
		permissions[i] = f + "=()"
		if slices.Contains(allowed, f) {
			permissions[i] = f + "=(self)"
		}
	}
	permitted := strings.Join(permissions, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			http.Error(w, refusal, http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", permitted)
		inside.ServeHTTP(w, r)
	})
}

// local reports whether a request comes from this device and is meant for it: a name that an attacker's resolver points
// at 127.0.0.1 is refused by the Host that comes with it.
func local(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	to, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && to.Unmap().IsLoopback()
}

// SameOrigin reports whether a request is of the page that this server served: a browser says where one comes from when it
// is not a plain navigation. A request that does not say is not.
func SameOrigin(r *http.Request) bool { return r.Header.Get("Origin") == "http://"+r.Host }

// File serves a file of the program, of a MIME type. It panics if the file is not there: a fault of the build.
func File(files fs.FS, name, mime string) http.HandlerFunc {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		panic("localpage: " + err.Error())
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mime)
		_, _ = w.Write(b)
	}
}
