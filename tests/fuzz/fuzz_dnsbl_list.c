/* fuzz_dnsbl_list.c - lists and keys as an admin may write them
 *
 * Properties: a key is never shown; a list can be asked for any address; what
 * is no answer stays none, whatever the filter.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "policy/dnsbl.h"

#define SECRET "s3cr3tk3y"

static void check_codes(const struct sceau_dnsbl_list *list)
{
	static const unsigned char refused[4] = { 127, 255, 255, 254 };
	static const unsigned char one[4] = { 127, 0, 0, 1 };
	static const unsigned char parked[4] = { 91, 195, 240, 117 };

	REQUIRE(sceau_dnsbl_list_code(list, refused) ==
	        SCEAU_DNSBL_CODE_REFUSED);
	REQUIRE(sceau_dnsbl_list_code(list, one) == SCEAU_DNSBL_CODE_REFUSED);
	REQUIRE(sceau_dnsbl_list_code(list, parked) == SCEAU_DNSBL_CODE_ODD);
}

static void check_list(const struct sceau_dnsbl_lists *lists)
{
	const struct sceau_dnsbl_list *list = &lists->list[0];
	struct sceau_ip ip = { .len = 16, .bytes = { 0x20, 1, 0xd, 0xb8 } };
	struct sceau_dnsbl_query query = { .client = &ip };
	struct sceau_dnsbl_check check;
	struct sceau_dns_question question;

	check_codes(list);
	REQUIRE(list->weight != 0);
	REQUIRE(strstr(list->name, SECRET) == NULL);
	sceau_dnsbl_check_init(&check, lists, &query);
	REQUIRE(sceau_dnsbl_decider.ask(&check, &question) == 1);
	REQUIRE(sceau_dns_name_is_valid(question.name));
	REQUIRE(sceau_dnsbl_decider.ask(&check, &question) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sceau_dnsbl_keys keys = {
		.entry = { { "k", SECRET } },
		.count = 1,
	};
	struct sceau_dnsbl_lists lists = { .count = 0 };
	struct sceau_dnsbl_keys read;
	struct sceau_err err = { .text = "" };
	char text[1024];

	if (sceau_dnsbl_keys_parse((const char *)data, size, "f", &read, &err) <
	    0)
		REQUIRE(strncmp(err.text, "f:", 2) == 0);
	snprintf(text, sizeof(text), "%.*s", (int)(size < 1000 ? size : 1000),
	         (const char *)data);
	if (strstr(text, SECRET) != NULL)
		return 0;
	if (sceau_dnsbl_lists_add(&lists, SCEAU_DNSBL_CLIENT, text, &keys,
	                          &err) == 0)
		check_list(&lists);
	REQUIRE(strstr(err.text, SECRET) == NULL);
	return 0;
}
