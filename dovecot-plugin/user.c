/* user.c - one account in a Dovecot process: its policy and its secrets
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin.h"

#include <string.h>
#include <sys/prctl.h>

#include <module-context.h>

#include <sodium.h>

#include "dovecot-plugin/keys.h"

/* More plaintext mails than this are counted, not named, in one session: an
   account that was just enrolled may have many. */
#define PLAIN_NAMED_MAX 10

#define USER_CONTEXT(obj) MODULE_CONTEXT(obj, sceau_user_module)

static MODULE_CONTEXT_DEFINE_INIT(sceau_user_module,
                                  &mail_user_module_register);

struct sceau_user *sceau_user_get(struct mail_user *user)
{
	return USER_CONTEXT(user);
}

static void user_deinit(struct mail_user *user)
{
	struct sceau_user *suser = USER_CONTEXT(user);

	if (suser->plain_reported > PLAIN_NAMED_MAX)
		e_warning(user->event,
		          "sceau: %u more plaintext mails were read in this "
		          "enrolled account",
		          suser->plain_reported - PLAIN_NAMED_MAX);
	sceau_age_identities_free(&suser->identities);
	sceau_recent_free(&suser->recent);
	suser->module_ctx.super.deinit(user);
}

/* Find out where the key directory is. */
static int expand_dir(struct sceau_user *suser, const char **error_r)
{
	const char *dir = suser->set.keys;
	size_t len;

	if (mail_user_try_home_expand(suser->user, &dir) < 0) {
		*error_r = t_strdup_printf(
			"sceau_keys = %s, but this account has no home "
			"directory: give it one in userdb or mail_home, or set "
			"sceau_keys to an absolute path",
			suser->set.keys);
		return -1;
	}
	if (*dir != '/') {
		*error_r = t_strdup_printf("sceau_keys = %s must begin with / "
		                           "or ~/",
		                           suser->set.keys);
		return -1;
	}
	/* With a slash behind it a link would be followed. */
	for (len = strlen(dir); len > 1 && dir[len - 1] == '/'; len--)
		;
	suser->dir = p_strndup(suser->user->pool, dir, len);
	return 0;
}

void sceau_user_created(struct mail_user *user)
{
	struct mail_user_vfuncs *v = user->vlast;
	struct sceau_user *suser;
	const char *error;

	/* Not an account: the source of a delivery, or the owner of a shared
	   namespace. */
	if (user->autocreated)
		return;
	suser = p_new(user->pool, struct sceau_user, 1);
	suser->user = user;
	if (sceau_settings_read(user, &suser->set, &error) < 0 ||
	    expand_dir(suser, &error) < 0) {
		user->error = p_strdup_printf(user->pool, "sceau: %s", error);
		return;
	}
	suser->module_ctx.super = *v;
	user->vlast = &suser->module_ctx.super;
	v->deinit = user_deinit;
	MODULE_CONTEXT_SET(user, sceau_user_module, suser);
}

/* Let a first delivery enrol the account. */
static int auto_init(struct sceau_user *suser, struct sceau_err *err)
{
	bool to_server = suser->set.auto_init == SCEAU_AUTO_INIT_SERVER;
	struct sceau_random random = sceau_age_random();
	struct sceau_age_recipient holder;

	if (sceau_keys_holder(to_server ? suser->set.server_recipient
	                                : suser->set.escrow_recipient,
	                      &holder, err) < 0)
		return -1;
	(void)mail_user_home_mkdir(suser->user);
	if (sceau_keys_create(suser->dir,
	                      to_server ? SCEAU_KEY_SERVER : SCEAU_KEY_ESCROW,
	                      &holder, &random, err) < 0)
		return -1;
	e_info(suser->user->event,
	       "sceau: enrolled: new identity in %s, sealed to the %s",
	       suser->dir, to_server ? "server" : "escrow holder");
	return 0;
}

