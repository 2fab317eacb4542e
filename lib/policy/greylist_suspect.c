/* greylist_suspect.c - see greylist_suspect.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "policy/greylist_suspect.h"
#include "policy/rdns_generic.h"

enum sceau_greylist_suspicion
sceau_greylist_suspect(const struct sceau_greylist_signs *signs)
{
	if (signs->score >= signs->threshold)
		return SCEAU_GREYLIST_LISTED;
	if (signs->is_trusted)
		return SCEAU_GREYLIST_UNSUSPECTED;
	if (!signs->has_spf_pass)
		return SCEAU_GREYLIST_NO_SPF;
	if (sceau_rdns_is_missing(signs->name))
		return SCEAU_GREYLIST_NO_NAME;
	if (sceau_rdns_is_generic(signs->name, signs->ip))
		return SCEAU_GREYLIST_GENERIC_NAME;
	return SCEAU_GREYLIST_UNSUSPECTED;
}

const char *
sceau_greylist_suspicion_word(enum sceau_greylist_suspicion suspicion)
{
	switch (suspicion) {
	case SCEAU_GREYLIST_UNSUSPECTED:
		return "none";
	case SCEAU_GREYLIST_LISTED:
		return "dnsbl";
	case SCEAU_GREYLIST_NO_SPF:
		return "spf";
	case SCEAU_GREYLIST_NO_NAME:
		return "no-name";
	case SCEAU_GREYLIST_GENERIC_NAME:
		return "generic-name";
	}
	return "?";
}
