/* test_recent.c - keys of files just written: found, then forgotten
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dovecot-plugin/recent.h"

static void make(unsigned number, uint8_t mac[SCEAU_AGE_MAC_SIZE],
                 uint8_t key[SCEAU_AGE_FILE_KEY_SIZE])
{
	memset(mac, 0x5a, SCEAU_AGE_MAC_SIZE);
	mac[SCEAU_AGE_MAC_SIZE - 1] = (uint8_t)number;
	memset(key, (int)number + 1, SCEAU_AGE_FILE_KEY_SIZE);
}

static void put(struct sceau_recent *recent, unsigned number)
{
	uint8_t mac[SCEAU_AGE_MAC_SIZE], key[SCEAU_AGE_FILE_KEY_SIZE];

	make(number, mac, key);
	sceau_recent_put(recent, mac, key);
}

static void check(const struct sceau_recent *recent, unsigned number, bool want)
{
	uint8_t mac[SCEAU_AGE_MAC_SIZE], key[SCEAU_AGE_FILE_KEY_SIZE];
	uint8_t got[SCEAU_AGE_FILE_KEY_SIZE] = { 0 };

	make(number, mac, key);
	if (sceau_recent_get(recent, mac, got) != want)
		fail_msg("key %u: got %s, want %s", number,
		         want ? "nothing" : "one", want ? "one" : "nothing");
	if (!want)
		memset(key, 0, sizeof(key)); /* untouched */
	assert_memory_equal(got, key, sizeof(key));
}

static void test_found_until_full(void **state)
{
	struct sceau_recent *recent = sceau_recent_new();

	(void)state;
	assert_non_null(recent);
	check(recent, 0, false);
	for (unsigned i = 0; i < SCEAU_RECENT_MAX; i++) {
		put(recent, i);
		check(recent, i, true);
		check(recent, 0, true);
		check(recent, i + 1, false);
	}
	put(recent, 200);
	check(recent, 200, true);
	check(recent, 0, false);
	check(recent, 1, true);
	sceau_recent_free(&recent);
	assert_null(recent);
	sceau_recent_free(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_until_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
