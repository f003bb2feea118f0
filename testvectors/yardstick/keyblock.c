//go:build yardstick

#define OPENSSL_SUPPRESS_DEPRECATED

#include <stdlib.h>
#include <string.h>

#include <openssl/cmac.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "job.h"

// A key block of version D under a KBPK of 32 bytes, from binary to binary: a header of 16 bytes, a text of 48.
enum { header = 16, text = 48, mac = 16 };

struct kept {
	CMAC_CTX *cmac;
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
};

static int prepare(struct job *j)
{
	struct kept *k = calloc(1, sizeof *k);
	j->kept = k;
	if (!k)
		return 0;
	k->cmac = CMAC_CTX_new();
	k->encrypt = EVP_CIPHER_CTX_new();
	k->decrypt = EVP_CIPHER_CTX_new();
	return k->cmac && k->encrypt && k->decrypt
		&& CMAC_Init(k->cmac, j->key, 32, EVP_aes_256_cbc(), NULL)
		&& EVP_EncryptInit_ex(k->encrypt, EVP_aes_256_cbc(), NULL, j->key, j->data)
		&& EVP_DecryptInit_ex(k->decrypt, EVP_aes_256_cbc(), NULL, j->key, j->data)
		&& EVP_CIPHER_CTX_set_padding(k->encrypt, 0)
		&& EVP_CIPHER_CTX_set_padding(k->decrypt, 0);
}

static void finish(struct job *j)
{
	struct kept *k = j->kept;
	if (!k)
		return;
	CMAC_CTX_free(k->cmac);
	EVP_CIPHER_CTX_free(k->encrypt);
	EVP_CIPHER_CTX_free(k->decrypt);
	free(k);
}

static int cmac(CMAC_CTX *ctx, const uint8_t *key, const uint8_t *data, size_t length, uint8_t *out)
{
	size_t n;
	// Without a key the context begins anew under the one that it has.
	return CMAC_Init(ctx, key, key ? 32 : 0, NULL, NULL) && CMAC_Update(ctx, data, length) && CMAC_Final(ctx, out, &n);
}

// derive makes the keys of a KBPK: ANSI X9.143, 7.2. The KBPK is expanded once.
static int derive(const struct job *j, uint8_t *kbek, uint8_t *kbak)
{
	struct kept *k = j->kept;
	uint8_t data[8] = {1, 0, 0, 0, 0, 0x04, 0x01, 0x00};

	if (!cmac(k->cmac, j->key, data, sizeof data, kbek))
		return 0;
	data[0] = 2;
	if (!cmac(k->cmac, NULL, data, sizeof data, kbek + 16))
		return 0;
	data[2] = 1;
	if (!cmac(k->cmac, NULL, data, sizeof data, kbak + 16))
		return 0;
	data[0] = 1;
	return cmac(k->cmac, NULL, data, sizeof data, kbak);
}

static int wrap(struct job *j)
{
	struct kept *k = j->kept;
	uint8_t kbek[32], kbak[32], *sum = j->result + text;
	int n;

	return derive(j, kbek, kbak)
		&& cmac(k->cmac, kbak, j->data, header + text, sum)
		&& EVP_EncryptInit_ex(k->encrypt, NULL, NULL, kbek, sum)
		&& EVP_EncryptUpdate(k->encrypt, j->result, &n, j->data + header, text);
}

static int unwrap(struct job *j)
{
	struct kept *k = j->kept;
	uint8_t kbek[32], kbak[32], clear[header + text], sum[mac];
	const uint8_t *received = j->data + header + text;
	int n;

	memcpy(clear, j->data, header);
	if (!derive(j, kbek, kbak)
		|| !EVP_DecryptInit_ex(k->decrypt, NULL, NULL, kbek, received)
		|| !EVP_DecryptUpdate(k->decrypt, clear + header, &n, j->data + header, text)
		|| !cmac(k->cmac, kbak, clear, sizeof clear, sum)
		|| CRYPTO_memcmp(sum, received, mac) != 0)
		return 0;
	memcpy(j->result, clear + header, text);
	return 1;
}

const struct operation block_wrap = {prepare, wrap, finish};
const struct operation block_unwrap = {prepare, unwrap, finish};
