# custode_embed_text(OUT_VARIABLE FILE NAMESPACE NAME): a generated .cpp in the build tree that defines
# `const std::string_view NAMESPACE::NAME` with the text of FILE; a change of FILE configures again.
# One literal only: compilers promise no more than 65,536 characters in one.
function(custode_embed_text out file namespace name)
  cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE path)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  string(LENGTH "${text}" length)
  if(length GREATER 60000)
    message(FATAL_ERROR "${file}: ${length} characters are too many to embed in one literal")
  endif()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Made from @file@ by tools/cmake/embed_text.cmake.
#include <string_view>
namespace @namespace@ {
extern const std::string_view @name@;
const std::string_view @name@ = R\"custode(@text@)custode\";
}  // namespace @namespace@
")
  set(${out} ${generated} PARENT_SCOPE)
endfunction()
