/* spf2_child.c - sceau-spf2: one SPF check by libspf2, alone in a process
 *
 * The only file that knows libspf2. Whatever its library does to it (abort(),
 * an endless loop, a broken heap), it is this process's end and nobody else's:
 * it has no file, no network, little memory and ten seconds of CPU. The
 * questions to DNS are the parent's, which also keeps records from it that the
 * library cannot hold (lib/auth/spf2_guard.h).
 *
 * Started by daemon/spf2.c with the socket of spf2_wire.h as descriptor 0.
 *
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "auth/dns_answer.h"
#include "auth/spf_result.h"
#include "daemon/spf2_wire.h"

#define SOCKET 0
#define CPU_SECONDS 10
#define MEMORY_BYTES (256UL << 20)
/* What libspf2 would explain a fail with when the domain does not. */
#define NO_EXPLANATION "-"

static unsigned char message[SCEAU_SPF2_MESSAGE_MAX];

static void end(void)
{
	_Exit(1);
}

static size_t receive(char kind)
{
	ssize_t got = recv(SOCKET, message, sizeof(message) - 1, 0);

	/* 0: the parent has given up. */
	if (got < 1 || message[0] != (unsigned char)kind)
		end();
	message[got] = '\0';
	return (size_t)got;
}

static void tell(const void *data, size_t len)
{
	if (send(SOCKET, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		end();
}

static SPF_dns_stat_t stat_of(unsigned char status)
{
	switch ((enum sceau_dns_status)status) {
	case SCEAU_DNS_OK:
		return NETDB_SUCCESS;
	case SCEAU_DNS_NODATA:
		return NO_DATA;
	case SCEAU_DNS_NXDOMAIN:
		return HOST_NOT_FOUND;
	case SCEAU_DNS_SERVFAIL:
	case SCEAU_DNS_TIMEOUT:
		break;
	}
	return TRY_AGAIN;
}

static void add_record(SPF_dns_rr_t *rr, const unsigned char *data, size_t len)
{
	int i = rr->num_rr;
	size_t size = len + 1 < sizeof(SPF_dns_rr_data_t)
	                      ? sizeof(SPF_dns_rr_data_t)
	                      : len + 1;

	/* An MX is its host here, the preference is not looked at. */
	if (rr->rr_type == ns_t_mx) {
		if (len < 3)
			return;
		data += 2;
		len -= 2;
	}
	if (SPF_dns_rr_buf_realloc(rr, i, size) != SPF_E_SUCCESS)
		end();
	memset(rr->rr[i], 0, size);
	memcpy(rr->rr[i], data, len);
	rr->num_rr++;
}

static void ask(const char *domain, ns_type type)
{
	unsigned char question[3 + SCEAU_DNS_NAME_SIZE];
	uint16_t number = (uint16_t)type;
	size_t len = strlen(domain) + 1;

	if (len > SCEAU_DNS_NAME_SIZE)
		len = SCEAU_DNS_NAME_SIZE;
	question[0] = SCEAU_SPF2_QUESTION;
	memcpy(question + 1, &number, 2);
	memcpy(question + 3, domain, len);
	question[sizeof(question) - 1] = '\0';
	tell(question, 3 + len);
}

static bool is_asked(ns_type type)
{
	return type == ns_t_a || type == ns_t_aaaa || type == ns_t_mx ||
	       type == ns_t_ptr || type == ns_t_txt;
}

/* Never NULL: the library would abort. */
static SPF_dns_rr_t *make(SPF_dns_server_t *server, const char *domain,
                          ns_type type, SPF_dns_stat_t status)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, domain, type, 0, status);

	if (rr == NULL)
		end();
	return rr;
}

static SPF_dns_rr_t *lookup(SPF_dns_server_t *server, const char *domain,
                            ns_type type, int should_cache)
{
	(void)should_cache;
	/* RFC 7208 3.1: nobody asks for type 99 any more. */
	if (!is_asked(type))
		return make(server, domain, type, NO_DATA);
	ask(domain, type);
	size_t len = receive(SCEAU_SPF2_ANSWER);
	if (len < 2)
		end();
	SPF_dns_rr_t *rr = make(server, domain, type, stat_of(message[1]));
	for (size_t at = 2; at + 4 <= len;) {
		uint32_t size;

		memcpy(&size, message + at, 4);
		at += 4;
		if (size > len - at)
			end();
		add_record(rr, message + at, size);
		at += size;
	}
	return rr;
}

