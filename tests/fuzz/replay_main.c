/* replay_main.c - run a fuzz target over files, without libFuzzer.
 *
 * Gives every compiler and sanitizer the stored corpus: each argument is a
 * file or a directory of files, each is fed once to the target.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

#define INPUT_MAX (1U << 20)

static unsigned replayed;

static int replay_file(const char *path)
{
	static uint8_t buf[INPUT_MAX];
	FILE *f = fopen(path, "rb");

	if (f == NULL) {
		perror(path);
		return -1;
	}
	size_t len = fread(buf, 1, sizeof(buf), f);
	fclose(f);

	/* An exact-size copy, so that a read past the end is seen. */
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	if (copy == NULL)
		return -1;
	for (size_t i = 0; i < len; i++)
		copy[i] = buf[i];
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	replayed++;
	return 0;
}

static int replay_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (dir == NULL) {
		perror(path);
		return -1;
	}
	while (ret == 0 && (entry = readdir(dir)) != NULL) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		ret = replay_file(file);
	}
	closedir(dir);
	return ret;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) < 0) {
			perror(argv[i]);
			return 1;
		}
		int ret = S_ISDIR(st.st_mode) ? replay_directory(argv[i])
		                              : replay_file(argv[i]);
		if (ret < 0)
			return 1;
	}
	if (replayed == 0) {
		fprintf(stderr, "no input replayed: an empty corpus proves "
		                "nothing\n");
		return 1;
	}
	printf("%u inputs replayed\n", replayed);
	return 0;
}
