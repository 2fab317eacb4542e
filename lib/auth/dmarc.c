/* dmarc.c - see dmarc.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dmarc.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PREFIX "_dmarc."
#define PREFIX_LEN (sizeof(PREFIX) - 1)

/* A domain that SPF or DKIM spoke of. */
struct identity {
	char domain[SCEAU_DMARC_DOMAIN_SIZE];
	enum sceau_dmarc_auth auth;
};

enum existence {
	EXISTENCE_UNKNOWN,
	EXISTENCE_YES,
	EXISTENCE_NO,
	EXISTENCE_ERROR,
};

struct sceau_dmarc {
	struct sceau_dmarc_verdict verdict;
	struct sceau_dmarc_tree tree;
	struct identity spf;
	struct identity dkim[SCEAU_DMARC_DKIM_MAX];
	size_t dkim_count;
	enum existence author_exists;
	bool is_judged;
	bool is_done;
	/* The next question: _dmarc of wanted, or wanted itself. */
	const char *wanted; /* NULL: none */
	bool wants_existence;
	bool is_open; /* it was handed out */
	unsigned id;
	char name[PREFIX_LEN + SCEAU_DMARC_DOMAIN_SIZE];
};

/* What is known of one identity, or of all of one method. */
enum alignment {
	ALIGNED_NO,
	ALIGNED_UNSURE, /* DNS did not say */
	ALIGNED_YES, /* and passed */
	ALIGNED_ASK, /* dmarc->wanted is the next question */
};

/* Copy a domain in the form in which they are compared; false: it is none. */
static bool copy_domain(const char *domain, char out[SCEAU_DMARC_DOMAIN_SIZE])
{
	struct sceau_slice text = sceau_slice_of(domain);

	if (text.len > 0 && text.data[text.len - 1] == '.')
		text.len--;
	if (sceau_slice_copy(text, out, SCEAU_DMARC_DOMAIN_SIZE) < 0 ||
	    !sceau_dmarc_tree_is_domain(out)) {
		out[0] = '\0';
		return false;
	}
	sceau_text_make_lower(out);
	return true;
}

static void finish(struct sceau_dmarc *dmarc, enum sceau_dmarc_result result,
                   enum sceau_dmarc_reason reason)
{
	dmarc->verdict.result = result;
	dmarc->verdict.reason = reason;
	if (result == SCEAU_DMARC_RESULT_FAIL)
		dmarc->verdict.disposition = dmarc->verdict.policy;
	dmarc->is_done = true;
}

/* --- policy discovery, RFC 9989 4.10.1 --- */

/* The level whose record applies: the author's own, that of the Organizational
   Domain, or of the public suffix. NULL: none, or dmarc is done or asks. */
static const struct sceau_dmarc_level *find_policy(struct sceau_dmarc *dmarc)
{
	const char *author = dmarc->verdict.author;
	const struct sceau_dmarc_level *level;
	struct sceau_dmarc_walk walk;

	level = sceau_dmarc_tree_get(&dmarc->tree, author);
	if (level != NULL && level->state == SCEAU_DMARC_LEVEL_RECORD)
		return level;
	switch (sceau_dmarc_tree_walk(&dmarc->tree, author, &walk)) {
	case SCEAU_DMARC_WALK_ASK:
		dmarc->wanted = walk.missing;
		return NULL;
	case SCEAU_DMARC_WALK_ERROR:
		finish(dmarc, SCEAU_DMARC_RESULT_TEMPERROR,
		       SCEAU_DMARC_REASON_DNS);
		return NULL;
	case SCEAU_DMARC_WALK_DONE:
		break;
	}
	(void)sceau_slice_copy(sceau_slice_of(walk.org),
	                       dmarc->verdict.org_domain,
	                       SCEAU_DMARC_DOMAIN_SIZE);
	level = walk.org_level != NULL ? walk.org_level : walk.psd_level;
	if (level == NULL)
		finish(dmarc, SCEAU_DMARC_RESULT_NONE,
		       SCEAU_DMARC_REASON_NO_RECORD);
	return level;
}

/* A record that cannot be applied as written (RFC 9989 4.10.1). */
static void mend_record(struct sceau_dmarc *dmarc)
{
	const struct sceau_dmarc_record *record = &dmarc->verdict.record;

	if (!sceau_dmarc_record_is_broken(record) || record->rua_count > 0)
		return;
	/* "improperly formatted" (9.2) is what cannot be read; to leave p out
	   is allowed (4.7) */
	if (record->p.is_present || record->sp.is_present ||
	    record->np.is_present)
		finish(dmarc, SCEAU_DMARC_RESULT_PERMERROR,
		       SCEAU_DMARC_REASON_BAD_POLICY);
	else
		finish(dmarc, SCEAU_DMARC_RESULT_NONE,
		       SCEAU_DMARC_REASON_NO_POLICY);
}

