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

#include "age/age_opener.h"
#include "age/age_stream.h"

#define VECTOR_MAX (32 << 20)
/* How many vectors there are of the types we open: none may be left out. */
#define EXPECTED_COUNT 67
#define HASH_SIZE crypto_hash_sha256_BYTES
#define HASH_TEXT_SIZE (2 * HASH_SIZE + 1)

struct vector {
	char expect[40];
	char payload[HASH_TEXT_SIZE]; /* empty: nothing may come out */
	bool is_compressed;
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

static enum sceau_age_status feed(struct sceau_age_opener *opener,
                                  const struct vector *vector, size_t step,
                                  crypto_hash_sha256_state *state,
                                  struct sceau_err *err)
{
	struct sceau_slice out;
	size_t pos = 0;

	while (pos < vector->file_len) {
		size_t len = vector->file_len - pos;
		size_t used = 0;
		if (len > step)
			len = step;
		enum sceau_age_status status = sceau_age_opener_put(
			opener, vector->file + pos, len, &used, &out, err);
		if (status < 0)
			return status;
		if (status == SCEAU_AGE_MORE)
			assert_int_equal(used, len);
		pos += used;
		crypto_hash_sha256_update(state, (const uint8_t *)out.data,
		                          out.len);
	}
	enum sceau_age_status status = sceau_age_opener_finish(opener, &out,
	                                                       err);
	crypto_hash_sha256_update(state, (const uint8_t *)out.data, out.len);
	return status;
}

static void open_as_stream(const struct vector *vector, size_t step,
                           struct outcome *outcome)
{
	struct sceau_age_opener *opener;
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	assert_int_equal(sceau_age_opener_new(vector->set, &opener, NULL), 0);
	outcome->status = feed(opener, vector, step, &state, &outcome->err);
	sceau_age_opener_free(&opener);
	finish_hash(&state, outcome->payload);
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
		snprintf(way, sizeof(way), "pieces of %zu", steps[i]);
		memset(&outcome, 0, sizeof(outcome));
		open_as_stream(&vector, steps[i], &outcome);
		ok &= is_right(&vector, name, way, &outcome, true);
	}
	memset(&outcome, 0, sizeof(outcome));
	open_by_chunk(&vector, &outcome);
	ok &= is_right(&vector, name, "by chunk", &outcome,
	               outcome.status == SCEAU_AGE_OK);
	unload(&vector);
	return ok;
}

static bool is_ours(const char *name)
{
	return name[0] != '.' && strncmp(name, "armor", 5) != 0 &&
	       strncmp(name, "scrypt", 6) != 0 &&
	       strncmp(name, "hybrid", 6) != 0;
}

static void test_vectors(void **state)
{
	DIR *dir = opendir(folder);
	int count = 0;
	int wrong = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (!is_ours(entry->d_name))
			continue;
		count++;
		wrong += !run_vector(entry->d_name);
	}
	closedir(dir);
	printf("%d vectors, %d wrong\n", count, wrong);
	assert_int_equal(count, EXPECTED_COUNT);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors) };
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
