/* dkim_verdict.c - what became of one DKIM signature of a mail
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_verdict.h"

const char *sceau_dkim_result_name(enum sceau_dkim_result result)
{
	switch (result) {
	case SCEAU_DKIM_PASS:
		return "pass";
	case SCEAU_DKIM_FAIL:
		return "fail";
	case SCEAU_DKIM_POLICY:
		return "policy";
	case SCEAU_DKIM_NEUTRAL:
		return "neutral";
	case SCEAU_DKIM_TEMPERROR:
		return "temperror";
	case SCEAU_DKIM_PERMERROR:
		return "permerror";
	}
	return "?";
}
