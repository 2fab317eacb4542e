/* age_identity.c - see age_identity.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "age/age_identity.h"
#include "age/age_scrypt.h"
#include "age/age_x25519.h"
#include "age/bech32.h"

#define SECRET_SIZE 32
static_assert(SCEAU_AGE_X25519_SIZE == SECRET_SIZE &&
                      SCEAU_AGE_HYBRID_SEED_SIZE == SECRET_SIZE,
              "an identity is 32 bytes of either kind");

/* How either kind is written. Prefixes of identities are upper case in text. */
static const struct {
	const char *recipient;
	const char *identity;
	size_t public_size;
} kinds[] = {
	[SCEAU_AGE_X25519] = { "age", "age-secret-key-",
	                       SCEAU_AGE_X25519_SIZE },
	[SCEAU_AGE_HYBRID] = { "age1pq", "age-secret-key-pq-",
	                       SCEAU_AGE_HYBRID_PUBLIC_SIZE },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* The public half is kept: without it each unwrap would compute it anew. */
struct identity {
	uint8_t secret[SECRET_SIZE];
	bool has_public; /* false: hybrid, and OpenSSL is too old */
	struct sceau_age_recipient public;
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
	size_t kind = 0;
	while (kind < KIND_COUNT &&
	       (is_upper || strcmp(prefix, kinds[kind].recipient) != 0 ||
	        len != kinds[kind].public_size))
		kind++;
	if (kind == KIND_COUNT)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not a recipient that mail can be sealed to: "
		                  "age1... (X25519) or age1pq1... (hybrid)");
	if (kind == SCEAU_AGE_HYBRID && !sceau_age_mlkem_is_available())
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a hybrid recipient (age1pq1...) needs "
		                  "OpenSSL 3.5");
	memset(recipient_r, 0, sizeof(*recipient_r));
	recipient_r->kind = (enum sceau_age_kind)kind;
	memcpy(recipient_r->key, data, len);
	return 0;
}

void sceau_age_recipient_format(const struct sceau_age_recipient *recipient,
                                char out[SCEAU_AGE_RECIPIENT_TEXT_SIZE])
{
	int ret = sceau_bech32_encode(kinds[recipient->kind].recipient,
	                              recipient->key,
	                              kinds[recipient->kind].public_size, out,
	                              SCEAU_AGE_RECIPIENT_TEXT_SIZE, NULL);

	assert(ret == 0);
	(void)ret;
}

bool sceau_age_recipient_equal(const struct sceau_age_recipient *a,
                               const struct sceau_age_recipient *b)
{
	return a->kind == b->kind &&
	       sodium_memcmp(a->key, b->key, kinds[a->kind].public_size) == 0;
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
                      enum sceau_age_kind kind,
                      const uint8_t secret[SECRET_SIZE], struct sceau_err *err)
{
	struct identity *identity = &set->list[set->count];

	if (set->count == SCEAU_AGE_IDENTITIES_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "more than %d identities",
		                  SCEAU_AGE_IDENTITIES_MAX);
	memset(identity, 0, sizeof(*identity));
	identity->public.kind = kind;
	identity->has_public = true;
	if (kind == SCEAU_AGE_X25519)
		crypto_scalarmult_curve25519_base(identity->public.key, secret);
	else if (!sceau_age_mlkem_is_available())
		identity->has_public = false;
	else if (sceau_age_hybrid_public(secret, identity->public.key, err) < 0)
		return -1;
	memcpy(identity->secret, secret, SECRET_SIZE);
	set->count++;
	return 0;
}

/* Add the identity of one line of text. */
static int add_line(struct sceau_age_identities *set, struct sceau_slice line,
                    struct sceau_err *err)
{
	char prefix[SCEAU_BECH32_PREFIX_MAX + 1];
	uint8_t data[SCEAU_BECH32_DATA_MAX];
	size_t kind = 0;
	size_t len;
	int is_upper;
	int ret;

	if (sceau_bech32_decode(line, prefix, &is_upper, data, sizeof(data),
	                        &len, err) < 0)
		return -1;
	while (kind < KIND_COUNT &&
	       (!is_upper || strcmp(prefix, kinds[kind].identity) != 0 ||
	        len != SECRET_SIZE))
		kind++;
	if (kind == KIND_COUNT)
		ret = sceau_fail(err, SCEAU_FAULT_CONFIG,
		                 "not an identity (AGE-SECRET-KEY-1..., "
		                 "AGE-SECRET-KEY-PQ-1...)");
	else
		ret = add_secret(set, (enum sceau_age_kind)kind, data, err);
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
                                  enum sceau_age_kind kind,
                                  const struct sceau_random *random,
                                  struct sceau_err *err)
{
	uint8_t secret[SECRET_SIZE];

