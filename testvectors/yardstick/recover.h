#include <stddef.h>
#include <stdint.h>

// One RSA recovery with exponent 3: modulus, signature and result have the same length.
struct recovery {
	const uint8_t *modulus;
	const uint8_t *signature;
	uint8_t *result;
	int length;
};

// recover_fresh computes one after the other, as a kernel without kept state does: numbers, context and Montgomery
// form are made and freed for each. It does so times times over and returns 1, or 0 if OpenSSL reports an error.
int recover_fresh(const struct recovery *r, int n, uint64_t times);
