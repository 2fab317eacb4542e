/* recent.c - file keys of mails that were just written
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/recent.h"

#include <string.h>

#include <sodium.h>

struct entry {
	uint8_t mac[SCEAU_AGE_MAC_SIZE];
	uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE];
};

struct sceau_recent {
	unsigned used;
	unsigned next; /* the entry that is overwritten next */
	struct entry entries[SCEAU_RECENT_MAX];
};

struct sceau_recent *sceau_recent_new(void)
{
	struct sceau_recent *recent;

	if (sodium_init() < 0)
		return NULL;
	recent = sodium_malloc(sizeof(*recent));
	if (recent != NULL)
		memset(recent, 0, sizeof(*recent));
	return recent;
}

void sceau_recent_free(struct sceau_recent **recent)
{
	sodium_free(*recent); /* wipes */
	*recent = NULL;
}

void sceau_recent_put(struct sceau_recent *recent,
                      const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                      const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE])
{
	struct entry *entry = &recent->entries[recent->next];

	memcpy(entry->mac, mac, sizeof(entry->mac));
	memcpy(entry->file_key, file_key, sizeof(entry->file_key));
	recent->next = (recent->next + 1) % SCEAU_RECENT_MAX;
	if (recent->used < SCEAU_RECENT_MAX)
		recent->used++;
}

bool sceau_recent_get(const struct sceau_recent *recent,
                      const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                      uint8_t file_key_r[SCEAU_AGE_FILE_KEY_SIZE])
{
	for (unsigned i = 0; i < recent->used; i++) {
		const struct entry *entry = &recent->entries[i];

		/* public: the MAC stands in the file */
		if (memcmp(entry->mac, mac, sizeof(entry->mac)) != 0)
			continue;
		memcpy(file_key_r, entry->file_key, sizeof(entry->file_key));
		return true;
	}
	return false;
}
