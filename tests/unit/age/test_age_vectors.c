/* test_age_vectors.c - the public age test vectors (c2sp.org/CCTV/age).
 *
 * A vector is lines "key: value", an empty line, then the age file, zlib
 * packed when "compressed: zlib". "payload" is the SHA-256 of what a reader
 * releases, also before a failure. Each vector is opened as a stream, cut in
 * several ways, and as a file whose chunks are opened alone from the last to
 * the first. The vectors are not part of the source: see $SCEAU_VECTORS.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <zlib.h>

#include "age/age_armor.h"
#include "age/age_opener.h"
#include "age/age_stream.h"

#define VECTOR_MAX (32 << 20)
#define HASH_SIZE crypto_hash_sha256_BYTES
#define HASH_TEXT_SIZE (2 * HASH_SIZE + 1)

struct vector {
	char expect[40];
	char payload[HASH_TEXT_SIZE]; /* empty: nothing may come out */
	bool is_compressed;
	bool is_armored;
	struct sceau_age_identities *set;
	char *file;
	size_t file_len;
};

static char folder[4096];

static char *read_file(const char *name, size_t *len_r)
{
	char path[sizeof(folder) + 300];
	char *data = malloc(VECTOR_MAX);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *stream = fopen(path, "rb");
	assert_non_null(stream);
	*len_r = fread(data, 1, VECTOR_MAX, stream);
	assert_true(*len_r < VECTOR_MAX);
	fclose(stream);
	return data;
}

static void take_field(struct vector *vector, char *line)
{
	char *value = strstr(line, ": ");

	assert_non_null(value);
	*value = '\0';
	value += 2;
	if (strcmp(line, "expect") == 0)
		snprintf(vector->expect, sizeof(vector->expect), "%s", value);
	else if (strcmp(line, "payload") == 0)
		snprintf(vector->payload, sizeof(vector->payload), "%s", value);
	else if (strcmp(line, "compressed") == 0)
		vector->is_compressed = true;
	else if (strcmp(line, "armored") == 0)
		vector->is_armored = true;
	else if (strcmp(line, "passphrase") == 0)
		assert_int_equal(
			sceau_age_identities_set_passphrase(
				vector->set, sceau_slice_of(value), NULL),
			0);
	else if (strcmp(line, "identity") == 0)
		assert_int_equal(
			sceau_age_identities_parse(vector->set,
		                                   sceau_slice_of(value), NULL),
			0);
}

static void unpack(struct vector *vector)
{
	uLongf len = VECTOR_MAX;
	char *out = malloc(VECTOR_MAX);

	assert_int_equal(uncompress((Bytef *)out, &len, (Bytef *)vector->file,
	                            vector->file_len),
	                 Z_OK);
	free(vector->file);
	vector->file = out;
	vector->file_len = len;
}

static void load(struct vector *vector, const char *name)
{
	size_t len;
	char *data = read_file(name, &len);
	char *line = data;

	memset(vector, 0, sizeof(*vector));
	assert_int_equal(sceau_age_identities_new(&vector->set, NULL), 0);
	while (*line != '\n') {
		char *lf = memchr(line, '\n', len - (size_t)(line - data));
		assert_non_null(lf);
		*lf = '\0';
		take_field(vector, line);
		line = lf + 1;
	}
	line++;
	vector->file_len = len - (size_t)(line - data);
	vector->file = malloc(vector->file_len + 1);
	memcpy(vector->file, line, vector->file_len);
	free(data);
	if (vector->is_compressed)
		unpack(vector);
}

static void unload(struct vector *vector)
{
	sceau_age_identities_free(&vector->set);
	free(vector->file);
}

/* What a reader did with a file. */
struct outcome {
	enum sceau_age_status status;
	char payload[HASH_TEXT_SIZE];
	struct sceau_err err;
};

