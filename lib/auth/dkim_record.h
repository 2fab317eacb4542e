/* dkim_record.h - read a DKIM public key record (RFC 6376 3.6.1, RFC 8463).
 *
 *   v=DKIM1; k=rsa; h=sha256; t=s; p=BASE64
 *
 * g= of older drafts and unknown tags mean nothing. p= of an RSA key may be the
 * SubjectPublicKeyInfo that everybody publishes or the RSAPublicKey that RFC
 * 6376 describes; which one, the crypto library finds out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_DKIM_RECORD_H
#define SCEAU_DKIM_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Bytes of a public key: enough for RSA of 16384 bits. */
#define SCEAU_DKIM_RECORD_KEY_MAX 2560

enum sceau_dkim_key_type {
	SCEAU_DKIM_RSA,
	SCEAU_DKIM_ED25519,
};

/* A record that can be used for mail and SHA-256. */
struct sceau_dkim_record {
	enum sceau_dkim_key_type type; /* k= */
	bool is_testing; /* t=y */
	bool is_strict; /* t=s: i= is d=, no subdomain of it */
	unsigned char key[SCEAU_DKIM_RECORD_KEY_MAX]; /* p= */
	size_t key_len;
};

/* Read the text of a record. Returns NULL, or why it cannot be used, in a few
   words of ours that live for ever: no list, another version, no or an empty
   p= (revoked), an unknown k=, not for SHA-256 (h=) or not for mail (s=).
   *record_r then has no key. */
const char *sceau_dkim_record_read(struct sceau_slice text,
                                   struct sceau_dkim_record *record_r);

/* Whether text is meant to be a key at all: a tag list with p=, of version
   DKIM1 if it names one. Other TXT records stand beside keys. */
bool sceau_dkim_record_is_key(struct sceau_slice text);

/* "rsa" or "ed25519". */
const char *sceau_dkim_key_type_name(enum sceau_dkim_key_type type);

#endif
