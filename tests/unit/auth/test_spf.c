/* test_spf.c - the SPF machine beyond the published suite
 *
 * Each row names the section of RFC 7208 (or 8616) that its result follows
 * from.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/auth/spf_rows.h"

static const struct row deciding[] = {
	{ "4.3: no such domain", "", NULL, SCEAU_SPF_NONE, "", "", NULL, 1 },
	{ "4.5: no record", "far.example TXT hello", NULL, SCEAU_SPF_NONE, "",
	  "", NULL, 1 },
	{ "4.4: DNS fails", "far.example SERVFAIL", NULL, SCEAU_SPF_TEMPERROR,
	  "", "far.example", NULL, 1 },
	{ "4.4: DNS is silent", "far.example TIMEOUT", NULL,
	  SCEAU_SPF_TEMPERROR, "", "far.example", NULL, 1 },
	{ "4.7: nothing matches", "far.example TXT v=spf1 ip4:192.0.2.2", NULL,
	  SCEAU_SPF_NEUTRAL, "", "far.example", NULL, 1 },
	{ "5.1: the term that decided", "far.example TXT v=spf1 -all", NULL,
	  SCEAU_SPF_FAIL, "-all", "far.example", NULL, 1 },
	{ "5.2: an include decides as the term of the including record",
	  "far.example TXT v=spf1 ~include:b.example -all\n"
	  "b.example TXT v=spf1 ip4:192.0.2.0/24 -all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~include:b.example", "far.example", NULL,
	  2 },
	{ "6.1: after a redirect the other record decides",
	  "far.example TXT v=spf1 redirect=B.example\n"
	  "b.example TXT v=spf1 ~all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", "b.example", NULL, 2 },
	{ "6.1: a redirect stands after all mechanisms",
	  "far.example TXT v=spf1 redirect=b.example ip4:192.0.2.2 ~all\n"
	  "b.example TXT v=spf1 +all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", "far.example", NULL, 1 },
	{ "6.1: a redirect inside an include",
	  "far.example TXT v=spf1 include:b.example ~all\n"
	  "b.example TXT v=spf1 redirect=c.example\n"
	  "c.example TXT v=spf1 a -all\n"
	  "c.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, "include:b.example", "far.example", NULL, 4 },
	{ "6.1: a redirect to itself",
	  "far.example TXT v=spf1 redirect=far.example", NULL,
	  SCEAU_SPF_PERMERROR, "redirect=far.example", "far.example", NULL,
	  11 },
	{ "4.6: an error behind the match",
	  "far.example TXT v=spf1 +all a:b..c:d", NULL, SCEAU_SPF_PERMERROR,
	  "a:b..c:d", "far.example", NULL, 1 },
	{ "4.6: an error in an included record",
	  "far.example TXT v=spf1 include:b.example -all\n"
	  "b.example TXT v=spf1 ip4:192.0.2.0/24 -al",
	  NULL, SCEAU_SPF_PERMERROR, "-al", "b.example", NULL, 2 },
	{ "5.2: nothing to include",
	  "far.example TXT v=spf1 include:b.example -all\nb.example TXT x",
	  NULL, SCEAU_SPF_PERMERROR, NULL, "b.example", NULL, 2 },
	{ "5.2: what is included cannot be reached",
	  "far.example TXT v=spf1 include:b.example +all\n"
	  "b.example SERVFAIL",
	  NULL, SCEAU_SPF_TEMPERROR, NULL, "b.example", NULL, 2 },
	{ "5.2: no domain comes out",
	  "far.example TXT v=spf1 include:%{d1} -all", NULL,
	  SCEAU_SPF_PERMERROR, "include:%{d1}", "far.example", NULL, 1 },
	{ "6.1: no domain comes out",
	  "far.example TXT v=spf1 redirect=%{d}..example.com", NULL,
	  SCEAU_SPF_PERMERROR, "redirect=%{d}..example.com", "far.example",
	  NULL, 1 },
	{ "3.3: strings are joined without a space",
	  "far.example TXT v=spf1 exp=a.very.long.name.that.fills.up.the.first."
	  "string.of.the.record.up.to.a.place.in.the.middle.of.a.term.which."
	  "must.then.be.joined.again.without.a.space.or.it.would.be.broken."
	  "and.that.is.all.that.this.is.for.so.it.may.end.here.now.example "
	  "ip4:192.0.2.1 -all",
	  NULL, SCEAU_SPF_PASS, "ip4:192.0.2.1", NULL, NULL, 1 },
	{ "5.3: an address of the other family is none",
	  "far.example TXT v=spf1 a -all\nfar.example A 192.0.2.1",
	  "2001:db8::1", SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.3: DNS fails",
	  "far.example TXT v=spf1 a +all\n"
	  "far.example SERVFAIL A",
	  NULL, SCEAU_SPF_TEMPERROR, "a", NULL, NULL, 2 },
	{ "4.8: a name with a label too long is asked for by nobody",
	  "far.example TXT v=spf1 a:a123456789a123456789a123456789a123456789"
	  "a123456789a123456789abcdef.example -all",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 1 },
	{ "5: an IPv4-mapped client is one of IPv4",
	  "far.example TXT v=spf1 ip6:::/0 a -all\nfar.example A 192.0.2.1",
	  "::ffff:192.0.2.1", SCEAU_SPF_PASS, "a", NULL, NULL, 2 },
	{ "5.7: any answer will do",
	  "far.example TXT v=spf1 exists:%{ir}.l.example -all\n"
	  "1.2.0.192.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, "exists:%{ir}.l.example", NULL, NULL, 2 },
	{ "7.3: the domain at hand, not the first one",
	  "far.example TXT v=spf1 include:b.example -all\n"
	  "b.example TXT v=spf1 a:%{d} -all\n"
	  "b.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 3 },
};

static void test_deciding(void **state)
{
	(void)state;
	CHECK(deciding);
}

static const struct row mx_rows[] = {
	{ "5.4: the second host",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 20 b.example\n"
	  "far.example MX 10 a.example\n"
	  "a.example A 192.0.2.2\n"
	  "b.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, "mx", NULL, NULL, 4 },
	{ "by preference, so a dead one behind does not matter",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 20 b.example\n"
	  "far.example MX 10 a.example\n"
	  "a.example A 192.0.2.1\n"
	  "b.example SERVFAIL",
	  NULL, SCEAU_SPF_PASS, "mx", NULL, NULL, 3 },
	{ "5: a dead one before",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 20 a.example\n"
	  "far.example MX 10 b.example\n"
	  "a.example A 192.0.2.1\n"
	  "b.example SERVFAIL",
	  NULL, SCEAU_SPF_TEMPERROR, "mx", NULL, NULL, 3 },
	{ "the same host twice is asked for once",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 20 A.example\n"
	  "far.example MX 10 a.example\n"
	  "a.example A 192.0.2.2",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 3 },
	{ "RFC 7505: no mail, no host",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 0 .",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.4: no MX, no guess",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example A 192.0.2.1",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.4: a prefix, and hosts that are not there are no voids",
	  "far.example TXT v=spf1 mx/24 -all\n"
	  "far.example MX 1 a.example\nfar.example MX 2 b.example\n"
	  "far.example MX 3 c.example\nfar.example MX 4 d.example\n"
	  "d.example A 192.0.2.77",
	  NULL, SCEAU_SPF_PASS, "mx/24", NULL, NULL, 6 },
	{ "4.6.4: ten hosts",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 1 a.example\n"
	  "far.example MX 2 b.example\n"
	  "far.example MX 3 c.example\n"
	  "far.example MX 4 d.example\n"
	  "far.example MX 5 e.example\n"
	  "far.example MX 6 f.example\n"
	  "far.example MX 7 g.example\n"
	  "far.example MX 8 h.example\n"
	  "far.example MX 9 i.example\n"
	  "far.example MX 10 j.example\n"
	  "j.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, "mx", NULL, NULL, 12 },
	{ "4.6.4: eleven, whichever comes first",
	  "far.example TXT v=spf1 mx -all\n"
	  "far.example MX 1 a.example\nfar.example MX 2 b.example\n"
	  "far.example MX 3 c.example\nfar.example MX 4 d.example\n"
	  "far.example MX 5 e.example\nfar.example MX 6 f.example\n"
	  "far.example MX 7 g.example\nfar.example MX 8 h.example\n"
	  "far.example MX 9 i.example\nfar.example MX 10 j.example\n"
	  "far.example MX 11 k.example\n"
	  "a.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PERMERROR, "mx", NULL, NULL, 2 },
};

static void test_mx(void **state)
{
	(void)state;
	CHECK(mx_rows);
}

#define CLIENT "1.2.0.192.in-addr.arpa PTR "

static const struct row ptr_rows[] = {
	{ "5.5: a name below the target, that leads back",
	  "far.example TXT v=spf1 ptr -all\n" CLIENT "a.far.example\n"
	  "a.far.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, "ptr", NULL, NULL, 3 },
	{ "5.5: the target itself, in any case",
	  "far.example TXT v=spf1 ptr:FAR.example -all\n" CLIENT "Far.Example\n"
	  "far.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 3 },
	{ "5.5: one that leads elsewhere",
	  "far.example TXT v=spf1 ptr -all\n" CLIENT "a.far.example\n"
	  "a.far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 3 },
	{ "one that only ends alike is not even asked about",
	  "far.example TXT v=spf1 ptr -all\n" CLIENT "notfar.example\n"
	  "notfar.example A 192.0.2.1",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.5: no reverse name", "far.example TXT v=spf1 ptr -all", NULL,
	  SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.5: an error in the reverse zone is no match",
	  "far.example TXT v=spf1 ptr -all\n"
	  "1.2.0.192.in-addr.arpa SERVFAIL",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "5.5: an error at one name: the next one",
	  "far.example TXT v=spf1 ptr -all\n" CLIENT "a.far.example\n" CLIENT
	  "b.far.example\n"
	  "a.far.example SERVFAIL\nb.far.example A 192.0.2.1",
	  NULL, SCEAU_SPF_PASS, "ptr", NULL, NULL, 4 },
	{ "4.6.4: the eleventh name is ignored",
	  "far.example TXT v=spf1 ptr -all\n" CLIENT "a.far.example\n" CLIENT
	  "b.far.example\n" CLIENT "c.far.example\n" CLIENT
	  "d.far.example\n" CLIENT "e.far.example\n" CLIENT
	  "f.far.example\n" CLIENT "g.far.example\n" CLIENT
	  "h.far.example\n" CLIENT "i.far.example\n" CLIENT
	  "j.far.example\n" CLIENT "k.far.example\n"
	  "k.far.example A 192.0.2.1",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 12 },
	{ "names are asked for and proved once a check",
	  "far.example TXT v=spf1 ptr:b.example ptr ptr:a.far.example "
	  "exists:%{p}.x ptr:c.example -all\n" CLIENT "a.far.example\n"
	  "a.far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 4 },
	{ "5.5: three clients without a reverse name are no voids",
	  "far.example TXT v=spf1 ptr ptr:a.example ptr:b.example "
	  "ptr:c.example ?all",
	  NULL, SCEAU_SPF_NEUTRAL, "?all", NULL, NULL, 2 },
	{ "IPv6",
	  "far.example TXT v=spf1 ptr -all\n"
	  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	  "8.b.d.0.1.0.0.2.ip6.arpa PTR a.far.example\n"
	  "a.far.example AAAA 2001:db8::1\n"
	  "a.far.example A 192.0.2.1",
	  "2001:db8::1", SCEAU_SPF_PASS, "ptr", NULL, NULL, 3 },
};

static void test_ptr(void **state)
{
	(void)state;
	CHECK(ptr_rows);
}

/* %{p}: RFC 7208 7.3. */
static const struct row p_rows[] = {
	{ "the domain itself before all",
	  "far.example TXT v=spf1 exists:%{p}.l.example -all\n" CLIENT
	  "other.example\n" CLIENT "a.far.example\n" CLIENT "far.example\n"
	  "other.example A 192.0.2.1\na.far.example A 192.0.2.1\n"
	  "far.example A 192.0.2.1\nfar.example.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 4 },
	{ "a name below it before others",
	  "far.example TXT v=spf1 exists:%{p}.l.example -all\n" CLIENT
	  "other.example\n" CLIENT "a.far.example\n"
	  "other.example A 192.0.2.1\na.far.example A 192.0.2.1\n"
	  "a.far.example.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 4 },
	{ "any that is proved",
	  "far.example TXT v=spf1 exists:%{p}.l.example "
	  "-all\n" CLIENT "a.far.example\n" CLIENT "other.example\n"
	  "other.example A 192.0.2.1\n"
	  "other.example.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 5 },
	{ "none",
	  "far.example TXT v=spf1 exists:%{p}.l.example -all\n"
	  "unknown.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 3 },
	{ "none, since DNS fails",
	  "far.example TXT v=spf1 exists:%{p}.l.example -all\n"
	  "1.2.0.192.in-addr.arpa SERVFAIL\n"
	  "unknown.l.example A 127.0.0.2",
	  NULL, SCEAU_SPF_PASS, NULL, NULL, NULL, 3 },
	{ "4.6.4: its question is one of the ten",
	  "far.example TXT v=spf1 a a a a a a a a a exists:%{p}.x.example "
	  "-all\n"
	  "far.example A 192.0.2.2",
	  NULL, SCEAU_SPF_PERMERROR, "exists:%{p}.x.example", NULL, NULL, 10 },
	{ "in an include and a redirect",
	  "far.example TXT v=spf1 include:%{p}.i.example "
	  "redirect=%{p}.r.example\n"
	  "unknown.i.example TXT v=spf1 -all\n"
	  "unknown.r.example TXT v=spf1 ~all",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", "unknown.r.example", NULL, 4 },
	{ "in an explanation, which counts nothing",
	  "far.example TXT v=spf1 a a a a a a a a a a -all exp=e.example\n"
	  "far.example A 192.0.2.2\n"
	  "e.example TXT by %{p}\n" CLIENT "a.example\n"
	  "a.example A 192.0.2.1",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, "by a.example", 14 },
	{ "in the name of an explanation",
	  "far.example TXT v=spf1 -all exp=%{p}.e.example\n"
	  "unknown.e.example TXT who are you?",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, "who are you?", 3 },
};

static void test_p(void **state)
{
	(void)state;
	CHECK(p_rows);
}

static const struct row explaining[] = {
	{ "6.2",
	  "far.example TXT v=spf1 -all exp=e.%{d}\n"
	  "e.far.example TXT %{i} may not use %{d}, says %{r}.",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL,
	  "192.0.2.1 may not use far.example, says mx.home.example.", 2 },
	{ "6.2: only for a fail",
	  "far.example TXT v=spf1 ~all exp=e.example\n"
	  "e.example TXT no",
	  NULL, SCEAU_SPF_SOFTFAIL, "~all", NULL, NULL, 1 },
	{ "6.2: of the redirected record",
	  "far.example TXT v=spf1 exp=e.example redirect=b.example\n"
	  "b.example TXT v=spf1 -all exp=f.example\n"
	  "e.example TXT e\nf.example TXT f %{d} %{o}",
	  NULL, SCEAU_SPF_FAIL, "-all", "b.example", "f b.example far.example",
	  3 },
	{ "6.2: not of the included one",
	  "far.example TXT v=spf1 -include:b.example exp=e.example\n"
	  "b.example TXT v=spf1 +all exp=f.example\n"
	  "e.example TXT e\nf.example TXT f",
	  NULL, SCEAU_SPF_FAIL, "-include:b.example", "far.example", "e", 3 },
	{ "6.2: two records are none",
	  "far.example TXT v=spf1 -all exp=e.example\n"
	  "e.example TXT a\ne.example TXT b",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "6.2: DNS fails",
	  "far.example TXT v=spf1 -all exp=e.example\n"
	  "e.example TIMEOUT",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "6.2: no name comes out", "far.example TXT v=spf1 -all exp=a..%{d}",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 1 },
	{ "6.2: unsound text",
	  "far.example TXT v=spf1 -all exp=e.example\n"
	  "e.example TXT 100% no",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
	{ "no line end gets into a reply",
	  "far.example TXT v=spf1 -all exp=e.example\n"
	  "e.example TXT no\r250 yes",
	  NULL, SCEAU_SPF_FAIL, "-all", NULL, NULL, 2 },
};

static void test_explaining(void **state)
{
	(void)state;
	CHECK(explaining);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deciding),   cmocka_unit_test(test_mx),
		cmocka_unit_test(test_ptr),        cmocka_unit_test(test_p),
		cmocka_unit_test(test_explaining),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