/* A recipient file that was swapped for another's would send all new mail to
   that one. Where the identity is at hand, that is noticed. */
static int check_pair(const struct sceau_user *suser,
                      const struct sceau_age_recipient *recipient,
                      struct sceau_err *err)
{
	if (suser->identities == NULL ||
	    sceau_key_matches(suser->identities, recipient))
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "%s/%s does not belong to the account's identity: "
	                  "restore it",
	                  suser->dir, SCEAU_KEY_RECIPIENT_FILE);
}

int sceau_user_recipient(struct sceau_user *suser,
                         struct sceau_age_recipient *recipient_r,
                         struct sceau_err *err)
{
	int ret = sceau_keys_recipient(suser->dir, recipient_r, err);

	if (ret == 0 && suser->set.auto_init != SCEAU_AUTO_INIT_NO) {
		if (auto_init(suser, err) < 0)
			return -1;
		ret = sceau_keys_recipient(suser->dir, recipient_r, err);
	}
	if (ret > 0)
		return check_pair(suser, recipient_r, err) < 0 ? -1 : 1;
	if (ret < 0 || !suser->set.require)
		return ret;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "not enrolled: there is no key directory %s and "
	                  "sceau_require = yes; run \"sceau mailbox init\"",
	                  suser->dir);
}

/* Make suser->identities available. */
static int unlock(struct sceau_user *suser, struct sceau_err *err)
{
	if (suser->identities != NULL)
		return 0;
	if (sceau_keys_unlock(suser->dir, sceau_slice_of(suser->set.server_key),
	                      &suser->identities, err) < 0)
		return sceau_fail_in(err, "mailbox is locked");
	/* From here on a core dump would hold the identity. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	e_debug(suser->user->event, "sceau: unlocked by the server slot");
	return 0;
}

enum sceau_age_status sceau_user_file_key(struct sceau_user *suser,
                                          const struct sceau_age_header *header,
                                          const void *data,
                                          struct sceau_file_key *key_r,
                                          struct sceau_err *err)
{
	enum sceau_age_status status;
	struct sceau_file_key key;

	key.is_ours = suser->recent == NULL ||
	              !sceau_recent_get(suser->recent, header->mac, key.bytes);
	if (key.is_ours && unlock(suser, err) < 0)
		return SCEAU_AGE_NO_MATCH;
	if (key.is_ours)
		status = sceau_age_unwrap(suser->identities, header, data,
		                          key.bytes, err);
	else
		status = sceau_age_header_check_mac(header, data, key.bytes,
		                                    err);
	if (status == SCEAU_AGE_OK)
		*key_r = key;
	sodium_memzero(&key, sizeof(key));
	return status;
}

bool sceau_user_is_sole_recipient(const struct sceau_user *suser,
                                  const struct sceau_age_recipient *recipient)
{
	return suser->identities != NULL &&
	       sceau_age_identities_count(suser->identities) == 1 &&
	       sceau_key_matches(suser->identities, recipient);
}

void sceau_user_remember(struct sceau_user *suser,
                         const uint8_t mac[SCEAU_AGE_MAC_SIZE],
                         const uint8_t file_key[SCEAU_AGE_FILE_KEY_SIZE])
{
	if (suser->recent == NULL)
		suser->recent = sceau_recent_new();
	if (suser->recent != NULL)
		sceau_recent_put(suser->recent, mac, file_key);
}

bool sceau_user_is_enrolled(const struct sceau_user *suser)
{
	struct sceau_err err;

	/* When it cannot be told, it is treated as what it should be. */
	return sceau_keys_enrolled(suser->dir, &err) != 0;
}

void sceau_user_found_plain(struct sceau_user *suser, const char *name)
{
	if (suser->plain_reported++ < PLAIN_NAMED_MAX)
		e_warning(suser->user->event,
		          "sceau: %s is plaintext in an enrolled account",
		          name);
}
