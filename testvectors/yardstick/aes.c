//go:build yardstick

#define OPENSSL_SUPPRESS_DEPRECATED

#include <stdlib.h>
#include <string.h>

#include <openssl/cmac.h>
#include <openssl/evp.h>

#include "job.h"

// CMAC_CTX is what EVP_MAC calls: without it a MAC takes less time.
static int cmac_prepare(struct job *j)
{
	j->kept = CMAC_CTX_new();
	return j->kept && CMAC_Init(j->kept, j->key, j->key_length, EVP_aes_128_cbc(), NULL);
}

static void cmac_finish(struct job *j)
{
	CMAC_CTX_free(j->kept);
}

static int cmac(struct job *j)
{
	size_t n;
	return CMAC_Update(j->kept, j->data, j->data_length) && CMAC_Final(j->kept, j->result, &n);
}

static int cmac_keyed_once(struct job *j)
{
	return CMAC_Init(j->kept, NULL, 0, NULL, NULL) && cmac(j);
}

static int cmac_fresh_once(struct job *j)
{
	return CMAC_Init(j->kept, j->key, j->key_length, NULL, NULL) && cmac(j);
}

static int ecb_prepare(struct job *j)
{
	j->kept = EVP_CIPHER_CTX_new();
	return j->kept && EVP_EncryptInit_ex(j->kept, EVP_aes_128_ecb(), NULL, j->key, NULL)
		&& EVP_CIPHER_CTX_set_padding(j->kept, 0);
}

static void ecb_finish(struct job *j)
{
	EVP_CIPHER_CTX_free(j->kept);
}

static int rekey(EVP_CIPHER_CTX *ctx, const uint8_t *key)
{
	return EVP_EncryptInit_ex(ctx, NULL, NULL, key, NULL);
}

static int encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out)
{
	int n;
	return EVP_EncryptUpdate(ctx, out, &n, in, 16);
}

// ISO 9564-1, 9.4.2.3
static int pin_field_once(struct job *j)
{
	uint8_t block[16];

	if (!rekey(j->kept, j->key) || !encrypt(j->kept, j->data, block))
		return 0;
	for (int i = 0; i < 16; i++)
		block[i] ^= j->data[16 + i];
	return encrypt(j->kept, block, j->result);
}

// ANSI X9.24-3, 6.3.2: the initial key, then one derivation for each one bit of the counter.
static int aes_dukpt_once(struct job *j)
{
	uint8_t derivation[16] = {0x01, 0x01, 0x80, 0x01, 0x00, 0x02, 0x00, 0x80};
	uint8_t key[16];

	memcpy(derivation + 8, j->data, 8);
	if (!rekey(j->kept, j->key) || !encrypt(j->kept, derivation, key))
		return 0;
	derivation[3] = 0x00;
	memcpy(derivation + 8, j->data + 4, 4);
	memset(derivation + 12, 0, 4);
	for (int bit = 0; bit < 32; bit++) {
		uint8_t one = 0x80 >> bit % 8;
		if (!(j->data[8 + bit / 8] & one))
			continue;
		derivation[12 + bit / 8] |= one;
		if (!rekey(j->kept, key) || !encrypt(j->kept, derivation, key))
			return 0;
	}
	memcpy(j->result, key, sizeof key);
	return 1;
}

const struct operation cmac_keyed = {cmac_prepare, cmac_keyed_once, cmac_finish};
const struct operation cmac_fresh = {cmac_prepare, cmac_fresh_once, cmac_finish};
const struct operation pin_field = {ecb_prepare, pin_field_once, ecb_finish};
const struct operation aes_dukpt = {ecb_prepare, aes_dukpt_once, ecb_finish};
