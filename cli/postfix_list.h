/* postfix_list.h - lists in Postfix's configuration, and whom they name.
 *
 * A list is words apart by commas or blanks; "{ word, name = value, ... }"
 * counts as one word with options (Postfix 3.0 and later). So
 *   { unix:sceau/mx.sock, default_action=tempfail }
 *   check_policy_service { unix:sceau/policy.sock, timeout=10s }
 *
 * Pure; everything given out points into the text that came in.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_CLI_POSTFIX_LIST_H
#define SCEAU_CLI_POSTFIX_LIST_H

#include <stdbool.h>

#include "base/text.h"

/* One word of a list. */
struct sceau_postfix_word {
	struct sceau_slice text; /* without the braces */
	struct sceau_slice options; /* what follows it within the braces */
};

/* Where Postfix finds a server. */
struct sceau_postfix_peer {
	bool is_unix;
	struct sceau_slice path; /* of a unix socket, as written */
	struct sceau_slice host; /* else: without brackets */
	struct sceau_slice port;
};

/* Take the next word off *rest. Returns false at the end. A brace that is not
   closed reaches to the end. */
bool sceau_postfix_list_next(struct sceau_slice *rest,
                             struct sceau_postfix_word *word_r);

/* Value of the option of that name, in *value_r. Returns false when the word
   has none. */
bool sceau_postfix_word_option(const struct sceau_postfix_word *word,
                               const char *name, struct sceau_slice *value_r);

/* Read unix:PATH, local:PATH, inet:HOST:PORT, inet6:HOST:PORT. Returns false
   when text is none of these. */
bool sceau_postfix_peer_parse(struct sceau_slice text,
                              struct sceau_postfix_peer *peer_r);

/* The host part of a service name: "127.0.0.1" of "127.0.0.1:10025", empty
   when it has none. */
struct sceau_slice sceau_postfix_service_host(const char *name);

/* The port part of a service name: "10025", "submission". */
struct sceau_slice sceau_postfix_service_port(const char *name);

#endif
