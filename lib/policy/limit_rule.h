/* limit_rule.h - the rules of /etc/sceau/limits.
 *
 * One rule a line:
 *
 *   NAME KEY UNIT N/PERIOD [burst=N] [match=PATTERN] [action=450] [dry-run]
 *
 * e.g. "daily account recipients 500/1d burst=100". Empty lines and lines
 * whose first byte that is no blank is '#' count for nothing. What a rule
 * means when a message comes is the matter of limit_charge.h.
 *
 * burst is how many units pass at once after a quiet time; N/PERIOD is how
 * fast they come back, evenly (rate.h). Without burst= it is N: N units at
 * once, the next one PERIOD/N later.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_LIMIT_RULE_H
#define SCEAU_LIMIT_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "policy/rate.h"

#define SCEAU_LIMIT_RULES_MAX 1000
#define SCEAU_LIMIT_NAME_SIZE 33
#define SCEAU_LIMIT_PERIOD_SIZE 12
#define SCEAU_LIMIT_PATTERN_SIZE 129
#define SCEAU_LIMIT_FILE_MAX (1U << 20)

/* What a rule counts apart. */
enum sceau_limit_key {
	SCEAU_LIMIT_ACCOUNT, /* the SASL login */
	SCEAU_LIMIT_SENDER_DOMAIN, /* the domain of MAIL FROM */
	SCEAU_LIMIT_CLIENT_NETWORK, /* the client's IPv4 /24 or IPv6 /64 */
};

/* What one message costs. */
enum sceau_limit_unit {
	SCEAU_LIMIT_MESSAGES, /* 1 */
	SCEAU_LIMIT_RECIPIENTS, /* its accepted recipients */
};

struct sceau_limit_rule {
	char name[SCEAU_LIMIT_NAME_SIZE]; /* a-z 0-9 - _ */
	enum sceau_limit_key key;
	enum sceau_limit_unit unit;
	uint64_t count;
	char period[SCEAU_LIMIT_PERIOD_SIZE]; /* as written, "1d" */
	struct sceau_rate rate; /* with the burst */
	char match[SCEAU_LIMIT_PATTERN_SIZE]; /* lower case, "" = all */
	unsigned code; /* 450 or 452 */
	bool dry_run; /* only say what it would refuse */
	unsigned line;
};

/* The rules of one file, in its order. */
struct sceau_limit_rules {
	struct sceau_limit_rule *rule;
	size_t count;
};

/* Read a whole limits file: text[len], called file in errors. Returns 0, or
   -1 with "file:line: reason" in err: FAULT_CONFIG for whatever is wrong in
   the text (an unknown word gets its nearest right one, a name that came
   before is refused, the file may have SCEAU_LIMIT_FILE_MAX bytes and
   SCEAU_LIMIT_RULES_MAX rules), FAULT_TEMP when there is no memory. Release
   rules_r by sceau_limit_rules_deinit. */
int sceau_limit_rules_parse(const char *text, size_t len, const char *file,
                            struct sceau_limit_rules *rules_r,
                            struct sceau_err *err);

/* Release the rules; they are then as those of an empty file. */
void sceau_limit_rules_deinit(struct sceau_limit_rules *rules);

/* The word of the file for a key: "sender-domain". Never NULL. */
const char *sceau_limit_key_word(enum sceau_limit_key key);

/* The word of the file for a unit: "recipients". Never NULL. */
const char *sceau_limit_unit_word(enum sceau_limit_unit unit);

#endif
