/* test_state_record.c - what is read is what was written, or nothing
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/state_record.h"

static char long_key[SCEAU_STATE_KEY_MAX];
static char long_value[SCEAU_STATE_VALUE_MAX];

static const struct sceau_state_record records[] = {
	{ 0, "k", 1, 0, "", 0 },
	{ 1, "account:user@example.org", 24, 1800000000000000000ULL, "value",
	  5 },
	{ 2, "\0\0", 2, UINT64_MAX, "\0\xff\0", 3 },
	{ 7, long_key, sizeof(long_key), 1, long_value, sizeof(long_value) },
	{ 3, long_key, sizeof(long_key), 256, NULL, 0 },
};

#define COUNT (sizeof(records) / sizeof(records[0]))

static void expect_same(const struct sceau_state_record *got,
                        const struct sceau_state_record *want)
{
	assert_int_equal(got->table, want->table);
	assert_int_equal(got->key_len, want->key_len);
	assert_memory_equal(got->key, want->key, want->key_len);
	assert_true(got->expires_ns == want->expires_ns);
	assert_int_equal(got->value_len, want->value_len);
	if (want->value_len > 0)
		assert_memory_equal(got->value, want->value, want->value_len);
}

static void test_stored(void **state)
{
	uint8_t stored[SCEAU_STATE_STORED_SIZE];
	struct sceau_state_record got;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const struct sceau_state_record *want = &records[i];
		size_t len = sceau_state_record_write(want, stored);

		assert_int_equal(len, want->value_len + SCEAU_STATE_AROUND);
		assert_int_equal(sceau_state_record_read(want->table, want->key,
		                                         want->key_len, stored,
		                                         len, &got),
		                 0);
		expect_same(&got, want);
	}
}

/* One flipped bit anywhere, a byte more or less, another key or table: it is
   no record. */
static void test_damage(void **state)
{
	const struct sceau_state_record *want = &records[1];
	uint8_t stored[SCEAU_STATE_STORED_SIZE + 1];
	struct sceau_state_record got = { .table = 99 };
	size_t len = sceau_state_record_write(want, stored);
	char key[64];

	(void)state;
	for (size_t bit = 0; bit < 8 * len; bit++) {
		stored[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(sceau_state_record_read(want->table, want->key,
		                                         want->key_len, stored,
		                                         len, &got),
		                 -1);
		stored[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * want->key_len; bit++) {
		memcpy(key, want->key, want->key_len);
		key[bit / 8] ^= (char)(1U << bit % 8);
		assert_int_equal(sceau_state_record_read(want->table, key,
		                                         want->key_len, stored,
		                                         len, &got),
		                 -1);
	}
	for (size_t cut = 0; cut <= sizeof(stored); cut++) {
		if (cut == len)
			continue;
		assert_int_equal(sceau_state_record_read(want->table, want->key,
		                                         want->key_len, stored,
		                                         cut, &got),
		                 -1);
	}
	assert_int_equal(sceau_state_record_read(want->table + 1, want->key,
	                                         want->key_len, stored, len,
	                                         &got),
	                 -1);
	assert_int_equal(sceau_state_record_read(want->table, want->key, 0,
	                                         stored, len, &got),
	                 -1);
	assert_int_equal(sceau_state_record_read(want->table, long_key, 512,
	                                         stored, len, &got),
	                 -1);
	assert_int_equal(got.table, 99);
}

/* All messages in one stream, offered in pieces of every size. */
static void test_messages(void **state)
{
	struct sceau_buf wire;

	(void)state;
	sceau_buf_init(&wire, 65536);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(
			sceau_state_message_write(
				&wire,
				(enum sceau_state_message)(SCEAU_STATE_PUT + i),
				&records[i]),
			0);
	for (size_t piece = 1; piece <= wire.used; piece += piece / 8 + 1) {
		size_t pos = 0, have = 0, seen = 0, used;
		enum sceau_state_message kind;
		struct sceau_state_record got;

		while (seen < COUNT) {
			have = have + piece < wire.used ? have + piece
			                                : wire.used;
			while (sceau_state_message_read(wire.data + pos,
			                                have - pos, &kind, &got,
			                                &used) > 0) {
				assert_int_equal(kind, SCEAU_STATE_PUT + seen);
				expect_same(&got, &records[seen++]);
				pos += used;
			}
		}
		assert_int_equal(pos, wire.used);
	}
	sceau_buf_deinit(&wire);
}

static const struct {
	const char *what;
	uint8_t head[16];
} nonsense[] = {
	{ "kind 0", { 0 } },
	{ "kind too great", { SCEAU_STATE_FAILED + 1 } },
	{ "table too great", { 1, SCEAU_STATE_TABLES_MAX } },
	{ "key too long", { 1, 0, 0, 2 } },
	{ "value too long", { 1, 0, 0, 0, 1, 16 } },
	{ "value far too long", { 1, 0, 0, 0, 0, 0, 0, 128 } },
};

static void test_nonsense(void **state)
{
	enum sceau_state_message kind;
	struct sceau_state_record got;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		const char *head = (const char *)nonsense[i].head;

		if (sceau_state_message_read(head, 16, &kind, &got, &used) !=
		    -1)
			fail_msg("%s: was read", nonsense[i].what);
		assert_int_equal(
			sceau_state_message_read(head, 15, &kind, &got, &used),
			0);
	}
}

/* What does not fit leaves no half message. */
static void test_full_buffer(void **state)
{
	struct sceau_buf wire;

	(void)state;
	sceau_buf_init(&wire, 64);
	assert_int_equal(
		sceau_state_message_write(&wire, SCEAU_STATE_PUT, &records[1]),
		0);
	size_t used = wire.used;
	assert_int_equal(
		sceau_state_message_write(&wire, SCEAU_STATE_PUT, &records[1]),
		-1);
	assert_int_equal(wire.used, used);
	sceau_buf_deinit(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_full_buffer),
	};

	memset(long_key, 'k', sizeof(long_key));
	memset(long_value, 'v', sizeof(long_value));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
