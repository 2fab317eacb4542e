/* age_identity.c - see age_identity.h
 *
 * X25519 comes from libsodium, as does the memory that secrets live in.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "age/age_crypto.h"
#include "age/age_identity.h"
#include "age/age_scrypt.h"
#include "age/bech32.h"
#include "base/base64.h"

#define KEY_SIZE 32
#define WRAP_INFO "age-encryption.org/v1/X25519"

/* The public half is kept: without it each unwrap would cost a second curve
   operation. */
struct identity {
	uint8_t secret[KEY_SIZE];
	uint8_t public[KEY_SIZE];
};

struct sceau_age_identities {
	size_t count;
	size_t passphrase_len; /* 0: none */
	char passphrase[SCEAU_AGE_PASSPHRASE_MAX];
	struct identity list[SCEAU_AGE_IDENTITIES_MAX];
};

static int fill_random(void *context, void *data, size_t len)
{
	(void)context;
	randombytes_buf(data, len);
	return 0;
}

struct sceau_random sceau_age_random(void)
{
	return (struct sceau_random){ .fill = fill_random, .context = NULL };
}

/* A mistyped argument may be the secret itself, so no error quotes it. */
int sceau_age_recipient_parse(struct sceau_slice text,
                              struct sceau_age_recipient *recipient_r,
                              struct sceau_err *err)
{
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	uint8_t data[SCEAU_BECH32_DATA_MAX];
	size_t len;
	int is_upper;

	if (sceau_bech32_decode(sceau_slice_trim(text), prefix, &is_upper, data,
	                        sizeof(data), &len, err) < 0)
		return -1;
	if (strncmp(prefix, "age-secret-key-", 15) == 0) {
		sodium_memzero(data, sizeof(data));
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "this is a secret identity, not a recipient: "
		                  "recipients begin with age1");
	}
	if (!is_upper && strcmp(prefix, "age1pq") == 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a hybrid recipient (age1pq1...) needs "
		                  "OpenSSL 3.5");
	if (is_upper || strcmp(prefix, "age") != 0 || len != KEY_SIZE)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an X25519 recipient (age1...)");
	memcpy(recipient_r->key, data, KEY_SIZE);
	return 0;
}

void sceau_age_recipient_format(const struct sceau_age_recipient *recipient,
                                char out[SCEAU_AGE_RECIPIENT_TEXT_SIZE])
{
	int ret = sceau_bech32_encode("age", recipient->key, KEY_SIZE, out,
	                              SCEAU_AGE_RECIPIENT_TEXT_SIZE, NULL);

	assert(ret == 0);
	(void)ret;
}

int sceau_age_identities_new(struct sceau_age_identities **set_r,
                             struct sceau_err *err)
{
	struct sceau_age_identities *set = NULL;

	/* Harmless when somebody else has called it before. */
	if (sodium_init() >= 0)
		set = sodium_malloc(sizeof(*set));
	if (set == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "no locked memory for identities");
	memset(set, 0, sizeof(*set));
	*set_r = set;
	return 0;
}

void sceau_age_identities_free(struct sceau_age_identities **set)
{
	sodium_free(*set); /* wipes it */
	*set = NULL;
}

static int add_secret(struct sceau_age_identities *set,
                      const uint8_t secret[KEY_SIZE], struct sceau_err *err)
{
	if (set->count == SCEAU_AGE_IDENTITIES_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "more than %d identities",
		                  SCEAU_AGE_IDENTITIES_MAX);
	struct identity *identity = &set->list[set->count++];
	memcpy(identity->secret, secret, KEY_SIZE);
	crypto_scalarmult_curve25519_base(identity->public, secret);
	return 0;
}

/* Add the identity of one line of text. */
static int add_line(struct sceau_age_identities *set, struct sceau_slice line,
                    struct sceau_err *err)
{
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	uint8_t data[SCEAU_BECH32_DATA_MAX];
	size_t len;
	int is_upper;

	if (sceau_bech32_decode(line, prefix, &is_upper, data, sizeof(data),
	                        &len, err) < 0)
		return -1;
	int ret;
	if (strcmp(prefix, "age-secret-key-pq-") == 0)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "a hybrid identity needs OpenSSL 3.5");
	else if (!is_upper || strcmp(prefix, "age-secret-key-") != 0 ||
	         len != KEY_SIZE)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "not an identity (AGE-SECRET-KEY-1...)");
	else
		ret = add_secret(set, data, err);
	sodium_memzero(data, sizeof(data));
	return ret;
}

/* Forget the identities from number count on. */
static void truncate_set(struct sceau_age_identities *set, size_t count)
{
	sodium_memzero(&set->list[count],
	               (set->count - count) * sizeof(set->list[0]));
	set->count = count;
}

int sceau_age_identities_parse(struct sceau_age_identities *set,
                               struct sceau_slice text, struct sceau_err *err)
{
	size_t count = set->count;
	unsigned line_number = 0;

