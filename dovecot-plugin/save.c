/* save.c - mails that are saved or copied: seal them
 *
 * These hooks are on for every user of the process, also those the plugin is
 * not switched on for, so that no ciphertext is ever copied into an account it
 * is not sealed to. They are registered as if by a module lib95: save_begin of
 * the last module comes first around the mail's file, so that what is sealed
 * is what the compression plugins made.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/plugin.h"

#include <mail-copy.h>
#include <mail-namespace.h>
#include <module-context.h>

#include <sodium.h>

#include "age/age_sealer.h"
#include "dovecot-plugin/ostream_age.h"

static MODULE_CONTEXT_DEFINE_INIT(sceau_box_module,
                                  &mail_storage_module_register);

/* The mailbox's functions below ours. */
static struct mailbox_vfuncs *super_of(struct mailbox *box)
{
	union mailbox_module_context *sbox = MODULE_CONTEXT_REQUIRE(
		box, sceau_box_module);

	return &sbox->super;
}

/* Dovecot can keep attachments outside of the mail's file: as plaintext. */
static int check_attachments(const struct mailbox *box, struct sceau_err *err)
{
	const char *dir = sceau_settings_attachment_dir(box->storage);

	if (*dir == '\0')
		return 0;
	return sceau_fail(err, SCEAU_FAULT_CONFIG,
	                  "attachments would lie in plaintext in %s: unset "
	                  "mail_attachment_dir (2.4: mail_ext_attachment_path)",
	                  dir);
}

/* What is to be done with a mail for box. Returns as sceau_user_recipient. */
static int decide(struct mailbox *box, struct sceau_age_recipient *recipient_r,
                  struct sceau_err *err)
{
	struct sceau_user *suser = sceau_user_get(box->storage->user);
	enum mail_namespace_type type = mailbox_get_namespace(box)->type;
	int ret;

	if (suser == NULL)
		return 0;
	if (type == MAIL_NAMESPACE_TYPE_SHARED)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "shared folders cannot be saved to: they "
		                  "belong to an account with keys of its own");
	ret = sceau_user_recipient(suser, recipient_r, err);
	if (ret > 0 && type == MAIL_NAMESPACE_TYPE_PUBLIC)
		return sceau_fail(err, SCEAU_FAULT_CONFIG,
		                  "an enrolled account cannot save to public "
		                  "folders: nobody else could read the mail");
	if (ret > 0 && check_attachments(box, err) < 0)
		return -1;
	return ret;
}

static int refuse(struct mailbox *box, const struct sceau_err *err)
{
	mailbox_set_critical(box, "sceau: mail not saved: %s", err->text);
	return -1;
}

/* Put a sealing stream around the mail's file. */
static int wrap_sealing(struct mail_save_context *ctx,
                        const struct sceau_age_recipient *recipient,
                        struct sceau_err *err)
{
	struct mail_user *user = ctx->transaction->box->storage->user;
	struct sceau_random random = sceau_age_random();
	struct sceau_age_sealer *sealer = NULL;
	struct ostream *output = ctx->data.output;
	struct sceau_age_header parsed;
	struct sceau_slice header;

	if (sceau_age_sealer_new(recipient, 1, &random, &sealer, &header, err) <
	    0)
		return -1;
	if (sceau_age_header_parse(header.data, header.len, &parsed, err) !=
	    SCEAU_AGE_OK) {
		sceau_age_sealer_free(&sealer);
		return -1;
	}
	sceau_user_remember(sceau_user_get(user), parsed.mac,
	                    sceau_age_sealer_file_key(sealer));
	ctx->data.output = sceau_ostream_age_create(output, sealer, header);
	o_stream_unref(&output);
	return 0;
}

static void wrap_guard(struct mail_save_context *ctx)
{
	struct ostream *output = ctx->data.output;

	ctx->data.output = sceau_ostream_guard_create(output);
	o_stream_unref(&output);
}

static int save_begin(struct mail_save_context *ctx, struct istream *input)
{
	struct mailbox *box = ctx->transaction->box;
	struct sceau_age_recipient recipient;
	struct sceau_err err;
	int ret = decide(box, &recipient, &err);

	if (ret < 0)
		return refuse(box, &err);
	if (ret > 0)
		sceau_no_cache(box);
	if (super_of(box)->save_begin(ctx, input) < 0)
		return -1;
	if (ret == 0)
		wrap_guard(ctx);
	else if (wrap_sealing(ctx, &recipient, &err) < 0)
		return refuse(box, &err);
	o_stream_cork(ctx->data.output);
	return 0;
}

