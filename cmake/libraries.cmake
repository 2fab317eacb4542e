# The libraries of docs/architecture.md, each found once here.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_core)
pkg_check_modules(UNBOUND REQUIRED IMPORTED_TARGET libunbound)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
# A judge of the tests alone; sceau does without it.
pkg_check_modules(OPENDKIM IMPORTED_TARGET opendkim)
# libmilter ships no .pc file on Debian.
find_library(MILTER_LIBRARY milter REQUIRED)
find_package(Threads REQUIRED)
