/* ostream_guard.c - a Dovecot output stream that notices an age file
 *
 * A client may save a mail that begins like an age file. In a sealed account
 * it is sealed as any other; elsewhere it would be taken for a sealed mail
 * later, so that it is refused.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/ostream_age.h"

#include <ostream-private.h>

#include "age/age_header.h"

struct guard_ostream {
	struct ostream_private ostream;
	size_t matched; /* bytes of the magic seen so far */
	bool differs; /* a byte was another one: it is no age file */
};

static void watch(struct guard_ostream *self, const char *data, size_t len)
{
	for (size_t i = 0;
	     i < len && !self->differs && self->matched < SCEAU_AGE_MAGIC_SIZE;
	     i++) {
		if (data[i] == SCEAU_AGE_MAGIC[self->matched])
			self->matched++;
		else
			self->differs = TRUE;
	}
}

static ssize_t stream_sendv(struct ostream_private *stream,
                            const struct const_iovec *iov,
                            unsigned int iov_count)
{
	struct guard_ostream *self = container_of(stream, struct guard_ostream,
	                                          ostream);
	ssize_t ret;

	for (unsigned int i = 0; i < iov_count; i++)
		watch(self, iov[i].iov_base, iov[i].iov_len);
	ret = o_stream_sendv(stream->parent, iov, iov_count);
	if (ret < 0)
		o_stream_copy_error_from_parent(stream);
	else
		stream->ostream.offset += (uoff_t)ret;
	return ret;
}

struct ostream *sceau_ostream_guard_create(struct ostream *output)
{
	struct guard_ostream *self = i_new(struct guard_ostream, 1);

	self->ostream.sendv = stream_sendv;
	return o_stream_create(&self->ostream, output, o_stream_get_fd(output));
}

bool sceau_ostream_guard_has_seen_age(struct ostream *output)
{
	for (; output != NULL; output = output->real_stream->parent) {
		struct ostream_private *stream = output->real_stream;
		struct guard_ostream *self;

		if (stream->sendv != stream_sendv)
			continue;
		self = container_of(stream, struct guard_ostream, ostream);
		return self->matched == SCEAU_AGE_MAGIC_SIZE;
	}
	return FALSE;
}
