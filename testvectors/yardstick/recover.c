//go:build yardstick

#include <openssl/bn.h>

#include "recover.h"

static int recover_one(const struct recovery *r)
{
	static const uint8_t three[] = {3};
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *modulus = BN_bin2bn(r->modulus, r->length, NULL);
	BIGNUM *signature = BN_bin2bn(r->signature, r->length, NULL);
	BIGNUM *exponent = BN_bin2bn(three, sizeof three, NULL);
	BIGNUM *result = BN_new();

	// No Montgomery context is passed in, so BN_mod_exp_mont makes its own.
	int ok = ctx && modulus && signature && exponent && result
		&& BN_mod_exp_mont(result, signature, exponent, modulus, ctx, NULL)
		&& BN_bn2binpad(result, r->result, r->length) == r->length;

	BN_free(result);
	BN_free(exponent);
	BN_free(signature);
	BN_free(modulus);
	BN_CTX_free(ctx);
	return ok;
}

int recover_fresh(const struct recovery *r, int n, uint64_t times)
{
	for (uint64_t t = 0; t < times; t++)
		for (int i = 0; i < n; i++)
			if (!recover_one(&r[i]))
				return 0;
	return 1;
}