	if (text.len > SCEAU_AGE_IDENTITY_FILE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "an identity file has at most %d bytes",
		                  SCEAU_AGE_IDENTITY_FILE_MAX);
	while (text.len > 0) {
		const char *lf = memchr(text.data, '\n', text.len);
		struct sceau_slice line = { text.data, text.len };
		if (lf != NULL)
			line.len = (size_t)(lf - text.data);
		size_t taken = lf != NULL ? line.len + 1 : line.len;
		text.data += taken;
		text.len -= taken;
		line_number++;
		line = sceau_slice_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (add_line(set, line, err) < 0) {
			truncate_set(set, count);
			sceau_fail_in(err, "line %u", line_number);
			if (err != NULL)
				err->fault = SCEAU_FAULT_CONFIG;
			return -1;
		}
	}
	if (set->count == count)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "there is no identity in it");
	return 0;
}

int sceau_age_identities_generate(struct sceau_age_identities *set,
                                  const struct sceau_random *random,
                                  struct sceau_err *err)
{
	uint8_t secret[KEY_SIZE];

	if (random->fill(random->context, secret, sizeof(secret)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	int ret = add_secret(set, secret, err);
	sodium_memzero(secret, sizeof(secret));
	return ret;
}

int sceau_age_identities_set_passphrase(struct sceau_age_identities *set,
                                        struct sceau_slice passphrase,
                                        struct sceau_err *err)
{
	if (passphrase.len == 0 || passphrase.len > SCEAU_AGE_PASSPHRASE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a passphrase has 1 to %d bytes",
		                  SCEAU_AGE_PASSPHRASE_MAX);
	memcpy(set->passphrase, passphrase.data, passphrase.len);
	set->passphrase_len = passphrase.len;
	return 0;
}

size_t sceau_age_identities_count(const struct sceau_age_identities *set)
{
	return set->count;
}

void sceau_age_identities_recipient(const struct sceau_age_identities *set,
                                    size_t index,
                                    struct sceau_age_recipient *recipient_r)
{
	assert(index < set->count);
	memcpy(recipient_r->key, set->list[index].public, KEY_SIZE);
}

int sceau_age_identities_format(const struct sceau_age_identities *set,
                                char *out, size_t size, size_t *len_r,
                                struct sceau_err *err)
{
	const size_t line_size = SCEAU_AGE_IDENTITY_TEXT_SIZE;

	if (size < set->count * line_size + 1)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "no room for %zu identities", set->count);
	for (size_t i = 0; i < set->count; i++) {
		int ret = sceau_bech32_encode("age-secret-key-",
		                              set->list[i].secret, KEY_SIZE,
		                              out, line_size, NULL);
		assert(ret == 0);
		(void)ret;
		sceau_bech32_make_upper(out);
		out[line_size - 1] = '\n'; /* where the NUL was */
		out += line_size;
	}
	*out = '\0';
	*len_r = set->count * line_size;
	return 0;
}

/* The key that wraps a file key: both sides derive it from the shared secret,
   the ephemeral share and the recipient. */
static int derive_wrap_key(const uint8_t shared[KEY_SIZE],
                           const uint8_t share[KEY_SIZE],
                           const uint8_t recipient[KEY_SIZE],
                           uint8_t key_r[KEY_SIZE], struct sceau_err *err)
{
	uint8_t salt[2 * KEY_SIZE];

	memcpy(salt, share, KEY_SIZE);
	memcpy(salt + KEY_SIZE, recipient, KEY_SIZE);
	return sceau_age_hkdf(
		(struct sceau_slice){ (const char *)shared, KEY_SIZE },
		(struct sceau_slice){ (const char *)salt, sizeof(salt) },
		WRAP_INFO, key_r, err);
}

int sceau_age_wrap(const struct sceau_age_recipient *recipient,
                   const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                   const struct sceau_random *random, struct sceau_buf *out,
                   struct sceau_err *err)
{
	uint8_t secret[KEY_SIZE];
	uint8_t share[KEY_SIZE];
	uint8_t shared[KEY_SIZE];
	uint8_t key[KEY_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
	char line[8 + SCEAU_BASE64_LENGTH(KEY_SIZE)] = "X25519 ";
	int ret = -1;

	if (random->fill(random->context, secret, sizeof(secret)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	crypto_scalarmult_curve25519_base(share, secret);
	if (crypto_scalarmult_curve25519(shared, secret, recipient->key) != 0) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           "nothing can be sealed to this recipient: "
		           "it is a low-order point");
		goto out;
	}
	if (derive_wrap_key(shared, share, recipient->key, key, err) < 0 ||
	    sceau_age_key_wrap(key, file_key, body, err) < 0)
		goto out;
	sceau_base64_encode(share, KEY_SIZE, line + 7);
	ret = sceau_age_header_add_stanza(out, line, body, sizeof(body), err);
out:
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(key, sizeof(key));
	return ret;
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_HEADER;
}

/* Read the two variable parts of an X25519 stanza. Their lengths are checked
   before anything is decrypted (no partitioning oracle). */
static enum sceau_age_status read_x25519(const struct sceau_age_stanza *stanza,
                                         uint8_t share_r[KEY_SIZE],
                                         uint8_t body_r[SCEAU_AGE_WRAPPED_SIZE],
                                         struct sceau_err *err)
{
	struct sceau_slice share = sceau_age_stanza_argument(stanza, 0);
	size_t used = 0;