static bool is_own_policy(const struct sceau_dmarc *dmarc)
{
	const struct sceau_dmarc_verdict *verdict = &dmarc->verdict;

	return strcmp(verdict->policy_domain, verdict->author) == 0;
}

static enum sceau_dmarc_policy requested(const struct sceau_dmarc *dmarc)
{
	const struct sceau_dmarc_record *record = &dmarc->verdict.record;

	if (sceau_dmarc_record_is_broken(record))
		return SCEAU_DMARC_NONE;
	if (is_own_policy(dmarc))
		return record->p.policy;
	if (dmarc->author_exists == EXISTENCE_NO && record->np.is_valid)
		return record->np.policy;
	return record->sp.is_valid ? record->sp.policy : record->p.policy;
}

/* t=y lowers it by one level (RFC 9989 4.7). */
static void set_policy(struct sceau_dmarc *dmarc)
{
	enum sceau_dmarc_policy policy = requested(dmarc);

	if (dmarc->verdict.record.is_testing && policy != SCEAU_DMARC_NONE)
		policy = policy == SCEAU_DMARC_REJECT ? SCEAU_DMARC_QUARANTINE
		                                      : SCEAU_DMARC_NONE;
	dmarc->verdict.policy = policy;
}

static void discover(struct sceau_dmarc *dmarc)
{
	struct sceau_dmarc_verdict *verdict = &dmarc->verdict;
	const struct sceau_dmarc_level *level = find_policy(dmarc);

	if (level == NULL)
		return;
	verdict->has_record = true;
	verdict->record = *level->record;
	(void)sceau_slice_copy(sceau_slice_of(level->domain),
	                       verdict->policy_domain, SCEAU_DMARC_DOMAIN_SIZE);
	mend_record(dmarc);
	set_policy(dmarc);
}

/* --- alignment, RFC 9989 4.10.2 --- */

/* Whether a and b end in the same label. Without that they cannot have an
   Organizational Domain in common. */
static bool share_top(const char *a, const char *b)
{
	const char *last = strrchr(b, '.');

	return sceau_dmarc_tree_is_under(a, last != NULL ? last + 1 : b);
}

static enum alignment to_alignment(struct sceau_dmarc *dmarc,
                                   enum sceau_dmarc_walk_state state,
                                   const struct sceau_dmarc_walk *walk)
{
	if (state == SCEAU_DMARC_WALK_ASK) {
		dmarc->wanted = walk->missing;
		return ALIGNED_ASK;
	}
	return state == SCEAU_DMARC_WALK_ERROR ? ALIGNED_UNSURE : ALIGNED_YES;
}

static enum alignment compare_orgs(struct sceau_dmarc *dmarc,
                                   const char *domain)
{
	struct sceau_dmarc_verdict *verdict = &dmarc->verdict;
	struct sceau_dmarc_walk author, other;
	enum alignment alignment;

	if (!share_top(domain, verdict->author))
		return ALIGNED_NO;
	alignment = to_alignment(
		dmarc,
		sceau_dmarc_tree_walk(&dmarc->tree, verdict->author, &author),
		&author);
	if (alignment != ALIGNED_YES)
		return alignment;
	(void)sceau_slice_copy(sceau_slice_of(author.org), verdict->org_domain,
	                       SCEAU_DMARC_DOMAIN_SIZE);
	if (!sceau_dmarc_tree_is_under(domain, author.org))
		return ALIGNED_NO;
	alignment = to_alignment(
		dmarc, sceau_dmarc_tree_walk(&dmarc->tree, domain, &other),
		&other);
	if (alignment != ALIGNED_YES)
		return alignment;
	return strcmp(author.org, other.org) == 0 ? ALIGNED_YES : ALIGNED_NO;
}

static enum alignment align(struct sceau_dmarc *dmarc,
                            const struct identity *identity, bool is_strict)
{
	enum alignment alignment;

	if (identity->auth == SCEAU_DMARC_AUTH_FAIL)
		return ALIGNED_NO;
	if (strcmp(identity->domain, dmarc->verdict.author) == 0)
		alignment = ALIGNED_YES;
	else if (is_strict)
		alignment = ALIGNED_NO;
	else
		alignment = compare_orgs(dmarc, identity->domain);
	if (alignment == ALIGNED_YES &&
	    identity->auth == SCEAU_DMARC_AUTH_TEMPERROR)
		alignment = ALIGNED_UNSURE;
	return alignment;
}

