/* dnsbl.c - see dnsbl.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/dnsbl.h"
#include "daemon/text_file.h"

static int load_keys(const struct sceau_settings *settings,
                     struct sceau_dnsbl_keys *keys_r, struct sceau_err *err)
{
	struct sceau_text_file file = {
		.path = settings->dnsbl.dnsbl_keys,
		.setting = "dnsbl_keys",
		.may_be_absent = !sceau_conf_is_given(settings->conf,
		                                      "dnsbl_keys"),
		.is_secret = true,
	};
	struct sceau_buf buf;
	int ret;

	sceau_buf_init(&buf, SCEAU_DNSBL_KEYS_FILE_MAX);
	ret = sceau_text_file_read(&file, &buf, err);
	if (ret == 0)
		ret = sceau_dnsbl_keys_parse(sceau_buf_text(&buf), buf.used,
		                             file.path, keys_r, err);
	if (buf.data != NULL)
		explicit_bzero(buf.data, buf.used);
	sceau_buf_deinit(&buf);
	return ret;
}

static int add_lists(const struct sceau_settings *settings,
                     const struct sceau_dnsbl_keys *keys,
                     struct sceau_dnsbl_lists *lists, struct sceau_err *err)
{
	const struct sceau_conf_dnsbl *conf = &settings->dnsbl;
	const struct {
		const char *key;
		const struct sceau_conf_list *items;
		enum sceau_dnsbl_subject subject;
	} rows[] = {
		{ "dnsbl_lists", &conf->dnsbl_lists, SCEAU_DNSBL_CLIENT },
		{ "dnsbl_helo_lists", &conf->dnsbl_helo_lists,
		  SCEAU_DNSBL_HELO },
		{ "dnsbl_sender_lists", &conf->dnsbl_sender_lists,
		  SCEAU_DNSBL_SENDER },
		{ "dnsbl_reverse_lists", &conf->dnsbl_reverse_lists,
		  SCEAU_DNSBL_REVERSE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t j = 0; j < rows[i].items->count; j++) {
			struct sceau_err why;

			if (sceau_dnsbl_lists_add(lists, rows[i].subject,
			                          rows[i].items->items[j], keys,
			                          &why) < 0)
				return sceau_conf_fail(
					settings->conf, rows[i].key, err,
					"list %zu: %s", j + 1, why.text);
		}
	}
	return 0;
}

struct sceau_dnsbl *sceau_dnsbl_load(const struct sceau_settings *settings,
                                     struct sceau_err *err)
{
	struct sceau_dnsbl *dnsbl = calloc(1, sizeof(*dnsbl));
	struct sceau_dnsbl_keys keys = { .count = 0 };

	if (dnsbl == NULL) {
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
		return NULL;
	}
	atomic_init(&dnsbl->references, 1);
	atomic_init(&dnsbl->off, UINT32_MAX);
	if (load_keys(settings, &keys, err) < 0 ||
	    add_lists(settings, &keys, &dnsbl->lists, err) < 0)
		sceau_dnsbl_unref(&dnsbl);
	explicit_bzero(&keys, sizeof(keys));
	return dnsbl;
}

uint32_t sceau_dnsbl_off(const struct sceau_dnsbl *dnsbl)
{
	return atomic_load(&dnsbl->off);
}

struct sceau_dnsbl *sceau_dnsbl_ref(struct sceau_dnsbl *dnsbl)
{
	atomic_fetch_add(&dnsbl->references, 1);
	return dnsbl;
}

void sceau_dnsbl_unref(struct sceau_dnsbl **dnsbl)
{
	struct sceau_dnsbl *old = *dnsbl;

	*dnsbl = NULL;
	if (old == NULL || atomic_fetch_sub(&old->references, 1) > 1)
		return;
	explicit_bzero(&old->lists, sizeof(old->lists));
	free(old);
}
