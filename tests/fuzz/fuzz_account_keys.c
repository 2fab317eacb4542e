/* fuzz_account_keys.c - the small texts of a key directory: what is accepted
 * writes back to what was meant, and a path is inside exactly when it should
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "age/account_keys.h"
#include "fuzz/fuzz.h"
#include "unit/age/age_test.h"

static void check_identities(struct sceau_slice text)
{
	char out[SCEAU_AGE_IDENTITIES_MAX * SCEAU_AGE_IDENTITY_TEXT_SIZE + 1];
	struct sceau_age_identities *set;
	struct sceau_age_identities *again;
	size_t len;

	if (sceau_age_identities_new(&set, NULL) < 0)
		abort();
	if (sceau_age_identities_parse(set, text, NULL) == 0) {
		if (sceau_age_identities_format(set, out, sizeof(out), &len,
		                                NULL) < 0)
			abort();
		again = set_of(out);
		if (sceau_age_identities_count(again) !=
		    sceau_age_identities_count(set))
			abort();
		sceau_age_identities_free(&again);
	} else if (sceau_age_identities_count(set) != 0) {
		abort();
	}
	sceau_age_identities_free(&set);
}

static void check_recipient(struct sceau_slice text)
{
	struct sceau_age_recipient recipient;
	struct sceau_age_recipient again;
	struct sceau_buf out;

	if (sceau_key_recipient_parse(text, &recipient, NULL) < 0)
		return;
	sceau_buf_init(&out, 2000);
	if (sceau_key_recipient_format(&recipient, &out, NULL) < 0)
		abort();
	struct sceau_slice written = { out.data, out.used };
	if (sceau_key_recipient_parse(written, &again, NULL) < 0 ||
	    !sceau_age_recipient_equal(&again, &recipient))
		abort();
	sceau_buf_deinit(&out);
}

static void check_names(const char *text)
{
	enum sceau_key_slot slot;
	char name[SCEAU_KEY_NAME_SIZE];
	char file[256];

	/* Only the app slots take a name; it must come back. */
	if (sceau_key_slot_file(SCEAU_KEY_APP, text, name, NULL) == 0 &&
	    (sceau_key_slot_of_file(name, &slot) < 0 || slot != SCEAU_KEY_APP ||
	     strchr(name, '/') != NULL))
		abort();
	if (sceau_key_user_file(text, file, sizeof(file), NULL) == 0 &&
	    (strchr(file, '/') != NULL || file[0] == '.' || file[0] == '\0'))
		abort();
}

static void check_paths(const char *text)
{
	static const char below[] = "/./x//.sceau";
	char path[1100];
	size_t len = strlen(text);

	if (len == 0 || len > 1000 || text[0] != '/')
		return;
	/* Whatever lies below a directory, that directory itself included. */
	if (sceau_key_path_is_inside(text, text, NULL) != 1)
		abort();
	memcpy(path, text, len);
	memcpy(path + len, below, sizeof(below));
	if (sceau_key_path_is_inside(path, text, NULL) != 1)
		abort();
	if (sceau_key_path_is_inside(text, path, NULL) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sceau_slice text = { (const char *)data, size };
	char *copy = malloc(size + 1);

	memcpy(copy, data, size);
	copy[size] = '\0';
	check_identities(text);
	check_recipient(text);
	check_names(copy);
	check_paths(copy);
	free(copy);
	return 0;
}
