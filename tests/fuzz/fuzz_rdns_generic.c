/* fuzz_rdns_generic.c - any name of any address
 *
 * The first 17 bytes are the address. Properties: case and a final dot do not
 * matter; the name of the PTR record is always generic (IPv4).
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "policy/rdns_generic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[600], lower[602], ptr[SCEAU_IP_NAME_MAX];
	struct sceau_ip ip;

	if (size < 17)
		return 0;
	if (sceau_ip_from_bytes(data + 1, data[0] % 2 == 0 ? 4 : 16, &ip) < 0)
		return 0;
	snprintf(name, sizeof(name), "%.*s",
	         (int)(size - 17 < 500 ? size - 17 : 500),
	         (const char *)data + 17);
	(void)sceau_rdns_is_missing(name);
	snprintf(lower, sizeof(lower), "%s.", name);
	sceau_text_make_lower(lower);
	if (name[0] != '\0' && name[strlen(name) - 1] != '.')
		REQUIRE(sceau_rdns_is_generic(name, &ip) ==
		        sceau_rdns_is_generic(lower, &ip));
	sceau_ip_ptr_name(&ip, ptr);
	if (ip.len == 4)
		REQUIRE(sceau_rdns_is_generic(ptr, &ip));
	return 0;
}