	if (stanza->argument_count != 1)
		return refuse("an X25519 stanza needs exactly one share", err);
	if (sceau_base64_decode(share.data, share.len, share_r, KEY_SIZE,
	                        &used) < 0 ||
	    used != KEY_SIZE)
		return refuse("an X25519 share is not 32 bytes of "
		              "canonical base64",
		              err);
	if (sceau_age_stanza_body(stanza, body_r, SCEAU_AGE_WRAPPED_SIZE) !=
	    SCEAU_AGE_WRAPPED_SIZE)
		return refuse("the body of an X25519 stanza is not 32 bytes",
		              err);
	return SCEAU_AGE_OK;
}

/* Try one identity on one stanza. NO_MATCH leaves err alone. */
static enum sceau_age_status
try_identity(const struct identity *identity, const uint8_t share[KEY_SIZE],
             const uint8_t body[SCEAU_AGE_WRAPPED_SIZE], uint8_t *file_key_r,
             struct sceau_err *err)
{
	uint8_t shared[KEY_SIZE];
	uint8_t key[KEY_SIZE];

	if (crypto_scalarmult_curve25519(shared, identity->secret, share) != 0)
		return refuse("an X25519 share is a low-order point", err);
	int ret = derive_wrap_key(shared, share, identity->public, key, err);
	if (ret == 0)
		ret = sceau_age_key_unwrap(key, body, file_key_r, err);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(key, sizeof(key));
	if (ret < 0)
		return SCEAU_AGE_INTERNAL;
	return ret == 1 ? SCEAU_AGE_OK : SCEAU_AGE_NO_MATCH;
}

static enum sceau_age_status try_x25519(const struct sceau_age_identities *set,
                                        const struct sceau_age_stanza *stanza,
                                        uint8_t *file_key_r,
                                        struct sceau_err *err)
{
	uint8_t share[KEY_SIZE];
	uint8_t body[SCEAU_AGE_WRAPPED_SIZE];
	enum sceau_age_status status = read_x25519(stanza, share, body, err);

	if (status != SCEAU_AGE_OK)
		return status;
	/* The newest identity first: most mail is sealed to it. */
	for (size_t i = set->count; i > 0; i--) {
		status = try_identity(&set->list[i - 1], share, body,
		                      file_key_r, err);
		if (status != SCEAU_AGE_NO_MATCH)
			return status;
	}
	return SCEAU_AGE_NO_MATCH;
}

static enum sceau_age_status try_scrypt(const struct sceau_age_identities *set,
                                        const struct sceau_age_header *header,
                                        const struct sceau_age_stanza *stanza,
                                        uint8_t *file_key_r,
                                        struct sceau_err *err)
{
	struct sceau_slice passphrase = { NULL, 0 };

	/* Who seals with a passphrase vouches for the file, so nobody else
	   may be able to open (and thus have made) it. */
	if (header->stanza_count != 1)
		return refuse("a scrypt stanza is not the only one", err);
	if (set->passphrase_len > 0) {
		passphrase.data = set->passphrase;
		passphrase.len = set->passphrase_len;
	}
	return sceau_age_scrypt_unwrap(stanza, passphrase, file_key_r, err);
}

/* Find the file key; err is filled on every failure. */
static enum sceau_age_status
find_file_key(const struct sceau_age_identities *set,
              const struct sceau_age_header *header, uint8_t *file_key_r,
              struct sceau_err *err)
{
	bool has_hybrid = false;

	for (size_t i = 0; i < header->stanza_count; i++) {
		const struct sceau_age_stanza *stanza = &header->stanzas[i];
		enum sceau_age_status status = SCEAU_AGE_NO_MATCH;
		if (sceau_slice_is(stanza->type, "mlkem768x25519"))
			has_hybrid = true;
		else if (sceau_slice_is(stanza->type, "X25519"))
			status = try_x25519(set, stanza, file_key_r, err);
		else if (sceau_slice_is(stanza->type, "scrypt"))
			status = try_scrypt(set, header, stanza, file_key_r,
			                    err);
		if (status != SCEAU_AGE_NO_MATCH)
			return status;
	}
	if (has_hybrid) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           "a hybrid stanza (mlkem768x25519) needs "
		           "OpenSSL 3.5");
		return SCEAU_AGE_UNSUPPORTED;
	}
	sceau_fail(err, SCEAU_FAULT_CONFIG,
	           "it was sealed to others than the identities at hand");
	return SCEAU_AGE_NO_MATCH;
}

enum sceau_age_status
sceau_age_unwrap(const struct sceau_age_identities *set,
                 const struct sceau_age_header *header, const void *data,
                 uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE],
                 struct sceau_err *err)
{
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
	enum sceau_age_status status = find_file_key(set, header, file_key,
	                                             err);

	if (status == SCEAU_AGE_OK)
		status = sceau_age_header_check_mac(header, data, file_key,
		                                    err);
	if (status == SCEAU_AGE_OK)
		memcpy(file_key_r, file_key, sizeof(file_key));
	sodium_memzero(file_key, sizeof(file_key));
	return status;
}