static void finish_hash(crypto_hash_sha256_state *state, char *text)
{
	uint8_t hash[HASH_SIZE];

	crypto_hash_sha256_final(state, hash);
	sodium_bin2hex(text, HASH_TEXT_SIZE, hash, sizeof(hash));
}

/* The readers of one run: armor, if any, and age behind it. */
struct readers {
	struct sceau_age_dearmorer dearmorer;
	struct sceau_age_opener *opener;
	crypto_hash_sha256_state released;
};

static enum sceau_age_status feed_age(struct readers *readers, const char *data,
                                      size_t len, struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice out;
		size_t used = 0;
		enum sceau_age_status status = sceau_age_opener_put(
			readers->opener, data, len, &used, &out, err);
		if (status < 0)
			return status;
		if (status == SCEAU_AGE_MORE)
			assert_int_equal(used, len);
		crypto_hash_sha256_update(&readers->released,
		                          (const uint8_t *)out.data, out.len);
		data += used;
		len -= used;
	}
	return SCEAU_AGE_OK;
}

static enum sceau_age_status feed_armor(struct readers *readers,
                                        const char *data, size_t len,
                                        struct sceau_err *err)
{
	while (len > 0) {
		struct sceau_slice out;
		size_t used = 0;
		enum sceau_age_status status = sceau_age_dearmor_put(
			&readers->dearmorer, data, len, &used, &out, err);
		if (status == SCEAU_AGE_MORE)
			assert_int_equal(used, len);
		if (status == SCEAU_AGE_OK)
			status = feed_age(readers, out.data, out.len, err);
		if (status < 0)
			return status;
		data += used;
		len -= used;
	}
	return SCEAU_AGE_OK;
}

static enum sceau_age_status feed(struct readers *readers,
                                  const struct vector *vector, size_t step,
                                  struct sceau_err *err)
{
	enum sceau_age_status status = SCEAU_AGE_OK;
	struct sceau_slice out;

	for (size_t pos = 0; pos < vector->file_len && status >= 0;
	     pos += step) {
		size_t len = vector->file_len - pos;
		if (len > step)
			len = step;
		status = vector->is_armored
		                 ? feed_armor(readers, vector->file + pos, len,
		                              err)
		                 : feed_age(readers, vector->file + pos, len,
		                            err);
	}
	if (status >= 0 && vector->is_armored)
		status = sceau_age_dearmor_finish(&readers->dearmorer, err);
	if (status < 0)
		return status;
	status = sceau_age_opener_finish(readers->opener, &out, err);
	crypto_hash_sha256_update(&readers->released, (const uint8_t *)out.data,
	                          out.len);
	return status;
}

static void open_as_stream(const struct vector *vector, size_t step,
                           struct outcome *outcome)
{
	struct readers readers;

	crypto_hash_sha256_init(&readers.released);
	sceau_age_dearmor_init(&readers.dearmorer);
	assert_int_equal(
		sceau_age_opener_new(vector->set, &readers.opener, NULL), 0);
	outcome->status = feed(&readers, vector, step, &outcome->err);
	sceau_age_opener_free(&readers.opener);
	finish_hash(&readers.released, outcome->payload);
}

/* Open every chunk alone, the last one first, as a seeking reader must. */
static enum sceau_age_status open_chunks(const struct vector *vector,
                                         const struct sceau_age_layout *layout,
                                         struct sceau_age_payload *payload,
                                         char *plain, struct sceau_err *err)
{
	for (uint64_t i = layout->chunk_count; i > 0; i--) {
		struct sceau_age_chunk chunk;
		size_t len;
		assert_int_equal(sceau_age_layout_chunk(layout, i - 1, &chunk),
		                 0);
		enum sceau_age_status status = sceau_age_payload_open(
			payload, chunk.index, chunk.is_last,
			(uint8_t *)vector->file + chunk.offset,
			chunk.sealed_size,
			(uint8_t *)plain + chunk.plain_offset, &len, err);
		if (status != SCEAU_AGE_OK)
			return status;
		assert_int_equal(len, chunk.plain_size);
	}
	return SCEAU_AGE_OK;
}

