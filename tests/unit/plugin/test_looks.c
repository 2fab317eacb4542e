/* test_looks.c - sealed, damaged and other files by their first bytes
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dovecot-plugin/looks.h"

#define SEALED "age-encryption.org/v1\n-> X25519 abc"

static const struct {
	const char *what;
	const char *bytes;
	size_t len;
	enum sceau_looks want;
} cases[] = {
	{ "sealed", SEALED, SCEAU_LOOKS_SIZE, SCEAU_LOOKS_SEALED },
	{ "only the first line", SEALED, 22, SCEAU_LOOKS_SEALED },
	{ "first line with CRLF", "age-encryption.org/v1\r\nxyz", 26,
	  SCEAU_LOOKS_DAMAGED },
	{ "empty", "", 0, SCEAU_LOOKS_DAMAGED },
	{ "zeroes before the stanza",
	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0-> X", 26,
	  SCEAU_LOOKS_DAMAGED },
	{ "a mail", "Return-Path: <zoe@far.example>", 26, SCEAU_LOOKS_OTHER },
	{ "a short mail", "A: b\r\n\r\n", 8, SCEAU_LOOKS_OTHER },
	{ "one letter", "R", 1, SCEAU_LOOKS_OTHER },
	{ "about age", "age-encryption: yes\r\n\r\nHello", 26,
	  SCEAU_LOOKS_DAMAGED },
	{ "age as a field", "Age: 40\r\nSubject: birthday", 26,
	  SCEAU_LOOKS_OTHER },
	{ "gzip", "\x1f\x8b\x08\0\0\0\0\0\0\3xxxxxxxxxxxxxxxx", 26,
	  SCEAU_LOOKS_OTHER },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum sceau_looks got = sceau_looks(cases[i].bytes,
		                                   cases[i].len);

		if (got != cases[i].want)
			fail_msg("%s: got %d, want %d", cases[i].what, got,
			         cases[i].want);
	}
}

/* Every flipped bit and every cut of the first line is noticed. */
static void test_every_bit_and_cut(void **state)
{
	char bytes[] = SEALED;

	(void)state;
	for (size_t bit = 0; bit < 22 * 8; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(sceau_looks(bytes, SCEAU_LOOKS_SIZE),
		                 SCEAU_LOOKS_DAMAGED);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < 22; len++)
		assert_int_equal(sceau_looks(bytes, len), SCEAU_LOOKS_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_bit_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
