/* fuzz_greylist_key.c - keys of whatever stands in an envelope
 *
 * The input is recipient, sender and SPF domain, a line each. Properties: a
 * key is printable and can be taken apart into what it was made of, and two
 * mails that differ in a number only have one key.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/greylist_key.h"

#define LINE_SIZE 2000

static void take_line(const char **at, char out[LINE_SIZE])
{
	size_t len = strcspn(*at, "\n");

	snprintf(out, LINE_SIZE, "%.*s", (int)(len < 1900 ? len : 1900), *at);
	*at += len;
	if (**at == '\n')
		(*at)++;
}

static void check_key(const char *key, const char *recipient,
                      const char *sender, const char *origin)
{
	struct sceau_greylist_parts parts;
	struct sceau_err err;

	if (sceau_greylist_key_parse(key, &parts, &err) < 0)
		must(0, err.text);
	REQUIRE(sceau_slice_is(parts.recipient, recipient));
	REQUIRE(sceau_slice_is(parts.sender, sender));
	REQUIRE(sceau_slice_is(parts.origin, origin));
}

static void check_number(const char *sender)
{
	char address[LINE_SIZE + 16], first[SCEAU_GREYLIST_PART_SIZE];
	char second[SCEAU_GREYLIST_PART_SIZE];

	snprintf(address, sizeof(address), "b-12.%s", sender);
	sceau_greylist_sender(address, first);
	snprintf(address, sizeof(address), "b-3456.%s", sender);
	sceau_greylist_sender(address, second);
	if (strlen(sender) < 60)
		REQUIRE(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096], line[LINE_SIZE], key[SCEAU_GREYLIST_KEY_SIZE];
	char recipient[SCEAU_GREYLIST_PART_SIZE];
	char sender[SCEAU_GREYLIST_PART_SIZE];
	char origin[SCEAU_GREYLIST_PART_SIZE];
	struct sceau_ip ip = { .len = 16, .bytes = { 0x20, 1, 0xd, 0xb8 } };
	struct sceau_greylist_parts parts;
	const char *at = text;

	snprintf(text, sizeof(text), "%.*s", (int)(size < 4000 ? size : 4000),
	         (const char *)data);
	(void)sceau_greylist_key_parse(text, &parts, NULL);
	take_line(&at, line);
	sceau_greylist_recipient(line, recipient);
	take_line(&at, line);
	sceau_greylist_sender(line, sender);
	check_number(line);
	take_line(&at, line);
	sceau_greylist_origin(&ip, line, origin);
	sceau_greylist_attempt_key(recipient, sender, origin, key);
	check_key(key, recipient, sender, origin);
	sceau_greylist_client_key(origin, key);
	check_key(key, "", "", origin);
	sceau_greylist_learned_key(recipient, sender, key);
	check_key(key, recipient, sender, "");
	return 0;
}
