/* dkim_make.c - sceau dkim new, rotate, retire: the life of a key
 *
 * A key is made whole or not at all; a file changes its stage by rename(2), and
 * never into a name that is taken. Nothing is deleted.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/cli.h"
#include "cli/dkim.h"
#include "daemon/idna.h"

#define DEFAULT_BITS 2048
#define RELOAD "systemctl reload sceau-milter@sign"

static enum sceau_dkim_key_type
wanted_type(const struct sceau_dkim_cli_options *options)
{
	return options->is_ed25519 ? SCEAU_DKIM_ED25519 : SCEAU_DKIM_RSA;
}

/* The first key of a type in a stage, signing if it is active; or NULL. */
static struct sceau_dkim_file *find(struct sceau_dkim_dir *dir,
                                    enum sceau_dkim_key_type type,
                                    enum sceau_dkim_stage stage)
{
	for (size_t i = 0; i < dir->count; i++) {
		struct sceau_dkim_file *file = &dir->files[i];

		if (file->key != NULL && file->stage == stage &&
		    sceau_dkim_key_type(file->key) == type &&
		    (stage != SCEAU_DKIM_ACTIVE || file->signs))
			return file;
	}
	return NULL;
}

static struct sceau_dkim_file *find_selector(struct sceau_dkim_dir *dir,
                                             const char *selector)
{
	for (size_t i = 0; i < dir->count; i++) {
		if (sceau_text_equal_nocase(dir->files[i].selector, selector))
			return &dir->files[i];
	}
	return NULL;
}

/* Nothing is done beside a file that cannot be read: which key it is, or whose,
   is not known. */
static int check_files(const struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	for (size_t i = 0; i < dir->count; i++) {
		const struct sceau_dkim_file *file = &dir->files[i];

		if (file->key == NULL && file->stage != SCEAU_DKIM_RETIRED) {
			*err = file->err;
			return -1;
		}
	}
	return 0;
}

/* The month: r202611, e202611; one more letter when it is taken. */
static int choose_selector(const struct sceau_dkim_cli_options *options,
                           struct sceau_dkim_dir *dir, char out[64],
                           struct sceau_err *err)
{
	time_t now = time(NULL);
	char month[16] = "";
	struct tm date;

	if (options->selector != NULL) {
		if (find_selector(dir, options->selector) != NULL)
			return sceau_fail(
				err, SCEAU_FAULT_CONFIG,
				"%s: a key with this selector is "
				"there; choose another one",
				find_selector(dir, options->selector)->path);
		(void)snprintf(out, 64, "%s", options->selector);
		return 0;
	}
	if (gmtime_r(&now, &date) == NULL ||
	    strftime(month, sizeof(month), "%Y%m", &date) == 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no date");
	for (char letter = 'a' - 1; letter <= 'z'; letter++) {
		(void)snprintf(out, 64, "%c%s%.1s",
		               options->is_ed25519 ? 'e' : 'r', month,
		               letter < 'a' ? "" : &letter);
		if (find_selector(dir, out) == NULL)
			return 0;
	}
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "no selector left for this month: --selector");
}

/* Write key to DIRECTORY/DOMAIN/SELECTOR.suffix, and the directory if it is not
   there. */
