// custoded's configuration: every accepted file is bounded and sound, and every refusal names a
// line.
#include "daemon/config.h"

#include "tests/fuzz/fuzz.h"

using namespace custode;
using namespace custode::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Config config = parse_config(text({data, size}), "custoded.toml");
        require(config.connections >= 1 && config.connections_per_address >= 1 &&
                    config.threads >= 1 && config.segment_bytes_max >= 1 &&
                    config.upkeep_seconds >= 1,
                "no limit is nothing");
        require(config.hosts.size() <= config_bytes_max, "a list is no longer than its file");
    } catch (const Error& error) {
        require(error.code() == ErrorCode::invalid_argument && error.name() == "config.invalid",
                "a configuration is refused by its name");
        require(std::string(error.what()).starts_with("custoded.toml:"), "with its line");
    }
    return 0;
}