static int save_finish(struct mail_save_context *ctx)
{
	struct mailbox *box = ctx->transaction->box;

	if (!sceau_ostream_guard_has_seen_age(ctx->data.output))
		return super_of(box)->save_finish(ctx);
	super_of(box)->save_cancel(ctx);
	mail_storage_set_error(box->storage, MAIL_ERROR_NOTPOSSIBLE,
	                       "A mail that begins like an age file cannot be "
	                       "saved in an account that is not sealed");
	return -1;
}

/* Whether the storage may copy the file as it is (a link, mostly): only inside
   one account, and only what would be stored the same way now. Returns 1, 0,
   or -1 with the error set. */
static int may_link(struct mailbox *box, struct mail *mail, bool is_sealing,
                    const struct sceau_age_recipient *recipient)
{
	struct mail_user *user = box->storage->user;
	struct sceau_user *suser = sceau_user_get(user);
	enum sceau_mail_state state;

	if (mail->box->storage->user != user)
		return 0;
	if (suser == NULL)
		return 1;
	if (sceau_read_mail_state(mail, &state) < 0)
		return -1;
	if (!is_sealing)
		return state == SCEAU_MAIL_PLAIN;
	return state == SCEAU_MAIL_SEALED &&
	       sceau_user_is_sole_recipient(suser, recipient);
}

static int copy(struct mail_save_context *ctx, struct mail *mail)
{
	struct mailbox *box = ctx->transaction->box;
	struct sceau_age_recipient recipient;
	struct sceau_err err;
	int ret = decide(box, &recipient, &err);

	if (ret < 0) {
		refuse(box, &err);
		mailbox_save_cancel(&ctx);
		return -1;
	}
	ret = may_link(box, mail, ret > 0, &recipient);
	if (ret < 0) {
		mailbox_save_cancel(&ctx);
		return -1;
	}
	return ret > 0 ? super_of(box)->copy(ctx, mail)
	               : mail_storage_copy(ctx, mail);
}

/* A storage whose mails share a file (mbox) or lie elsewhere (imapc). */
static int refuse_storage(struct mailbox *box)
{
	struct sceau_age_recipient recipient;
	struct sceau_err err;
	int ret = decide(box, &recipient, &err);

	if (ret > 0)
		ret = sceau_fail(&err, SCEAU_FAULT_CONFIG,
		                 "storage \"%s\" cannot hold sealed mail: use "
		                 "maildir, sdbox or mdbox",
		                 box->storage->name);
	return ret < 0 ? refuse(box, &err) : 0;
}

static int refuse_save_begin(struct mail_save_context *ctx,
                             struct istream *input)
{
	struct mailbox *box = ctx->transaction->box;

	if (refuse_storage(box) < 0)
		return -1;
	return super_of(box)->save_begin(ctx, input);
}

static int refuse_copy(struct mail_save_context *ctx, struct mail *mail)
{
	struct mailbox *box = ctx->transaction->box;

	if (refuse_storage(box) < 0) {
		mailbox_save_cancel(&ctx);
		return -1;
	}
	return mail->box->storage->user == box->storage->user
	               ? super_of(box)->copy(ctx, mail)
	               : mail_storage_copy(ctx, mail);
}

/* The virtual storage only passes on to mailboxes that have hooks. */
static bool passes_on(const struct mail_storage *storage)
{
	return strcmp(storage->name, "virtual") == 0;
}

void sceau_save_mailbox_allocated(struct mailbox *box)
{
	enum mail_storage_class_flags flags = box->storage->class_flags;
	struct mailbox_vfuncs *v = box->vlast;
	union mailbox_module_context *sbox;

	sbox = p_new(box->pool, union mailbox_module_context, 1);
	sbox->super = *v;
	box->vlast = &sbox->super;
	MODULE_CONTEXT_SET_SELF(box, sceau_box_module, sbox);
	if ((flags & MAIL_STORAGE_CLASS_FLAG_BINARY_DATA) != 0) {
		v->save_begin = save_begin;
		v->save_finish = save_finish;
		v->copy = copy;
	} else if (!passes_on(box->storage) && v->save_begin != NULL) {
		v->save_begin = refuse_save_begin;
		v->copy = refuse_copy;
	}
}
