/* lmdb_file.c - see lmdb_file.h
 *
 * Beside the tables of the layout there is one of our own, "sceau", with the
 * version of the format and the time.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/lmdb_file.h"

#define OWN_NAME "sceau"
#define OWN_TABLE (SCEAU_STATE_TABLES_MAX - 1) /* its number in checks */
#define FORMAT 1

#define MODE 0600
#define FLAGS (MDB_NOSUBDIR | MDB_NOLOCK)

/* Where a sweep stopped in a table. */
struct place {
	uint8_t key[SCEAU_STATE_KEY_MAX];
	size_t len; /* 0: at its beginning */
};

struct sceau_lmdb_file {
	const struct sceau_lmdb_layout *layout;
	MDB_env *env;
	MDB_txn *txn; /* NULL: none open */
	MDB_dbi own, tables[SCEAU_STATE_TABLES_MAX];
	struct place swept[SCEAU_STATE_TABLES_MAX];
	char *path; /* published under */
	off_t size; /* after the last commit */
};

static int fail(struct sceau_err *err, int rc, const char *what)
{
	enum sceau_fault fault = SCEAU_FAULT_TEMP;

	if (rc == MDB_MAP_FULL)
		fault = SCEAU_FAULT_LIMIT;
	else if (rc < 0)
		fault = SCEAU_FAULT_PEER;
	return sceau_fail(err, fault, "%s: %s", what, mdb_strerror(rc));
}

static int fail_damaged(struct sceau_err *err, const char *why)
{
	return sceau_fail(err, SCEAU_FAULT_PEER, "%s", why);
}

/* Not its own text on stderr: how the process ended says enough. */
static void on_assert(MDB_env *env, const char *text)
{
	(void)env;
	(void)text;
	abort();
}

static int open_env(struct sceau_lmdb_file *file, const char *path,
                    unsigned flags, struct sceau_err *err)
{
	const struct sceau_lmdb_layout *layout = file->layout;
	int rc = mdb_env_create(&file->env);

	if (rc != 0)
		return fail(err, rc, "LMDB");
	mdb_env_set_assert(file->env, on_assert);
	rc = mdb_env_set_maxdbs(file->env, (MDB_dbi)layout->count + 1);
	if (rc == 0)
		rc = mdb_env_set_mapsize(file->env, layout->size_max);
	if (rc == 0)
		rc = mdb_env_open(file->env, path, FLAGS | flags, MODE);
	return rc == 0 ? 0 : fail(err, rc, "cannot be opened");
}

static int begin(struct sceau_lmdb_file *file, unsigned flags,
                 struct sceau_err *err)
{
	if (file->txn != NULL)
		return 0;
	int rc = mdb_txn_begin(file->env, NULL, flags, &file->txn);
	return rc == 0 ? 0 : fail(err, rc, "no transaction");
}

static int open_tables(struct sceau_lmdb_file *file, unsigned flags,
                       struct sceau_err *err)
{
	const struct sceau_lmdb_layout *layout = file->layout;
	int rc = mdb_dbi_open(file->txn, OWN_NAME, flags, &file->own);

	for (size_t i = 0; rc == 0 && i < layout->count; i++)
		rc = mdb_dbi_open(file->txn, layout->tables[i], flags,
		                  &file->tables[i]);
	return rc == 0 ? 0 : fail(err, rc, "a table");
}

static struct sceau_lmdb_file *new_file(const struct sceau_lmdb_layout *layout,
                                        struct sceau_err *err)
{
	struct sceau_lmdb_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	else
		file->layout = layout;
	return file;
}

/* What can be told without LMDB. Returns 1 when there is no file. */
static int check_file(const char *path, struct sceau_err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		return 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return sceau_fail(err, SCEAU_FAULT_TEMP, "cannot be opened: %s",
		                  strerror(errno));
	if (fd < 0)
		return sceau_fail(err, SCEAU_FAULT_PEER, "cannot be opened: %s",
		                  strerror(errno));
	int ret = fstat(fd, &st);
	close(fd);
	if (ret < 0 || !S_ISREG(st.st_mode))
		return fail_damaged(err, "is not a regular file");
	if (st.st_uid != geteuid())
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "belongs to user id %ld", (long)st.st_uid);
	if (st.st_size < 2 * getpagesize())
		return fail_damaged(err, "is too short");
	return 0;
}

