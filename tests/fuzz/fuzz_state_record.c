/* fuzz_state_record.c - a store file's records, and the messages beside it
 *
 * What is accepted is written again as the same bytes; a stream of messages
 * gives the same in any pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "daemon/state_record.h"
#include "fuzz/fuzz.h"

/* The input as table, length of the key, key, stored value. */
static void try_stored(const uint8_t *data, size_t size)
{
	uint8_t stored[SCEAU_STATE_STORED_SIZE];
	struct sceau_state_record record;
	size_t key_len;

	if (size < 2)
		return;
	key_len = data[1] < size - 2 ? data[1] : size - 2;
	if (sceau_state_record_read(data[0], data + 2, key_len,
	                            data + 2 + key_len, size - 2 - key_len,
	                            &record) < 0)
		return;
	REQUIRE(record.value_len <= SCEAU_STATE_VALUE_MAX);
	size_t len = sceau_state_record_write(&record, stored);
	REQUIRE(len == size - 2 - key_len);
	REQUIRE(memcmp(stored, data + 2 + key_len, len) == 0);
}

/* Whole messages of data[0..size), and where they end. Each is copied so that
   reading beyond it is seen. */
static size_t read_all(const uint8_t *data, size_t size, size_t *end_r)
{
	enum sceau_state_message kind;
	struct sceau_state_record record;
	size_t pos = 0, used, count = 0;

	for (;;) {
		char *copy = malloc(size - pos + 1);

		if (copy == NULL)
			abort();
		memcpy(copy, data + pos, size - pos);
		int ret = sceau_state_message_read(copy, size - pos, &kind,
		                                   &record, &used);
		if (ret > 0) {
			REQUIRE(used <= size - pos);
			REQUIRE(record.key_len <= SCEAU_STATE_KEY_MAX);
			REQUIRE(record.table < SCEAU_STATE_TABLES_MAX);
		}
		free(copy);
		if (ret <= 0)
			break;
		pos += used;
		count++;
	}
	*end_r = pos;
	return count;
}

static void try_messages(const uint8_t *data, size_t size)
{
	size_t end, part_end, count = read_all(data, size, &end);

	/* A shorter input has the same messages, fewer of them. */
	for (size_t cut = 0; cut <= size; cut += cut / 4 + 1) {
		REQUIRE(read_all(data, cut, &part_end) <= count);
		REQUIRE(part_end <= end && part_end <= cut);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_stored(data, size);
	try_messages(data, size);
	return 0;
}
