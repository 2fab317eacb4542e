/* session.h - what sceau-milter knows of one connection and of its mail.
 *
 * Free of libmilter: callbacks.c fills it in, the roles decide on it. One
 * session lives in libmilter's private pointer of a connection; its callbacks
 * run one after the other, but on different threads.
 *
 * Postfix sends no abort between two mails of one connection, so everything
 * about a mail is forgotten when the next one begins.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_MILTER_SESSION_H
#define SCEAU_MILTER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sign_rule.h"
#include "base/err.h"
#include "base/ip.h"
#include "mail/header.h"
#include "mail/header_cleanup.h"
#include "rules.h"
#include "verdict.h"

/* Texts of a session are for the log and for comparing; longer ones are
   cut. */
#define SCEAU_SESSION_TEXT_SIZE 320

/* What the sign role has decided on a mail. */
struct sceau_sign_mail {
	enum sceau_sign_verdict verdict;
	enum sceau_header_cleanup_verdict cleanup;
	bool is_cleaned; /* rules were applied */
	unsigned gave_up_line; /* of the first rule that could not; 0: none */
	char domain[SCEAU_SIGN_DOMAIN_SIZE]; /* of From, "" when unknown */
	/* rules->keys own them */
	const struct sceau_dkim_key *keys[SCEAU_DKIM_SIGNERS_MAX];
	size_t key_count;
	struct sceau_dkim_sign *sign; /* NULL: not signing (any more) */
	char refusal[120]; /* what the mail itself forbids, "" = nothing */
};

struct sceau_mx_checks;
struct sceau_services;

/* What the mx role has done to a mail. */
struct sceau_mx_mail {
	size_t stripped; /* forged fields taken out */
	const char *exempt; /* why it is not checked; NULL: it is */
	struct sceau_mx_checks *checks; /* NULL when it is exempt */
};

/* One mail. */
struct sceau_mail {
	struct sceau_rules *rules; /* one reference; NULL = no mail */
	uint64_t began_ms;
	char queue_id[64];
	char sender[SCEAU_SESSION_TEXT_SIZE]; /* without <>; "" = null */
	char recipient[SCEAU_SESSION_TEXT_SIZE]; /* the first, likewise */
	size_t recipients; /* accepted by the MTA so far */
	char user[SCEAU_SESSION_TEXT_SIZE]; /* {auth_authen} */
	bool has_early_id;
	struct sceau_header header;
	bool has_failed; /* err tells why; nothing more is decided */
	struct sceau_err err;
	struct sceau_verdict verdict; /* good when the role has ended it */
	struct sceau_sign_mail sign;
	struct sceau_mx_mail mx;
};

/* One connection. */
struct sceau_session {
	const struct sceau_services *services; /* of the process */
	bool has_leading_space; /* values come and go with their blank */
	bool has_no_port; /* the client's port is 0 */
	unsigned long no_reply; /* SMFIP_NR_...: events not answered */
	bool has_ip;
	struct sceau_ip ip; /* the client's */
	char helo[SCEAU_SESSION_TEXT_SIZE]; /* the last one said */
	char client[SCEAU_SESSION_TEXT_SIZE]; /* name[address] */
	char daemon_name[128]; /* {daemon_name} */
	char host[256]; /* macro j: the MTA's name */
	struct sceau_mail mail;
};

/* A new session; NULL when memory ran out. */
struct sceau_session *sceau_session_new(void);

/* Release *session and set it to NULL; NULL is accepted. */
void sceau_session_free(struct sceau_session **session);

/* Copy text (NULL counts as "") into out[size], cut at its size. */
void sceau_session_text(const char *text, char *out, size_t size);

/* A mail begins: forget the one before and take over the reference to rules.
   sender is the argument of MAIL FROM, with or without angle brackets. */
void sceau_session_begin(struct sceau_session *session,
                         struct sceau_rules *rules, const char *sender);

/* The mail has one more recipient: the argument of RCPT TO, with or without
   angle brackets. The first is kept, for the log. */
void sceau_session_add_recipient(struct sceau_session *session,
                                 const char *recipient);

/* The mail ended or was given up: forget all of it. Calling it without a mail
   changes nothing. */
void sceau_session_reset(struct sceau_session *session);

/* Add a header field as libmilter gives it. A failure is remembered in the
   mail and decided on at its end. */
void sceau_session_add_field(struct sceau_session *session, const char *name,
                             const char *value);

/* Remember that the mail cannot be decided on; the first reason counts. */
void sceau_session_fail(struct sceau_session *session,
                        const struct sceau_err *err);

#endif
