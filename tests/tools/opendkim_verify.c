/* opendkim_verify.c - the same as dkim_verify.c, by libopendkim: a second
 * opinion on what we sign and on what we let pass
 *
 * usage: opendkim_verify KEYFILE <MAIL
 * One line a signature: "pass" or "fail". What the library is known to let pass
 * though it must not (l=, SHA-1) is left to the caller.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include <opendkim/dkim.h>

#define SIZE (64UL << 20)

static char *keys;

/* The library hands the record a buffer of 1025 bytes. */
static DKIM_CBSTAT lookup(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf,
                          size_t size)
{
	char name[512];
	size_t len;

	(void)dkim;
	(void)snprintf(name, sizeof(name), "%s._domainkey.%s ",
	               dkim_sig_getselector(sig), dkim_sig_getdomain(sig));
	len = strlen(name);
	for (char *line = keys; line != NULL && *line != '\0';) {
		char *end = strchr(line, '\n');
		size_t used = end != NULL ? (size_t)(end - line) : strlen(line);

		if (used > len && strncasecmp(line, name, len) == 0) {
			(void)snprintf((char *)buf, size, "%.*s",
			               (int)(used - len), line + len);
			return DKIM_CBSTAT_CONTINUE;
		}
		line = end != NULL ? end + 1 : NULL;
	}
	return DKIM_CBSTAT_NOTFOUND;
}

static char *slurp(FILE *in, size_t *len_r)
{
	char *text = malloc(SIZE + 1);

	if (in == NULL || text == NULL)
		exit(2);
	*len_r = fread(text, 1, SIZE, in);
	text[*len_r] = '\0';
	return text;
}

/* Give the header field by field; returns where the body begins. */
static char *give_header(DKIM *dkim, char *mail, char *end)
{
	char *p = mail;

	while (p < end && strncmp(p, "\r\n", 2) != 0) {
		char *eol = p;

		do {
			eol = strstr(eol + 1, "\r\n");
			if (eol == NULL)
				return end;
		} while (eol[2] == ' ' || eol[2] == '\t');
		(void)dkim_header(dkim, (unsigned char *)p, (size_t)(eol - p));
		p = eol + 2;
	}
	return p + 2 < end ? p + 2 : end;
}

static void print(DKIM *dkim)
{
	DKIM_SIGINFO **sigs;
	int count = 0;

	if (dkim_getsiglist(dkim, &sigs, &count) != DKIM_STAT_OK)
		return;
	for (int i = 0; i < count; i++) {
		int is_good = (dkim_sig_getflags(sigs[i]) &
		               DKIM_SIGFLAG_PASSED) != 0 &&
		              dkim_sig_getbh(sigs[i]) == DKIM_SIGBH_MATCH &&
		              dkim_sig_geterror(sigs[i]) == 0;

		puts(is_good ? "pass" : "fail");
	}
}

int main(int argc, char **argv)
{
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	unsigned flags = DKIM_LIBFLAGS_BADSIGHANDLES;
	size_t len;
	DKIM_STAT status;
	DKIM *dkim;
	char *mail, *body;

	if (argc != 2 || lib == NULL)
		return 2;
	keys = slurp(fopen(argv[1], "r"), &len);
	mail = slurp(stdin, &len);
	(void)dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
	                   sizeof(flags));
	(void)dkim_set_key_lookup(lib, lookup);
	dkim = dkim_verify(lib, (const unsigned char *)"x", NULL, &status);
	if (dkim == NULL)
		return 2;
	body = give_header(dkim, mail, mail + len);
	status = dkim_eoh(dkim);
	if (mail + len > body)
		(void)dkim_body(dkim, (unsigned char *)body,
		                (size_t)(mail + len - body));
	(void)dkim_eom(dkim, NULL);
	print(dkim);
	(void)dkim_free(dkim);
	dkim_close(lib);
	free(keys);
	free(mail);
	return 0;
}
