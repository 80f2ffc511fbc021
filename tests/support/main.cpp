// The one main of every Boost.Test executable.
#define BOOST_TEST_MODULE custode
#include <boost/test/unit_test.hpp>
