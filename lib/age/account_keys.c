/* account_keys.c - see account_keys.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "age/account_keys.h"
#include "age/age_opener.h"
#include "age/age_sealer.h"

#define APP_PREFIX "identity.app-"
#define SUFFIX ".age"
/* Room for the text of a full set. */
#define IDENTITY_TEXT_MAX                                                      \
	(SCEAU_AGE_IDENTITIES_MAX * SCEAU_AGE_IDENTITY_TEXT_SIZE + 1)

static const struct {
	enum sceau_key_slot slot;
	const char *file;
} slots[] = {
	{ SCEAU_KEY_PASSWORD, "identity.password.age" },
	{ SCEAU_KEY_RECOVERY, "identity.recovery.age" },
	{ SCEAU_KEY_SERVER, "identity.server.age" },
	{ SCEAU_KEY_ESCROW, "identity.escrow.age" },
};

#define SLOT_COUNT (sizeof(slots) / sizeof(slots[0]))

static bool is_app_name(struct sceau_slice name)
{
	if (name.len == 0 || name.len > SCEAU_KEY_APP_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (!(c >= 'a' && c <= 'z') && !sceau_text_is_digit(c) &&
		    c != '-' && c != '_')
			return false;
	}
	return true;
}

int sceau_key_slot_file(enum sceau_key_slot slot, const char *app_name,
                        char out[SCEAU_KEY_NAME_SIZE], struct sceau_err *err)
{
	for (size_t i = 0; i < SLOT_COUNT; i++) {
		if (slots[i].slot == slot) {
			snprintf(out, SCEAU_KEY_NAME_SIZE, "%s", slots[i].file);
			return 0;
		}
	}
	if (!is_app_name(sceau_slice_of(app_name)))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the name of an app password has 1 to %d of "
		                  "a-z 0-9 - _",
		                  SCEAU_KEY_APP_NAME_MAX);
	snprintf(out, SCEAU_KEY_NAME_SIZE, APP_PREFIX "%s" SUFFIX, app_name);
	return 0;
}

int sceau_key_slot_of_file(const char *name, enum sceau_key_slot *slot_r)
{
	const size_t prefix_len = strlen(APP_PREFIX);
	const size_t suffix_len = strlen(SUFFIX);
	size_t len = strlen(name);

	for (size_t i = 0; i < SLOT_COUNT; i++) {
		if (strcmp(slots[i].file, name) == 0) {
			*slot_r = slots[i].slot;
			return 0;
		}
	}
	if (len < prefix_len + suffix_len ||
	    strncmp(name, APP_PREFIX, prefix_len) != 0 ||
	    strcmp(name + len - suffix_len, SUFFIX) != 0)
		return -1;
	struct sceau_slice app = { name + prefix_len,
		                   len - prefix_len - suffix_len };
	if (!is_app_name(app))
		return -1;
	*slot_r = SCEAU_KEY_APP;
	return 0;
}

int sceau_key_recipient_parse(struct sceau_slice text,
                              struct sceau_age_recipient *recipient_r,
                              struct sceau_err *err)
{
	struct sceau_age_recipient recipient;
	struct sceau_slice line;
	bool is_found = false;

	if (text.len > SCEAU_KEY_RECIPIENT_FILE_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a recipient file has at most %d bytes",
		                  SCEAU_KEY_RECIPIENT_FILE_MAX);
	while (sceau_slice_next_word(&text, "\n", &line)) {
		line = sceau_slice_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (is_found)
			return sceau_fail(err, SCEAU_FAULT_CONFIG,
			                  "there is more than one recipient "
			                  "in it");
		if (sceau_age_recipient_parse(line, &recipient, err) < 0)
			return -1;
		is_found = true;
	}
	if (!is_found)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "there is no recipient in it");
	*recipient_r = recipient;
	return 0;
}

int sceau_key_recipient_format(const struct sceau_age_recipient *recipient,
                               struct sceau_buf *out, struct sceau_err *err)
{
	char text[SCEAU_AGE_RECIPIENT_TEXT_SIZE];

