/* dnsbl_watch.c - see dnsbl_watch.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/dnsbl_watch.h"
#include "daemon/log.h"
#include "daemon/resolve.h"

#define HOUR_MS (3600U * 1000)
#define AGAIN_MS (15U * 1000) /* after the first silence; then twice that */
#define DEADLINE_MS (5U * 1000)

/* One list; several with one zone and one kind of subject are tested once, by
   the first of them. */
struct member {
	struct sceau_dnsbl_watch *watch;
	struct sceau_dnsbl_test test;
	struct sceau_resolve *resolve; /* NULL: no test runs */
	size_t leader; /* whose outcome counts; itself, if it is tested */
	bool is_on;
	bool was_told; /* the log has a line about its state */
	bool was_silent; /* the last test had no answer */
	char line[SCEAU_DNSBL_TEST_TEXT_SIZE];
};

struct sceau_dnsbl_watch {
	struct sceau_loop *loop;
	struct sceau_dns *dns;
	struct sceau_loop_timer *timer;
	struct sceau_dnsbl *dnsbl;
	struct member members[SCEAU_DNSBL_LISTS_MAX];
	size_t open; /* tests under way */
	uint64_t again_ms; /* until the next try while something is silent */
};

static bool is_same_zone(const struct sceau_dnsbl_list *a,
                         const struct sceau_dnsbl_list *b)
{
	return strcmp(a->zone, b->zone) == 0 &&
	       (a->subject == SCEAU_DNSBL_CLIENT) ==
	               (b->subject == SCEAU_DNSBL_CLIENT);
}

static size_t find_zone(const struct sceau_dnsbl_lists *lists,
                        const struct sceau_dnsbl_list *list)
{
	size_t i = 0;

	while (i < lists->count && !is_same_zone(&lists->list[i], list))
		i++;
	return i;
}

static void publish(struct sceau_dnsbl_watch *watch)
{
	uint32_t off = UINT32_MAX;

	for (size_t i = 0; i < watch->dnsbl->lists.count; i++) {
		if (watch->members[watch->members[i].leader].is_on)
			off &= ~(1U << i);
	}
	atomic_store(&watch->dnsbl->off, off);
}

/* --- tests --- */

/* What a test has found. */
static void judge(struct member *member)
{
	enum sceau_dnsbl_verdict verdict = sceau_dnsbl_test_verdict(
		&member->test);
	bool was_on = member->is_on;

	sceau_dnsbl_test_print(&member->test, member->line);
	if (verdict != SCEAU_DNSBL_UNREACHABLE || member->was_silent || !was_on)
		member->is_on = verdict == SCEAU_DNSBL_HEALTHY;
	member->was_silent = verdict == SCEAU_DNSBL_UNREACHABLE;
	if (member->is_on && (!was_on || !member->was_told))
		sceau_log(SCEAU_LOG_INFO, "DNS list on: %s", member->line);
	if (!member->is_on && (was_on || !member->was_told))
		sceau_log(SCEAU_LOG_WARNING, "DNS list off: %s", member->line);
	member->was_told = true;
}

static void schedule(struct sceau_dnsbl_watch *watch)
{
	bool is_silent = false;

	for (size_t i = 0; i < watch->dnsbl->lists.count; i++)
		is_silent = is_silent || watch->members[i].was_silent;
	if (!is_silent) {
		watch->again_ms = AGAIN_MS;
		sceau_loop_timer_start(watch->timer, HOUR_MS);
		return;
	}
	sceau_loop_timer_start(watch->timer, watch->again_ms);
	watch->again_ms *= 2;
	if (watch->again_ms > HOUR_MS)
		watch->again_ms = HOUR_MS;
}

static void end_test(struct sceau_dnsbl_watch *watch)
{
	publish(watch);
	if (--watch->open == 0)
		schedule(watch);
}

static void on_tested(void *ctx, unsigned questions, bool is_late)
{
	struct member *member = ctx;

	(void)questions;
	(void)is_late;
	member->resolve = NULL;
	judge(member);
	end_test(member->watch);
}

