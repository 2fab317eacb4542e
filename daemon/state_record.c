/* state_record.c - see state_record.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "daemon/state_record.h"

#define EXPIRY_SIZE 8
#define CHECK_SIZE crypto_shorthash_siphash24_BYTES
#define HEAD_SIZE 16

_Static_assert(SCEAU_STATE_AROUND == EXPIRY_SIZE + CHECK_SIZE,
               "what stands around a value");

static void put_number(uint8_t *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const uint8_t *data, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)data[i] << (8 * i);
	return value;
}

/* The check of a record whose expiry and value stand in data[0..len). */
static void check_of(unsigned table, const void *key, size_t key_len,
                     const uint8_t *data, size_t len, uint8_t out[CHECK_SIZE])
{
	static const uint8_t public_key[] = "sceau: a record";
	uint8_t text[1 + SCEAU_STATE_KEY_MAX + EXPIRY_SIZE +
	             SCEAU_STATE_VALUE_MAX];

	_Static_assert(sizeof(public_key) ==
	                       crypto_shorthash_siphash24_KEYBYTES,
	               "16 bytes");
	text[0] = (uint8_t)table;
	memcpy(text + 1, key, key_len);
	memcpy(text + 1 + key_len, data, len);
	crypto_shorthash_siphash24(out, text, 1 + key_len + len, public_key);
}

size_t sceau_state_record_write(const struct sceau_state_record *record,
                                uint8_t out[SCEAU_STATE_STORED_SIZE])
{
	size_t len = EXPIRY_SIZE + record->value_len;

	assert(record->key_len > 0 && record->key_len <= SCEAU_STATE_KEY_MAX);
	assert(record->value_len <= SCEAU_STATE_VALUE_MAX);
	put_number(out, record->expires_ns, EXPIRY_SIZE);
	if (record->value_len > 0)
		memcpy(out + EXPIRY_SIZE, record->value, record->value_len);
	check_of(record->table, record->key, record->key_len, out, len,
	         out + len);
	return len + CHECK_SIZE;
}

int sceau_state_record_read(unsigned table, const void *key, size_t key_len,
                            const void *stored, size_t stored_len,
                            struct sceau_state_record *record_r)
{
	const uint8_t *data = stored;
	uint8_t check[CHECK_SIZE];

	if (key_len == 0 || key_len > SCEAU_STATE_KEY_MAX ||
	    stored_len < SCEAU_STATE_AROUND ||
	    stored_len > SCEAU_STATE_STORED_SIZE)
		return -1;
	size_t len = stored_len - CHECK_SIZE;
	check_of(table, key, key_len, data, len, check);
	if (memcmp(check, data + len, CHECK_SIZE) != 0)
		return -1;
	record_r->table = table;
	record_r->key = key;
	record_r->key_len = key_len;
	record_r->expires_ns = get_number(data, EXPIRY_SIZE);
	record_r->value = data + EXPIRY_SIZE;
	record_r->value_len = len - EXPIRY_SIZE;
	return 0;
}

int sceau_state_message_write(struct sceau_buf *out,
                              enum sceau_state_message kind,
                              const struct sceau_state_record *record)
{
	uint8_t head[HEAD_SIZE];

	head[0] = (uint8_t)kind;
	head[1] = (uint8_t)record->table;
	put_number(head + 2, record->key_len, 2);
	put_number(head + 4, record->value_len, 4);
	put_number(head + 8, record->expires_ns, 8);
	size_t before = out->used;
	if (sceau_buf_append(out, head, sizeof(head)) == 0 &&
	    sceau_buf_append(out, record->key, record->key_len) == 0 &&
	    sceau_buf_append(out, record->value, record->value_len) == 0)
		return 0;
	/* No half message: contents are as before. */
	out->used = before;
	return -1;
}

int sceau_state_message_read(const char *data, size_t len,
                             enum sceau_state_message *kind_r,
                             struct sceau_state_record *record_r,
                             size_t *used_r)
{
	const uint8_t *head = (const uint8_t *)data;

	if (len < HEAD_SIZE)
		return 0;
	size_t key_len = (size_t)get_number(head + 2, 2);
	size_t value_len = (size_t)get_number(head + 4, 4);
	if (head[0] < SCEAU_STATE_PUT || head[0] > SCEAU_STATE_FAILED ||
	    head[1] >= SCEAU_STATE_TABLES_MAX ||
	    key_len > SCEAU_STATE_KEY_MAX || value_len > SCEAU_STATE_VALUE_MAX)
		return -1;
	if (len - HEAD_SIZE < key_len + value_len)
		return 0;
	*kind_r = (enum sceau_state_message)head[0];
	record_r->table = head[1];
	record_r->key = data + HEAD_SIZE;
	record_r->key_len = key_len;
	record_r->expires_ns = get_number(head + 8, 8);
	record_r->value = data + HEAD_SIZE + key_len;
	record_r->value_len = value_len;
	*used_r = HEAD_SIZE + key_len + value_len;
	return 1;
}
