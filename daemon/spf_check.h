/* spf_check.h - an SPF check with real DNS, by either engine.
 *
 * Domains may come as clients write them: U-labels are turned into A-labels
 * here (RFC 8616 4), and one that cannot be turned has no policy.
 *
 * The engine that decides is our own (lib/auth/spf.h) unless the admin wants
 * libspf2 (daemon/spf2.h).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_SPF_CHECK_H
#define SCEAU_SPF_CHECK_H

#include <stdint.h>

#include "auth/spf.h"
#include "daemon/dns.h"
#include "daemon/loop.h"

/* Order of the words in the row of mx_spf_engine. */
enum sceau_spf_engine {
	SCEAU_SPF_ENGINE_BUILTIN,
	SCEAU_SPF_ENGINE_LIBSPF2,
};

/* Words for the enum above, separated by one space. */
#define SCEAU_SPF_ENGINE_WORDS "builtin libspf2"

/* For a program that does nothing else, on the thread of loop: make a check
   that ends within deadline_ms and fill result_r. Returns 0, or -1 with
   *result_r untouched and FAULT_TEMP, or FAULT_CONFIG (libspf2 is not
   installed). */
int sceau_spf_check_now(struct sceau_loop *loop, struct sceau_dns *dns,
                        enum sceau_spf_engine engine,
                        const struct sceau_spf_request *request,
                        uint64_t deadline_ms, struct sceau_spf_result *result_r,
                        struct sceau_err *err);

#endif
