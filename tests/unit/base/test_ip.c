/* test_ip.c - addresses, networks and the names made of them
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/ip.h"

static struct sceau_ip ip_of(const char *text)
{
	struct sceau_ip ip;
	struct sceau_err err;

	if (sceau_ip_parse(sceau_slice_of(text), &ip, &err) < 0)
		fail_msg("%s", err.text);
	return ip;
}

static struct sceau_ip_net net_of(const char *text)
{
	struct sceau_ip_net net;
	struct sceau_err err;

	if (sceau_ip_parse_net(sceau_slice_of(text), &net, &err) < 0)
		fail_msg("%s", err.text);
	return net;
}

/* want: the address printed, NULL for a refusal. */
static const struct {
	const char *text;
	const char *want;
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "fe80::ff", "fe80::ff" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::ffff:c000:201", "192.0.2.1" },
	{ "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	{ "1111:2222:3333:4444:5555:6666:7777:8888",
	  "1111:2222:3333:4444:5555:6666:7777:8888" },
	{ "1111:2222:3333:4444:5555:6666:255.255.255.255",
	  "1111:2222:3333:4444:5555:6666:ffff:ffff" },
	{ "", NULL },
	{ "1", NULL },
	{ "1.2.3", NULL },
	{ "1.2.3.4.5", NULL },
	{ "1.2.3.256", NULL },
	{ "1.2.3.04", NULL },
	{ "1.2.3.-4", NULL },
	{ " 1.2.3.4", NULL },
	{ "1.2.3.4 ", NULL },
	{ "0x7f.0.0.1", NULL },
	{ "2130706433", NULL },
	{ ":", NULL },
	{ ":::", NULL },
	{ "1::2::3", NULL },
	{ "1:2:3:4:5:6:7", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "12345::", NULL },
	{ "fe80::1%eth0", NULL },
	{ "[::1]", NULL },
	{ "::1/128", NULL },
	{ "1111:2222:3333:4444:5555:6666:7777:255.255.255.255", NULL },
};

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const char *text = addresses[i].text;
		struct sceau_ip ip = { .len = 99 };
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
		char got[SCEAU_IP_TEXT_MAX] = "";
		int ret = sceau_ip_parse(sceau_slice_of(text), &ip, &err);

		if (ret != (addresses[i].want == NULL ? -1 : 0))
			fail_msg("\"%s\": got %d", text, ret);
		if (ret < 0) {
			assert_int_equal(ip.len, 99);
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
			continue;
		}
		sceau_ip_print(&ip, got);
		if (strcmp(got, addresses[i].want) != 0)
			fail_msg("\"%s\": got %s", text, got);
	}
}

static void test_nul_inside(void **state)
{
	struct sceau_slice text = { "1.2.3.4\0", 8 };
	struct sceau_ip ip;

	(void)state;
	assert_int_equal(sceau_ip_parse(text, &ip, NULL), -1);
}

static void test_bytes(void **state)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	static const uint8_t almost[16] = { [9] = 1, 0xff, 0xff, 192, 0, 2, 1 };
	struct sceau_ip ip, want = ip_of("192.0.2.1");

	(void)state;
	assert_int_equal(sceau_ip_from_bytes("\xc0\0\2\1", 4, &ip), 0);
	assert_true(sceau_ip_equal(&ip, &want));
	assert_int_equal(sceau_ip_from_bytes(mapped, 16, &ip), 0);
	assert_true(sceau_ip_equal(&ip, &want));
	assert_int_equal(sceau_ip_from_bytes(almost, 16, &ip), 0);
	assert_int_equal(ip.len, 16);
	assert_false(sceau_ip_equal(&ip, &want));
	assert_int_equal(sceau_ip_from_bytes(mapped, 15, &ip), -1);
	assert_int_equal(sceau_ip_from_bytes(mapped, 0, &ip), -1);
}

static const struct {
	const char *text;
	const char *want;
} literals[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "IPv6:2001:db8::1", "2001:db8::1" },
	{ "ipv6:::1", "::1" },
	{ "IPv6:::ffff:192.0.2.1", "192.0.2.1" },
	{ "2001:db8::1", NULL },
	{ "::1", NULL },
	{ "IPv6:", NULL },
	{ "IPv6:192.0.2.1", NULL },
	{ "IPv6:x", NULL },
	{ "IPv4:192.0.2.1", NULL },
	{ "x:y", NULL },
	{ "", NULL },
};