	sceau_age_recipient_format(recipient, text);
	if (sceau_buf_appendf(out, "%s\n", text) < 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	return 0;
}

/* Seal data to one holder, appending to out. data fits into one chunk. */
static int seal_text(const char *data, size_t len,
                     const struct sceau_age_recipient *holder,
                     const struct sceau_random *random, struct sceau_buf *out,
                     struct sceau_err *err)
{
	struct sceau_age_sealer *sealer;
	struct sceau_slice header;
	struct sceau_slice chunk;
	size_t used;

	if (sceau_age_sealer_new(holder, 1, random, &sealer, &header, err) < 0)
		return -1;
	int ret = sceau_age_sealer_put(sealer, data, len, &used, &chunk, err);
	if (ret == 0)
		ret = sceau_age_sealer_finish(sealer, &chunk, err);
	if (ret == 0) {
		sceau_buf_append(out, header.data, header.len);
		sceau_buf_append(out, chunk.data, chunk.len);
		if (out->failed)
			ret = sceau_fail(err, SCEAU_FAULT_TEMP, "no memory");
	}
	sceau_age_sealer_free(&sealer);
	return ret;
}

int sceau_key_seal(const struct sceau_age_identities *identities,
                   const struct sceau_age_recipient *holder,
                   const struct sceau_random *random, struct sceau_buf *out,
                   struct sceau_err *err)
{
	size_t len;

	if (holder->kind != SCEAU_AGE_HYBRID &&
	    sceau_age_identities_has_hybrid(identities))
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "a hybrid identity is only sealed to hybrid "
		                  "holders (age1pq1...): this one's copy could "
		                  "be opened by a quantum computer, and all "
		                  "mail with it");
	char *text = sodium_malloc(IDENTITY_TEXT_MAX);
	if (text == NULL)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "no locked memory for identities");
	int ret = sceau_age_identities_format(identities, text,
	                                      IDENTITY_TEXT_MAX, &len, err);
	if (ret == 0)
		ret = seal_text(text, len, holder, random, out, err);
	sodium_free(text);
	return ret;
}

/* Plaintext of a slot file, in locked memory. */
struct secret_text {
	char *data; /* SCEAU_AGE_IDENTITY_FILE_MAX bytes */
	size_t len;
};

static enum sceau_age_status add_text(struct secret_text *text,
                                      struct sceau_slice piece,
                                      struct sceau_err *err)
{
	if (piece.len > SCEAU_AGE_IDENTITY_FILE_MAX - text->len) {
		sceau_fail(err, SCEAU_FAULT_PEER,
		           "what is sealed in it is too long for identities");
		return SCEAU_AGE_PAYLOAD;
	}
	if (piece.len > 0)
		memcpy(text->data + text->len, piece.data, piece.len);
	text->len += piece.len;
	return SCEAU_AGE_OK;
}

static enum sceau_age_status open_text(struct sceau_slice sealed,
                                       struct sceau_age_opener *opener,
                                       struct secret_text *text,
                                       struct sceau_err *err)
{
	enum sceau_age_status status;
	struct sceau_slice piece;
	size_t used;

	for (;;) {
		status = sceau_age_opener_put(opener, sealed.data, sealed.len,
		                              &used, &piece, err);
		if (status == SCEAU_AGE_MORE)
			break;
		if (status == SCEAU_AGE_OK)
			status = add_text(text, piece, err);
		if (status < 0)
			return status;
		sealed.data += used;
		sealed.len -= used;
	}
	status = sceau_age_opener_finish(opener, &piece, err);
	if (status < 0)
		return status;
	return add_text(text, piece, err);
}

/* Make a set of opened text. */
static enum sceau_age_status make_set(const struct secret_text *text,
                                      struct sceau_age_identities **set_r,
                                      struct sceau_err *err)
{
	struct sceau_age_identities *set;
	struct sceau_slice slice = { text->data, text->len };

