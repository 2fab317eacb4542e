/* greylist_sender.c - see greylist_sender.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "policy/greylist_sender.h"

#define UUID_LEN 36
/* Words of so many hexadecimal digits, some of them 0-9, are no words. */
#define HEX_LEN 8
/* Nor are words in which letters and digits change so often. */
#define CHANGES 3

/* --- tags that forwarders and bounce checks put on --- */

static bool skip(char **at, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*at, prefix, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool is_batv_tag(const char *text, size_t len)
{
	if (len < 10)
		return false;
	for (size_t i = 0; i < 10; i++) {
		if (!sceau_text_is_alpha(text[i]) &&
		    !sceau_text_is_digit(text[i]))
			return false;
	}
	return true;
}

static void replace(char *local, const char *rest, size_t len)
{
	memmove(local, rest, len);
	local[len] = '\0';
}

/* prvs=TAG=user; some write prvs=user=TAG. */
static bool take_off_batv(char *local)
{
	char *at = local, *eq;
	size_t len;

	if (skip(&at, "btv1==")) {
		eq = strstr(at, "==");
		if (eq == NULL || eq[2] == '\0')
			return false;
		replace(local, eq + 2, strlen(eq + 2));
		return true;
	}
	if (!skip(&at, "prvs=") && !skip(&at, "msprvs1="))
		return false;
	eq = strchr(at, '=');
	if (eq == NULL || eq == at || eq[1] == '\0')
		return false;
	len = strlen(eq + 1);
	if (is_batv_tag(eq + 1, len) && strchr(eq + 1, '=') == NULL &&
	    !is_batv_tag(at, (size_t)(eq - at)))
		replace(local, at, (size_t)(eq - at));
	else
		replace(local, eq + 1, len);
	return true;
}

/* Length up to the next separator of SRS, 0 when there is none or nothing
   before it. */
static size_t srs_field(const char *at)
{
	size_t len = strcspn(at, "=");

	return at[len] == '=' ? len : 0;
}

/* Of HASH=TIME=DOMAIN=user, what follows the two. */
static char *srs_rest(char *at)
{
	for (int i = 0; i < 2; i++) {
		size_t len = srs_field(at);

		if (len == 0)
			return NULL;
		at += len + 1;
	}
	return srs_field(at) > 0 ? at : NULL;
}

/* The three separators that SRS allows behind its name. */
static bool is_srs(const char *local, char kind)
{
	return strncmp(local, "srs", 3) == 0 && local[3] == kind &&
	       local[4] != '\0' && strchr("=+-", local[4]) != NULL;
}

/* SRS0=HASH=TIME=DOMAIN=user becomes srs0=DOMAIN=user;
   SRS1=HASH=FORWARDER==HASH=TIME=DOMAIN=user becomes the same. */
static bool take_off_srs(char *local)
{
	char *rest = NULL;

	if (is_srs(local, '0')) {
		rest = srs_rest(local + 5);
	} else if (is_srs(local, '1')) {
		char *inner = strstr(local + 5, "==");

		if (inner != NULL)
			rest = srs_rest(inner + 2);
	}
	if (rest == NULL)
		return false;
	local[3] = '0';
	local[4] = '=';
	replace(local + 5, rest, strlen(rest));
	return true;
}

/* --- words drawn by lot --- */

static bool is_word(char c)
{
	return sceau_text_is_alpha(c) || sceau_text_is_digit(c);
}

static bool is_hex(char c)
{
	return sceau_text_is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_glue(char c)
{
	return c == '-' || c == '_' || c == '.' || c == '=';
}

/* 8-4-4-4-12 hexadecimal digits, and no more of them. */
static bool is_uuid(const char *text, size_t len)
{
	if (len < UUID_LEN || (len > UUID_LEN && is_word(text[UUID_LEN])))
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return true;
}

/* Whether a word looks like a number in some notation, not like a name. */
static bool is_random(const char *word, size_t len)
{
	size_t digits = 0, hex = 0, changes = 0;

	for (size_t i = 0; i < len; i++) {
		digits += sceau_text_is_digit(word[i]);
		hex += is_hex(word[i]);
		if (i > 0)
			changes += sceau_text_is_digit(word[i]) !=
			           sceau_text_is_digit(word[i - 1]);
	}
	return digits == len || (digits > 0 && hex == len && len >= HEX_LEN) ||
	       changes >= CHANGES;
}

struct output {
	char *text;
	size_t used;
	size_t mark; /* just behind the last '#', 0 = none */
};

/* A '#'; it swallows one before it that only glue parts from it. */
static void put_mark(struct output *out)
{
	size_t i = out->used;

	while (i > out->mark && is_glue(out->text[i - 1]))
		i--;
	if (out->mark > 0 && i == out->mark) {
		out->used = i;
		return;
	}
	out->text[out->used++] = '#';
	out->mark = out->used;
}

static void put_word(struct output *out, const char *word, size_t len)
{
	if (is_random(word, len)) {
		put_mark(out);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (!sceau_text_is_digit(word[i]))
			out->text[out->used++] = word[i];
		else if (i == 0 || !sceau_text_is_digit(word[i - 1]))
			put_mark(out);
	}
}

/* Never writes beyond what was read: a mark takes one byte of a word. */
static void mark_random(char *local)
{
	size_t len = strlen(local), i = 0;
	struct output out = { .text = local };

	while (i < len) {
		size_t word = 0;

		if (is_uuid(local + i, len - i)) {
			put_mark(&out);
			i += UUID_LEN;
			continue;
		}
		while (i + word < len && is_word(local[i + word]))
			word++;
		if (word == 0)
			local[out.used++] = local[i++];
		else
			put_word(&out, local + i, word);
		i += word;
	}
	local[out.used] = '\0';
}

void sceau_greylist_recipient_local(char *local)
{
	char *plus = local[0] == '\0' ? NULL : strchr(local + 1, '+');

	if (plus != NULL)
		*plus = '\0';
}

void sceau_greylist_sender_local(char *local)
{
	/* one tag may lie around another */
	for (int i = 0; i < 4 && take_off_batv(local); i++)
		;
	(void)take_off_srs(local);
	sceau_greylist_recipient_local(local);
	mark_random(local);
}
