/* header_scan.h - read the header block of a raw message into a header view.
 *
 * RFC 5322 2.2 with the obsolete forms that occur: LF as well as CRLF, blanks
 * before the colon, continuation lines of blanks only. What a reader cannot
 * guess:
 * - As in Postfix, a line that is no field and no continuation ends the
 *   header: it and what follows is the body, with no empty line between. So a
 *   mail whose first line is no field is all body.
 * - NUL, 8-bit bytes and a bare CR are ordinary bytes of a value and end the
 *   header when they stand in a name.
 * - Nothing is lost or altered: the view printed, then the separator, the
 *   bytes left and the bytes not taken are the message again.
 *
 * Bytes go in, in any chunking.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_HEADER_SCAN_H
#define SCEAU_HEADER_SCAN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "mail/header.h"

/* Owned by the caller; all is private. */
struct sceau_header_scan {
	struct sceau_header *header;
	struct sceau_buf field; /* the field, or line, in the making */
	unsigned char state;
	const char *separator;
};

/* Scan into header, which must be initialised and empty and must outlive
   scan. Nothing is allocated. */
void sceau_header_scan_init(struct sceau_header_scan *scan,
                            struct sceau_header *header);

/* Give scan the next len bytes of the message. *used_r is set to how many of
   them were taken.

   Returns  1  the header is complete. The body is what
               sceau_header_scan_left() gives, followed by the bytes not taken
            0  all bytes taken, more are needed
           -1  FAULT_LIMIT or FAULT_TEMP; only deinit is then possible */
int sceau_header_scan_feed(struct sceau_header_scan *scan, const char *data,
                           size_t len, size_t *used_r, struct sceau_err *err);

/* The message ended. The header is then complete as after feed returned 1
   (calling it after that changes nothing). Returns 0, or -1 as feed. */
int sceau_header_scan_finish(struct sceau_header_scan *scan,
                             struct sceau_err *err);

/* The empty line that ended the header: "\n", "\r\n", or "" when there was
   none. Call only on a complete header. */
const char *sceau_header_scan_separator(const struct sceau_header_scan *scan);

/* Bytes that were taken but turned out to be the beginning of the body: of a
   line that is no field. Good until scan is deinitialised. Call only on a
   complete header. */
struct sceau_slice sceau_header_scan_left(const struct sceau_header_scan *scan);

/* Release the memory of scan (not of the header). */
void sceau_header_scan_deinit(struct sceau_header_scan *scan);

#endif