static int read_own(struct sceau_lmdb_file *file, const char *name,
                    uint64_t *value_r, struct sceau_err *err)
{
	MDB_val key = { strlen(name), (void *)(uintptr_t)name }, data;
	struct sceau_state_record record;
	int rc = mdb_get(file->txn, file->own, &key, &data);

	if (rc != 0)
		return fail(err, rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc, name);
	if (sceau_state_record_read(OWN_TABLE, name, strlen(name), data.mv_data,
	                            data.mv_size, &record) < 0)
		return fail_damaged(err, "its head is damaged");
	*value_r = record.expires_ns;
	return 0;
}

static int read_head(struct sceau_lmdb_file *file, uint64_t *time_r,
                     struct sceau_err *err)
{
	uint64_t format;

	if (read_own(file, "format", &format, err) < 0)
		return -1;
	if (format != FORMAT)
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "is of format %llu, this program reads %d",
		                  (unsigned long long)format, FORMAT);
	return read_own(file, "time", time_r, err);
}

/* Whether key comes after last, in LMDB's order. */
static bool is_after(const MDB_val *key, const struct place *last)
{
	size_t len = key->mv_size < last->len ? key->mv_size : last->len;
	int order = memcmp(key->mv_data, last->key, len);

	return order > 0 || (order == 0 && key->mv_size > last->len);
}

static void set_place(struct place *place, const MDB_val *key)
{
	memcpy(place->key, key->mv_data, key->mv_size);
	place->len = key->mv_size;
}

/* Returns 1 when the hook wants no more. */
static int read_record(unsigned table, const MDB_val *key, const MDB_val *data,
                       struct place *last,
                       const struct sceau_lmdb_reader *reader, void *ctx,
                       struct sceau_err *err)
{
	struct sceau_state_record record;

	if (key->mv_size > SCEAU_STATE_KEY_MAX || !is_after(key, last))
		return fail_damaged(err, "keys are out of order");
	if (sceau_state_record_read(table, key->mv_data, key->mv_size,
	                            data->mv_data, data->mv_size, &record) < 0)
		return fail_damaged(err, "a record is damaged");
	set_place(last, key);
	return reader->record(ctx, &record) < 0 ? 1 : 0;
}

static int read_table(struct sceau_lmdb_file *file, unsigned table,
                      const struct sceau_lmdb_reader *reader, void *ctx,
                      struct sceau_err *err)
{
	struct place last = { .len = 0 };
	MDB_cursor *cursor;
	MDB_val key, data;
	MDB_stat stat;
	size_t count = 0;
	int ret = 0, rc = mdb_stat(file->txn, file->tables[table], &stat);

	if (rc == 0)
		rc = mdb_cursor_open(file->txn, file->tables[table], &cursor);
	if (rc != 0)
		return fail(err, rc, "a table");
	while (ret == 0 &&
	       (rc = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
		ret = read_record(table, &key, &data, &last, reader, ctx, err);
		count++;
	}
	mdb_cursor_close(cursor);
	if (ret != 0)
		return ret;
	if (rc != MDB_NOTFOUND)
		return fail(err, rc, "reading");
	if (count != stat.ms_entries)
		return fail_damaged(err, "records are missing");
	return 0;
}

static int read_all(struct sceau_lmdb_file *file,
                    const struct sceau_lmdb_reader *reader, void *ctx,
                    struct sceau_err *err)
{
	uint64_t time_ns;
	int ret = 0;

	if (begin(file, MDB_RDONLY, err) < 0 || open_tables(file, 0, err) < 0 ||
	    read_head(file, &time_ns, err) < 0)
		return -1;
	reader->time(ctx, time_ns);
	for (unsigned i = 0; ret == 0 && i < file->layout->count; i++)
		ret = read_table(file, i, reader, ctx, err);
	return ret == 0 ? 0 : -1;
}

int sceau_lmdb_file_read(const char *path,
                         const struct sceau_lmdb_layout *layout,
                         const struct sceau_lmdb_reader *reader, void *ctx,
                         struct sceau_err *err)
{
	int ret = check_file(path, err);

