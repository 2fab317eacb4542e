/* dovecot_conf.c - see dovecot_conf.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/dovecot_conf.h"

/* Take the next line off *rest, without blanks at its ends. */
static bool next_line(struct sceau_slice *rest, struct sceau_slice *line_r)
{
	if (!sceau_slice_next_line(rest, line_r))
		return false;
	*line_r = sceau_slice_trim(*line_r);
	return true;
}

static bool ends_in(struct sceau_slice line, char c)
{
	return line.len > 0 && line.data[line.len - 1] == c;
}

/* What follows "name" and the sign c in a line. */
static bool cut_name(struct sceau_slice line, const char *name, char c,
                     struct sceau_slice *value_r)
{
	size_t len = strlen(name);

	if (line.len < len || strncmp(line.data, name, len) != 0)
		return false;
	line = sceau_slice_trim(
		(struct sceau_slice){ line.data + len, line.len - len });
	if (line.len == 0 || line.data[0] != c)
		return false;
	*value_r = sceau_slice_trim(
		(struct sceau_slice){ line.data + 1, line.len - 1 });
	return true;
}

/* Everything up to the brace that closes the block. */
static struct sceau_slice block(struct sceau_slice rest)
{
	struct sceau_slice all = rest, line;
	unsigned depth = 1;

	while (depth > 0) {
		size_t before = rest.len;

		if (!next_line(&rest, &line))
			return all;
		if (ends_in(line, '{'))
			depth++;
		else if (sceau_slice_is(line, "}") && --depth == 0)
			return (struct sceau_slice){ all.data,
				                     all.len - before };
	}
	return all;
}

/* A block of its own may hold a setting of the same name: pass over it. */
static void skip_block(struct sceau_slice *rest)
{
	struct sceau_slice inside = block(*rest), line;

	rest->data += inside.len;
	rest->len -= inside.len;
	(void)next_line(rest, &line);
}

bool sceau_dovecot_conf_get(struct sceau_slice text, const char *name,
                            struct sceau_slice *value_r)
{
	struct sceau_slice line, ignored;

	while (next_line(&text, &line)) {
		if (cut_name(line, name, '=', value_r))
			return true;
		if (cut_name(line, name, '{', &ignored)) {
			*value_r = block(text);
			return true;
		}
		if (ends_in(line, '{'))
			skip_block(&text);
	}
	return false;
}

bool sceau_dovecot_conf_has(struct sceau_slice text, const char *name,
                            const char *word)
{
	struct sceau_slice value, line, rest, found;

	if (!sceau_dovecot_conf_get(text, name, &value))
		return false;
	while (next_line(&value, &line)) {
		if (cut_name(line, word, '=', &found)) {
			if (sceau_slice_is(found, "yes"))
				return true;
			continue;
		}
		for (rest = line;
		     sceau_slice_next_word(&rest, " \t", &found);) {
			if (sceau_slice_is(found, word))
				return true;
			if (sceau_slice_is(found, "="))
				break;
		}
	}
	return false;
}

bool sceau_dovecot_conf_is_in_home(struct sceau_slice location)
{
	static const char *const homes[] = { "~", "%h", "%{home}" };
	struct sceau_slice path = location;
	const char *colon = path.len > 0 ? memchr(path.data, ':', path.len)
	                                 : NULL;

	/* "driver:path:options"; 2.4's mail_path is the path alone */
	if (colon != NULL) {
		path.len -= (size_t)(colon + 1 - path.data);
		path.data = colon + 1;
		colon = path.len > 0 ? memchr(path.data, ':', path.len) : NULL;
		if (colon != NULL)
			path.len = (size_t)(colon - path.data);
	}
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		if (sceau_slice_is(path, homes[i]))
			return true;
	}
	return false;
}
