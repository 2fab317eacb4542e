/* ostream_age.c - a Dovecot output stream that seals
 *
 * Under it lies the stream of the mail's file, which is blocking: a write is
 * complete or has failed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/ostream_age.h"

#include <ostream-private.h>

struct age_ostream {
	struct ostream_private ostream;
	struct sceau_age_sealer *sealer;
	struct sceau_slice header; /* empty once it is written */
	bool ended; /* the last chunk is written */
};

static struct age_ostream *self_of(struct ostream_private *stream)
{
	return container_of(stream, struct age_ostream, ostream);
}

/* Write all of data to the file. Returns 0, or -1 with the stream's error. */
static int write_out(struct age_ostream *self, struct sceau_slice data)
{
	struct ostream_private *stream = &self->ostream;
	ssize_t ret = o_stream_send(stream->parent, data.data, data.len);

	if (ret == (ssize_t)data.len)
		return 0;
	if (ret < 0) {
		o_stream_copy_error_from_parent(stream);
		return -1;
	}
	io_stream_set_error(&stream->iostream, "sceau: short write");
	stream->ostream.stream_errno = EIO;
	return -1;
}

static int stream_fail(struct age_ostream *self, const struct sceau_err *err)
{
	io_stream_set_error(&self->ostream.iostream, "sceau: %s", err->text);
	self->ostream.ostream.stream_errno = EIO;
	return -1;
}

static int write_header(struct age_ostream *self)
{
	struct sceau_slice header = self->header;

	self->header.len = 0;
	return header.len == 0 ? 0 : write_out(self, header);
}

/* Seal len bytes. Returns 0, or -1 with the stream's error. */
static int seal(struct age_ostream *self, const unsigned char *data, size_t len)
{
	struct sceau_slice out;
	struct sceau_err err;
	size_t used;
	int ret;

	while ((ret = sceau_age_sealer_put(self->sealer, data, len, &used, &out,
	                                   &err)) > 0) {
		if (write_out(self, out) < 0)
			return -1;
		data += used;
		len -= used;
	}
	return ret < 0 ? stream_fail(self, &err) : 0;
}

static ssize_t stream_sendv(struct ostream_private *stream,
                            const struct const_iovec *iov,
                            unsigned int iov_count)
{
	struct age_ostream *self = self_of(stream);
	size_t sum = 0;

	if (write_header(self) < 0)
		return -1;
	for (unsigned int i = 0; i < iov_count; i++) {
		if (seal(self, iov[i].iov_base, iov[i].iov_len) < 0)
			return -1;
		sum += iov[i].iov_len;
	}
	stream->ostream.offset += sum;
	return (ssize_t)sum;
}

static int write_end(struct age_ostream *self)
{
	struct sceau_slice out;
	struct sceau_err err;

	if (write_header(self) < 0)
		return -1;
	if (sceau_age_sealer_finish(self->sealer, &out, &err) < 0)
		return stream_fail(self, &err);
	if (write_out(self, out) < 0)
		return -1;
	self->ended = TRUE;
	return 0;
}

static int stream_flush(struct ostream_private *stream)
{
	struct age_ostream *self = self_of(stream);

	if (stream->finished && !self->ended && write_end(self) < 0)
		return -1;
	return o_stream_flush_parent(stream);
}

static void stream_destroy(struct iostream_private *stream)
{
	struct ostream_private *ostream = container_of(
		stream, struct ostream_private, iostream);
	struct age_ostream *self = self_of(ostream);

	sceau_age_sealer_free(&self->sealer);
	o_stream_unref(&ostream->parent);
}

struct ostream *sceau_ostream_age_create(struct ostream *output,
                                         struct sceau_age_sealer *sealer,
                                         struct sceau_slice header)
{
	struct age_ostream *self = i_new(struct age_ostream, 1);

	self->sealer = sealer;
	self->header = header;
	self->ostream.iostream.destroy = stream_destroy;
	self->ostream.sendv = stream_sendv;
	self->ostream.flush = stream_flush;
	return o_stream_create(&self->ostream, output, o_stream_get_fd(output));
}
