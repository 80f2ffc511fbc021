# custode_add_tests(TARGET FILES x_tests.cpp … LINK …): one executable a layer, one ctest entry a file.
# Each file x_tests.cpp holds one Boost.Test suite of the same name, x_tests.
function(custode_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FILES;LINK")
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/support/main.cpp ${arg_FILES})
  target_link_libraries(${target} PRIVATE custode_build_options ${arg_LINK} Boost::unit_test_framework)
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  foreach(file IN LISTS arg_FILES)
    cmake_path(GET file STEM suite)
    add_test(NAME ${target}/${suite} COMMAND ${target} --run_test=${suite})
    set_tests_properties(${target}/${suite} PROPERTIES TIMEOUT 600)
  endforeach()
endfunction()
