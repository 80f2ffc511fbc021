#include "tools/bench/load_plan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <stdexcept>

namespace custode::bench {
namespace {

using Json = nlohmann::json;

std::string render_headers(const Json& headers) {
    std::string text;
    for (const auto& [name, value] : headers.items())
        text += name + ": " + value.get<std::string>() + "\r\n";
    return text;
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (fd < 0 || ::fstat(fd, &about) != 0) throw std::runtime_error("could not read " + path);
    size_ = static_cast<std::size_t>(about.st_size);
    start_ =
        size_ == 0 ? nullptr : ::mmap(nullptr, size_, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    ::close(fd);
    if (start_ == MAP_FAILED) throw std::runtime_error("could not map " + path);
}

MappedFile::~MappedFile() {
    if (start_ != nullptr) ::munmap(start_, size_);
}

std::vector<PlannedRequest> read_plan(const std::string& file, const std::string& host) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("could not read " + file);
    std::map<std::string, std::shared_ptr<const MappedFile>> bodies;
    std::vector<PlannedRequest> plan;
    std::string common = "Host: " + host + "\r\n";
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) try {
            const Json json = Json::parse(line);
            if (!json.contains("method")) {
                common += render_headers(json.at("headers"));
                continue;
            }
            PlannedRequest request;
            request.head = json.at("method").get<std::string>() + " " +
                           json.at("target").get<std::string>() + " HTTP/1.1\r\n" + common +
                           render_headers(json.value("headers", Json::object()));
            if (const std::string path = json.value("body", ""); !path.empty()) {
                auto& mapped = bodies[path];
                if (!mapped) mapped = std::make_shared<const MappedFile>(path);
                request.file = mapped;
            }
            request.text = json.value("text", "");
            if (!request.body().empty())
                request.head += "Content-Length: " + std::to_string(request.body().size()) + "\r\n";
            request.head += "\r\n";
            request.status = json.value("status", 200);
            request.sha256 = json.value("sha256", "");
            request.keep = json.value("keep", false);
            plan.push_back(std::move(request));
        } catch (const std::exception& error) {
            throw std::runtime_error(file + ", line " + std::to_string(number) + ": " +
                                     error.what());
        }
    return plan;
}

}  // namespace custode::bench
