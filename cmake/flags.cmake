# Flags of every target: the same warnings everywhere, sanitizers and coverage
# by preset, hardening in optimised builds.
add_compile_options(
	-Wall -Wextra -Wconversion -Wshadow -Wvla -Wformat=2
	-Wformat-security -Wstrict-prototypes -Wmissing-prototypes
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef
	-fstack-protector-strong -fvisibility=hidden -fno-common
)
add_compile_definitions(_GNU_SOURCE)
# gcc only: snprintf that cuts is what we ask for, every text has a bound.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	add_compile_options(-Wno-format-truncation)
endif()

# No NDEBUG: what the tests ran is what runs, and a broken invariant ends the
# process before it signs or stores something wrong.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

# Programs are linked with -pie, whatever the compiler does by itself.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

if(SCEAU_WERROR)
	add_compile_options(-Werror)
endif()
if(SCEAU_SANITIZE)
	add_compile_options(-fsanitize=${SCEAU_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	add_link_options(-fsanitize=${SCEAU_SANITIZE})
else()
	add_link_options(LINKER:-z,relro LINKER:-z,now)
	if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
		add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	endif()
endif()
if(SCEAU_COVERAGE)
	add_compile_options(--coverage)
	add_link_options(--coverage)
endif()
if(SCEAU_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
