# One place for the flags that every target of ours takes.
add_library(custode_build_options INTERFACE)
target_include_directories(custode_build_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(custode_build_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -fstack-protector-strong -fstack-clash-protection
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # g++ 12 sees overlapping copies in plain string assignments once it optimises (PR 105329).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>,$<CONFIG:RelWithDebInfo>>:-Wno-restrict>
  $<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
target_link_options(custode_build_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
if(CUSTODE_SANITIZERS)
  target_compile_options(custode_build_options INTERFACE
    -fsanitize=${CUSTODE_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(custode_build_options INTERFACE -fsanitize=${CUSTODE_SANITIZERS})
  target_compile_definitions(custode_build_options INTERFACE CUSTODE_SANITIZED)
endif()

if(CUSTODE_CONTROLS)
  target_compile_definitions(custode_build_options INTERFACE CUSTODE_CONTROLS)
endif()

# custode_library(NAME SOURCES … PUBLIC … PRIVATE …): a static library named custode_NAME with our flags.
function(custode_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(custode_${name} STATIC ${arg_SOURCES})
  target_link_libraries(custode_${name} PUBLIC ${arg_PUBLIC} PRIVATE custode_build_options ${arg_PRIVATE})
  target_include_directories(custode_${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# custode_program(NAME SOURCES … PRIVATE …): an executable NAME in bin/ with our flags.
function(custode_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PRIVATE")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE custode_build_options ${arg_PRIVATE})
endfunction()