static void test_literals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		struct sceau_ip ip;
		char got[SCEAU_IP_TEXT_MAX];
		struct sceau_slice text = sceau_slice_of(literals[i].text);
		int ret = sceau_ip_parse_literal(text, &ip, NULL);

		if (ret != (literals[i].want == NULL ? -1 : 0))
			fail_msg("\"%s\": got %d", literals[i].text, ret);
		if (ret < 0)
			continue;
		sceau_ip_print(&ip, got);
		assert_string_equal(got, literals[i].want);
	}
}

static void test_loopback(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "::1", true },
		{ "::ffff:127.0.0.1", true },
		{ "126.255.255.255", false },
		{ "128.0.0.0", false },
		{ "::", false },
		{ "::2", false },
		{ "1::1", false },
		{ "7f00::1", false },
		{ "::127.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_ip ip = ip_of(rows[i].text);

		if (sceau_ip_is_loopback(&ip) != rows[i].want)
			fail_msg("%s", rows[i].text);
	}
}

static const struct {
	const char *text;
	const char *want; /* printed, or NULL */
	const char *want_err; /* the error's text, or part of it */
} nets[] = {
	{ "192.0.2.0/24", "192.0.2.0/24", NULL },
	{ "192.0.2.1", "192.0.2.1/32", NULL },
	{ "192.0.2.1/32", "192.0.2.1/32", NULL },
	{ "0.0.0.0/0", "0.0.0.0/0", NULL },
	{ "128.0.0.0/1", "128.0.0.0/1", NULL },
	{ "10.32.0.0/11", "10.32.0.0/11", NULL },
	{ "2001:db8::/32", "2001:db8::/32", NULL },
	{ "2001:db8::1", "2001:db8::1/128", NULL },
	{ "::/0", "::/0", NULL },
	{ "::ffff:192.0.2.0/120", "192.0.2.0/24", NULL },
	{ "::ffff:0.0.0.0/96", "0.0.0.0/0", NULL },
	{ "192.0.2.7/24", NULL, "did you mean 192.0.2.0/24?" },
	{ "192.0.2.255/31", NULL, "did you mean 192.0.2.254/31?" },
	{ "2001:db8::1/64", NULL, "did you mean 2001:db8::/64?" },
	{ "::ffff:192.0.2.7/120", NULL, "did you mean 192.0.2.0/24?" },
	{ "::ffff:0.0.0.0/95", NULL, "a network with a valid /BITS" },
	{ "192.0.2.0/33", NULL, "a network with a valid /BITS" },
	{ "::/129", NULL, "a network with a valid /BITS" },
	{ "192.0.2.0/", NULL, "a network with a valid /BITS" },
	{ "192.0.2.0/-1", NULL, "a network with a valid /BITS" },
	{ "192.0.2.0/24/24", NULL, "a network with a valid /BITS" },
	{ "192.0.2.0/255.255.255.0", NULL, "a network with a valid /BITS" },
	{ "192.0.2/24", NULL, "\"192.0.2\" is not an IP address" },
	{ "/24", NULL, "\"\" is not an IP address" },
	{ "", NULL, "\"\" is not an IP address" },
};

static void test_nets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct sceau_ip_net net;
		struct sceau_err err = { .fault = SCEAU_FAULT_NONE };
		char got[SCEAU_IP_NET_TEXT_MAX];
		struct sceau_slice text = sceau_slice_of(nets[i].text);
		int ret = sceau_ip_parse_net(text, &net, &err);

		if (ret != (nets[i].want == NULL ? -1 : 0))
			fail_msg("\"%s\": got %d", nets[i].text, ret);
		if (ret < 0) {
			assert_int_equal(err.fault, SCEAU_FAULT_CONFIG);
			if (strstr(err.text, nets[i].want_err) == NULL)
				fail_msg("\"%s\": %s", nets[i].text, err.text);
			continue;
		}
		sceau_ip_net_print(&net, got);
		if (strcmp(got, nets[i].want) != 0)
			fail_msg("\"%s\": got %s", nets[i].text, got);
	}
}

