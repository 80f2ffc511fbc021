// client/cli/metadata.h
#pragma once

#include "client/cli/command.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace custode::client {

/// What the command line says about a document; what is not said stays unknown.
struct MetadataOptions {
    std::string type;
    std::string authority;
    std::vector<std::string> proceedings;
    std::string dated;
    std::string notified;
    std::string arrived;
    std::string subject;
    std::string sender;
    std::string channel;
    unsigned pages = 0;
    std::string paper;
    std::string court_mandate;
    std::string confidential;

    std::vector<Option> described();
};

/// The members of Custode-Metadata that were said, without file_name.
/// @throws Problem(metadata.date | metadata.word)
nlohmann::json metadata_json(const MetadataOptions& options);

}  // namespace custode::client
