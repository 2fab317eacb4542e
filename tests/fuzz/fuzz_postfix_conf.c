/* fuzz_postfix_conf.c - any text as what postconf prints, any list in it
 *
 * Properties: every service and setting that was read has its strings; words
 * lie within their list and the list comes to its end; line numbers are within
 * the text.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/postfix_conf.h"
#include "cli/postfix_list.h"
#include "fuzz/fuzz.h"

static void check_list(struct sceau_slice text)
{
	struct sceau_slice rest = text, value;
	struct sceau_postfix_word word;
	struct sceau_postfix_peer peer;
	size_t words = 0;

	while (sceau_postfix_list_next(&rest, &word)) {
		REQUIRE(++words <= text.len);
		REQUIRE(word.text.len + word.options.len <= text.len);
		REQUIRE(rest.data >= text.data &&
		        rest.data + rest.len == text.data + text.len);
		(void)sceau_postfix_word_option(&word, "default_action",
		                                &value);
		if (sceau_postfix_peer_parse(word.text, &peer))
			REQUIRE(peer.is_unix ? peer.path.len > 0
			                     : peer.port.len > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	struct sceau_postfix_conf conf;

	sceau_postfix_conf_init(&conf);
	if (sceau_postfix_conf_read_main(&conf, text, NULL) == 0 &&
	    sceau_postfix_conf_read_fields(&conf, text, NULL) == 0)
		(void)sceau_postfix_conf_read_options(&conf, text, NULL);
	REQUIRE(conf.service_count <= SCEAU_POSTFIX_SERVICES_MAX);
	REQUIRE(conf.setting_count <= SCEAU_POSTFIX_SETTINGS_MAX);
	for (size_t i = 0; i < conf.service_count; i++) {
		const struct sceau_postfix_service *service = &conf.services[i];

		REQUIRE(service->name != NULL && service->chroot != NULL);
		(void)sceau_postfix_conf_is_chrooted(&conf, service);
		(void)sceau_postfix_service_host(service->name);
	}
	for (size_t i = 0; i < conf.setting_count; i++)
		check_list(sceau_slice_of(conf.settings[i].value));
	sceau_postfix_conf_deinit(&conf);
	check_list(text);
	REQUIRE(sceau_postfix_main_line(text, "a") <= size);
	REQUIRE(sceau_postfix_master_line(text, "smtp", "inet") <= size);
	return 0;
}
