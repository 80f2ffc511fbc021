// What a client remembers of a server: read back whole or refused, never as "nothing remembered".
#include "client/cli/pins.h"

#include "client/cli/problem.h"
#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::client;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Pins pins = Pins::parse(text({data, size}));
        const std::string written = pins.json();
        require(Pins::parse(written).json() == written, "pins survive their own writing");
    } catch (const Problem& problem) {
        require(problem.code() == "pins.damaged", "pins are refused as pins");
        require(problem.exit() != Exit::ok, "and loudly");
    }
    return 0;
}
