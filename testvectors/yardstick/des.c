//go:build yardstick

#define OPENSSL_SUPPRESS_DEPRECATED

#include <stdlib.h>
#include <string.h>

#include <openssl/des.h>

#include "job.h"

struct keys {
	DES_key_schedule left;
	DES_key_schedule right;
};

static void expand(struct keys *k, const uint8_t *key)
{
	DES_set_key_unchecked((const_DES_cblock *)key, &k->left);
	DES_set_key_unchecked((const_DES_cblock *)(key + 8), &k->right);
}

static int prepare(struct job *j)
{
	j->kept = malloc(sizeof(struct keys));
	if (!j->kept)
		return 0;
	expand(j->kept, j->key);
	return 1;
}

static void finish(struct job *j)
{
	free(j->kept);
}

static void xor8(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
	for (int i = 0; i < 8; i++)
		out[i] = a[i] ^ b[i];
}

static void tdes(struct keys *k, const uint8_t *in, uint8_t *out)
{
	DES_ecb3_encrypt((const_DES_cblock *)in, (DES_cblock *)out, &k->left, &k->right, &k->left, DES_ENCRYPT);
}

// ISO/IEC 9797-1, MAC algorithm 3: DES-CBC, of which the last block is TDES. That takes two permutations less than a
// decryption and an encryption behind the chain.
static int retail_once(struct job *j)
{
	uint8_t zero[8] = {0};
	uint8_t last[8];
	size_t chained = j->data_length - 8;

	DES_cbc_cksum(j->data, (DES_cblock *)last, (long)chained, &((struct keys *)j->kept)->left, (const_DES_cblock *)zero);
	xor8(last, last, j->data + chained);
	tdes(j->kept, last, j->result);
	return 1;
}

static int retail_fresh_once(struct job *j)
{
	expand(j->kept, j->key);
	return retail_once(j);
}

static int tdes_once(struct job *j)
{
	expand(j->kept, j->key);
	tdes(j->kept, j->data, j->result);
	return 1;
}

static void masked(uint8_t *out, const uint8_t *key)
{
	memcpy(out, key, 16);
	for (int i = 0; i < 4; i++) {
		out[i] ^= 0xC0;
		out[8 + i] ^= 0xC0;
	}
}

// half derives half a key: ANSI X9.24-1, A.2.
static void half(DES_key_schedule *schedule, const uint8_t *key, const uint8_t *crypto_register, uint8_t *out)
{
	uint8_t block[8];

	DES_set_key_unchecked((const_DES_cblock *)key, schedule);
	xor8(block, crypto_register, key + 8);
	DES_ecb_encrypt((const_DES_cblock *)block, (DES_cblock *)block, schedule, DES_ENCRYPT);
	xor8(out, block, key + 8);
}

// ANSI X9.24-1, A.6 and A.3: the initial key, then one derivation for each one bit of the counter.
static int tdes_dukpt_once(struct job *j)
{
	struct keys *k = j->kept;
	uint8_t ksn[10], variant[16], key[16], next[16];
	uint32_t counter = (uint32_t)(j->data[7] & 0x1F) << 16 | (uint32_t)j->data[8] << 8 | j->data[9];

	memcpy(ksn, j->data, sizeof ksn);
	ksn[7] &= 0xE0;
	ksn[8] = ksn[9] = 0;
	expand(k, j->key);
	tdes(k, ksn, key);
	masked(variant, j->key);
	expand(k, variant);
	tdes(k, ksn, key + 8);

	for (uint32_t bit = 1 << 20; bit != 0; bit >>= 1) {
		if (!(counter & bit))
			continue;
		ksn[7] |= (uint8_t)(bit >> 16);
		ksn[8] |= (uint8_t)(bit >> 8);
		ksn[9] |= (uint8_t)bit;
		masked(variant, key);
		half(&k->left, key, ksn + 2, next + 8);
		half(&k->right, variant, ksn + 2, next);
		memcpy(key, next, sizeof key);
	}
	memcpy(j->result, key, sizeof key);
	return 1;
}

const struct operation retail_keyed = {prepare, retail_once, finish};
const struct operation retail_fresh = {prepare, retail_fresh_once, finish};
const struct operation tdes_fresh = {prepare, tdes_once, finish};
const struct operation tdes_dukpt = {prepare, tdes_dukpt_once, finish};