static int write_key(const struct sceau_dkim_dir *dir,
                     const struct sceau_dkim_key *key, const char *suffix,
                     char path[PATH_MAX], struct sceau_err *err)
{
	char name[NAME_MAX + 1], domain[PATH_MAX];
	struct sceau_io_file file = { .name = name, .mode = 0600 };
	char *pem = sceau_dkim_key_print_private(key, &file.len);
	struct stat st;
	int ret;

	if (pem == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	file.data = pem;
	(void)snprintf(name, sizeof(name), "%s%s", sceau_dkim_key_selector(key),
	               suffix);
	(void)snprintf(domain, sizeof(domain), "%s/%s", dir->path,
	               sceau_dkim_key_domain(key));
	(void)snprintf(path, PATH_MAX, "%s/%s", domain, name);
	if (stat(domain, &st) == 0)
		ret = sceau_io_create_file(domain, &dir->owner, &file, err);
	else
		ret = sceau_io_create_directory(domain, &dir->owner, &file, 1,
		                                err);
	sodium_free(pem);
	return ret;
}

static int make_key(const struct sceau_dkim_cli_options *options,
                    struct sceau_dkim_dir *dir, const char *suffix,
                    struct sceau_dkim_file *file_r, struct sceau_err *err)
{
	char domain[SCEAU_IDNA_SIZE], selector[64];
	unsigned bits = options->bits != 0 ? options->bits : DEFAULT_BITS;

	if (sceau_idna_to_ascii(sceau_slice_of(options->domain), domain,
	                        sizeof(domain)) < 0 ||
	    choose_selector(options, dir, selector, err) < 0)
		return -1;
	memset(file_r, 0, sizeof(*file_r));
	file_r->reason = "";
	(void)snprintf(file_r->domain, sizeof(file_r->domain), "%s", domain);
	(void)snprintf(file_r->selector, sizeof(file_r->selector), "%s",
	               selector);
	if (sceau_dkim_key_generate(wanted_type(options), bits, domain,
	                            selector, &file_r->key, err) < 0)
		return -1;
	return write_key(dir, file_r->key, suffix, file_r->path, err);
}

/* A report on one file. */
static int print_one(struct sceau_dkim_file *file,
                     const struct sceau_dkim_cli_options *options,
                     bool was_asked, struct sceau_err *err)
{
	struct sceau_dkim_dir one = { .files = file, .count = 1 };
	struct sceau_dkim_report report = { .is_json = true,
		                            .was_asked = was_asked };
	struct sceau_buf zone;
	int ret;

	if (options->wants_json)
		return sceau_dkim_print_files(&one, &report, err);
	sceau_buf_init(&zone, SCEAU_DKIM_RECORD_MAX * 2);
	ret = sceau_dkim_print_zone(file->key, &zone, err);
	if (ret == 0)
		(void)fputs(zone.data, stdout);
	sceau_buf_deinit(&zone);
	return ret;
}

/* --- new --- */

static int make_new(const struct sceau_dkim_cli_options *options,
                    struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	enum sceau_dkim_key_type type = wanted_type(options);
	const struct sceau_dkim_file *there;
	struct sceau_dkim_file file;
	int ret;

	if (sceau_dkim_dir_open(options, dir, err) < 0 ||
	    check_files(dir, err) < 0)
		return -1;
	there = find(dir, type, SCEAU_DKIM_ACTIVE);
	if (there != NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s signs already; for another one in its "
		                  "place: sceau dkim rotate %s%s",
		                  there->path, options->domain,
		                  options->is_ed25519 ? " --type ed25519" : "");
	ret = make_key(options, dir, ".private", &file, err);
	file.signs = true;
	if (ret == 0)
		ret = print_one(&file, options, false, err);
	if (ret == 0)
		(void)fprintf(stderr,
		              "sceau: dkim: made %s. Publish the record above, "
		              "look with sceau dkim show %s, then: " RELOAD
		              "\n",
		              file.path, options->domain);
	sceau_dkim_key_free(&file.key);
	return ret;
}

/* --- stages --- */

/* rename(2) that never replaces. */
static int rename_new(const char *from, const char *to)
{
	struct stat st;
	int ret = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	/* a file system that does not know the flag */
	if (ret < 0 && errno == EINVAL) {
		if (lstat(to, &st) == 0) {
			errno = EEXIST;
			return -1;
		}
		ret = rename(from, to);
	}
	return ret;
}

/* Give file another stage, by its suffix. */
static int move(struct sceau_dkim_file *file, enum sceau_dkim_stage stage,
                const char *suffix, struct sceau_err *err)
{
	char path[PATH_MAX];
	const char *slash = strrchr(file->path, '/');
	int fd, len;

	len = snprintf(path, sizeof(path), "%.*s/%s%s",
	               (int)(slash - file->path), file->path, file->selector,
	               suffix);
	if (len < 0 || (size_t)len >= sizeof(path))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: path is too long", file->path);
	if (rename_new(file->path, path) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "cannot rename %s to %s: %s", file->path,
		                  path, strerror(errno));
	path[slash - file->path] = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	path[slash - file->path] = '/';
	(void)snprintf(file->path, sizeof(file->path), "%s", path);
	file->stage = stage;
	return 0;
}

/* --- rotate --- */

/* First the new key signs, then the old one no more: a daemon that reads the
   directory in between finds both. */
static int activate(const struct sceau_dkim_cli_options *options,
                    struct sceau_dkim_dir *dir, struct sceau_dkim_file *next,
                    struct sceau_err *err)
{
	struct sceau_dkim_file *old = find(dir, wanted_type(options),
	                                   SCEAU_DKIM_ACTIVE);

	if (move(next, SCEAU_DKIM_ACTIVE, ".private", err) < 0)
		return -1;
	next->signs = true;
	if (old != NULL && move(old, SCEAU_DKIM_RETIRED, ".retired", err) < 0)
		return -1;
	(void)fprintf(stderr,
	              "sceau: dkim: %s signs from the next reload on (" RELOAD
	              ")%s%s\n",
	              next->path,
	              old != NULL ? "; keep the record of the old key for a "
	                            "week: "
	                          : "",
	              old != NULL ? old->path : "");
	if (!options->wants_json)
		return 0;
	return print_one(next, options, true, err);
}

static int stage_new(const struct sceau_dkim_cli_options *options,
                     struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	struct sceau_dkim_file file;
	int ret = make_key(options, dir, ".staged", &file, err);

	file.stage = SCEAU_DKIM_STAGED;
	if (ret == 0)
		ret = print_one(&file, options, false, err);
	if (ret == 0)
		(void)fprintf(stderr,
		              "sceau: dkim: made %s. Publish the record above, "
		              "then put it to work by the same command\n",
		              file.path);
	sceau_dkim_key_free(&file.key);
	return ret;
}

/* Returns an exit status, or -1 with err. */
static int rotate(const struct sceau_dkim_cli_options *options,
                  struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	struct sceau_dkim_file *next;

	if (sceau_dkim_dir_open(options, dir, err) < 0 ||
	    check_files(dir, err) < 0)
		return -1;
	next = find(dir, wanted_type(options), SCEAU_DKIM_STAGED);
	if (next == NULL)
		return stage_new(options, dir, err);
	if (sceau_dkim_dir_ask(dir, err) < 0)
		return -1;
	if (next->state != SCEAU_DKIM_PUBLISHED && !options->is_forced) {
		(void)fprintf(
			stderr, "sceau: dkim: %s is not put to work: %s (%s)\n",
			next->path, sceau_dkim_published_name(next->state),
			next->reason);
		if (print_one(next, options, true, err) < 0)
			return -1;
		return next->state == SCEAU_DKIM_UNKNOWN ? SCEAU_EXIT_TEMP
		                                         : SCEAU_EXIT_FINDINGS;
	}
	return activate(options, dir, next, err);
}

/* --- retire --- */

static int retire(const struct sceau_dkim_cli_options *options,
                  struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	struct sceau_dkim_file *file;
	bool was_signing;

	if (sceau_dkim_dir_open(options, dir, err) < 0)
		return -1;
	file = find_selector(dir, options->selector);
	if (file == NULL || file->stage == SCEAU_DKIM_RETIRED)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s: no key with selector %s that is not "
		                  "retired",
		                  options->domain, options->selector);
	was_signing = file->stage == SCEAU_DKIM_ACTIVE;
	if (move(file, SCEAU_DKIM_RETIRED, ".retired", err) < 0)
		return -1;
	file->signs = false;
	if (options->wants_json && file->key != NULL)
		return print_one(file, options, false, err);
	(void)fprintf(stderr, "sceau: dkim: %s%s\n", file->path,
	              was_signing ? " signs no more from the next reload on "
	                            "(" RELOAD "); keep its record for a week"
	                          : "");
	return 0;
}

/* --- the verbs --- */

typedef int verb(const struct sceau_dkim_cli_options *options,
                 struct sceau_dkim_dir *dir, struct sceau_err *err);

static int run(verb *what, const struct sceau_dkim_cli_options *options)
{
	struct sceau_dkim_dir dir = { .count = 0 };
	struct sceau_err err;
	int status = what(options, &dir, &err);

	sceau_dkim_dir_close(&dir);
	return status < 0 ? sceau_cli_fail("dkim", &err) : status;
}

int sceau_dkim_run_new(const struct sceau_dkim_cli_options *options)
{
	return run(make_new, options);
}

int sceau_dkim_run_rotate(const struct sceau_dkim_cli_options *options)
{
	return run(rotate, options);
}

int sceau_dkim_run_retire(const struct sceau_dkim_cli_options *options)
{
	if (options->selector == NULL)
		return sceau_cli_usage(&sceau_noun_dkim);
	return run(retire, options);
}
