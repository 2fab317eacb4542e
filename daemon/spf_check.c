/* spf_check.c - see spf_check.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/spf_check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/idna.h"
#include "daemon/resolve.h"
#include "daemon/spf2.h"

static bool is_ascii(struct sceau_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* A request whose domains are A-labels. */
struct ascii {
	struct sceau_spf_request request;
	char helo[SCEAU_IDNA_SIZE], domain[SCEAU_IDNA_SIZE];
};

/* Turn a domain with U-labels; anything else stays what it is. */
static void make_ascii(struct sceau_slice *domain, char out[SCEAU_IDNA_SIZE])
{
	if (!is_ascii(*domain) &&
	    sceau_idna_to_ascii(*domain, out, SCEAU_IDNA_SIZE) == 0)
		*domain = sceau_slice_of(out);
}

static void make_request(const struct sceau_spf_request *request,
                         struct ascii *ascii)
{
	ascii->request = *request;
	make_ascii(&ascii->request.helo, ascii->helo);
	make_ascii(&ascii->request.domain, ascii->domain);
}

static int check_builtin(struct sceau_loop *loop, struct sceau_dns *dns,
                         const struct sceau_spf_request *request,
                         uint64_t deadline_ms,
                         struct sceau_spf_result *result_r,
                         struct sceau_err *err)
{
	struct sceau_spf *spf = sceau_spf_new(request);

	if (spf == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	int ret = sceau_resolve_now(loop, dns, &sceau_spf_decider, spf,
	                            deadline_ms, NULL, NULL, err);
	if (ret == 0)
		*result_r = *sceau_spf_result(spf);
	sceau_spf_free(&spf);
	return ret;
}

/* The loop's thread has the loop to run, so another one waits. */
struct waiter {
	struct sceau_loop *loop;
	struct sceau_resolve_desk *desk;
	const struct sceau_spf_request *request;
	uint64_t deadline_ms;
	struct sceau_spf_result *result;
	struct sceau_err *err;
	int ret;
};

static void *run_waiter(void *ctx)
{
	struct waiter *waiter = ctx;

	waiter->ret = sceau_spf2_check(waiter->desk, waiter->request,
	                               waiter->deadline_ms, waiter->result,
	                               waiter->err);
	sceau_loop_stop(waiter->loop);
	return NULL;
}

static int check_libspf2(struct sceau_loop *loop, struct sceau_dns *dns,
                         const struct sceau_spf_request *request,
                         uint64_t deadline_ms,
                         struct sceau_spf_result *result_r,
                         struct sceau_err *err)
{
	struct waiter waiter = { .loop = loop,
		                 .request = request,
		                 .deadline_ms = deadline_ms,
		                 .result = result_r,
		                 .err = err };
	pthread_t thread;
	int ret;

	waiter.desk = sceau_resolve_desk_new(loop, dns, err);
	if (waiter.desk == NULL)
		return -1;
	if (pthread_create(&thread, NULL, run_waiter, &waiter) != 0) {
		sceau_resolve_desk_free(&waiter.desk);
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no thread");
	}
	ret = sceau_loop_run(loop, NULL);
	/* Nothing is asked any more, so the thread comes to its end. */
	sceau_resolve_desk_close(waiter.desk);
	(void)pthread_join(thread, NULL);
	sceau_resolve_desk_free(&waiter.desk);
	return ret < 0 ? sceau_fail(err, SCEAU_FAULT_TEMP, "the loop failed")
	               : waiter.ret;
}

int sceau_spf_check_now(struct sceau_loop *loop, struct sceau_dns *dns,
                        enum sceau_spf_engine engine,
                        const struct sceau_spf_request *request,
                        uint64_t deadline_ms, struct sceau_spf_result *result_r,
                        struct sceau_err *err)
{
	struct ascii ascii;

	make_request(request, &ascii);
	return (engine == SCEAU_SPF_ENGINE_BUILTIN ? check_builtin
	                                           : check_libspf2)(
		loop, dns, &ascii.request, deadline_ms, result_r, err);
}