	if (kind == SCEAU_AGE_HYBRID && !sceau_age_mlkem_is_available())
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a hybrid identity needs OpenSSL 3.5");
	if (random->fill(random->context, secret, sizeof(secret)) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no random bytes");
	int ret = add_secret(set, kind, secret, err);
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

int sceau_age_identities_recipient(const struct sceau_age_identities *set,
                                   size_t index,
                                   struct sceau_age_recipient *recipient_r,
                                   struct sceau_err *err)
{
	assert(index < set->count);
	if (!set->list[index].has_public)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a hybrid identity needs OpenSSL 3.5");
	*recipient_r = set->list[index].public;
	return 0;
}

bool sceau_age_identities_has_hybrid(const struct sceau_age_identities *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->list[i].public.kind == SCEAU_AGE_HYBRID)
			return true;
	}
	return false;
}

int sceau_age_identities_format(const struct sceau_age_identities *set,
                                char *out, size_t size, size_t *len_r,
                                struct sceau_err *err)
{
	size_t used = 0;

	if (size < set->count * SCEAU_AGE_IDENTITY_TEXT_SIZE + 1)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "no room for %zu identities", set->count);
	for (size_t i = 0; i < set->count; i++) {
		const struct identity *identity = &set->list[i];
		int ret = sceau_bech32_encode(
			kinds[identity->public.kind].identity, identity->secret,
			SECRET_SIZE, out + used, SCEAU_AGE_IDENTITY_TEXT_SIZE,
			NULL);
		assert(ret == 0);
		(void)ret;
		sceau_bech32_make_upper(out + used);
		used += strlen(out + used);
		out[used++] = '\n'; /* where the NUL was */
	}
	out[used] = '\0';
	*len_r = used;
	return 0;
}

int sceau_age_wrap(const struct sceau_age_recipient *recipient,
                   const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE],
                   const struct sceau_random *random, struct sceau_buf *out,
                   struct sceau_err *err)
{
	if (recipient->kind == SCEAU_AGE_HYBRID)
		return sceau_age_hybrid_wrap(recipient->key, file_key, random,
		                             out, err);
	return sceau_age_x25519_wrap(recipient->key, file_key, random, out,
	                             err);
}

static enum sceau_age_status refuse(const char *reason, struct sceau_err *err)
{
	sceau_fail(err, SCEAU_FAULT_PEER, "%s", reason);
	return SCEAU_AGE_HEADER;
}

static enum sceau_age_status try_x25519(const struct sceau_age_identities *set,
                                        const struct sceau_age_stanza *stanza,
                                        uint8_t *file_key_r,
                                        struct sceau_err *err)
{
	struct sceau_age_x25519 parts;
	enum sceau_age_status status = sceau_age_x25519_read(stanza, &parts,
	                                                     err);

	if (status != SCEAU_AGE_OK)
		return status;
	/* The newest identity first: most mail is sealed to it. */
	for (size_t i = set->count; i > 0; i--) {
		const struct identity *identity = &set->list[i - 1];
		if (identity->public.kind != SCEAU_AGE_X25519)
			continue;
		status = sceau_age_x25519_open(&parts, identity->secret,
		                               identity->public.key, file_key_r,
		                               err);
		if (status != SCEAU_AGE_NO_MATCH)
			return status;
	}
	return SCEAU_AGE_NO_MATCH;
}

/* Without OpenSSL 3.5 a well-formed stanza is NO_MATCH, too. */
static enum sceau_age_status try_hybrid(const struct sceau_age_identities *set,
                                        const struct sceau_age_stanza *stanza,
                                        uint8_t *file_key_r,
                                        struct sceau_err *err)
{
	struct sceau_age_hybrid parts;
	enum sceau_age_status status = sceau_age_hybrid_read(stanza, &parts,
	                                                     err);

	if (status != SCEAU_AGE_OK)
		return status;
	for (size_t i = set->count; i > 0; i--) {
		const struct identity *identity = &set->list[i - 1];
		if (identity->public.kind != SCEAU_AGE_HYBRID ||
		    !identity->has_public)
			continue;
		status = sceau_age_hybrid_open(
			&parts, identity->secret,
			identity->public.key + SCEAU_AGE_MLKEM_PUBLIC_SIZE,
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
	bool is_unsupported = false;

	for (size_t i = 0; i < header->stanza_count; i++) {
		const struct sceau_age_stanza *stanza = &header->stanzas[i];
		enum sceau_age_status status = SCEAU_AGE_NO_MATCH;
		if (sceau_slice_is(stanza->type, "X25519")) {
			status = try_x25519(set, stanza, file_key_r, err);
		} else if (sceau_slice_is(stanza->type, "mlkem768x25519")) {
			status = try_hybrid(set, stanza, file_key_r, err);
			is_unsupported = !sceau_age_mlkem_is_available();
		} else if (sceau_slice_is(stanza->type, "scrypt")) {
			status = try_scrypt(set, header, stanza, file_key_r,
			                    err);
		}
		if (status != SCEAU_AGE_NO_MATCH)
			return status;
	}
	if (is_unsupported) {
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
