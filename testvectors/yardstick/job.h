#include <stddef.h>
#include <stdint.h>

struct job;

// An operation of OpenSSL. What it keeps from one time to the next, such as contexts or an expanded key, is made in
// prepare, which is not timed. once writes the result. Both return 1, or 0 if OpenSSL reports an error; finish frees what
// there is in either case.
struct operation {
	int (*prepare)(struct job *j);
	int (*once)(struct job *j);
	void (*finish)(struct job *j);
};

struct job {
	const struct operation *operation;
	const uint8_t *key;
	const uint8_t *data;
	size_t key_length;
	size_t data_length;
	void *kept;
	uint8_t result[64];
};

// job_run does the operation times times over and returns 1, or 0 if OpenSSL reports an error.
int job_run(struct job *j, uint64_t times);
int job_prepare(struct job *j);
void job_finish(struct job *j);

// des.c. Single DES is in libcrypto by its low-level functions alone, unless the legacy provider is loaded.
extern const struct operation retail_keyed; // key: 16; data: whole blocks; result: 8
extern const struct operation retail_fresh; // the same, key schedules included
extern const struct operation tdes_fresh;   // key: 16; data: a block; result: 8. Key schedules included
extern const struct operation tdes_dukpt;   // key: base derivation key, 16; data: KSN, 10; result: transaction key, 16

// aes.c
extern const struct operation cmac_keyed; // key: 16; data: any; result: 16
extern const struct operation cmac_fresh; // the same, key schedule and subkeys included
extern const struct operation pin_field;  // key: 16; data: PIN field and PAN field, 32; result: 16. Key schedule included
extern const struct operation aes_dukpt;  // key: base derivation key, 16; data: KSN, 12; result: transaction key, 16

// keyblock.c
extern const struct operation block_wrap;   // key: 32; data: header and text, 64; result: text enciphered and MAC, 64
extern const struct operation block_unwrap; // key: 32; data: header, text enciphered and MAC, 80; result: text, 48

// curve.c, all P-256
extern const struct operation two_scalars; // key: Q, 65; data: a and b, 32 each; result: x(a·G + b·Q), 32
extern const struct operation one_scalar;  // key: Q, 65; data: d, 32; result: x(d·Q), 32
