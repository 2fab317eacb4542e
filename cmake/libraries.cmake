# The libraries of docs/architecture.md, each found once here.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_core)
pkg_check_modules(UNBOUND REQUIRED IMPORTED_TARGET libunbound)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
# A judge of the tests alone; sceau does without it.
pkg_check_modules(OPENDKIM IMPORTED_TARGET opendkim)
# libmilter ships no .pc file on Debian.
find_library(MILTER_LIBRARY milter REQUIRED)
# Nor does libspf2, which may be missing (daemon/CMakeLists.txt).
find_library(SPF2_LIBRARY spf2)
find_path(SPF2_INCLUDE_DIR spf2/spf.h)
find_package(Threads REQUIRED)