	if (ret != 0)
		return ret;
	struct sceau_lmdb_file *file = new_file(layout, err);
	if (file == NULL)
		return -1;
	ret = open_env(file, path, MDB_RDONLY, err);
	if (ret == 0)
		ret = read_all(file, reader, ctx, err);
	sceau_lmdb_file_free(&file);
	return ret;
}

static int put_own(struct sceau_lmdb_file *file, const char *name,
                   uint64_t value, struct sceau_err *err)
{
	const struct sceau_state_record record = {
		.table = OWN_TABLE,
		.key = name,
		.key_len = strlen(name),
		.expires_ns = value,
	};
	uint8_t stored[SCEAU_STATE_STORED_SIZE];
	MDB_val key = { record.key_len, (void *)(uintptr_t)name };
	MDB_val data = { sceau_state_record_write(&record, stored), stored };
	int rc = mdb_put(file->txn, file->own, &key, &data, 0);

	return rc == 0 ? 0 : fail(err, rc, name);
}

struct sceau_lmdb_file *
sceau_lmdb_file_create(const char *path, const struct sceau_lmdb_layout *layout,
                       struct sceau_err *err)
{
	struct sceau_lmdb_file *file = new_file(layout, err);

	if (file == NULL)
		return NULL;
	if (open_env(file, path, MDB_NOSYNC, err) < 0 ||
	    begin(file, 0, err) < 0 || open_tables(file, MDB_CREATE, err) < 0 ||
	    put_own(file, "format", FORMAT, err) < 0)
		sceau_lmdb_file_free(&file);
	return file;
}

int sceau_lmdb_file_put(struct sceau_lmdb_file *file,
                        const struct sceau_state_record *record, bool is_last,
                        struct sceau_err *err)
{
	uint8_t stored[SCEAU_STATE_STORED_SIZE];
	MDB_val key = { record->key_len, (void *)(uintptr_t)record->key };
	MDB_val data = { sceau_state_record_write(record, stored), stored };

	if (begin(file, 0, err) < 0)
		return -1;
	int rc = mdb_put(file->txn, file->tables[record->table], &key, &data,
	                 is_last ? MDB_APPEND : 0);
	return rc == 0 ? 0 : fail(err, rc, "writing");
}

int sceau_lmdb_file_delete(struct sceau_lmdb_file *file, unsigned table,
                           const void *key, size_t key_len,
                           struct sceau_err *err)
{
	MDB_val name = { key_len, (void *)(uintptr_t)key };

	if (begin(file, 0, err) < 0)
		return -1;
	int rc = mdb_del(file->txn, file->tables[table], &name, NULL);
	return rc == 0 || rc == MDB_NOTFOUND ? 0 : fail(err, rc, "deleting");
}

static bool has_expired(unsigned table, const MDB_val *key, const MDB_val *data,
                        uint64_t now_ns)
{
	struct sceau_state_record record;

	/* One that was damaged since it was written goes, too. */
	return sceau_state_record_read(table, key->mv_data, key->mv_size,
	                               data->mv_data, data->mv_size,
	                               &record) < 0 ||
	       record.expires_ns <= now_ns;
}

static int sweep_with(MDB_cursor *cursor, unsigned table, struct place *place,
                      size_t count, uint64_t now_ns)
{
	MDB_val key = { place->len, place->key }, data;
	int rc = mdb_cursor_get(cursor, &key, &data,
	                        place->len == 0 ? MDB_FIRST : MDB_SET_RANGE);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (key.mv_size > SCEAU_STATE_KEY_MAX)
			return MDB_CORRUPTED;
		set_place(place, &key);
		if (has_expired(table, &key, &data, now_ns))
			rc = mdb_cursor_del(cursor, 0);
		if (rc == 0)
			rc = mdb_cursor_get(cursor, &key, &data, MDB_NEXT);
	}
	if (rc == MDB_NOTFOUND)
		place->len = 0;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

int sceau_lmdb_file_sweep(struct sceau_lmdb_file *file, size_t count,
                          uint64_t now_ns, struct sceau_err *err)
{
	if (begin(file, 0, err) < 0)
		return -1;
	for (unsigned i = 0; i < file->layout->count; i++) {
		MDB_cursor *cursor;
		int rc = mdb_cursor_open(file->txn, file->tables[i], &cursor);

		if (rc != 0)
			return fail(err, rc, "sweeping");
		rc = sweep_with(cursor, i, &file->swept[i], count, now_ns);
		mdb_cursor_close(cursor);
		if (rc != 0)
			return fail(err, rc, "sweeping");
	}
	return 0;
}

static int stat_of(const struct sceau_lmdb_file *file, struct stat *st_r)
{
	mdb_filehandle_t fd;

	return mdb_env_get_fd(file->env, &fd) == 0 ? fstat(fd, st_r) : -1;
}

/* Only commits write, so only somebody else can have made it shorter; what is
   written next would hide that. */
static int check_size(const struct sceau_lmdb_file *file, struct sceau_err *err)
{
	struct stat st;

	if (stat_of(file, &st) == 0 && st.st_size < file->size)
		return fail_damaged(err, "was cut while it was in use");
	return 0;
}

int sceau_lmdb_file_commit(struct sceau_lmdb_file *file, uint64_t now_ns,
                           struct sceau_err *err)
{
	struct stat st;