static enum sceau_age_status open_payload(const struct vector *vector,
                                          size_t header_length,
                                          const uint8_t *file_key,
                                          struct outcome *outcome)
{
	struct sceau_age_layout layout;
	struct sceau_age_payload *payload;
	enum sceau_age_status status = sceau_age_layout_init(
		&layout, header_length, vector->file_len, &outcome->err);

	if (status != SCEAU_AGE_OK)
		return status;
	assert_int_equal(
		sceau_age_sealed_size(header_length, layout.plain_size),
		vector->file_len);
	const uint8_t *nonce = (uint8_t *)vector->file + header_length;
	assert_int_equal(
		sceau_age_payload_new(file_key, nonce, false, &payload, NULL),
		0);
	char *plain = malloc(layout.plain_size + 1);
	status = open_chunks(vector, &layout, payload, plain, &outcome->err);
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (uint8_t *)plain, layout.plain_size);
	finish_hash(&state, outcome->payload);
	free(plain);
	sceau_age_payload_free(&payload);
	return status;
}

static void open_by_chunk(const struct vector *vector, struct outcome *outcome)
{
	struct sceau_age_header header;
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];

	outcome->status = sceau_age_header_parse(vector->file, vector->file_len,
	                                         &header, &outcome->err);
	if (outcome->status == SCEAU_AGE_MORE)
		outcome->status = SCEAU_AGE_HEADER;
	if (outcome->status == SCEAU_AGE_OK)
		outcome->status = sceau_age_unwrap(vector->set, &header,
		                                   vector->file, file_key,
		                                   &outcome->err);
	if (outcome->status == SCEAU_AGE_OK)
		outcome->status = open_payload(vector, header.length, file_key,
		                               outcome);
}

/* Compare what happened with what the vector asks for. */
static bool is_right(const struct vector *vector, const char *name,
                     const char *way, const struct outcome *outcome,
                     bool must_match_payload)
{
	static const char *const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae"
					 "41e4649b934ca495991b7852b855";
	const char *got = outcome->status == SCEAU_AGE_OK
	                          ? "success"
	                          : sceau_age_status_name(outcome->status);
	const char *payload = vector->payload;

	if (payload[0] == '\0')
		payload = empty;
	if (strcmp(got, vector->expect) != 0) {
		printf("%s (%s): got %s (%s), want %s\n", name, way, got,
		       outcome->err.text, vector->expect);
		return false;
	}
	if (must_match_payload && strcmp(outcome->payload, payload) != 0) {
		printf("%s (%s): released %s, want %s\n", name, way,
		       outcome->payload, payload);
		return false;
	}
	return true;
}

static bool run_vector(const char *name)
{
	static const size_t steps[] = { 1, 7, 4099, 65552, VECTOR_MAX };
	struct vector vector;
	struct outcome outcome;
	bool ok = true;

	load(&vector, name);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char way[40];
		if (steps[i] < 4096 && vector.file_len > 1 << 20)
			continue;
		/* Each run of scrypt costs up to a second. */
		if (strncmp(name, "scrypt", 6) == 0 && i > 1)
			continue;
		snprintf(way, sizeof(way), "pieces of %zu", steps[i]);
		memset(&outcome, 0, sizeof(outcome));
		open_as_stream(&vector, steps[i], &outcome);
		ok &= is_right(&vector, name, way, &outcome, true);
	}
	memset(&outcome, 0, sizeof(outcome));
	if (!vector.is_armored) {
		open_by_chunk(&vector, &outcome);
		ok &= is_right(&vector, name, "by chunk", &outcome,
		               outcome.status == SCEAU_AGE_OK);
	}
	unload(&vector);
	return ok;
}

