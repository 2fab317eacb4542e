/* age_status.h - what can be wrong with an age file, as classes.
 *
 * The age rooms return one of these next to the text in struct sceau_err: the
 * command prints the class, the plugin decides by it. Zero and above is good,
 * below zero is a failure, so "if (status < 0)" works as everywhere else.
 * err->fault is FAULT_PEER for what the file did, FAULT_CONFIG for keys and
 * formats that we lack, FAULT_TEMP for memory and the cipher library.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCEAU_AGE_STATUS_H
#define SCEAU_AGE_STATUS_H

enum sceau_age_status {
	SCEAU_AGE_OK = 0,
	SCEAU_AGE_MORE = 1, /* good so far: give more bytes */
	SCEAU_AGE_NO_MATCH = -1, /* none of our identities opens it */
	SCEAU_AGE_HEADER = -2, /* not an age v1 file, or its header is broken */
	SCEAU_AGE_HMAC = -3, /* the header was altered */
	SCEAU_AGE_ARMOR = -4, /* the text armor is broken */
	SCEAU_AGE_PAYLOAD = -5, /* the sealed content was altered or cut */
	SCEAU_AGE_UNSUPPORTED = -6, /* sound, but needs what is not here */
	SCEAU_AGE_INTERNAL = -7, /* no memory, cipher library, random source */
};

/* The class in words: "no match", "header failure", "HMAC failure", "armor
   failure", "payload failure", "unsupported", "internal failure"; "ok" and
   "more" for the good ones. Never NULL. */
const char *sceau_age_status_name(enum sceau_age_status status);

#endif
