/* postfix_conf.c - see postfix_conf.h
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/postfix_conf.h"

void sceau_postfix_conf_init(struct sceau_postfix_conf *conf)
{
	*conf = (struct sceau_postfix_conf){ .services = NULL };
}

void sceau_postfix_conf_deinit(struct sceau_postfix_conf *conf)
{
	for (size_t i = 0; i < conf->service_count; i++) {
		free(conf->services[i].name);
		free(conf->services[i].type);
		free(conf->services[i].command);
		free(conf->services[i].chroot);
	}
	for (size_t i = 0; i < conf->setting_count; i++) {
		free(conf->settings[i].name);
		free(conf->settings[i].value);
	}
	free(conf->services);
	free(conf->settings);
	sceau_postfix_conf_init(conf);
}

/* --- lines --- */

/* "name = value" or "name =". */
static bool split_setting(struct sceau_slice line, struct sceau_slice *name_r,
                          struct sceau_slice *value_r)
{
	const char *equals = NULL;

	for (size_t i = 1; i < line.len && equals == NULL; i++) {
		if (line.data[i] == '=' && line.data[i - 1] == ' ')
			equals = line.data + i;
	}
	if (equals == NULL)
		return false;
	size_t len = (size_t)(equals - line.data);
	*name_r = sceau_slice_trim((struct sceau_slice){ line.data, len });
	*value_r = sceau_slice_trim(
		(struct sceau_slice){ equals + 1, line.len - len - 1 });
	return name_r->len > 0;
}

/* Cut "/last" off *name. */
static bool cut_last(struct sceau_slice *name, struct sceau_slice *last_r)
{
	size_t i = name->len;

	while (i > 0 && name->data[i - 1] != '/')
		i--;
	if (i < 2 || i == name->len)
		return false;
	*last_r = (struct sceau_slice){ name->data + i, name->len - i };
	name->len = i - 1;
	return true;
}

/* --- the tables --- */

static int out_of_memory(struct sceau_err *err)
{
	return sceau_fail(err, SCEAU_FAULT_TEMP, "out of memory");
}

static char *copy(struct sceau_slice text)
{
	return strndup(text.len > 0 ? text.data : "", text.len);
}

static int add_setting(struct sceau_postfix_conf *conf, long service,
                       struct sceau_slice name, struct sceau_slice value,
                       struct sceau_err *err)
{
	struct sceau_postfix_setting *grown;