/* The kinds of vectors, told by their names. */
enum kind {
	KIND_PLAIN, /* X25519 in binary */
	KIND_ARMOR,
	KIND_SCRYPT,
	KIND_HYBRID, /* need OpenSSL 3.5 */
	KIND_COUNT,
};

static enum kind kind_of(const char *name)
{
	if (strncmp(name, "hybrid", 6) == 0 ||
	    strcmp(name, "armor_hybrid") == 0)
		return KIND_HYBRID;
	if (strncmp(name, "armor", 5) == 0)
		return KIND_ARMOR;
	return strncmp(name, "scrypt", 6) == 0 ? KIND_SCRYPT : KIND_PLAIN;
}

static void run_kind(enum kind kind, int want)
{
	DIR *dir = opendir(folder);
	int count = 0;
	int wrong = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.' || kind_of(entry->d_name) != kind)
			continue;
		count++;
		wrong += !run_vector(entry->d_name);
	}
	closedir(dir);
	printf("%d vectors, %d wrong\n", count, wrong);
	assert_int_equal(count, want);
	assert_int_equal(wrong, 0);
}

/* How many there are of each kind is part of the test: none may get lost. */
static void test_plain(void **state)
{
	(void)state;
	run_kind(KIND_PLAIN, 67);
}

static void test_armor(void **state)
{
	(void)state;
	run_kind(KIND_ARMOR, 32);
}

static void test_scrypt(void **state)
{
	(void)state;
	run_kind(KIND_SCRYPT, 25);
}

static void test_hybrid(void **state)
{
	(void)state;
	if (!sceau_age_mlkem_is_available())
		skip();
	run_kind(KIND_HYBRID, 19);
}

/* Without OpenSSL 3.5: those whose form is wrong are so here, too, and what
   we cannot open is never taken for a damaged file. */
static const struct {
	const char *name;
	enum sceau_age_status want;
} closed[] = {
	{ "armor_hybrid", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_and_x25519", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_bad_tag", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_currupted_enc_mlkem", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_currupted_enc_x25519", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_extra_argument", SCEAU_AGE_HEADER },
	{ "hybrid_grease", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_identity", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_long_file_key", SCEAU_AGE_HEADER },
	{ "hybrid_long_share", SCEAU_AGE_HEADER },
	{ "hybrid_low_order", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_multiple_recipients", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_no_match", SCEAU_AGE_UNSUPPORTED },
	{ "hybrid_not_canonical_body", SCEAU_AGE_HEADER },
	{ "hybrid_not_canonical_enc", SCEAU_AGE_HEADER },
	{ "hybrid_short_share", SCEAU_AGE_HEADER },
	{ "hybrid_uppercase", SCEAU_AGE_NO_MATCH },
	{ "hybrid_x25519_arg", SCEAU_AGE_HEADER },
};

static void test_hybrid_closed(void **state)
{
	(void)state;
	if (sceau_age_mlkem_is_available())
		skip();
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		struct vector vector;
		struct outcome outcome = { .status = SCEAU_AGE_OK };
		load(&vector, closed[i].name);
		open_as_stream(&vector, VECTOR_MAX, &outcome);
		if (outcome.status != closed[i].want)
			fail_msg("%s: got %s (%s)", closed[i].name,
			         sceau_age_status_name(outcome.status),
			         outcome.err.text);
		if (outcome.status == SCEAU_AGE_UNSUPPORTED)
			assert_non_null(
				strstr(outcome.err.text, "OpenSSL 3.5"));
		unload(&vector);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_armor),
		cmocka_unit_test(test_scrypt),
		cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_hybrid_closed),
	};
	const char *vectors = getenv("SCEAU_VECTORS");

	snprintf(folder, sizeof(folder), "%s/age",
	         vectors != NULL ? vectors : ".");
	DIR *dir = opendir(folder);
	if (dir == NULL) {
		printf("skipped: no age vectors in %s\n", folder);
		return 77;
	}
	closedir(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
