/* dns_bench.h - a real unbound for test_dns.c, in a network of its own
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_TEST_DNS_BENCH_H
#define SCEAU_TEST_DNS_BENCH_H

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/daemon/dns_zones.h"

static char dir[64];
static unsigned port; /* of the server */
static pid_t server;

/* Move this process to a network of its own with nothing but loopback. Where
   that is not allowed it stays where it is. */
static inline void use_own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (unshare(CLONE_NEWNET) < 0)
		return;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	close(fd);
}

/* A bound UDP socket and its port. */
static inline int udp_socket(unsigned *port_r)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	getsockname(fd, (struct sockaddr *)&in, &len);
	*port_r = ntohs(in.sin_port);
	return fd;
}

/* Write text to dir/name. Returns the path, good until the next call. */
static inline const char *write_file(const char *name, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

/* Make dir and in it all that the server reads; port must be set. */
static inline void write_server_files(void)
{
	char text[4096];

	snprintf(dir, sizeof(dir), "/tmp/sceau-dns-XXXXXX");
	assert_non_null(mkdtemp(dir));
	write_file("root.zone", ROOT_ZONE);
	write_file("signed.zone", SIGNED_ZONE);
	snprintf(text, sizeof(text),
	         "server:\n"
	         " interface: 127.0.0.1@%u\n"
	         " port: %u\n"
	         " username: \"\"\n chroot: \"\"\n directory: \"%s\"\n"
	         " pidfile: \"\"\n logfile: \"%s/log\"\n use-syslog: no\n"
	         " do-daemonize: no\n module-config: \"iterator\"\n"
	         " do-not-query-localhost: no\n unblock-lan-zones: yes\n"
	         " local-zone: \"2.0.192.in-addr.arpa.\" nodefault\n"
	         " local-zone: \"113.0.203.in-addr.arpa.\" nodefault\n"
	         " local-zone: \"100.51.198.in-addr.arpa.\" nodefault\n"
	         " local-zone: \"8.b.d.0.1.0.0.2.ip6.arpa.\" nodefault\n"
	         " local-zone: \"refused.example.\" refuse\n"
	         " local-zone: \"silent.example.\" deny\n"
	         "remote-control:\n control-enable: no\n"
	         "auth-zone:\n name: \".\"\n zonefile: \"root.zone\"\n"
	         " for-downstream: no\n for-upstream: yes\n"
	         " fallback-enabled: no\n"
	         "auth-zone:\n name: \"signed.example.\"\n"
	         " zonefile: \"signed.zone\"\n"
	         " for-downstream: no\n for-upstream: yes\n"
	         " fallback-enabled: no\n",
	         port, port, dir, dir);
	write_file("unbound.conf", text);
}

/* Start unbound and return at once. It ends with 77 if it is not there. */
static inline void start_server(void)
{
	char conf[128];

	snprintf(conf, sizeof(conf), "%s/unbound.conf", dir);
	server = fork();
	if (server == 0) {
		execlp("unbound", "unbound", "-d", "-c", conf, (char *)NULL);
		execl("/usr/sbin/unbound", "unbound", "-d", "-c", conf,
		      (char *)NULL);
		_exit(77);
	}
}

/* Wait until is_up() says so, for 20 s at most. Returns 0, or the status with
   which the server ended, or 1. */
static inline int wait_until_up(bool (*is_up)(void))
{
	int status;

	for (int i = 0; i < 200 && !is_up(); i++) {
		if (waitpid(server, &status, WNOHANG) == server)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		usleep(100000);
	}
	return is_up() ? 0 : 1;
}

/* Kill it as a crash would, and wait for its end. */
static inline void stop_server(void)
{
	if (server <= 0)
		return;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
}

/* Remove dir with every file of ours. Returns -1 when something is left. */
static inline int remove_dir(void)
{
	static const char *const names[] = { "unbound.conf", "root.zone",
		                             "signed.zone",  "anchor",
		                             "log",          "dnsbl.keys" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

#endif
