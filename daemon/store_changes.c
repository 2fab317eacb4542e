/* store_changes.c - see store_changes.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/store_changes.h"

#define SLOTS_MIN 256
#define SLOTS_KEPT 16384 /* memory that an empty set may hold: 256 KiB */

/* half[0] of a real id is odd; 0 is an empty slot. */
static bool is_free(const struct sceau_store_id *slot)
{
	return slot->half[0] == 0;
}

/* The slot of id, or the free one where it belongs. There is always one. */
static struct sceau_store_id *find(const struct sceau_store_changes *changes,
                                   struct sceau_store_id id)
{
	/* Not the bits that place it in its table: neighbours there would all
	   be neighbours here. */
	size_t i = (size_t)(id.half[0] >> 1) & changes->mask;

	while (!is_free(&changes->slots[i]) &&
	       memcmp(&changes->slots[i], &id, sizeof(id)) != 0)
		i = (i + 1) & changes->mask;
	return &changes->slots[i];
}

static int grow(struct sceau_store_changes *changes)
{
	struct sceau_store_changes larger = { .count = changes->count };
	size_t slots = changes->slots == NULL ? SLOTS_MIN
	                                      : 2 * (changes->mask + 1);

	larger.slots = calloc(slots, sizeof(larger.slots[0]));
	if (larger.slots == NULL)
		return -1;
	larger.mask = slots - 1;
	for (size_t i = 0; changes->slots != NULL && i <= changes->mask; i++) {
		if (!is_free(&changes->slots[i]))
			*find(&larger, changes->slots[i]) = changes->slots[i];
	}
	free(changes->slots);
	*changes = larger;
	return 0;
}

int sceau_store_changes_add(struct sceau_store_changes *changes,
                            struct sceau_store_id id)
{
	if (changes->slots == NULL || changes->count >= changes->mask / 4 * 3) {
		if (grow(changes) < 0)
			return -1;
	}
	struct sceau_store_id *slot = find(changes, id);
	if (is_free(slot))
		changes->count++;
	*slot = id;
	return 0;
}

static void end_walk(struct sceau_store_changes *changes)
{
	if (changes->mask >= SLOTS_KEPT)
		sceau_store_changes_clear(changes);
	changes->next = 0;
}

bool sceau_store_changes_take(struct sceau_store_changes *changes,
                              struct sceau_store_id *id_r)
{
	while (changes->count > 0) {
		struct sceau_store_id *slot = &changes->slots[changes->next++];

		if (is_free(slot))
			continue;
		*id_r = *slot;
		memset(slot, 0, sizeof(*slot));
		changes->count--;
		return true;
	}
	end_walk(changes);
	return false;
}

void sceau_store_changes_clear(struct sceau_store_changes *changes)
{
	free(changes->slots);
	memset(changes, 0, sizeof(*changes));
}
