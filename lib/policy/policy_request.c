/* policy_request.c - see policy_request.h
 *
 * The buffer keeps the lines as they came, each '\n' replaced by a NUL: an
 * attribute is then found by walking over strings.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <string.h>

#include "policy/policy_request.h"

void sceau_policy_request_init(struct sceau_policy_request *req)
{
	req->used = 0;
	req->line_start = 0;
	req->done = false;
}

static int end_line(struct sceau_policy_request *req, struct sceau_err *err)
{
	const char *line = req->buf + req->line_start;
	size_t len = req->used - req->line_start;

	if (len == 0) {
		req->done = true;
		return 1;
	}
	const char *eq = memchr(line, '=', len);
	if (eq == NULL || eq == line) {
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "not a name=value line: \"%.*s\"",
		                  len < 60 ? (int)len : 60, line);
	}
	req->buf[req->used++] = '\0';
	req->line_start = req->used;
	return 0;
}

/* Take bytes of one line, without its '\n' but leaving room for that. What fits
   is looked at first, so that long reads and short ones find the same fault. */
static int take(struct sceau_policy_request *req, const char *data, size_t len,
                size_t *pos, struct sceau_err *err)
{
	size_t room = req->used < SCEAU_POLICY_REQUEST_MAX
	                      ? SCEAU_POLICY_REQUEST_MAX - 1 - req->used
	                      : 0;
	size_t n = len < room ? len : room;
	const char *nul = n > 0 ? memchr(data, '\0', n) : NULL;

	if (nul != NULL) {
		*pos += (size_t)(nul - data);
		return sceau_fail(err, SCEAU_FAULT_PEER,
		                  "a NUL byte in the request");
	}
	if (n > 0)
		memcpy(req->buf + req->used, data, n);
	req->used += n;
	*pos += n;
	if (n < len)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "request is longer than %d bytes",
		                  SCEAU_POLICY_REQUEST_MAX);
	return 0;
}

int sceau_policy_request_feed(struct sceau_policy_request *req,
                              const char *data, size_t len, size_t *used_r,
                              struct sceau_err *err)
{
	size_t pos = 0;
	int ret = 0;

	assert(!req->done);
	while (ret == 0 && pos < len) {
		const char *lf = memchr(data + pos, '\n', len - pos);
		size_t n = lf != NULL ? (size_t)(lf - data) - pos : len - pos;

		ret = take(req, data + pos, n, &pos, err);
		if (ret == 0 && lf != NULL) {
			pos++;
			ret = end_line(req, err);
		}
	}
	*used_r = pos;
	return ret;
}

bool sceau_policy_request_is_empty(const struct sceau_policy_request *req)
{
	return req->used == 0 && !req->done;
}

const char *sceau_policy_request_get(const struct sceau_policy_request *req,
                                     const char *name)
{
	size_t name_len = strlen(name);
	size_t pos = 0;

	assert(req->done);
	while (pos < req->used) {
		const char *line = req->buf + pos;
		size_t len = strlen(line);

		if (len > name_len && line[name_len] == '=' &&
		    memcmp(line, name, name_len) == 0)
			return line + name_len + 1;
		pos += len + 1;
	}
	return "";
}
