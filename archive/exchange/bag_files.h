// archive/exchange/bag_files.h
#pragma once

#include "archive/base/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace custode::exchange {

/// The text files of a bag, read strictly: bytes from outside.
/// Source    RFC 8493 §2 (BagIt 1.0); draft-kunze-bagit-14 (0.97) where the two differ.

/// bagit.txt.
struct BagDeclaration {
    std::string version;   ///< "1.0", "0.97"
    std::string encoding;  ///< Of every other tag file: "UTF-8" or "UTF-16".
};
std::optional<BagDeclaration> parse_declaration(std::string_view text);

/// The text as UTF-8, or nothing when it is not in that encoding.  UTF-16 needs a byte order mark.
std::optional<std::string> decode_tag_file(BytesView bytes, const std::string& encoding);

/// A manifest's lines: path to lower-case hexadecimal digest.
struct Manifest {
    std::map<std::string, std::string> digests;
    std::vector<std::string> bad_lines;  ///< What could not be read, or names a path twice.
};
/// `digits`: of a digest of its algorithm.  Paths have %0A, %0D and %25 decoded; a leading "*",
/// which md5sum writes for binary files, and "./" are not taken as part of the path.
Manifest parse_manifest(std::string_view text, std::size_t digits);

/// Algorithm and kind from "manifest-sha256.txt" or "tagmanifest-md5.txt".
struct ManifestName {
    bool of_tags = false;
    std::string algorithm;
};
std::optional<ManifestName> parse_manifest_name(std::string_view name);

/// Digits of a digest, 0 for an algorithm that we do not know.
std::size_t digest_digits(const std::string& algorithm);

/// "Payload-Oxum" of bag-info.txt: bytes and files.
struct Oxum {
    std::uint64_t bytes = 0, files = 0;
};
/// The first value of a label; lines that begin with white space continue the one before.
std::optional<std::string> info_value(std::string_view text, std::string_view label);
std::optional<Oxum> parse_oxum(std::string_view value);

}  // namespace custode::exchange
