/* notify.c - see notify.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/notify.h"

void sceau_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(un.sun_path))
		return;
	size_t len = strlen(path);
	memcpy(un.sun_path, path, len);
	/* An abstract name begins with a NUL byte and has no closing one. */
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	ssize_t ignored = sendto(
		fd, state, strlen(state), MSG_NOSIGNAL,
		(const struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)ignored;
	close(fd);
}

void sceau_notify_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t us = (uint64_t)now.tv_sec * 1000000 +
	              (uint64_t)now.tv_nsec / 1000;
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	         us);
	sceau_notify(state);
}
