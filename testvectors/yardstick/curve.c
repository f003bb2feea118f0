//go:build yardstick

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "job.h"

struct kept {
	EC_GROUP *group;
	BN_CTX *ctx;
	EC_POINT *q;
	EC_POINT *w;
	BIGNUM *a;
	BIGNUM *b;
	BIGNUM *x;
};

static int prepare(struct job *j)
{
	struct kept *k = calloc(1, sizeof *k);
	j->kept = k;
	if (!k)
		return 0;
	k->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	k->ctx = BN_CTX_new();
	k->x = BN_new();
	k->a = BN_bin2bn(j->data, 32, NULL);
	k->b = j->data_length > 32 ? BN_bin2bn(j->data + 32, 32, NULL) : BN_new();
	if (!k->group || !k->ctx || !k->x || !k->a || !k->b)
		return 0;
	k->q = EC_POINT_new(k->group);
	k->w = EC_POINT_new(k->group);
	return k->q && k->w && EC_POINT_oct2point(k->group, k->q, j->key, j->key_length, k->ctx);
}

static void finish(struct job *j)
{
	struct kept *k = j->kept;
	if (!k)
		return;
	EC_POINT_free(k->w);
	EC_POINT_free(k->q);
	BN_free(k->b);
	BN_free(k->a);
	BN_free(k->x);
	BN_CTX_free(k->ctx);
	EC_GROUP_free(k->group);
	free(k);
}

// x writes the x-coordinate of w, which takes an inversion.
static int x(struct job *j)
{
	struct kept *k = j->kept;
	return EC_POINT_get_affine_coordinates(k->group, k->w, k->x, NULL, k->ctx) && BN_bn2binpad(k->x, j->result, 32) == 32;
}

static int two(struct job *j)
{
	struct kept *k = j->kept;
	return EC_POINT_mul(k->group, k->w, k->a, k->q, k->b, k->ctx) && x(j);
}

static int one(struct job *j)
{
	struct kept *k = j->kept;
	return EC_POINT_mul(k->group, k->w, NULL, k->q, k->a, k->ctx) && x(j);
}

const struct operation two_scalars = {prepare, two, finish};
const struct operation one_scalar = {prepare, one, finish};
