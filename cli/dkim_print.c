/* dkim_print.c - how sceau dkim shows keys and their records
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/dkim.h"
#include "cli/json_print.h"

/* A string of a TXT record holds 255 bytes (RFC 1035 3.3.14); some forms and
   zone files take fewer. */
#define STRING_MAX 240

int sceau_dkim_print_zone(const struct sceau_dkim_key *key,
                          struct sceau_buf *out, struct sceau_err *err)
{
	struct sceau_buf record;
	int ret;

	sceau_buf_init(&record, SCEAU_DKIM_RECORD_MAX);
	ret = sceau_dkim_published_record(key, &record, err);
	(void)sceau_buf_appendf(out, "%s._domainkey.%s. IN TXT (",
	                        sceau_dkim_key_selector(key),
	                        sceau_dkim_key_domain(key));
	for (size_t pos = 0; pos < record.used; pos += STRING_MAX)
		(void)sceau_buf_appendf(out, "\n\t\"%.*s\"", STRING_MAX,
		                        record.data + pos);
	(void)sceau_buf_append_text(out, " )\n");
	sceau_buf_deinit(&record);
	if (ret == 0 && out->failed)
		ret = sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	return ret;
}

static json_t *file_json(const struct sceau_dkim_file *file, bool was_asked)
{
	const struct sceau_dkim_key *key = file->key;
	struct sceau_buf record;
	json_t *object = json_pack("{s:s,s:s,s:s,s:s}", "domain", file->domain,
	                           "selector", file->selector, "file",
	                           file->path, "stage",
	                           sceau_dkim_file_stage(file));

	if (object == NULL)
		return NULL;
	if (key == NULL) {
		json_object_set_new(object, "error",
		                    json_string(file->err.text));
		return object;
	}
	sceau_buf_init(&record, SCEAU_DKIM_RECORD_MAX);
	(void)sceau_dkim_published_record(key, &record, NULL);
	json_object_set_new(object, "type",
	                    json_string(sceau_dkim_key_type_name(
				    sceau_dkim_key_type(key))));
	if (sceau_dkim_key_bits(key) > 0)
		json_object_set_new(object, "bits",
		                    json_integer(sceau_dkim_key_bits(key)));
	json_object_set_new(
		object, "name",
		json_sprintf("%s._domainkey.%s", file->selector, file->domain));
	json_object_set_new(object, "record",
	                    json_string(sceau_buf_text(&record)));
	sceau_buf_deinit(&record);
	if (was_asked && file->stage != SCEAU_DKIM_RETIRED) {
		json_object_set_new(
			object, "published",
			json_string(sceau_dkim_published_name(file->state)));
		if (file->reason[0] != '\0')
			json_object_set_new(object, "reason",
			                    json_string(file->reason));
	}
	return object;
}

static int print_json(const struct sceau_dkim_dir *dir, bool was_asked,
                      struct sceau_err *err)
{
	json_t *root = json_array();

	for (size_t i = 0; root != NULL && i < dir->count; i++) {
		if (json_array_append_new(
			    root, file_json(&dir->files[i], was_asked)) < 0) {
			json_decref(root);
			root = NULL;
		}
	}
	return sceau_cli_print_json(root, err);
}

static void print_row(const struct sceau_dkim_file *file, bool was_asked)
{
	const struct sceau_dkim_key *key = file->key;
	char kind[32] = "-";

	if (key != NULL && sceau_dkim_key_bits(key) > 0)
		(void)snprintf(kind, sizeof(kind), "rsa-%u",
		               sceau_dkim_key_bits(key));
	else if (key != NULL)
		(void)snprintf(
			kind, sizeof(kind), "%s",
			sceau_dkim_key_type_name(sceau_dkim_key_type(key)));
	printf("%s %s %s %s", file->domain, file->selector, kind,
	       sceau_dkim_file_stage(file));
	if (key == NULL)
		printf(" error (%s)", file->err.text);
	else if (was_asked && file->stage != SCEAU_DKIM_RETIRED)
		printf(" %s", sceau_dkim_published_name(file->state));
	if (key != NULL && was_asked && file->reason[0] != '\0')
		printf(" (%s)", file->reason);
	(void)putchar('\n');
}

int sceau_dkim_print_files(const struct sceau_dkim_dir *dir,
                           const struct sceau_dkim_report *report,
                           struct sceau_err *err)
{
	struct sceau_buf zone;
	int ret = 0;

	if (report->is_json)
		return print_json(dir, report->was_asked, err);
	sceau_buf_init(&zone, SCEAU_DKIM_RECORD_MAX * 2);
	for (size_t i = 0; ret == 0 && i < dir->count; i++) {
		const struct sceau_dkim_file *file = &dir->files[i];

		print_row(file, report->was_asked);
		if (!report->has_records || file->key == NULL ||
		    file->stage == SCEAU_DKIM_RETIRED)
			continue;
		sceau_buf_clear(&zone);
		ret = sceau_dkim_print_zone(file->key, &zone, err);
		if (ret == 0)
			(void)fputs(zone.data, stdout);
	}
	sceau_buf_deinit(&zone);
	return ret;
}