static const struct {
	const char *net;
	const char *ip;
	bool want;
} members[] = {
	{ "192.0.2.0/24", "192.0.2.0", true },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.0/24", "192.0.1.255", false },
	{ "192.0.2.0/24", "::ffff:192.0.2.9", true },
	{ "192.0.2.9/32", "192.0.2.9", true },
	{ "192.0.2.9/32", "192.0.2.8", false },
	{ "10.32.0.0/11", "10.63.255.255", true },
	{ "10.32.0.0/11", "10.64.0.0", false },
	{ "0.0.0.0/0", "255.1.2.3", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "192.0.2.1", false },
	{ "::/0", "ffff::", true },
	{ "2001:db8::/33", "2001:db8:7fff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "::1/128", "::1", true },
	{ "::1/128", "::", false },
};

static void test_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct sceau_ip_net net = net_of(members[i].net);
		struct sceau_ip ip = ip_of(members[i].ip);

		if (sceau_ip_net_has(&net, &ip) != members[i].want)
			fail_msg("%s in %s", members[i].ip, members[i].net);
	}
}

static void test_around(void **state)
{
	static const struct {
		const char *ip;
		unsigned bits4;
		unsigned bits6;
		const char *want;
	} rows[] = {
		{ "192.0.2.77", 24, 64, "192.0.2.0/24" },
		{ "::ffff:192.0.2.77", 24, 64, "192.0.2.0/24" },
		{ "2001:db8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::/64" },
		{ "192.0.2.77", 99, 64, "192.0.2.77/32" },
		{ "192.0.2.77", 0, 64, "0.0.0.0/0" },
		{ "2001:db8::1", 24, 200, "2001:db8::1/128" },
		{ "ffff::1", 24, 3, "e000::/3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sceau_ip ip = ip_of(rows[i].ip);
		struct sceau_ip_net net = sceau_ip_net_around(
			&ip, rows[i].bits4, rows[i].bits6);
		char got[SCEAU_IP_NET_TEXT_MAX];

		sceau_ip_net_print(&net, got);
		assert_string_equal(got, rows[i].want);
		assert_true(sceau_ip_net_has(&net, &ip));
	}
}

/* RFC 5782 2.1 and 2.4, RFC 3596 2.5. */
static void test_names(void **state)
{
	static const char nibbles[] = "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0."
				      "0.0.0.0.8.b.d.0.1.0.0.2.";
	struct sceau_ip v4 = ip_of("192.0.2.99");
	struct sceau_ip v6 = ip_of("2001:db8::567:89ab");
	char name[SCEAU_IP_NAME_MAX], list[300];

	(void)state;
	sceau_ip_ptr_name(&v4, name);
	assert_string_equal(name, "99.2.0.192.in-addr.arpa");
	sceau_ip_ptr_name(&v6, name);
	assert_memory_equal(name, nibbles, 64);
	assert_string_equal(name + 64, "ip6.arpa");
	assert_int_equal(sceau_ip_dnsbl_name(&v4, "bl.example", list, 300), 0);
	assert_string_equal(list, "99.2.0.192.bl.example");
	assert_int_equal(sceau_ip_dnsbl_name(&v6, "bl.example", list, 300), 0);
	assert_memory_equal(list, nibbles, 64);
	assert_string_equal(list + 64, "bl.example");
}

static void test_dnsbl_bounds(void **state)
{
	struct sceau_ip v4 = ip_of("1.2.3.4"), v6 = ip_of("::1");
	char zone[300], out[300] = "old";

	(void)state;
	assert_int_equal(sceau_ip_dnsbl_name(&v4, "", out, 300), -1);
	assert_int_equal(sceau_ip_dnsbl_name(&v4, "a", out, 9), -1);
	assert_string_equal(out, "old");
	assert_int_equal(sceau_ip_dnsbl_name(&v4, "a", out, 10), 0);
	assert_string_equal(out, "4.3.2.1.a");

	memset(zone, 'z', sizeof(zone));
	zone[245] = '\0';
	assert_int_equal(sceau_ip_dnsbl_name(&v4, zone, out, 300), 0);
	zone[245] = 'z';
	zone[246] = '\0';
	assert_int_equal(sceau_ip_dnsbl_name(&v4, zone, out, 300), -1);
	zone[189] = '\0';
	assert_int_equal(sceau_ip_dnsbl_name(&v6, zone, out, 300), 0);
	assert_int_equal(strlen(out), 253);
	zone[189] = 'z';
	zone[190] = '\0';
	assert_int_equal(sceau_ip_dnsbl_name(&v6, zone, out, 300), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_nul_inside),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_nets),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_around),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_dnsbl_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
