/* dns_zones.h - the names that the server of test_dns.c knows
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_DNS_ZONES_H
#define SCEAU_TEST_DNS_ZONES_H

/* A private root. SPF records go over 255 bytes, one has two strings. */
#define ROOT_ZONE                                                              \
	". 3600 IN SOA a.example. b.example. 1 3600 600 86400 60\n"            \
	". 3600 IN NS a.example.\n"                                            \
	"a.example. 3600 IN A 127.0.0.1\n"                                     \
	"mx.example. 300 IN A 192.0.2.1\n"                                     \
	"mx.example. 300 IN A 192.0.2.2\n"                                     \
	"mx.example. 300 IN AAAA 2001:db8::1\n"                                \
	"home.example. 3600 IN MX 10 MX.example.\n"                            \
	"home.example. 3600 IN TXT \"v=spf1 \" \"mx -all\"\n"                  \
	"alias.example. 3600 IN CNAME mx.example.\n"                           \
	"1.2.0.192.in-addr.arpa. 3600 IN PTR mx.example.\n"                    \
	"7.113.0.203.in-addr.arpa. 3600 IN PTR client.example.\n"              \
	"9.100.51.198.in-addr.arpa. 3600 IN PTR other.example.\n"              \
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"      \
	".ip6.arpa. 3600 IN PTR six.example.\n"                                \
	"1.0.0.10.in-addr.arpa. 3600 IN PTR lan.example.\n"                    \
	"2.0.0.127.good.example. 60 IN A 127.0.0.2\n"                          \
	"7.2.0.192.good.example. 60 IN A 127.0.0.4\n"                          \
	"*.all.example. 60 IN A 91.195.240.117\n"                              \
	"*.no.example. 60 IN A 127.255.255.254\n"                              \
	"2.0.0.127.sekrit.dq.example. 60 IN A 127.0.0.2\n"

/* Signed once, good until 2080, with the key that is its trust anchor. In
   bad.signed.example the text was altered after it was signed. */
#define SIGNED_KEY                                                             \
	"257 3 13 m7lcaSnsr/24IaQhXS0Fs1wq7jc5BTzuBNQp6IYWf6FJBWreHFc41V7Gh/"  \
	"+cPjoSZAmcF+Jm4j1x+qkGis0t+Q=="
#define SIGNED_BY " 3600 20800101000000 20200101000000 59580 signed.example. "
#define SIGNED_ANCHOR "signed.example. 3600 IN DNSKEY " SIGNED_KEY "\n"
#define SIGNED_ZONE                                                            \
	"signed.example. 3600 IN SOA ns.example. admin.example. 1 3600 600 "   \
	"86400 300\n"                                                          \
	"signed.example. 3600 IN RRSIG SOA 13 2" SIGNED_BY                     \
	"eLR+/MSkHyIfuLYm2TIG/g+gg3YvESB1n+tEz5EwwcdBKjlryeDINadgpQSK1cneSe3"  \
	"CJxn8pAvBDqRgRZvJkQ==\n"                                              \
	"signed.example. 3600 IN NS ns.example.\n"                             \
	"signed.example. 3600 IN RRSIG NS 13 2" SIGNED_BY                      \
	"nJMS0BeeaKZCOj8t4JPkhm06kctfRardCH8kBFyi62RsrLMBzDh3mKo5ybUFrFIKQW/"  \
	"d+prPuwksrxDiFe0U2Q==\n" SIGNED_ANCHOR                                \
	"signed.example. 3600 IN RRSIG DNSKEY 13 2" SIGNED_BY                  \
	"MBblePhMP1KYcQP9cGlFu59ejxjCj3L/LaSnwM6j+hdI2/+EObb9STrD/uNdxDX0kBF"  \
	"//lpE6DqrGpZKr+/fMA==\n"                                              \
	"good.signed.example. 3600 IN TXT \"sealed\"\n"                        \
	"good.signed.example. 3600 IN RRSIG TXT 13 3" SIGNED_BY                \
	"MwoOtgVlwqodDfH1SuI0JOIK/8AQUSeFgh5gajSzKrgZJu3B8m0crAWvtszCDzXjicc"  \
	"F+IX/CwpUvnX4+XhxRA==\n"                                              \
	"bad.signed.example. 3600 IN TXT \"forged\"\n"                         \
	"bad.signed.example. 3600 IN RRSIG TXT 13 3" SIGNED_BY                 \
	"usGrbG6EKzkU8xcXMubo85DUHr9hYMPUnVgQ4UIFdhaSjtsP1XMWRQaO73z+M/4J0DK"  \
	"L2kzc+CZZeHpR158gdw==\n"

#endif