/* The best of all signatures; those of the author's own domain stand first. */
static enum alignment align_dkim(struct sceau_dmarc *dmarc)
{
	enum alignment best = ALIGNED_NO;

	for (size_t i = 0; i < dmarc->dkim_count; i++) {
		enum alignment alignment = align(
			dmarc, &dmarc->dkim[i],
			dmarc->verdict.record.adkim_is_strict);

		if (alignment > best)
			best = alignment;
		if (alignment >= ALIGNED_YES)
			break;
	}
	return best;
}

/* Nothing aligned passed. Returns false when a question comes first. */
static bool check_existence(struct sceau_dmarc *dmarc)
{
	const char *author = dmarc->verdict.author;
	const struct sceau_dmarc_level *level;

	if (is_own_policy(dmarc) || !dmarc->verdict.record.np.is_valid)
		return true;
	level = sceau_dmarc_tree_get(&dmarc->tree, author);
	/* RFC 8020: what has a name below it exists */
	if (dmarc->author_exists == EXISTENCE_UNKNOWN &&
	    (level == NULL || !level->is_nxdomain))
		dmarc->author_exists = EXISTENCE_YES;
	if (dmarc->author_exists == EXISTENCE_UNKNOWN &&
	    !sceau_dns_name_is_valid(author))
		dmarc->author_exists = EXISTENCE_NO;
	if (dmarc->author_exists == EXISTENCE_UNKNOWN) {
		dmarc->wanted = author;
		dmarc->wants_existence = true;
		return false;
	}
	dmarc->verdict.is_nonexistent = dmarc->author_exists == EXISTENCE_NO;
	set_policy(dmarc);
	return true;
}

static void evaluate(struct sceau_dmarc *dmarc)
{
	struct sceau_dmarc_verdict *verdict = &dmarc->verdict;
	enum alignment spf, dkim;

	spf = align(dmarc, &dmarc->spf, verdict->record.aspf_is_strict);
	if (spf == ALIGNED_ASK)
		return;
	dkim = align_dkim(dmarc);
	if (dkim == ALIGNED_ASK)
		return;
	verdict->spf_is_aligned = spf == ALIGNED_YES;
	verdict->dkim_is_aligned = dkim == ALIGNED_YES;
	if (spf == ALIGNED_YES || dkim == ALIGNED_YES) {
		finish(dmarc, SCEAU_DMARC_RESULT_PASS,
		       SCEAU_DMARC_REASON_NOTHING);
	} else if (spf == ALIGNED_UNSURE || dkim == ALIGNED_UNSURE) {
		finish(dmarc, SCEAU_DMARC_RESULT_TEMPERROR,
		       SCEAU_DMARC_REASON_AUTHENTICATION);
	} else if (check_existence(dmarc)) {
		if (dmarc->author_exists == EXISTENCE_ERROR)
			finish(dmarc, SCEAU_DMARC_RESULT_TEMPERROR,
			       SCEAU_DMARC_REASON_DNS);
		else
			finish(dmarc, SCEAU_DMARC_RESULT_FAIL,
			       SCEAU_DMARC_REASON_NOTHING);
	}
}

/* --- the machine --- */

/* Put the next question together. Returns false when it cannot be asked. */
static bool prepare(struct sceau_dmarc *dmarc)
{
	size_t used = 0;

	if (!dmarc->wants_existence) {
		memcpy(dmarc->name, PREFIX, PREFIX_LEN);
		used = PREFIX_LEN;
	}
	memcpy(dmarc->name + used, dmarc->wanted, strlen(dmarc->wanted) + 1);
	return sceau_dns_name_is_valid(dmarc->name);
}

/* Go on as far as what is known allows. */
static void advance(struct sceau_dmarc *dmarc)
{
	while (!dmarc->is_done && dmarc->wanted == NULL) {
		if (!dmarc->verdict.has_record)
			discover(dmarc);
		else if (dmarc->is_judged)
			evaluate(dmarc);
		else
			break;
		if (dmarc->wanted != NULL && !prepare(dmarc)) {
			sceau_dmarc_tree_put(&dmarc->tree, dmarc->wanted, NULL);
			dmarc->wanted = NULL;
		}
	}
}

