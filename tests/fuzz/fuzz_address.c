/* fuzz_address.c - addresses from any text
 *
 * Properties: print then parse is identity, as a path with and without
 * brackets and as an entry of a list; no control character and nothing but
 * UTF-8 comes out; a list stays over.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/address.h"

static void require_clean(const char *text)
{
	REQUIRE(sceau_text_is_utf8(text, strlen(text)));
	for (; *text != '\0'; text++)
		REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_list_of_one(const struct sceau_address *address,
                              const char *text)
{
	struct sceau_address_list list;
	struct sceau_address_mailbox mailbox;

	sceau_address_list_init(&list, sceau_slice_of(text));
	REQUIRE(sceau_address_list_next(&list, &mailbox, NULL) == 1);
	REQUIRE(sceau_address_equal(&mailbox.address, address));
	REQUIRE(sceau_address_list_next(&list, &mailbox, NULL) == 0);
}

static void check(const struct sceau_address *address)
{
	char text[SCEAU_ADDRESS_TEXT_MAX], path[SCEAU_ADDRESS_TEXT_MAX + 2];
	struct sceau_address again;

	require_clean(address->local);
	require_clean(address->domain);
	sceau_address_print(address, text);
	REQUIRE(strlen(text) < SCEAU_ADDRESS_TEXT_MAX);
	REQUIRE(sceau_address_parse_path(sceau_slice_of(text), &again, NULL) ==
	        0);
	REQUIRE(sceau_address_equal(address, &again));
	snprintf(path, sizeof(path), "<%s>", text);
	REQUIRE(sceau_address_parse_path(sceau_slice_of(path), &again, NULL) ==
	        0);
	REQUIRE(sceau_address_equal(address, &again));
	if (sceau_address_is_null(address))
		return;
	check_list_of_one(address, path);
	check_list_of_one(address, text);
}

static void check_list(struct sceau_slice value)
{
	struct sceau_address_list list;
	struct sceau_address_mailbox mailbox;
	const char *end = value.data + value.len;

	sceau_address_list_init(&list, value);
	while (sceau_address_list_next(&list, &mailbox, NULL) > 0) {
		check(&mailbox.address);
		REQUIRE(mailbox.name.len == 0 ||
		        (mailbox.name.data >= value.data &&
		         mailbox.name.data + mailbox.name.len <= end));
	}
	REQUIRE(sceau_address_list_next(&list, &mailbox, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	struct sceau_address address;

	if (sceau_address_parse_path(text, &address, NULL) == 0)
		check(&address);
	if (sceau_address_parse_internal(text, &address, NULL) == 0)
		check(&address);
	check_list(text);
	return 0;
}
