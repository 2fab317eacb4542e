/* mx_results.c - write what the checks came to into the header and the log
 *
 * SPDX-License-Identifier: MIT
 */
#include "mx_results.h"

#include "auth/auth_results_print.h"
#include "auth/received_spf.h"

/* The result for HELO where it says something; NULL when it does not. */
static const struct sceau_spf_result *
helo_result(const struct sceau_mx_checks *checks)
{
	const struct sceau_spf_result *helo = sceau_mx_spf_of_helo(
		&checks->spf);

	return helo != NULL && helo->code != SCEAU_SPF_NONE ? helo : NULL;
}

/* DMARC stands before the signatures: should there be too many, it is they that
   go. */
static void add_results(const struct sceau_mx_checks *checks,
                        struct sceau_auth_results *results)
{
	const struct sceau_spf_result *helo = helo_result(checks);
	const struct sceau_spf_result *sender = sceau_mx_spf_of_sender(
		&checks->spf);
	size_t count = sceau_dkim_verify_count(checks->dkim);

	if (sender != NULL)
		sceau_auth_results_add_mailfrom(results, sender,
		                                &checks->spf.sender);
	if (helo != NULL)
		sceau_auth_results_add_helo(results, helo);
	if (checks->has_dmarc)
		sceau_auth_results_add_dmarc(results, &checks->dmarc.verdict);
	for (size_t i = 0; i < count; i++)
		sceau_auth_results_add_dkim(
			results, sceau_dkim_verify_get(checks->dkim, i));
	/* RFC 8601 2.7.1: none, when there was no signature */
	if (count == 0)
		sceau_auth_results_begin(results, "dkim", "none");
}

static int insert_value(struct sceau_header *header, const char *name,
                        const struct sceau_buf *value, struct sceau_err *err)
{
	return sceau_header_insert(
		header, sceau_slice_of(name),
		(struct sceau_slice){ value->data, value->used }, err);
}

static int insert_auth_results(const struct sceau_mx_checks *checks,
                               struct sceau_header *header,
                               struct sceau_err *err)
{
	struct sceau_auth_results results;
	struct sceau_buf value;
	int ret;

	sceau_auth_results_init(&results,
	                        sceau_slice_of(checks->rules->authserv_id));
	add_results(checks, &results);
	sceau_buf_init(&value, SCEAU_AUTH_RESULTS_MAX);
	ret = sceau_auth_results_end(&results, &value, err);
	if (ret == 0)
		ret = insert_value(header, "Authentication-Results", &value,
		                   err);
	sceau_buf_deinit(&value);
	sceau_auth_results_deinit(&results);
	return ret;
}

static int insert_received_spf(const struct sceau_mx_checks *checks,
                               const struct sceau_spf_result *result,
                               bool is_helo, const char *host,
                               struct sceau_header *header,
                               struct sceau_err *err)
{
	char sender[SCEAU_ADDRESS_TEXT_MAX];
	struct sceau_received_spf field = {
		.result = result,
		.is_helo = is_helo,
		.ip = checks->spf.ip,
		.helo = sceau_slice_of(checks->spf.helo),
		.receiver = sceau_slice_of(host),
	};
	struct sceau_buf value;
	int ret;

	sceau_address_print(&checks->spf.sender, sender);
	field.mail_from = sceau_slice_of(sender);
	sceau_buf_init(&value, SCEAU_RECEIVED_SPF_MAX);
	(void)sceau_buf_append(&value, " ", 1);
	ret = sceau_received_spf_print(&field, &value, err);
	if (ret == 0)
		ret = insert_value(header, SCEAU_MX_RECEIVED_SPF_FIELD, &value,
		                   err);
	sceau_buf_deinit(&value);
	return ret;
}

int sceau_mx_results_insert(const struct sceau_mx_checks *checks,
                            const char *host, struct sceau_header *header,
                            struct sceau_err *err)
{
	const struct sceau_spf_result *helo = helo_result(checks);
	const struct sceau_spf_result *sender = sceau_mx_spf_of_sender(
		&checks->spf);
	/* RFC 7208 2.4: without a sender it was HELO that was checked */
	bool is_helo = checks->spf.sender.domain[0] == '\0';

	if (checks->rules->mx->conf->received_spf) {
		if (helo != NULL && insert_received_spf(checks, helo, true,
		                                        host, header, err) < 0)
			return -1;
		if (sender != NULL &&
		    insert_received_spf(checks, sender, is_helo, host, header,
		                        err) < 0)
			return -1;
	}
	return insert_auth_results(checks, header, err);
}

static void log_result(struct sceau_log_line *line, const char *method,
                       const char *result, const char *domain)
{
	if (domain[0] != '\0')
		sceau_log_line_addf(line, method, "%s(%s)", result, domain);
	else
		sceau_log_line_add(line, method, result);
}

/* Of many signatures the one that says most: the first that passes, else the
   first. */
static void log_dkim(const struct sceau_mx_checks *checks,
                     struct sceau_log_line *line)
{
	size_t count = sceau_dkim_verify_count(checks->dkim);
	const struct sceau_dkim_verdict *shown = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct sceau_dkim_verdict *verdict =
			sceau_dkim_verify_get(checks->dkim, i);

		if (shown == NULL || (shown->result != SCEAU_DKIM_PASS &&
		                      verdict->result == SCEAU_DKIM_PASS))
			shown = verdict;
	}
	if (shown == NULL)
		sceau_log_line_add(line, "dkim", "none");
	else
		log_result(line, "dkim", sceau_dkim_result_name(shown->result),
		           shown->domain);
}

void sceau_mx_results_log(const struct sceau_mx_checks *checks,
                          struct sceau_log_line *line)
{
	const struct sceau_spf_result *spf = sceau_mx_spf_of_sender(
		&checks->spf);
	const struct sceau_dmarc_verdict *dmarc = &checks->dmarc.verdict;

	if (spf != NULL)
		log_result(line, "spf", sceau_spf_code_name(spf->code),
		           spf->domain);
	log_dkim(checks, line);
	if (checks->has_dmarc)
		log_result(line, "dmarc",
		           sceau_dmarc_result_name(dmarc->result),
		           dmarc->author);
}

bool sceau_mx_results_are_late(const struct sceau_mx_checks *checks)
{
	const struct sceau_spf_result *spf = sceau_mx_spf_of_sender(
		&checks->spf);
	size_t count = sceau_dkim_verify_count(checks->dkim);

	if (spf != NULL && spf->code == SCEAU_SPF_TEMPERROR)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (sceau_dkim_verify_get(checks->dkim, i)->result ==
		    SCEAU_DKIM_TEMPERROR)
			return true;
	}
	return checks->has_dmarc &&
	       checks->dmarc.verdict.result == SCEAU_DMARC_RESULT_TEMPERROR;
}