/* The next text of the call. */
static const char *take_text(const unsigned char **at,
                             const unsigned char *stop)
{
	const char *text = (const char *)*at;

	if (*at >= stop)
		end();
	*at += strlen(text) + 1;
	return text;
}

static void set_client(SPF_request_t *request, const char *ip)
{
	if (strchr(ip, ':') != NULL)
		SPF_request_set_ipv6_str(request, ip);
	else
		SPF_request_set_ipv4_str(request, ip);
}

/* What went wrong first: the library may keep it in its list of messages
   alone. */
static SPF_errcode_t error_of(SPF_response_t *response)
{
	SPF_errcode_t error = SPF_response_errcode(response);
	int count = SPF_response_messages(response);

	for (int i = 0; i < count && error == SPF_E_SUCCESS; i++)
		error = SPF_error_code(SPF_response_message(response, i));
	return error;
}

/* The library leaves many an error to its caller, as a result that is none. */
static enum sceau_spf_code code_of(SPF_result_t result, SPF_errcode_t error)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return SCEAU_SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return SCEAU_SPF_PASS;
	case SPF_RESULT_FAIL:
		return SCEAU_SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SCEAU_SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return SCEAU_SPF_NONE;
	case SPF_RESULT_TEMPERROR:
		return SCEAU_SPF_TEMPERROR;
	default:
		return error == SPF_E_DNS_ERROR ? SCEAU_SPF_TEMPERROR
		                                : SCEAU_SPF_PERMERROR;
	}
}

static void report(SPF_response_t *response)
{
	char result[2 + SCEAU_SPF_EXPLANATION_MAX + SCEAU_SPF_REASON_MAX + 2];
	SPF_errcode_t error = error_of(response);
	enum sceau_spf_code code = code_of(SPF_response_result(response),
	                                   error);
	const char *text = SPF_response_get_explanation(response);

	if (code != SCEAU_SPF_FAIL || text == NULL ||
	    strcmp(text, NO_EXPLANATION) == 0)
		text = "";
	result[0] = SCEAU_SPF2_RESULT;
	result[1] = (char)code;
	int used = snprintf(result + 2, SCEAU_SPF_EXPLANATION_MAX + 1, "%s",
	                    text);
	size_t at = 2 +
	            (used > SCEAU_SPF_EXPLANATION_MAX
	                     ? SCEAU_SPF_EXPLANATION_MAX
	                     : (size_t)used) +
	            1;
	bool needs_reason = code == SCEAU_SPF_NONE ||
	                    code == SCEAU_SPF_TEMPERROR ||
	                    code == SCEAU_SPF_PERMERROR;
	used = snprintf(result + at, 200, "%s",
	                needs_reason ? SPF_strerror(error) : "");
	tell(result, at + (used > 199 ? 199 : (size_t)used) + 1);
}

static void check(void)
{
	static SPF_dns_server_t layer = { .lookup = lookup, .name = "sceau" };
	SPF_response_t *response = NULL;
	const unsigned char *at = message + 1;
	const unsigned char *stop = message + receive(SCEAU_SPF2_CALL);
	const char *ip = take_text(&at, stop);
	const char *helo = take_text(&at, stop);
	const char *sender = take_text(&at, stop);
	const char *receiver = take_text(&at, stop);
	SPF_server_t *server = SPF_server_new_dns(&layer, 0);
	SPF_request_t *request = server == NULL ? NULL
	                                        : SPF_request_new(server);

	if (request == NULL)
		end();
	SPF_server_set_rec_dom(server, receiver);
	SPF_server_set_explanation(server, NO_EXPLANATION, &response);
	if (response != NULL)
		SPF_response_free(response);
	response = NULL;
	set_client(request, ip);
	SPF_request_set_helo_dom(request, helo);
	SPF_request_set_env_from(request, sender);
	SPF_request_query_mailfrom(request, &response);
	if (response == NULL)
		end();
	report(response);
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit limits = { most, most };

	(void)setrlimit(what, &limits);
}

int main(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NPROC, 0);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, MEMORY_BYTES);
#endif
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	check();
	/* No clean-up: the kernel is better at it than the library. */
	_Exit(0);
}
