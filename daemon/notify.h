/* notify.h - tell the service manager how far we are (sd_notify(3)).
 *
 * Written by hand: the protocol is one datagram, and libsystemd would be a
 * library for nothing else.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_NOTIFY_H
#define SCEAU_NOTIFY_H

/* Send state, e.g. "READY=1", to $NOTIFY_SOCKET. Does nothing when it is not
   set; a failure is nobody's concern but the manager's, so none is told. */
void sceau_notify(const char *state);

/* Send RELOADING=1 with the time that systemd wants beside it. */
void sceau_notify_reloading(void);

#endif
