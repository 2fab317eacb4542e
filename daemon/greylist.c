/* greylist.c - see greylist.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "daemon/greylist.h"

void sceau_greylist_decide_on(struct sceau_greylist *greylist,
                              const struct sceau_greylist_request *request,
                              sceau_greylist_fn *done, void *ctx)
{
	greylist->engine->decide(greylist, request, done, ctx);
}

void sceau_greylist_learn_pair(struct sceau_greylist *greylist,
                               const struct sceau_greylist_rules *rules,
                               const char *user, const char *other)
{
	greylist->engine->learn(greylist, rules, user, other);
}

void sceau_greylist_apply(struct sceau_greylist *greylist,
                          const struct sceau_greylist_rules *rules,
                          const struct sceau_greylist_change *change,
                          sceau_greylist_page_fn *done, void *ctx)
{
	greylist->engine->change(greylist, rules, change, done, ctx);
}

void sceau_greylist_list(struct sceau_greylist *greylist, uint64_t place,
                         sceau_greylist_page_fn *done, void *ctx)
{
	greylist->engine->list(greylist, place, done, ctx);
}

void sceau_greylist_cancel(struct sceau_greylist *greylist, const void *ctx)
{
	greylist->engine->cancel(greylist, ctx);
}

void sceau_greylist_use(struct sceau_greylist *greylist,
                        const struct sceau_greylist_rules *rules,
                        size_t entries_max)
{
	greylist->engine->use(greylist, rules, entries_max);
}

void sceau_greylist_stats(const struct sceau_greylist *greylist,
                          struct sceau_greylist_stats *stats_r)
{
	greylist->engine->stats(greylist, stats_r);
}

void sceau_greylist_free(struct sceau_greylist **greylist)
{
	struct sceau_greylist *old = *greylist;

	*greylist = NULL;
	if (old != NULL)
		old->engine->free(old);
}

void sceau_greylist_request_keys(const struct sceau_greylist_request *request,
                                 struct sceau_greylist_keys *keys_r)
{
	sceau_greylist_attempt_key(request->recipient, request->sender,
	                           request->origin, keys_r->attempt);
	sceau_greylist_client_key(request->origin, keys_r->client);
	sceau_greylist_learned_key(request->recipient, request->sender,
	                           keys_r->learned);
	keys_r->net_attempt[0] = '\0';
	keys_r->net_client[0] = '\0';
	if (request->network[0] == '\0')
		return;
	sceau_greylist_attempt_key(request->recipient, request->sender,
	                           request->network, keys_r->net_attempt);
	sceau_greylist_client_key(request->network, keys_r->net_client);
}

struct sceau_greylist_record
sceau_greylist_change_record(const struct sceau_greylist_change *change,
                             uint64_t now_s)
{
	struct sceau_greylist_record record = change->record;

	record.first_s = now_s > record.first_s ? now_s - record.first_s : 0;
	record.last_s = now_s > record.last_s ? now_s - record.last_s : 0;
	if (record.last_s < record.first_s)
		record.last_s = record.first_s;
	return record;
}

struct sceau_greylist_rules
sceau_greylist_rules_of(const struct sceau_conf_greylist *conf)
{
	return (struct sceau_greylist_rules){
		.delay_s = conf->mx_greylist_delay_s,
		.retry_window_s = conf->mx_greylist_retry_window_s,
		.lifetime_s = conf->mx_greylist_lifetime_s,
		.learned_s = conf->mx_greylist_answers_s,
		.client_passes = (uint32_t)conf->mx_greylist_client_passes,
		.is_learning = conf->mx_greylist_learning,
	};
}
