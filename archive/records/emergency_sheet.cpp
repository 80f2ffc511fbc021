#include "archive/records/emergency_sheet.h"

#include "archive/records/fields.h"

namespace custode::records {
namespace {

constexpr std::size_t said_by_characters_max = 80;

struct List {
    const char* name;
    std::vector<SheetLine> EmergencySheet::*lines;
};
constexpr std::array lists{List{"responsibility", &EmergencySheet::responsibility},
                           List{"measures", &EmergencySheet::measures},
                           List{"dangers", &EmergencySheet::dangers},
                           List{"health", &EmergencySheet::health},
                           List{"contacts", &EmergencySheet::contacts},
                           List{"placements", &EmergencySheet::placements}};

SheetLine read_line(const Json& json, const std::string& path) {
    Fields fields(json, path);
    SheetLine line;
    line.text = fields.text("text", {.characters_max = sheet_line_characters_max});
    if (const auto source = fields.maybe_text("source", {.characters_max = 36})) {
        line.source = parse_id<DocumentId>(*source);
        if (!line.source) fields.invalid("source", "is not the id of a document");
    }
    line.said_by = fields.text_or_empty("said_by", {.characters_max = said_by_characters_max});
    line.until = fields.maybe_day("until");
    fields.finish();
    if (line.source.has_value() != line.said_by.empty())
        fields.invalid("source", "is to be a document, or said_by a person");
    return line;
}

Json write_line(const SheetLine& line) {
    Json json{{"text", line.text}};
    if (line.source) json["source"] = to_text(*line.source);
    put(json, "said_by", line.said_by);
    put(json, "until", line.until);
    return json;
}

void read_lists(Fields& fields, EmergencySheet& sheet) {
    std::size_t characters = 0;
    for (const List& list : lists) {
        sheet.*list.lines = fields.list(list.name, sheet_lines_max, read_line);
        for (const SheetLine& line : sheet.*list.lines) characters += code_points(line.text);
    }
    for (const SheetLine& measure : sheet.measures)
        if (!measure.source) fields.invalid("measures", "rests on no document");
    if (characters > sheet_characters_max)
        throw Error(ErrorCode::invalid_argument, "sheet.too_long",
                    "could not write: the sheet is longer than a page");
}

}  // namespace

std::vector<DocumentId> EmergencySheet::sources() const {
    std::vector<DocumentId> all;
    for (const List& list : lists)
        for (const SheetLine& line : this->*list.lines)
            if (line.source) all.push_back(*line.source);
    return all;
}

EmergencySheet written_sheet_from_json(const Json& json) {
    Fields fields(json);
    EmergencySheet sheet;
    read_lists(fields, sheet);
    fields.finish();
    return sheet;
}

EmergencySheet sheet_from_json(const Json& json) {
    Fields fields(json);
    EmergencySheet sheet;
    read_lists(fields, sheet);
    sheet.validated = fields.day("validated");
    const auto by = parse_id<AccountId>(fields.text("validated_by", {.characters_max = 36}));
    if (!by) fields.invalid("validated_by", "is not the id of an account");
    sheet.validated_by = *by;
    fields.finish();
    return sheet;
}

Json to_json(const EmergencySheet& sheet) {
    Json json{{"validated", to_text(sheet.validated)},
              {"validated_by", to_text(sheet.validated_by)}};
    for (const List& list : lists) put_list(json, list.name, sheet.*list.lines, write_line);
    return json;
}

}  // namespace custode::records
