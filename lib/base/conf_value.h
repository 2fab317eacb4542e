/* conf_value.h - the value of one setting: read it, compare it, store it.
 *
 * Private to conf.c. Reasons here carry neither file nor key: the parser puts
 * them in front.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CONF_VALUE_H
#define SCEAU_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"

/* A value that was read; which members count depends on the type. Zeroed, it
   is empty and may be deinitialised. */
struct sceau_conf_value {
	const char *text; /* what it was read from; not owned */
	uint64_t number; /* number, seconds, bytes, choice index, 0 or 1 */
	char *words; /* list: the items' bytes, owned */
	const char **items; /* list: owned */
	size_t count;
};

/* Read text as key's type asks and check its bounds. value_r must be empty; it
   keeps a pointer to text. Returns -1 with FAULT_CONFIG and the reason, or
   FAULT_TEMP when memory ran out; value_r is then still empty. */
int sceau_conf_value_parse(const struct sceau_conf_key *key, const char *text,
                           struct sceau_conf_value *value_r,
                           struct sceau_err *err);

/* Whether both, read for the same key, mean the same (60s and 1m do). */
bool sceau_conf_value_equal(const struct sceau_conf_key *key,
                            const struct sceau_conf_value *a,
                            const struct sceau_conf_value *b);

/* Store value in the member that key describes. The member then points into
   value and the text it was read from. */
void sceau_conf_value_write(const struct sceau_conf_key *key,
                            const struct sceau_conf_value *value,
                            void *settings);

/* Release what value owns; it is empty again. */
void sceau_conf_value_deinit(struct sceau_conf_value *value);

#endif