	if (conf->setting_count == SCEAU_POSTFIX_SETTINGS_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "Postfix has more than %d settings",
		                  SCEAU_POSTFIX_SETTINGS_MAX);
	grown = realloc(conf->settings,
	                (conf->setting_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return out_of_memory(err);
	conf->settings = grown;
	grown += conf->setting_count++;
	*grown = (struct sceau_postfix_setting){ service, copy(name),
		                                 copy(value) };
	if (grown->name == NULL || grown->value == NULL)
		return out_of_memory(err);
	return 0;
}

static bool is_service(const struct sceau_postfix_service *service,
                       struct sceau_slice name, struct sceau_slice type)
{
	return sceau_slice_is(name, service->name) &&
	       sceau_slice_is(type, service->type);
}

/* Lines of one service follow each other: look at the newest first. */
static long find_service(const struct sceau_postfix_conf *conf,
                         struct sceau_slice name, struct sceau_slice type)
{
	for (size_t i = conf->service_count; i > 0; i--) {
		if (is_service(&conf->services[i - 1], name, type))
			return (long)i - 1;
	}
	return -1;
}

static int add_service(struct sceau_postfix_conf *conf, struct sceau_slice name,
                       struct sceau_slice type, struct sceau_err *err)
{
	struct sceau_postfix_service *grown;

	if (conf->service_count == SCEAU_POSTFIX_SERVICES_MAX)
		return sceau_fail(err, SCEAU_FAULT_LIMIT,
		                  "Postfix has more than %d services",
		                  SCEAU_POSTFIX_SERVICES_MAX);
	grown = realloc(conf->services,
	                (conf->service_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return out_of_memory(err);
	conf->services = grown;
	grown += conf->service_count++;
	*grown = (struct sceau_postfix_service){ copy(name), copy(type),
		                                 strdup(""), strdup("-") };
	if (grown->name == NULL || grown->type == NULL ||
	    grown->command == NULL || grown->chroot == NULL)
		return out_of_memory(err);
	return 0;
}

static int set_text(char **place, struct sceau_slice value,
                    struct sceau_err *err)
{
	char *text = copy(value);

	if (text == NULL)
		return out_of_memory(err);
	free(*place);
	*place = text;
	return 0;
}

int sceau_postfix_conf_read_main(struct sceau_postfix_conf *conf,
                                 struct sceau_slice text, struct sceau_err *err)
{
	struct sceau_slice line, name, value;

	while (sceau_slice_next_line(&text, &line)) {
		if (split_setting(line, &name, &value) &&
		    add_setting(conf, -1, name, value, err) < 0)
			return -1;
	}
	return 0;
}

int sceau_postfix_conf_read_fields(struct sceau_postfix_conf *conf,
                                   struct sceau_slice text,
                                   struct sceau_err *err)
{
	struct sceau_slice line, name, value, field, type, word;
	int ret = 0;

	while (ret == 0 && sceau_slice_next_line(&text, &line)) {
		if (!split_setting(line, &name, &value) ||
		    !cut_last(&name, &field) || !cut_last(&name, &type))
			continue;
		long index = find_service(conf, name, type);
		if (index < 0) {
			if (add_service(conf, name, type, err) < 0)
				return -1;
			index = (long)conf->service_count - 1;
		}
		struct sceau_postfix_service *service = &conf->services[index];

		if (sceau_slice_is(field, "chroot"))
			ret = set_text(&service->chroot, value, err);
		else if (sceau_slice_is(field, "command") &&
		         sceau_slice_next_word(&value, " \t", &word))
			ret = set_text(&service->command, word, err);
	}
	return ret;
}

int sceau_postfix_conf_read_options(struct sceau_postfix_conf *conf,
                                    struct sceau_slice text,
                                    struct sceau_err *err)
{
	struct sceau_slice line, name, value, parameter, type;

	while (sceau_slice_next_line(&text, &line)) {
		if (!split_setting(line, &name, &value) ||
		    !cut_last(&name, &parameter) || !cut_last(&name, &type))
			continue;
		long service = find_service(conf, name, type);
		if (service >= 0 &&
		    add_setting(conf, service, parameter, value, err) < 0)
			return -1;
	}
	return 0;
}

/* --- questions --- */

const struct sceau_postfix_service *
sceau_postfix_conf_find(const struct sceau_postfix_conf *conf, const char *name,
                        const char *type)
{
	long index = find_service(conf, sceau_slice_of(name),
	                          sceau_slice_of(type));

	return index >= 0 ? &conf->services[index] : NULL;
}

static const struct sceau_postfix_setting *
find_setting(const struct sceau_postfix_conf *conf, long service,
             const char *parameter)
{
	/* of several, postconf prints the one that counts last */
	for (size_t i = conf->setting_count; i > 0; i--) {
		const struct sceau_postfix_setting *setting =
			&conf->settings[i - 1];

		if (setting->service == service &&
		    strcmp(setting->name, parameter) == 0)
			return setting;
	}
	return NULL;
}

static const struct sceau_postfix_setting *
own_setting(const struct sceau_postfix_conf *conf,
            const struct sceau_postfix_service *service, const char *parameter)
{
	if (service == NULL)
		return NULL;
	return find_setting(conf, (long)(service - conf->services), parameter);
}

const char *sceau_postfix_conf_get(const struct sceau_postfix_conf *conf,
                                   const struct sceau_postfix_service *service,
                                   const char *parameter)
{
	const struct sceau_postfix_setting *setting = own_setting(conf, service,
	                                                          parameter);

	if (setting == NULL)
		setting = find_setting(conf, -1, parameter);
	return setting != NULL ? setting->value : "";
}

bool sceau_postfix_conf_is_own(const struct sceau_postfix_conf *conf,
                               const struct sceau_postfix_service *service,
                               const char *parameter)
{
	return own_setting(conf, service, parameter) != NULL;
}

bool sceau_postfix_conf_is_chrooted(const struct sceau_postfix_conf *conf,
                                    const struct sceau_postfix_service *service)
{
	if (strcmp(service->chroot, "-") != 0)
		return strcmp(service->chroot, "y") == 0;
	/* master(5): "The default value depends on compatibility_level" */
	return sceau_postfix_conf_get(conf, NULL, "compatibility_level")[0] ==
	       '0';
}

unsigned sceau_postfix_main_line(struct sceau_slice text, const char *parameter)
{
	struct sceau_slice line;
	size_t len = strlen(parameter);
	unsigned number = 0, found = 0;

	while (sceau_slice_next_line(&text, &line)) {
		number++;
		if (line.len < len || strncmp(line.data, parameter, len) != 0)
			continue;
		line = sceau_slice_trim((struct sceau_slice){ line.data + len,
		                                              line.len - len });
		if (line.len > 0 && line.data[0] == '=')
			found = number;
	}
	return found;
}

unsigned sceau_postfix_master_line(struct sceau_slice text, const char *name,
                                   const char *type)
{
	struct sceau_slice line, word;
	unsigned number = 0;

	while (sceau_slice_next_line(&text, &line)) {
		number++;
		if (line.len == 0 || strchr(" \t#", line.data[0]) != NULL)
			continue;
		if (sceau_slice_next_word(&line, " \t", &word) &&
		    sceau_slice_is(word, name) &&
		    sceau_slice_next_word(&line, " \t", &word) &&
		    sceau_slice_is(word, type))
			return number;
	}
	return 0;
}
