/* dkim_dir.c - the key directory, as the verbs of sceau dkim see it
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/dkim.h"
#include "daemon/dkim_key_file.h"
#include "daemon/idna.h"
#include "daemon/resolve.h"

static const char *const suffixes[] = {
	[SCEAU_DKIM_ACTIVE] = ".private",
	[SCEAU_DKIM_STAGED] = ".staged",
	[SCEAU_DKIM_RETIRED] = ".retired",
};

#define STAGES (sizeof(suffixes) / sizeof(suffixes[0]))

/* Root makes files for the user that will sign; anybody else for himself. */
static int find_owner(struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	const char *user = dir->resolver.settings->common.sign_user;
	const struct passwd *entry;

	dir->owner = (struct sceau_io_owner){ false, geteuid(), getegid() };
	if (geteuid() != 0)
		return 0;
	entry = getpwnam(user);
	if (entry == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "there is no user \"%s\" (sign_user)", user);
	dir->owner = (struct sceau_io_owner){ true, entry->pw_uid,
		                              entry->pw_gid };
	return 0;
}

/* The suffix of a key file's name; -1: another file. */
static int stage_of(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < STAGES && name[0] != '.'; i++) {
		size_t tail = strlen(suffixes[i]);

		if (len > tail && strcmp(name + len - tail, suffixes[i]) == 0)
			return (int)i;
	}
	return -1;
}

static int add_file(struct sceau_dkim_dir *dir, const char *domain,
                    const char *name, int stage, struct sceau_err *err)
{
	struct sceau_dkim_file *grown = reallocarray(dir->files, dir->count + 1,
	                                             sizeof(*grown));
	struct sceau_dkim_file *file;
	int len;

	if (grown == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	dir->files = grown;
	file = &grown[dir->count++];
	memset(file, 0, sizeof(*file));
	file->stage = (enum sceau_dkim_stage)stage;
	file->reason = "";
	(void)snprintf(file->domain, sizeof(file->domain), "%s", domain);
	(void)snprintf(file->selector, sizeof(file->selector), "%.*s",
	               (int)(strlen(name) - strlen(suffixes[stage])), name);
	len = snprintf(file->path, sizeof(file->path), "%s/%s/%s", dir->path,
	               domain, name);
	if (len < 0 || (size_t)len >= sizeof(file->path))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "%s/%s: path is too long", dir->path, domain);
	if (sceau_dkim_key_file_read(file->path, dir->owner.uid, domain,
	                             file->selector, &file->key,
	                             &file->err) == 0)
		file->err.fault = SCEAU_FAULT_NONE;
	return 0;
}

static int add_domain(struct sceau_dkim_dir *dir, const char *domain,
                      bool must_exist, struct sceau_err *err)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *list;
	int ret = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", dir->path, domain);
	list = opendir(path);
	if (list == NULL && !must_exist &&
	    (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (list == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", path,
		                  strerror(errno));
	while (ret == 0 && (entry = readdir(list)) != NULL) {
		int stage = stage_of(entry->d_name);

		if (stage >= 0)
			ret = add_file(dir, domain, entry->d_name, stage, err);
	}
	(void)closedir(list);
	return ret;
}

static int add_domains(struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	struct dirent *entry;
	DIR *list = opendir(dir->path);
	int ret = 0;

	if (list == NULL)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: %s", dir->path,
		                  strerror(errno));
	while (ret == 0 && (entry = readdir(list)) != NULL) {
		if (entry->d_name[0] != '.')
			ret = add_domain(dir, entry->d_name, false, err);
	}
	(void)closedir(list);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const struct sceau_dkim_file *x = a, *y = b;
	int order = strcmp(x->domain, y->domain);

	if (order == 0 && x->stage != y->stage)
		order = x->stage < y->stage ? -1 : 1;
	return order != 0 ? order : strcmp(x->selector, y->selector);
}