static void start_test(struct sceau_dnsbl_watch *watch, size_t i)
{
	struct member *member = &watch->members[i];
	struct sceau_err err;

	sceau_dnsbl_test_init(&member->test, &watch->dnsbl->lists.list[i]);
	member->resolve = sceau_resolve_start(
		watch->loop, watch->dns, &sceau_dnsbl_test_decider,
		&member->test, DEADLINE_MS, on_tested, member, &err);
	if (member->resolve == NULL) {
		sceau_log(SCEAU_LOG_WARNING, "DNS list %s: no test: %s",
		          watch->dnsbl->lists.list[i].name, err.text);
		member->was_silent = true;
		end_test(watch);
	}
}

static void test_all(void *ctx)
{
	struct sceau_dnsbl_watch *watch = ctx;
	size_t count = watch->dnsbl->lists.count;

	if (count == 0)
		return;
	watch->open++; /* ours: the last one schedules */
	for (size_t i = 0; i < count; i++) {
		if (watch->members[i].leader != i)
			continue;
		watch->open++;
		start_test(watch, i);
	}
	end_test(watch);
}

static void cancel_all(struct sceau_dnsbl_watch *watch)
{
	for (size_t i = 0; i < SCEAU_DNSBL_LISTS_MAX; i++)
		sceau_resolve_cancel(&watch->members[i].resolve);
	watch->open = 0;
	sceau_loop_timer_stop(watch->timer);
}

/* --- the watch --- */

/* Where the members of the new lists stand, from what is known of the old. */
static void begin(struct sceau_dnsbl_watch *watch, struct sceau_dnsbl *dnsbl,
                  const struct member *old_members)
{
	const struct sceau_dnsbl *old = watch->dnsbl;

	for (size_t i = 0; i < dnsbl->lists.count; i++) {
		const struct sceau_dnsbl_list *list = &dnsbl->lists.list[i];
		struct member *member = &watch->members[i];
		size_t before = old != NULL ? find_zone(&old->lists, list) : 0;

		memset(member, 0, sizeof(*member));
		member->watch = watch;
		member->leader = find_zone(&dnsbl->lists, list);
		snprintf(member->line, sizeof(member->line),
		         "%s was not tested yet", list->name);
		if (old == NULL || before == old->lists.count)
			continue;
		member->is_on = old_members[before].is_on;
		member->was_told = old_members[before].was_told;
		memcpy(member->line, old_members[before].line,
		       sizeof(member->line));
	}
}

int sceau_dnsbl_watch_use(struct sceau_dnsbl_watch *watch,
                          struct sceau_dnsbl *dnsbl, struct sceau_err *err)
{
	struct member *old_members = malloc(sizeof(watch->members));

	if (old_members == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	cancel_all(watch);
	memcpy(old_members, watch->members, sizeof(watch->members));
	begin(watch, dnsbl, old_members);
	free(old_members);
	sceau_dnsbl_unref(&watch->dnsbl);
	watch->dnsbl = sceau_dnsbl_ref(dnsbl);
	watch->again_ms = AGAIN_MS;
	publish(watch);
	test_all(watch);
	return 0;
}

struct sceau_dnsbl_watch *sceau_dnsbl_watch_new(struct sceau_loop *loop,
                                                struct sceau_dns *dns,
                                                struct sceau_dnsbl *dnsbl,
                                                struct sceau_err *err)
{
	struct sceau_dnsbl_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	watch->loop = loop;
	watch->dns = dns;
	watch->timer = sceau_loop_timer_new(loop, test_all, watch, err);
	if (watch->timer == NULL ||
	    sceau_dnsbl_watch_use(watch, dnsbl, err) < 0)
		sceau_dnsbl_watch_free(&watch);
	return watch;
}

bool sceau_dnsbl_watch_line(const struct sceau_dnsbl_watch *watch, size_t i,
                            const char **line_r)
{
	const struct member *member = &watch->members[watch->members[i].leader];

	*line_r = member->line;
	return member->is_on;
}

void sceau_dnsbl_watch_free(struct sceau_dnsbl_watch **watch)
{
	if (*watch == NULL)
		return;
	if ((*watch)->timer != NULL)
		cancel_all(*watch);
	sceau_loop_timer_free(&(*watch)->timer);
	sceau_dnsbl_unref(&(*watch)->dnsbl);
	free(*watch);
	*watch = NULL;
}
