/* test_header_vectors.c - headers of mails that nobody of this project wrote
 *
 * 497 messages of other projects' tests, many of them malformed on purpose:
 * each is scanned in chunks of several sizes and has to come out byte for
 * byte; every address, Received and Authentication-Results field in them is
 * read by its room. Skipped (77) where the vectors are missing.
 *
 * SPDX-License-Identifier: MIT
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth/auth_results.h"
#include "mail/address.h"
#include "mail/header_cleanup.h"
#include "mail/header_scan.h"
#include "mail/received.h"

#define MAIL_MAX (16U << 20)

static char root[4096];
static unsigned mails, fields, mailboxes, cleaned;

struct scanned {
	struct sceau_header header;
	struct sceau_header_scan scan;
	size_t used;
};

static void scan_mail(struct scanned *s, const char *mail, size_t len,
                      size_t chunk)
{
	int ret = 0;

	sceau_header_init(&s->header, SCEAU_HEADER_FIELDS_MAX,
	                  SCEAU_HEADER_BYTES_MAX);
	sceau_header_scan_init(&s->scan, &s->header);
	s->used = 0;
	while (s->used < len && ret == 0) {
		size_t n = len - s->used < chunk ? len - s->used : chunk;
		size_t used;

		ret = sceau_header_scan_feed(&s->scan, mail + s->used, n, &used,
		                             NULL);
		s->used += used;
	}
	assert_true(ret >= 0);
	assert_int_equal(sceau_header_scan_finish(&s->scan, NULL), 0);
}

static void release(struct scanned *s)
{
	sceau_header_scan_deinit(&s->scan);
	sceau_header_deinit(&s->header);
}

static void assert_identity(const struct scanned *s, const char *path,
                            const char *mail, size_t len)
{
	struct sceau_slice left = sceau_header_scan_left(&s->scan);
	struct sceau_buf out;

	sceau_buf_init(&out, len + 100);
	sceau_header_print(&s->header, &out);
	sceau_buf_append_text(&out, sceau_header_scan_separator(&s->scan));
	sceau_buf_append(&out, left.data, left.len);
	sceau_buf_append(&out, mail + s->used, len - s->used);
	if (out.used != len || (len > 0 && memcmp(out.data, mail, len) != 0))
		fail_msg("%s: printed otherwise", path);
	sceau_buf_deinit(&out);
}

static void read_addresses(const struct sceau_header *header, const char *name)
{
	size_t i;

	for (size_t from = 0; sceau_header_find(header, name, from, &i);
	     from = i + 1) {
		struct sceau_address_list list;
		struct sceau_address_mailbox mailbox;

		sceau_address_list_init(&list,
		                        sceau_header_get(header, i).value);
		while (sceau_address_list_next(&list, &mailbox, NULL) > 0) {
			char text[SCEAU_ADDRESS_TEXT_MAX];
			struct sceau_address again;

			sceau_address_print(&mailbox.address, text);
			assert_int_equal(
				sceau_address_parse_path(sceau_slice_of(text),
			                                 &again, NULL),
				0);
			assert_true(
				sceau_address_equal(&mailbox.address, &again));
			mailboxes++;
		}
	}
}

/* None of these mails began on a host of ours, and no verdict in them is. */
static void read_rooms(struct sceau_header *header, const char *path)
{
	struct sceau_slice host = sceau_slice_of("mx.home.example");
	size_t count, i;
	const struct sceau_header_cleanup_rule *rules =
		sceau_header_cleanup_default_rules(&count);

	read_addresses(header, "From");
	read_addresses(header, "To");
	read_addresses(header, "Cc");
	for (size_t from = 0; sceau_header_find(header, "Received", from, &i);
	     from = i + 1) {
		enum sceau_received_kind kind = sceau_received_judge(
			sceau_header_get(header, i).value, host);

		if (kind != SCEAU_RECEIVED_FOREIGN &&
		    kind != SCEAU_RECEIVED_LOOPBACK)
			fail_msg("%s: a line of ours?", path);
	}
	for (size_t from = 0;
	     sceau_header_find(header, "Authentication-Results", from, &i);
	     from = i + 1) {
		if (sceau_auth_results_is_ours(
			    sceau_header_get(header, i).value, host))
			fail_msg("%s: a verdict of ours?", path);
	}
	assert_int_equal(sceau_header_cleanup_apply(header, rules, count, NULL),
	                 0);
	if (sceau_header_is_edited(header))
		cleaned++;
}

static void check_mail(const char *path, const char *mail, size_t len)
{
	static const size_t chunks[] = { 1, 7, 4096, MAIL_MAX };

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct scanned s;

		scan_mail(&s, mail, len, chunks[i]);
		assert_identity(&s, path, mail, len);
		if (i == 0) {
			fields += (unsigned)s.header.count;
			read_rooms(&s.header, path);
		}
		release(&s);
	}
	mails++;
}

static int visit(const char *path, const struct stat *st, int type,
                 struct FTW *ftw)
{
	/* Beside the mails stand notes on their origin. */
	if (type != FTW_F || strstr(path + ftw->base, "origin") != NULL)
		return 0;
	assert_true(st->st_size <= MAIL_MAX);

	FILE *f = fopen(path, "rb");
	char *mail = malloc((size_t)st->st_size + 1);

	assert_non_null(f);
	assert_non_null(mail);
	size_t len = fread(mail, 1, (size_t)st->st_size, f);
	fclose(f);
	check_mail(path, mail, len);
	free(mail);
	return 0;
}

static void test_all_mails(void **state)
{
	(void)state;
	assert_int_equal(nftw(root, visit, 16, FTW_PHYS), 0);
	printf("%u mails, %u fields, %u mailboxes, %u cleaned\n", mails, fields,
	       mailboxes, cleaned);
	assert_int_equal(mails, 497);
	assert_true(fields > 3500 && mailboxes > 700 && cleaned > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_mails),
	};
	const char *vectors = getenv("SCEAU_VECTORS");
	struct stat st;

	snprintf(root, sizeof(root), "%s/mail", vectors == NULL ? "" : vectors);
	if (vectors == NULL || stat(root, &st) < 0) {
		printf("skipped: no mails at $SCEAU_VECTORS/mail\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
