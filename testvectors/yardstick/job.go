//go:build yardstick

package yardstick

// #include <stdlib.h>
// #include "job.h"
import "C"

import (
	"errors"
	"time"
	"unsafe"
)

// ErrJob means that OpenSSL reported an error.
var ErrJob = errors.New("yardstick: an operation of OpenSSL failed")

// Operation is something that OpenSSL does with a key and data. The shapes of both and of the result are in job.h.
type Operation struct{ c *C.struct_operation }

// The operations.
var (
	RetailKeyed = Operation{&C.retail_keyed} // ISO/IEC 9797-1 MAC algorithm 3 with DES, the keys expanded
	RetailFresh = Operation{&C.retail_fresh} // the same, key schedules included
	TDESFresh   = Operation{&C.tdes_fresh}   // one block, key schedules included
	TDESDUKPT   = Operation{&C.tdes_dukpt}   // ANSI X9.24-1, from the base derivation key to that of a transaction
	CMACKeyed   = Operation{&C.cmac_keyed}   // AES-128
	CMACFresh   = Operation{&C.cmac_fresh}   // the same, key schedule and subkeys included
	PINField    = Operation{&C.pin_field}    // AES-128 of a PIN field and its PAN field, key schedule included
	AESDUKPT    = Operation{&C.aes_dukpt}    // ANSI X9.24-3 with AES-128, from the base derivation key
	BlockWrap   = Operation{&C.block_wrap}   // what a key block of version D takes of AES-256
	BlockUnwrap = Operation{&C.block_unwrap} // the same on the way back
	TwoScalars  = Operation{&C.two_scalars}  // a·G + b·Q on P-256, the point and the numbers ready
	OneScalar   = Operation{&C.one_scalar}   // d·Q on P-256, likewise
)

// Job is an operation with its key and data, in C memory, ready to be done.
type Job struct{ c *C.struct_job }

// NewJob copies key and data to C and prepares the operation. Free it, on an error too.
func NewJob(o Operation, key, data []byte) (*Job, error) {
	j := &Job{(*C.struct_job)(C.calloc(1, C.sizeof_struct_job))}
	*j.c = C.struct_job{
		operation: o.c,
		key:       (*C.uint8_t)(C.CBytes(key)), key_length: C.size_t(len(key)),
		data: (*C.uint8_t)(C.CBytes(data)), data_length: C.size_t(len(data)),
	}
	if C.job_prepare(j.c) == 0 {
		return j, ErrJob
	}
	return j, nil
}

// Run does the operation times times over and returns how long that took.
func (j *Job) Run(times int) (time.Duration, error) {
	start := time.Now()
	ok := C.job_run(j.c, C.uint64_t(times))
	took := time.Since(start)
	if ok == 0 {
		return 0, ErrJob
	}
	return took, nil
}

// Result returns the first n bytes of the result, at most 64.
func (j *Job) Result(n int) []byte { return C.GoBytes(unsafe.Pointer(&j.c.result[0]), C.int(n)) }

// Free returns the memory.
func (j *Job) Free() {
	C.job_finish(j.c)
	C.free(unsafe.Pointer(j.c.key))
	C.free(unsafe.Pointer(j.c.data))
	C.free(unsafe.Pointer(j.c))
}
