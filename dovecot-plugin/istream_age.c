/* istream_age.c - a Dovecot input stream that opens a sealed mail
 *
 * A thin skin: age_reader does the work and keeps the open chunk. What Dovecot
 * may see is copied from there into the stream's buffer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "dovecot-plugin/istream_age.h"

#include <istream-private.h>

struct age_istream {
	struct istream_private istream;
	struct sceau_age_reader *reader;
	struct event *event;
};

/* Fetch bytes of the file: the callback of struct sceau_age_source. */
static int source_read(void *context, uint64_t offset, uint8_t *data,
                       size_t len, struct sceau_err *err)
{
	struct istream *input = context;
	const unsigned char *piece;
	size_t size;

	i_stream_seek(input, offset);
	while (len > 0) {
		if (i_stream_read_more_memarea(input, &piece, &size) <= 0)
			return sceau_fail(err, SCEAU_FAULT_TEMP,
			                  "cannot read: %s",
			                  i_stream_get_error(input));
		if (size > len)
			size = len;
		memcpy(data, piece, size);
		i_stream_skip(input, size);
		data += size;
		len -= size;
	}
	return 0;
}

int sceau_istream_age_source(struct istream *input,
                             struct sceau_age_source *source_r,
                             struct sceau_err *err)
{
	uoff_t size;

	if (i_stream_get_size(input, TRUE, &size) <= 0)
		return sceau_fail(err, SCEAU_FAULT_TEMP,
		                  "cannot tell its size: %s",
		                  i_stream_get_error(input));
	source_r->read = source_read;
	source_r->context = input;
	source_r->size = size;
	return 0;
}

static struct age_istream *self_of(struct istream_private *stream)
{
	return container_of(stream, struct age_istream, istream);
}

/* Called once or more, and always before destroy. */
static void stream_close(struct iostream_private *stream, bool close_parent)
{
	struct istream_private *istream = container_of(
		stream, struct istream_private, iostream);
	struct age_istream *self = self_of(istream);

	if (self->reader != NULL)
		e_debug(self->event, "sceau: %s: opened %llu of %llu chunks",
		        i_stream_get_name(&istream->istream),
		        (unsigned long long)sceau_age_reader_opened(
				self->reader),
		        (unsigned long long)sceau_age_reader_chunks(
				self->reader));
	sceau_age_reader_free(&self->reader);
	if (close_parent)
		i_stream_close(istream->parent);
}

static void stream_destroy(struct iostream_private *stream)
{
	struct istream_private *istream = container_of(
		stream, struct istream_private, iostream);
	struct age_istream *self = self_of(istream);

	event_unref(&self->event);
	i_stream_free_buffer(istream);
}

static ssize_t stream_fail(struct istream_private *stream,
                           enum sceau_age_status status,
                           const struct sceau_err *err)
{
	io_stream_set_error(&stream->iostream, "sceau: %s: %s",
	                    sceau_age_status_name(status), err->text);
	stream->istream.stream_errno = EIO;
	return -1;
}

static ssize_t stream_read(struct istream_private *stream)
{
	struct age_istream *self = self_of(stream);
	uoff_t offset = stream->istream.v_offset + (stream->pos - stream->skip);
	enum sceau_age_status status;
	struct sceau_slice plain;
	struct sceau_err err;
	size_t room;

	status = sceau_age_reader_read(self->reader, offset, &plain, &err);
	if (status < 0)
		return stream_fail(stream, status, &err);
	if (plain.len == 0) {
		stream->istream.eof = TRUE;
		return -1;
	}
	if (!i_stream_try_alloc(stream, plain.len, &room))
		return -2;
	if (plain.len > room)
		plain.len = room;
	memcpy(stream->w_buffer + stream->pos, plain.data, plain.len);
	stream->pos += plain.len;
	return (ssize_t)plain.len;
}

/* Everything is found by its offset, so a seek only empties the buffer. */
static void stream_seek(struct istream_private *stream, uoff_t v_offset,
                        bool mark ATTR_UNUSED)
{
	stream->istream.v_offset = v_offset;
	stream->skip = stream->pos = 0;
}

static int stream_stat(struct istream_private *stream, bool exact)
{
	const struct stat *st;

	if (i_stream_stat(stream->parent, exact, &st) < 0) {
		stream->istream.stream_errno = stream->parent->stream_errno;
		return -1;
	}
	stream->statbuf = *st;
	stream->statbuf.st_size = (off_t)sceau_age_reader_size(
		self_of(stream)->reader);
	return 0;
}

struct istream *sceau_istream_age_create(struct istream *input,
                                         struct sceau_age_reader *reader,
                                         struct event *event)
{
	struct age_istream *self = i_new(struct age_istream, 1);

	self->reader = reader;
	self->event = event;
	event_ref(event);
	self->istream.max_buffer_size = input->real_stream->max_buffer_size;
	self->istream.iostream.close = stream_close;
	self->istream.iostream.destroy = stream_destroy;
	self->istream.read = stream_read;
	self->istream.seek = stream_seek;
	self->istream.stat = stream_stat;
	self->istream.istream.readable_fd = FALSE;
	self->istream.istream.blocking = input->blocking;
	self->istream.istream.seekable = TRUE;
	return i_stream_create(&self->istream, input, i_stream_get_fd(input),
	                       0);
}
