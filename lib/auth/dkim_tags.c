/* dkim_tags.c - read the tag=value lists of DKIM (RFC 6376 3.2)
 *
 * SPDX-License-Identifier: MIT
 */
#include "auth/dkim_tags.h"

#include <string.h>

#include "base/base64.h"

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(struct sceau_slice name)
{
	if (name.len == 0 || !sceau_text_is_alpha(name.data[0]))
		return false;
	for (size_t i = 1; i < name.len; i++) {
		char c = name.data[i];

		if (!sceau_text_is_alpha(c) && !sceau_text_is_digit(c) &&
		    c != '_')
			return false;
	}
	return true;
}

static bool is_value(struct sceau_slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if ((c < 33 && !is_white((char)c)) || c == 127)
			return false;
	}
	return true;
}

static bool has_name(const struct sceau_dkim_tags *tags,
                     struct sceau_slice name)
{
	for (size_t i = 0; i < tags->count; i++) {
		const struct sceau_slice *other = &tags->tags[i].name;

		if (other->len == name.len &&
		    memcmp(other->data, name.data, name.len) == 0)
			return true;
	}
	return false;
}

static bool read_tag(struct sceau_slice text, struct sceau_dkim_tags *tags)
{
	const char *equals = memchr(text.data, '=', text.len);
	struct sceau_dkim_tag tag;

	if (equals == NULL || tags->count == SCEAU_DKIM_TAGS_MAX)
		return false;
	tag.name.data = text.data;
	tag.name.len = (size_t)(equals - text.data);
	tag.name = sceau_slice_trim(tag.name);
	tag.raw.data = equals + 1;
	tag.raw.len = text.len - (size_t)(equals + 1 - text.data);
	tag.value = sceau_slice_trim(tag.raw);
	if (!is_name(tag.name) || !is_value(tag.value) ||
	    has_name(tags, tag.name))
		return false;
	tags->tags[tags->count++] = tag;
	return true;
}

bool sceau_dkim_tags_read(struct sceau_slice text,
                          struct sceau_dkim_tags *tags_r)
{
	tags_r->count = 0;
	/* one ';' may end the list, with white space behind it */
	text = sceau_slice_trim(text);
	if (text.len > 0 && text.data[text.len - 1] == ';')
		text.len--;
	for (;;) {
		struct sceau_slice part = text;
		const char *end;

		end = part.len == 0 ? NULL : memchr(part.data, ';', part.len);
		if (end != NULL)
			part.len = (size_t)(end - part.data);
		if (part.len == 0 || !read_tag(part, tags_r))
			return false;
		if (end == NULL)
			return true;
		text.len -= part.len + 1;
		text.data = end + 1;
	}
}

const struct sceau_dkim_tag *
sceau_dkim_tags_find(const struct sceau_dkim_tags *tags, const char *name)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (sceau_slice_is(tags->tags[i].name, name))
			return &tags->tags[i];
	}
	return NULL;
}

bool sceau_dkim_tags_next_element(struct sceau_slice *rest,
                                  struct sceau_slice *element_r)
{
	struct sceau_slice part = *rest;
	const char *end;

	if (part.data == NULL)
		return false;
	end = memchr(part.data, ':', part.len);
	if (end != NULL) {
		part.len = (size_t)(end - part.data);
		rest->len -= part.len + 1;
		rest->data = end + 1;
	} else {
		*rest = (struct sceau_slice){ NULL, 0 };
	}
	*element_r = sceau_slice_trim(part);
	return true;
}

bool sceau_dkim_tags_has_element(struct sceau_slice value, const char *element)
{
	struct sceau_slice word;

	while (sceau_dkim_tags_next_element(&value, &word)) {
		if (sceau_slice_is(word, element))
			return true;
	}
	return false;
}

bool sceau_dkim_tags_base64(struct sceau_slice value, struct sceau_buf *out)
{
	size_t start = out->used, len;

	for (size_t i = 0; i < value.len; i++) {
		if (!is_white(value.data[i]))
			(void)sceau_buf_append(out, &value.data[i], 1);
	}
	if (out->failed)
		return false;
	len = out->used - start;
	for (int i = 0; i < 2; i++) {
		if (len > 0 && out->data[start + len - 1] == '=')
			len--;
	}
	if (len == 0 || sceau_base64_decode(out->data + start, len,
	                                    out->data + start, len, &len) < 0)
		return false;
	out->used = start + len;
	out->data[out->used] = '\0';
	return true;
}