	if (check_size(file, err) < 0 || begin(file, 0, err) < 0 ||
	    put_own(file, "time", now_ns, err) < 0)
		return -1;
	int rc = mdb_txn_commit(file->txn);
	file->txn = NULL;
	if (rc == 0 && stat_of(file, &st) == 0)
		file->size = st.st_size;
	return rc == 0 ? 0 : fail(err, rc, "writing");
}

/* The new name is on the disk. */
static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL
	                          ? strdup(".")
	                          : strndup(path, (size_t)(slash - path) + 1);
	int fd = directory == NULL
	                 ? -1
	                 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	if (fd < 0)
		return errno;
	int rc = fsync(fd) < 0 ? errno : 0;
	close(fd);
	return rc;
}

int sceau_lmdb_file_publish(struct sceau_lmdb_file *file, const char *path,
                            struct sceau_err *err)
{
	const char *made_as;
	int rc = mdb_env_sync(file->env, 1);

	free(file->path);
	file->path = strdup(path);
	if (file->path == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
	if (rc == 0)
		rc = mdb_env_get_path(file->env, &made_as);
	if (rc == 0 && rename(made_as, path) < 0)
		rc = errno;
	if (rc == 0)
		rc = sync_directory(path);
	if (rc == 0)
		rc = mdb_env_set_flags(file->env, MDB_NOSYNC, 0);
	return rc == 0 ? 0 : fail(err, rc, "writing");
}

uint64_t sceau_lmdb_file_size(const struct sceau_lmdb_file *file)
{
	struct stat st;

	return stat_of(file, &st) == 0 ? (uint64_t)st.st_size : 0;
}

bool sceau_lmdb_file_is_there(const struct sceau_lmdb_file *file)
{
	struct stat ours, named;

	return stat_of(file, &ours) == 0 && stat(file->path, &named) == 0 &&
	       ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

void sceau_lmdb_file_free(struct sceau_lmdb_file **file)
{
	struct sceau_lmdb_file *gone = *file;

	*file = NULL;
	if (gone == NULL)
		return;
	if (gone->txn != NULL)
		mdb_txn_abort(gone->txn);
	mdb_env_close(gone->env);
	free(gone->path);
	free(gone);
}

bool sceau_lmdb_file_is_remote(uint64_t fs_type)
{
	/* statfs(2) and linux/magic.h */
	static const uint32_t remote[] = {
		0x6969, /* NFS */
		0x517b, /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x5346414f, /* AFS of OpenAFS */
		0x6b414653, /* AFS of Linux */
		0x73757245, /* Coda */
		0x564c, /* NCP */
		0x00c36400, /* Ceph */
		0x01021997, /* 9P */
		0x0bd00bd0, /* Lustre */
	};

	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++) {
		if (fs_type == remote[i])
			return true;
	}
	return false;
}
