/* state_record.h - how a record that outlives the process is written down.
 *
 * On disk, as the value of a key:
 *
 *     8 bytes   when it expires, nanoseconds, least byte first
 *     n bytes   the value
 *     8 bytes   SipHash-2-4 (with a public key: against damage, not against
 *               people) of table, key, expiry and value
 *
 * Between a daemon and the child that keeps its file, as messages:
 *
 *     1 byte kind, 1 byte table, 2 bytes length of the key, 4 bytes length of
 *     the value, 8 bytes expiry, key, value; least byte first
 *
 * Pure: bytes in, values out. Everything read may be damaged.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_STATE_RECORD_H
#define SCEAU_STATE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* LMDB takes no longer key. */
#define SCEAU_STATE_KEY_MAX 511
#define SCEAU_STATE_VALUE_MAX 4096
#define SCEAU_STATE_TABLES_MAX 8

/* What stands on disk around a value. */
#define SCEAU_STATE_AROUND 16
#define SCEAU_STATE_STORED_SIZE (SCEAU_STATE_VALUE_MAX + SCEAU_STATE_AROUND)

/* One record; key and value are borrowed. */
struct sceau_state_record {
	unsigned table; /* < SCEAU_STATE_TABLES_MAX, the owner's number */
	const void *key;
	size_t key_len; /* 1 to SCEAU_STATE_KEY_MAX */
	uint64_t expires_ns; /* from then on as if it were not there */
	const void *value;
	size_t value_len; /* at most SCEAU_STATE_VALUE_MAX */
};

/* Write what stands on disk under record's key to out. Returns its length. */
size_t sceau_state_record_write(const struct sceau_state_record *record,
                                uint8_t out[SCEAU_STATE_STORED_SIZE]);

/* Read what stood on disk under key in table. record_r borrows from both.
   Returns -1 (record_r untouched) when it is not what was written. */
int sceau_state_record_read(unsigned table, const void *key, size_t key_len,
                            const void *stored, size_t stored_len,
                            struct sceau_state_record *record_r);

/* What a message says; its fields beyond those named are zero. */
enum sceau_state_message {
	/* Daemon to child. */
	SCEAU_STATE_PUT = 1, /* keep this record */
	SCEAU_STATE_DELETE, /* table, key: keep it no longer */
	SCEAU_STATE_COMMIT, /* make all since the last one durable; expires_ns
	                       is the time */
	/* Child to daemon. */
	SCEAU_STATE_TIME, /* expires_ns: the time when the file was written */
	SCEAU_STATE_RECORD, /* a record that was in the file */
	SCEAU_STATE_LOADED, /* that were all of them */
	SCEAU_STATE_READY, /* commits can follow; expires_ns: size of the file
	                    */
	SCEAU_STATE_DONE, /* the commit is durable; expires_ns: size of file */
	SCEAU_STATE_DAMAGED, /* value: why the file cannot be used, a text */
	SCEAU_STATE_FAILED, /* value: why nothing can be written, a text */
};

/* Append a message to out. Returns as sceau_buf_append. */
int sceau_state_message_write(struct sceau_buf *out,
                              enum sceau_state_message kind,
                              const struct sceau_state_record *record);

/* Read the message that data[0..len) begins with. Returns 1 and fills the
   outputs (record_r borrows from data, *used_r is the message's length), 0
   when more bytes are needed, -1 when it is no message. */
int sceau_state_message_read(const char *data, size_t len,
                             enum sceau_state_message *kind_r,
                             struct sceau_state_record *record_r,
                             size_t *used_r);

#endif