static int ask(void *state, struct sceau_dns_question *question_r)
{
	struct sceau_dmarc *dmarc = state;

	if (dmarc->wanted == NULL || dmarc->is_open)
		return 0;
	dmarc->is_open = true;
	question_r->name = dmarc->name;
	question_r->type = SCEAU_DNS_TXT;
	question_r->id = dmarc->id;
	return 1;
}

/* RFC 9989 3.2.13: the answer's code alone counts. */
static enum existence to_existence(const struct sceau_dns_answer *answer)
{
	switch (answer->status) {
	case SCEAU_DNS_OK:
	case SCEAU_DNS_NODATA:
		return EXISTENCE_YES;
	case SCEAU_DNS_NXDOMAIN:
		return EXISTENCE_NO;
	case SCEAU_DNS_SERVFAIL:
	case SCEAU_DNS_TIMEOUT:
		break;
	}
	return EXISTENCE_ERROR;
}

static void answer(void *state, unsigned id,
                   const struct sceau_dns_answer *answer)
{
	struct sceau_dmarc *dmarc = state;

	if (!dmarc->is_open || id != dmarc->id)
		return;
	if (dmarc->wants_existence)
		dmarc->author_exists = to_existence(answer);
	else
		sceau_dmarc_tree_put(&dmarc->tree, dmarc->wanted, answer);
	dmarc->wanted = NULL;
	dmarc->wants_existence = false;
	dmarc->is_open = false;
	dmarc->id++;
	advance(dmarc);
}

const struct sceau_dns_decider sceau_dmarc_decider = {
	.ask = ask,
	.answer = answer,
};

struct sceau_dmarc *sceau_dmarc_new(const char *author)
{
	struct sceau_dmarc *dmarc = calloc(1, sizeof(*dmarc));

	if (dmarc == NULL)
		return NULL;
	if (sceau_dmarc_tree_init(&dmarc->tree, SCEAU_DMARC_QUESTIONS_MAX) <
	    0) {
		free(dmarc);
		return NULL;
	}
	if (!copy_domain(author, dmarc->verdict.author))
		finish(dmarc, SCEAU_DMARC_RESULT_PERMERROR,
		       SCEAU_DMARC_REASON_BAD_DOMAIN);
	else
		dmarc->verdict.result = SCEAU_DMARC_RESULT_TEMPERROR;
	advance(dmarc);
	return dmarc;
}

void sceau_dmarc_free(struct sceau_dmarc **dmarc)
{
	if (*dmarc == NULL)
		return;
	sceau_dmarc_tree_deinit(&(*dmarc)->tree);
	free(*dmarc);
	*dmarc = NULL;
}

void sceau_dmarc_set_spf(struct sceau_dmarc *dmarc, const char *domain,
                         enum sceau_dmarc_auth auth)
{
	if (dmarc->is_judged)
		return;
	dmarc->spf.auth = copy_domain(domain, dmarc->spf.domain)
	                          ? auth
	                          : SCEAU_DMARC_AUTH_FAIL;
}

void sceau_dmarc_add_dkim(struct sceau_dmarc *dmarc, const char *domain,
                          enum sceau_dmarc_auth auth)
{
	struct identity identity = { .auth = auth };
	size_t count = dmarc->dkim_count;

	if (dmarc->is_judged || auth == SCEAU_DMARC_AUTH_FAIL ||
	    !copy_domain(domain, identity.domain) ||
	    !share_top(identity.domain, dmarc->verdict.author))
		return;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(dmarc->dkim[i].domain, identity.domain) != 0)
			continue;
		if (auth == SCEAU_DMARC_AUTH_PASS)
			dmarc->dkim[i].auth = auth;
		return;
	}
	/* The author's own domain stands first, and has room always. */
	if (strcmp(identity.domain, dmarc->verdict.author) == 0) {
		if (count < SCEAU_DMARC_DKIM_MAX)
			dmarc->dkim_count++;
		memmove(dmarc->dkim + 1, dmarc->dkim,
		        (dmarc->dkim_count - 1) * sizeof(identity));
		dmarc->dkim[0] = identity;
	} else if (count < SCEAU_DMARC_DKIM_MAX) {
		dmarc->dkim[dmarc->dkim_count++] = identity;
	}
}

void sceau_dmarc_judge(struct sceau_dmarc *dmarc)
{
	dmarc->is_judged = true;
	advance(dmarc);
}

bool sceau_dmarc_is_done(const struct sceau_dmarc *dmarc)
{
	return dmarc->is_done;
}

const struct sceau_dmarc_verdict *
sceau_dmarc_verdict(const struct sceau_dmarc *dmarc)
{
	return &dmarc->verdict;
}