	if (sceau_age_identities_new(&set, err) < 0)
		return SCEAU_AGE_INTERNAL;
	if (sceau_age_identities_parse(set, slice, err) < 0) {
		sceau_age_identities_free(&set);
		sceau_fail_in(err, "what is sealed in it is no identity file");
		return SCEAU_AGE_PAYLOAD;
	}
	*set_r = set;
	return SCEAU_AGE_OK;
}

enum sceau_age_status sceau_key_open(struct sceau_slice sealed,
                                     const struct sceau_age_identities *holder,
                                     struct sceau_age_identities **identities_r,
                                     struct sceau_err *err)
{
	struct sceau_age_opener *opener;
	struct secret_text text = { NULL, 0 };

	if (sceau_age_opener_new(holder, &opener, err) < 0)
		return SCEAU_AGE_INTERNAL;
	text.data = sodium_malloc(SCEAU_AGE_IDENTITY_FILE_MAX);
	enum sceau_age_status status = SCEAU_AGE_INTERNAL;
	if (text.data == NULL)
		sceau_fail(err, SCEAU_FAULT_TEMP,
		           "no locked memory for identities");
	else
		status = open_text(sealed, opener, &text, err);
	if (status == SCEAU_AGE_OK)
		status = make_set(&text, identities_r, err);
	sceau_age_opener_free(&opener);
	sodium_free(text.data);
	return status;
}

bool sceau_key_matches(const struct sceau_age_identities *set,
                       const struct sceau_age_recipient *recipient)
{
	for (size_t i = 0; i < sceau_age_identities_count(set); i++) {
		struct sceau_age_recipient own;
		if (sceau_age_identities_recipient(set, i, &own, NULL) == 0 &&
		    sceau_age_recipient_equal(&own, recipient))
			return true;
	}
	return false;
}

/* Write path to out without empty, "." and ".." parts and without a slash at
   its end; "/" becomes "". */
static int normalize(const char *path, char out[PATH_MAX],
                     struct sceau_err *err)
{
	struct sceau_slice rest = sceau_slice_of(path);
	struct sceau_slice part;
	size_t used = 0;

	if (rest.len == 0 || path[0] != '/' || rest.len >= PATH_MAX)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "not an absolute path: %s", path);
	while (sceau_slice_next_word(&rest, "/", &part)) {
		if (sceau_slice_is(part, "."))
			continue;
		if (sceau_slice_is(part, "..")) {
			while (used > 0 && out[--used] != '/')
				;
			continue;
		}
		out[used++] = '/';
		memcpy(out + used, part.data, part.len);
		used += part.len;
	}
	out[used] = '\0';
	return 0;
}

int sceau_key_path_is_inside(const char *inner, const char *root,
                             struct sceau_err *err)
{
	char a[PATH_MAX];
	char b[PATH_MAX];

	if (normalize(inner, a, err) < 0 || normalize(root, b, err) < 0)
		return -1;
	size_t len = strlen(b);
	return strncmp(a, b, len) == 0 && (a[len] == '/' || a[len] == '\0');
}

static bool is_plain(char c, size_t position)
{
	if (c == '.')
		return position > 0;
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
	       (c != '\0' && strchr("@_-+", c) != NULL);
}

int sceau_key_user_file(const char *user, char *out, size_t size,
                        struct sceau_err *err)
{
	char name[NAME_MAX + 4];
	size_t used = 0;

	if (user[0] == '\0')
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the user name is empty");
	for (size_t i = 0; user[i] != '\0' && used <= NAME_MAX; i++) {
		if (is_plain(user[i], i))
			name[used++] = user[i];
		else
			used += (size_t)snprintf(name + used, 4, "%%%02X",
			                         (unsigned char)user[i]);
	}
	if (used > NAME_MAX || used >= size)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "the user name is too long for a file");
	memcpy(out, name, used);
	out[used] = '\0';
	return 0;
}
