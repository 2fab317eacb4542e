/* waits.c - see waits.h
 *
 * SPDX-License-Identifier: MIT
 */
#include "waits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* While more and more callbacks wait, and else. */
#define QUICK_MS 5
#define QUICK_KICKS 8
#define SLOW_MS 25
/* The resolver is taken for dead: so many wait, and for so long nobody has had
   an answer. */
#define DEAD_WAITS 20
#define DEAD_MS 1500
#define SHORT_MS 1000

struct sceau_waits {
	struct sceau_loop *loop;
	struct sceau_loop_timer *timer; /* NULL: stopped; the loop's */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	/* at the last tick; the loop's */
	unsigned seen_waiting;
	unsigned seen_ended;
	atomic_uint waiting;
	atomic_uint ended; /* waits that came to their end */
	atomic_bool is_kicking; /* the timer runs, or is about to */
	atomic_ulong kicks;
	atomic_ulong refused;
	/* When the first question was asked that came after the last answer;
	   0: none */
	atomic_uint_fast64_t unanswered_ms;
};

/* The address under which this host reaches its own listener. */
static void set_address(struct sceau_waits *waits,
                        const struct sceau_listen_address *addr)
{
	struct sockaddr_in *in = (void *)&waits->addr;
	struct sockaddr_in6 *in6 = (void *)&waits->addr;

	waits->addr = addr->sockaddr;
	waits->addr_len = addr->sockaddr_len;
	if (waits->addr.ss_family == AF_INET &&
	    in->sin_addr.s_addr == htonl(INADDR_ANY))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (waits->addr.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
}

/* A connection that ends at once. If the listener's queue is full it has events
   enough. */
static void kick(struct sceau_waits *waits)
{
	int fd = socket(waits->addr.ss_family,
	                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)connect(fd, (struct sockaddr *)&waits->addr, waits->addr_len);
	(void)close(fd);
	atomic_fetch_add(&waits->kicks, 1);
}

/* How many kicks are due. None when a wait has ended since the last tick: the
   worker it set free takes what lies there. */
static int count_kicks(struct sceau_waits *waits, unsigned waiting)
{
	unsigned ended = atomic_load(&waits->ended);
	bool has_progress = ended != waits->seen_ended;
	bool is_growing = waiting > waits->seen_waiting;

	waits->seen_ended = ended;
	waits->seen_waiting = waiting;
	if (has_progress)
		return 0;
	return is_growing ? QUICK_KICKS : 1;
}

static void on_timer(void *ctx)
{
	struct sceau_waits *waits = ctx;
	unsigned waiting = atomic_load(&waits->waiting);
	int kicks = count_kicks(waits, waiting);

	if (waiting == 0) {
		atomic_store(&waits->is_kicking, false);
		/* somebody may have come in between and seen it true */
		if (atomic_load(&waits->waiting) == 0 ||
		    atomic_exchange(&waits->is_kicking, true))
			return;
		kicks = 0;
	}
	for (int i = 0; i < kicks; i++)
		kick(waits);
	sceau_loop_timer_start(waits->timer, kicks == 1 ? SLOW_MS : QUICK_MS);
}

struct sceau_waits *sceau_waits_new(struct sceau_loop *loop,
                                    const struct sceau_listen_address *addr,
                                    struct sceau_err *err)
{
	struct sceau_waits *waits = calloc(1, sizeof(*waits));

	if (waits == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	waits->loop = loop;
	waits->timer = sceau_loop_timer_new(loop, on_timer, waits, err);
	if (waits->timer == NULL) {
		free(waits);
		return NULL;
	}
	set_address(waits, addr);
	return waits;
}

void sceau_waits_stop(struct sceau_waits *waits)
{
	sceau_loop_timer_free(&waits->timer);
}

static void on_enter(void *ctx)
{
	struct sceau_waits *waits = ctx;

	if (waits->timer == NULL)
		return;
	waits->seen_waiting = 0;
	waits->seen_ended = atomic_load(&waits->ended);
	sceau_loop_timer_start(waits->timer, QUICK_MS);
}

bool sceau_waits_enter(struct sceau_waits *waits)
{
	if (atomic_fetch_add(&waits->waiting, 1) >= SCEAU_WAITS_MAX) {
		atomic_fetch_sub(&waits->waiting, 1);
		atomic_fetch_add(&waits->refused, 1);
		return false;
	}
	if (!atomic_exchange(&waits->is_kicking, true) &&
	    sceau_loop_post(waits->loop, on_enter, waits) < 0)
		atomic_store(&waits->is_kicking, false);
	return true;
}

void sceau_waits_leave(struct sceau_waits *waits)
{
	atomic_fetch_add(&waits->ended, 1);
	atomic_fetch_sub(&waits->waiting, 1);
}

void sceau_waits_note_question(struct sceau_waits *waits)
{
	uint_fast64_t none = 0;

	(void)atomic_compare_exchange_strong(&waits->unanswered_ms, &none,
	                                     sceau_loop_now_ms());
}

void sceau_waits_note_answer(struct sceau_waits *waits)
{
	atomic_store(&waits->unanswered_ms, 0);
}

uint64_t sceau_waits_deadline(const struct sceau_waits *waits,
                              uint64_t deadline_ms)
{
	uint64_t since_ms = atomic_load(&waits->unanswered_ms);
	bool is_dead = since_ms != 0 &&
	               atomic_load(&waits->waiting) >= DEAD_WAITS &&
	               sceau_loop_now_ms() - since_ms > DEAD_MS;

	return is_dead && deadline_ms > SHORT_MS ? SHORT_MS : deadline_ms;
}

void sceau_waits_count(const struct sceau_waits *waits, unsigned *waiting_r,
                       unsigned long *kicks_r, unsigned long *refused_r)
{
	*waiting_r = atomic_load(&waits->waiting);
	*kicks_r = atomic_load(&waits->kicks);
	*refused_r = atomic_load(&waits->refused);
}
