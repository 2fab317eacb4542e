/* fuzz_dovecot_conf.c - any text as what doveconf prints
 *
 * Properties: a value lies within the text; what has a word has the setting.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/dovecot_conf.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	struct sceau_slice value = { NULL, 0 };
	bool is_there = sceau_dovecot_conf_get(text, "mail_plugins", &value);

	if (is_there && value.len > 0)
		REQUIRE(value.data >= text.data &&
		        value.data + value.len <= text.data + text.len);
	if (sceau_dovecot_conf_has(text, "mail_plugins", "sceau"))
		REQUIRE(is_there && value.len >= 5);
	(void)sceau_dovecot_conf_is_in_home(text);
	return 0;
}
