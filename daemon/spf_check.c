/* spf_check.c - see spf_check.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/spf_check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "daemon/idna.h"
#include "daemon/resolve.h"

struct sceau_spf_check {
	struct sceau_spf *spf;
	struct sceau_resolve_job *job;
};

static bool is_ascii(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* Turn a domain with U-labels; anything else stays what it is. */
static void make_ascii(struct sceau_slice *domain, char out[SCEAU_IDNA_SIZE])
{
	if (!is_ascii(*domain) &&
	    sceau_idna_to_ascii(*domain, out, SCEAU_IDNA_SIZE) == 0)
		*domain = sceau_slice_of(out);
}

static struct sceau_spf *start(enum sceau_spf_engine engine,
                               const struct sceau_spf_request *request,
                               struct sceau_err *err)
{
	struct sceau_spf_request ascii = *request;
	char helo[SCEAU_IDNA_SIZE], domain[SCEAU_IDNA_SIZE];

	if (engine != SCEAU_SPF_ENGINE_BUILTIN) {
		sceau_fail(err, SCEAU_FAULT_CONFIG,
		           "this build has no libspf2");
		return NULL;
	}
	make_ascii(&ascii.helo, helo);
	make_ascii(&ascii.domain, domain);
	struct sceau_spf *spf = sceau_spf_new(&ascii);
	if (spf == NULL)
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return spf;
}

struct sceau_spf_check *
sceau_spf_check_new(struct sceau_resolve_desk *desk,
                    enum sceau_spf_engine engine,
                    const struct sceau_spf_request *request,
                    uint64_t deadline_ms, struct sceau_err *err)
{
	struct sceau_spf_check *check = calloc(1, sizeof(*check));

	if (check == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	check->spf = start(engine, request, err);
	if (check->spf != NULL)
		check->job = sceau_resolve_job_new(
			desk, &sceau_spf_decider, check->spf, deadline_ms, err);
	if (check->job == NULL)
		sceau_spf_check_free(&check);
	return check;
}

const struct sceau_spf_result *
sceau_spf_check_wait(struct sceau_spf_check *check)
{
	sceau_resolve_job_wait(check->job);
	return sceau_spf_result(check->spf);
}

void sceau_spf_check_free(struct sceau_spf_check **check)
{
	struct sceau_spf_check *old = *check;

	*check = NULL;
	if (old == NULL)
		return;
	sceau_resolve_job_free(&old->job);
	sceau_spf_free(&old->spf);
	free(old);
}

int sceau_spf_check_now(struct sceau_loop *loop, struct sceau_dns *dns,
                        enum sceau_spf_engine engine,
                        const struct sceau_spf_request *request,
                        uint64_t deadline_ms, struct sceau_spf_result *result_r,
                        struct sceau_err *err)
{
	struct sceau_spf *spf = start(engine, request, err);

	if (spf == NULL)
		return -1;
	int ret = sceau_resolve_now(loop, dns, &sceau_spf_decider, spf,
	                            deadline_ms, NULL, NULL, err);
	if (ret == 0)
		*result_r = *sceau_spf_result(spf);
	sceau_spf_free(&spf);
	return ret;
}
