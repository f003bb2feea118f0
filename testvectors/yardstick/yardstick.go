//go:build yardstick

// Package yardstick holds C code that the project's speed is measured against: a BER-TLV iterator, and OpenSSL's RSA
// recovery, MACs, key derivations, PIN blocks and curves. Its tests run both sides in turns and print their ratios;
// docs/performance.md says how.
//
// The package exists under the build tag yardstick only. It needs cgo, a C compiler and OpenSSL's headers (libssl-dev).
package yardstick

// #cgo CFLAGS: -O2 -Wall -Wextra
// #cgo LDFLAGS: -lcrypto
// #include <stdlib.h>
// #include <openssl/crypto.h>
// #include "recover.h"
// #include "walk.h"
import "C"

import (
	"errors"
	"time"
	"unsafe"
)

// ErrRecover means that OpenSSL reported an error.
var ErrRecover = errors.New("yardstick: BN_mod_exp_mont failed")

// Version names the OpenSSL that is measured.
func Version() string { return C.GoString(C.OpenSSL_version(C.OPENSSL_VERSION)) }

// Walk reads all data objects on the top level of record in C, times times over. It returns how long that took and the
// sum of all tags, lengths and first bytes of values.
func Walk(record []byte, times int) (time.Duration, uint64) {
	start := time.Now()
	seen := C.walk((*C.uint8_t)(&record[0]), C.size_t(len(record)), C.uint64_t(times))
	return time.Since(start), uint64(seen)
}

// Recovery is an RSA recovery with exponent 3.
type Recovery struct{ Modulus, Signature []byte }

// Recoveries are held in C memory, ready to be computed.
type Recoveries struct {
	c []C.struct_recovery
}

// NewRecoveries copies recoveries to C. Free them.
func NewRecoveries(all []Recovery) *Recoveries {
	n := C.size_t(len(all))
	r := &Recoveries{unsafe.Slice((*C.struct_recovery)(C.calloc(n, C.sizeof_struct_recovery)), len(all))}
	for i, one := range all {
		r.c[i] = C.struct_recovery{
			modulus:   (*C.uint8_t)(C.CBytes(one.Modulus)),
			signature: (*C.uint8_t)(C.CBytes(one.Signature)),
			result:    (*C.uint8_t)(C.calloc(C.size_t(len(one.Modulus)), 1)),
			length:    C.int(len(one.Modulus)),
		}
	}
	return r
}

// Run computes all of them afresh, times times over, and returns how long that took.
func (r *Recoveries) Run(times int) (time.Duration, error) {
	start := time.Now()
	ok := C.recover_fresh(&r.c[0], C.int(len(r.c)), C.uint64_t(times))
	took := time.Since(start)
	if ok == 0 {
		return 0, ErrRecover
	}
	return took, nil
}

// Result returns the block that recovery i gave.
func (r *Recoveries) Result(i int) []byte {
	return C.GoBytes(unsafe.Pointer(r.c[i].result), r.c[i].length)
}

// Free returns the memory.
func (r *Recoveries) Free() {
	for i := range r.c {
		C.free(unsafe.Pointer(r.c[i].modulus))
		C.free(unsafe.Pointer(r.c[i].signature))
		C.free(unsafe.Pointer(r.c[i].result))
	}
	C.free(unsafe.Pointer(&r.c[0]))
}
