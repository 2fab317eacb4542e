/* spf_state.h - the inside of the SPF machine; for the rooms spf_*.c alone.
 *
 * The machine is a stack of records: the one of the domain that is checked and
 * above it those that include one another; a redirect puts another record in
 * the place of one. Work is done on the uppermost record's current term. What
 * a term must know is asked for, and when the answer is there the same step is
 * taken again and finds it: so no step has to remember where it stopped.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_STATE_H
#define SCEAU_SPF_STATE_H

#include "auth/spf.h"
#include "auth/spf_macro.h"
#include "auth/spf_record.h"
#include "base/buf.h"

/* The text of a TXT record: what fits a DNS message. */
#define SCEAU_SPF_RECORD_MAX 65535

/* What the open question is about. */
enum sceau_spf_asking {
	SCEAU_SPF_ASKING_NOTHING = 0,
	SCEAU_SPF_ASKING_RECORD,
	SCEAU_SPF_ASKING_ADDRESS, /* of an "a" */
	SCEAU_SPF_ASKING_EXISTS,
	SCEAU_SPF_ASKING_MX,
	SCEAU_SPF_ASKING_MX_HOST,
	SCEAU_SPF_ASKING_PTR,
	SCEAU_SPF_ASKING_PTR_HOST,
	SCEAU_SPF_ASKING_EXPLANATION,
};

/* How a step went. */
enum sceau_spf_step {
	SCEAU_SPF_WAIT = 0, /* a question is open, or the check has ended */
	SCEAU_SPF_NO,
	SCEAU_SPF_YES,
};

/* One record that is being read. */
struct sceau_spf_frame {
	char domain[SCEAU_SPF_DOMAIN_MAX + 1];
	struct sceau_buf record;
	struct sceau_spf_modifiers modifiers;
	struct sceau_slice rest; /* terms to come */
	bool is_start; /* of the domain itself: having none is no error */
	bool has_term; /* what follows is about it */
	struct sceau_spf_term term;
	bool has_name; /* its target was worked out, whatever came of it */
	bool is_name; /* and is a name: */
	char name[SCEAU_SPF_DOMAIN_MAX + 1];
	enum sceau_spf_step verdict; /* WAIT: not known yet */
};

/* A name of the client's address and what became of it. */
struct sceau_spf_validated {
	char name[SCEAU_SPF_DOMAIN_MAX + 1];
	enum sceau_spf_step verdict; /* does it lead back? */
};

struct sceau_spf {
	struct sceau_spf_result result;
	bool is_done;
	bool is_explaining; /* code is FAIL, its explanation is looked for */
	struct sceau_ip ip;
	struct sceau_spf_macro_values values; /* but domain and validated */
	/* what they point to */
	char sender[SCEAU_SPF_MACRO_VALUE_MAX + 1];
	char local_part[SCEAU_SPF_MACRO_VALUE_MAX + 1];
	char sender_domain[SCEAU_SPF_DOMAIN_MAX + 1];
	char helo[SCEAU_SPF_MACRO_VALUE_MAX + 1];
	char receiver[SCEAU_SPF_DOMAIN_MAX + 1];
	char ip_dots[SCEAU_IP_NAME_MAX];
	char ip_text[SCEAU_IP_TEXT_MAX];
	char timestamp[24];
	char validated[SCEAU_SPF_DOMAIN_MAX + 1];

	struct sceau_spf_frame *frames[SCEAU_SPF_TERMS_MAX + 1];
	unsigned depth; /* frames in use, at least one until the end */

	enum sceau_spf_asking asking;
	bool is_asked; /* the driver has taken the question */
	unsigned id;
	enum sceau_dns_type type;
	char question[SCEAU_DNS_NAME_SIZE];

	/* Hosts of the MX term at hand, each once. */
	bool has_hosts;
	size_t host_count, host_next;
	char hosts[SCEAU_SPF_NAMES_MAX][SCEAU_DNS_NAME_SIZE];
	/* Names of the client's address, asked for once a check. */
	bool has_names;
	size_t name_count, name_at;
	struct sceau_spf_validated names[SCEAU_SPF_NAMES_MAX];

	bool has_text;
	struct sceau_buf text; /* of the explanation */
};

/* The uppermost record. */
static inline struct sceau_spf_frame *sceau_spf_top(struct sceau_spf *spf)
{
	return spf->frames[spf->depth - 1];
}