/* As sceau_dkim_keys_find chooses. */
static void mark_signers(struct sceau_dkim_dir *dir)
{
	for (size_t i = 0; i < dir->count; i++) {
		struct sceau_dkim_file *file = &dir->files[i];
		bool is_first = true;

		if (file->key == NULL || file->stage != SCEAU_DKIM_ACTIVE)
			continue;
		for (size_t j = 0; j < i; j++) {
			const struct sceau_dkim_file *other = &dir->files[j];

			if (other->signs &&
			    strcmp(other->domain, file->domain) == 0 &&
			    sceau_dkim_key_type(other->key) ==
			            sceau_dkim_key_type(file->key))
				is_first = false;
		}
		file->signs = is_first;
	}
}

int sceau_dkim_dir_open(const struct sceau_dkim_cli_options *options,
                        struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	char ascii[SCEAU_IDNA_SIZE];
	const char *path = options->directory;
	int ret;

	if (sceau_cli_resolver_open(options->conf_file, options->resolver,
	                            &dir->resolver, err) < 0)
		return -1;
	if (path == NULL)
		path = dir->resolver.settings->milter.sign_key_directory;
	if (snprintf(dir->path, PATH_MAX, "%s", path) >= PATH_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG, "%s: too long",
		                  path);
	if (find_owner(dir, err) < 0)
		return -1;
	if (options->domain != NULL &&
	    sceau_idna_to_ascii(sceau_slice_of(options->domain), ascii,
	                        sizeof(ascii)) < 0)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "\"%s\" is no domain", options->domain);
	ret = options->domain != NULL ? add_domain(dir, ascii, false, err)
	                              : add_domains(dir, err);
	if (ret < 0)
		return -1;
	if (dir->count > 0)
		qsort(dir->files, dir->count, sizeof(*dir->files), by_name);
	mark_signers(dir);
	return 0;
}

/* Ask for the keys from number *next on, as many as one lookup takes. */
static int ask_some(struct sceau_dkim_dir *dir, size_t *next,
                    struct sceau_err *err)
{
	struct sceau_dkim_lookup *lookup = sceau_dkim_lookup_new();
	int entries[SCEAU_DKIM_LOOKUP_MAX];
	size_t first = *next, count = 0;
	int ret;

	if (lookup == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	for (; *next < dir->count && count < SCEAU_DKIM_LOOKUP_MAX; ++*next) {
		const struct sceau_dkim_file *file = &dir->files[*next];

		entries[count++] =
			file->key == NULL || file->stage == SCEAU_DKIM_RETIRED
				? -1
				: sceau_dkim_lookup_add(lookup, file->selector,
		                                        file->domain);
	}
	ret = sceau_resolve_now(dir->resolver.loop, dir->resolver.dns,
	                        &sceau_dkim_lookup_decider, lookup,
	                        SCEAU_CLI_DNS_DEADLINE_MS, NULL, NULL, err);
	for (size_t i = 0; ret == 0 && i < count; i++) {
		struct sceau_dkim_file *file = &dir->files[first + i];

		if (entries[i] >= 0)
			file->state = sceau_dkim_published_judge(
				file->key, lookup, (size_t)entries[i],
				&file->reason);
	}
	sceau_dkim_lookup_free(&lookup);
	return ret;
}

int sceau_dkim_dir_ask(struct sceau_dkim_dir *dir, struct sceau_err *err)
{
	for (size_t next = 0; next < dir->count;) {
		if (ask_some(dir, &next, err) < 0)
			return -1;
	}
	return 0;
}

void sceau_dkim_dir_close(struct sceau_dkim_dir *dir)
{
	for (size_t i = 0; i < dir->count; i++)
		sceau_dkim_key_free(&dir->files[i].key);
	free(dir->files);
	dir->files = NULL;
	dir->count = 0;
	sceau_cli_resolver_close(&dir->resolver);
}

const char *sceau_dkim_file_stage(const struct sceau_dkim_file *file)
{
	switch (file->stage) {
	case SCEAU_DKIM_ACTIVE:
		return file->signs || file->key == NULL ? "active" : "spare";
	case SCEAU_DKIM_STAGED:
		return "staged";
	case SCEAU_DKIM_RETIRED:
		return "retired";
	}
	return "?";
}
