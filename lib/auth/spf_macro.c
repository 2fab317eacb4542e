/* spf_macro.c - see spf_macro.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "auth/spf_macro.h"

#define LABEL_MAX 63
/* The window in which a name is built: what stands further left than the end
   that can matter is dropped now and then. */
#define WINDOW_SIZE 2048
#define WINDOW_KEEP 512

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool is_visible(char c)
{
	return c >= 0x21 && c <= 0x7e;
}

/* RFC 7208 7.1, macro-expand; text begins behind "%{". Returns the bytes
   taken, "}" included, or 0. */
static size_t read_braces(struct sceau_slice text, bool has_spaces,
                          struct sceau_spf_macro_piece *piece)
{
	size_t i = 0;
	bool has_digit = false;

	if (text.len == 0)
		return 0;
	piece->letter = sceau_text_lower(text.data[i]);
	piece->is_escaped = piece->letter != text.data[i];
	/* c, r and t make sense in explanations only (7.2). */
	if (!is_one_of(piece->letter, has_spaces ? "slodipvhcrt" : "slodipvh"))
		return 0;
	for (i = 1; i < text.len && sceau_text_is_digit(text.data[i]); i++) {
		has_digit = true;
		/* More parts than any value has are all parts. */
		if (piece->keep < SCEAU_SPF_MACRO_VALUE_MAX)
			piece->keep = piece->keep * 10 +
			              (unsigned)(text.data[i] - '0');
	}
	if (has_digit && piece->keep == 0)
		return 0;
	if (i < text.len && sceau_text_lower(text.data[i]) == 'r') {
		piece->is_reversed = true;
		i++;
	}
	size_t start = i;
	while (i < text.len && is_one_of(text.data[i], ".-+,/_="))
		i++;
	piece->delimiters = (struct sceau_slice){ text.data + start,
		                                  i - start };
	return i < text.len && text.data[i] == '}' ? i + 1 : 0;
}

static size_t read_percent(struct sceau_slice text, bool has_spaces,
                           struct sceau_spf_macro_piece *piece)
{
	if (text.len < 2)
		return 0;
	switch (text.data[1]) {
	case '%':
		piece->literal = sceau_slice_of("%");
		return 2;
	case '_':
		piece->literal = sceau_slice_of(" ");
		return 2;
	case '-':
		piece->literal = sceau_slice_of("%20");
		return 2;
	case '{':
		break;
	default:
		return 0;
	}
	struct sceau_slice inner = { text.data + 2, text.len - 2 };
	size_t used = read_braces(inner, has_spaces, piece);

	return used == 0 ? 0 : used + 2;
}

int sceau_spf_macro_next(struct sceau_slice *rest, bool has_spaces,
                         struct sceau_spf_macro_piece *piece_r)
{
	struct sceau_spf_macro_piece piece = { .letter = 0 };
	size_t used = 0;

	if (rest->len == 0)
		return 0;
	while (used < rest->len && rest->data[used] != '%' &&
	       (is_visible(rest->data[used]) ||
	        (has_spaces && rest->data[used] == ' ')))
		used++;
	if (used > 0)
		piece.literal = (struct sceau_slice){ rest->data, used };
	else if (rest->data[0] == '%')
		used = read_percent(*rest, has_spaces, &piece);
	if (used == 0)
		return -1;
	rest->data += used;
	rest->len -= used;
	*piece_r = piece;
	return 1;
}

bool sceau_spf_macro_uses(struct sceau_slice text, const char *letters)
{
	struct sceau_spf_macro_piece piece;

	while (sceau_spf_macro_next(&text, true, &piece) > 0) {
		if (is_one_of(piece.letter, letters))
			return true;
	}
	return false;
}

static const char *value_of(char letter,
                            const struct sceau_spf_macro_values *values)
{
	switch (letter) {
	case 's':
		return values->sender;
	case 'l':
		return values->local_part;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'i':
		return values->ip_dots;
	case 'p':
		return values->validated;
	case 'v':
		return values->version;
	case 'h':
		return values->helo;
	case 'c':
		return values->ip_text;
	case 'r':
		return values->receiver;
	default:
		return values->timestamp;
	}
}

/* Where expanded text goes: out holds used bytes and no NUL. */
struct sink {
	char *out;
	size_t used, size;
	bool is_window; /* full: drop the left, else stop taking */
	bool is_cut; /* something was dropped on the left */
};

static void put_byte(struct sink *sink, char c)
{
	if (sink->used == sink->size) {
		if (!sink->is_window)
			return;
		memmove(sink->out, sink->out + sink->used - WINDOW_KEEP,
		        WINDOW_KEEP);
		sink->used = WINDOW_KEEP;
		sink->is_cut = true;
	}
	sink->out[sink->used++] = c;
}