/* Open the first record, that of the domain which is checked. */
void sceau_spf_begin(struct sceau_spf *spf, const char *domain);

/* Remember which term of the uppermost record decided. */
void sceau_spf_put_term(struct sceau_spf *spf, struct sceau_slice text);

/* End the check with that result and no explanation. */
void sceau_spf_end(struct sceau_spf *spf, enum sceau_spf_code code);

/* End the check with an error; the reason is printf-style. */
void sceau_spf_end_error(struct sceau_spf *spf, enum sceau_spf_code code,
                         const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* End it with TEMPERROR because the open question was not answered. */
void sceau_spf_end_unanswered(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer);

/* Open a question. name is text as in a question when is_escaped (read from a
   record), else a raw name of macro expansion. Where no more may be asked it
   ends the check. Returns SCEAU_SPF_WAIT. */
enum sceau_spf_step sceau_spf_open(struct sceau_spf *spf,
                                   enum sceau_spf_asking asking,
                                   const char *name, bool is_escaped,
                                   enum sceau_dns_type type);

/* Count one more term that asks DNS. Returns false when it was one too many;
   the check has then ended. */
bool sceau_spf_count_term(struct sceau_spf *spf);

/* The type of the client's addresses. */
enum sceau_dns_type sceau_spf_address_type(const struct sceau_spf *spf);

/* Whether answer, of addresses, holds one that term (or with NULL: the whole
   of it) shares with the client. */
bool sceau_spf_has_client(const struct sceau_spf *spf,
                          const struct sceau_dns_answer *answer,
                          const struct sceau_spf_term *term);

/* Whether status says that DNS failed. */
bool sceau_spf_is_failure(enum sceau_dns_status status);

/* Whether status says that there is nothing. */
bool sceau_spf_is_void(enum sceau_dns_status status);

/* The values of all macros, in the record of domain. */
struct sceau_spf_macro_values sceau_spf_values(const struct sceau_spf *spf,
                                               const char *domain);

/* spf_names.c: names of the client's address. */

/* Whether it has a validated name in domain (RFC 7208 5.5). */
enum sceau_spf_step sceau_spf_match_names(struct sceau_spf *spf,
                                          const char *domain);

/* Find the value of %{p} in the record of domain (7.3) and leave it in
   spf->validated. Returns YES, or WAIT. */
enum sceau_spf_step sceau_spf_find_name(struct sceau_spf *spf,
                                        const char *domain);

/* The answer to the question for its names. */
void sceau_spf_answer_ptr(struct sceau_spf *spf,
                          const struct sceau_dns_answer *answer);

/* The answer to the question whether a name leads back. */
void sceau_spf_answer_ptr_host(struct sceau_spf *spf,
                               const struct sceau_dns_answer *answer);

/* spf_select.c */

/* The answer to the question for a domain's record. */
void sceau_spf_answer_record(struct sceau_spf *spf,
                             const struct sceau_dns_answer *answer);

/* spf_explain.c */

/* One step towards the explanation; whatever is wrong with it, it is left
   out and the result stands. */
void sceau_spf_explain(struct sceau_spf *spf);

/* The answer to the question for its text. */
void sceau_spf_answer_explanation(struct sceau_spf *spf,
                                  const struct sceau_dns_answer *answer);

/* spf_match.c: the mechanisms. */

/* Work out the name that the term asks for: its domain-spec, or the domain at
   hand. Returns YES (then it is in out), NO (no name comes out), or WAIT. */
enum sceau_spf_step sceau_spf_target(struct sceau_spf *spf, const char *domain,
                                     const struct sceau_spf_term *term,
                                     char out[SCEAU_SPF_DOMAIN_MAX + 1]);

/* Whether the uppermost record's term matches; not of an include. */
enum sceau_spf_step sceau_spf_match(struct sceau_spf *spf);

/* The answer to the question of an "a". */
void sceau_spf_answer_address(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer);

/* The answer to the question of an "exists". */
void sceau_spf_answer_exists(struct sceau_spf *spf,
                             const struct sceau_dns_answer *answer);

/* The answer to the question of an "mx". */
void sceau_spf_answer_mx(struct sceau_spf *spf,
                         const struct sceau_dns_answer *answer);

/* The answer to the question for one of its hosts. */
void sceau_spf_answer_mx_host(struct sceau_spf *spf,
                              const struct sceau_dns_answer *answer);

#endif