/* RFC 7208 7.3: what is not unreserved in a URL (RFC 3986 2.3). */
static void put_escaped(struct sink *sink, char c)
{
	static const char hex[] = "0123456789ABCDEF";

	if (sceau_text_is_alpha(c) || sceau_text_is_digit(c) ||
	    is_one_of(c, "-._~")) {
		put_byte(sink, c);
		return;
	}
	put_byte(sink, '%');
	put_byte(sink, hex[(unsigned char)c >> 4]);
	put_byte(sink, hex[(unsigned char)c & 15]);
}

/* The delimiters of a macro without repetition: there are seven of them, and a
   record may write each a thousand times. */
static void collect_delimiters(struct sceau_slice written, char out[8])
{
	size_t n = 0;

	for (size_t i = 0; i < written.len && n < 7; i++) {
		if (memchr(out, written.data[i], n) == NULL)
			out[n++] = written.data[i];
	}
	if (n == 0)
		out[n++] = '.';
	out[n] = '\0';
}

static void put_part(struct sink *sink, const char *from, const char *end,
                     bool is_escaped)
{
	for (; from < end; from++) {
		if (is_escaped)
			put_escaped(sink, *from);
		else
			put_byte(sink, *from);
	}
}

/* Write the parts of a value: split at the delimiters, perhaps turned round,
   the right-hand ones kept, joined by dots. */
static void put_value(struct sink *sink,
                      const struct sceau_spf_macro_piece *piece,
                      const char *value)
{
	/* Where each part begins; the last one is behind the value. */
	unsigned short starts[SCEAU_SPF_MACRO_VALUE_MAX + 2] = { 0 };
	size_t len = strnlen(value, SCEAU_SPF_MACRO_VALUE_MAX);
	size_t parts = 1, skip = 0;
	char delimiters[8];

	collect_delimiters(piece->delimiters, delimiters);
	for (size_t i = 0; i < len; i++) {
		if (is_one_of(value[i], delimiters))
			starts[parts++] = (unsigned short)(i + 1);
	}
	starts[parts] = (unsigned short)(len + 1);
	if (piece->keep > 0 && piece->keep < parts)
		skip = parts - piece->keep;
	for (size_t i = skip; i < parts; i++) {
		size_t part = piece->is_reversed ? parts - 1 - i : i;

		if (i > skip)
			put_byte(sink, '.');
		put_part(sink, value + starts[part],
		         value + starts[part + 1] - 1, piece->is_escaped);
	}
}

static int expand(struct sceau_slice text, bool has_spaces,
                  const struct sceau_spf_macro_values *values,
                  struct sink *sink)
{
	struct sceau_spf_macro_piece piece;
	int ret;

	while ((ret = sceau_spf_macro_next(&text, has_spaces, &piece)) > 0) {
		for (size_t i = 0; i < piece.literal.len; i++)
			put_byte(sink, piece.literal.data[i]);
		if (piece.letter != 0)
			put_value(sink, &piece, value_of(piece.letter, values));
	}
	return ret;
}

/* RFC 7208 7.3: labels are taken away on the left until the rest fits. */
static struct sceau_slice cut_left(struct sceau_slice name, bool is_cut)
{
	while (name.len > SCEAU_SPF_DOMAIN_MAX || is_cut) {
		const char *dot = memchr(name.data, '.', name.len);

		if (dot == NULL)
			return (struct sceau_slice){ NULL, 0 };
		name.len -= (size_t)(dot + 1 - name.data);
		name.data = dot + 1;
		is_cut = false;
	}
	return name;
}

static bool has_sound_labels(struct sceau_slice name)
{
	size_t label = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] != '.') {
			label++;
			if (label > LABEL_MAX)
				return false;
			continue;
		}
		if (label == 0)
			return false;
		label = 0;
	}
	return label > 0;
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (!is_visible(*text) && *text != ' ')
			return false;
	}
	return true;
}

bool sceau_spf_macro_domain(struct sceau_slice text,
                            const struct sceau_spf_macro_values *values,
                            char out[SCEAU_SPF_DOMAIN_MAX + 1])
{
	char window[WINDOW_SIZE];
	struct sink sink = { .out = window,
		             .size = sizeof(window),
		             .is_window = true };

	if (!is_printable(values->local_part) &&
	    sceau_spf_macro_uses(text, "sl"))
		return false;
	if (expand(text, false, values, &sink) < 0)
		return false;
	struct sceau_slice name = { window, sink.used };
	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	name = cut_left(name, sink.is_cut);
	if (!has_sound_labels(name))
		return false;
	return sceau_slice_copy(name, out, SCEAU_SPF_DOMAIN_MAX + 1) == 0;
}

int sceau_spf_macro_explanation(struct sceau_slice text,
                                const struct sceau_spf_macro_values *values,
                                char out[SCEAU_SPF_EXPLANATION_MAX + 1])
{
	char line[SCEAU_SPF_EXPLANATION_MAX];
	struct sink sink = { .out = line, .size = sizeof(line) };

	if (expand(text, true, values, &sink) < 0)
		return -1;
	for (size_t i = 0; i < sink.used; i++)
		out[i] = (char)(is_visible(line[i]) || line[i] == ' ' ? line[i]
		                                                      : '?');
	out[sink.used] = '\0';
	return 0;
}
