#include "client/cli/metadata.h"

#include "archive/base/time.h"

#include <algorithm>
#include <initializer_list>

namespace custode::client {
namespace {

using Json = nlohmann::json;

void put_day(Json& json, const char* field, const std::string& day) {
    if (day.empty()) return;
    if (!parse_day(day)) throw Problem("metadata.date", {day});
    json[field] = day;
}

void put_text(Json& json, const char* field, const std::string& text) {
    if (!text.empty()) json[field] = text;
}

void put_word(Json& json, const char* field, const std::string& word,
              std::initializer_list<std::string_view> words) {
    if (word.empty()) return;
    if (std::find(words.begin(), words.end(), word) == words.end()) {
        std::string list;
        for (const std::string_view one : words)
            list += (list.empty() ? "" : ", ") + std::string(one);
        throw Problem("metadata.word", {word, list});
    }
    json[field] = word;
}

}  // namespace

Json metadata_json(const MetadataOptions& options) {
    Json json = Json::object();
    put_text(json, "type", options.type);
    put_text(json, "authority", options.authority);
    if (!options.proceedings.empty()) json["proceedings"] = options.proceedings;
    put_day(json, "date_of_act", options.dated);
    put_day(json, "date_of_notification", options.notified);
    put_day(json, "date_of_arrival", options.arrived);
    put_text(json, "subject", options.subject);
    put_text(json, "sender", options.sender);
    put_word(json, "channel", options.channel,
             {"pec", "post", "hand", "fax", "mail", "scan", "other"});
    if (options.pages > 0) json["pages"] = options.pages;
    put_word(json, "paper_original", options.paper,
             {"present", "transferred", "discarded", "none"});
    put_word(json, "court_mandate", options.court_mandate, {"yes", "no", "to_decide"});
    put_word(json, "confidential", options.confidential, {"yes", "no"});
    if (json.contains("confidential")) json["confidential"] = options.confidential == "yes";
    return json;
}

std::vector<Option> MetadataOptions::described() {
    return {
        {"--type",
         &type,
         {"Tipo di documento (vedi «codes document-types»)",
          "Type of document (see \"codes document-types\")"},
         "TIPO"},
        {"--authority",
         &authority,
         {"Autorità (vedi «codes authorities»)", "Authority (see \"codes authorities\")"},
         "AUTORITÀ"},
        {"--proceeding",
         &proceedings,
         {"Numero di procedimento; si può ripetere", "Number of a proceeding; may be repeated"},
         "NUMERO"},
        {"--dated", &dated, {"Data dell'atto, AAAA-MM-GG", "Date of the act"}, "DATA"},
        {"--notified", &notified, {"Data della notifica", "Date of notification"}, "DATA"},
        {"--arrived", &arrived, {"Data di arrivo", "Date of arrival"}, "DATA"},
        {"--subject", &subject, {"Oggetto", "Subject"}, "TESTO"},
        {"--sender", &sender, {"Mittente", "Sender"}, "TESTO"},
        {"--channel",
         &channel,
         {"Canale: pec, post, hand, fax, mail, scan, other", "Channel it came by"},
         "CANALE"},
        {"--pages", &pages, {"Numero di pagine", "Number of pages"}, "N"},
        {"--paper",
         &paper,
         {"Originale cartaceo: present, transferred, discarded, none", "Paper original"},
         "STATO"},
        {"--court-mandate",
         &court_mandate,
         {"Formato su mandato dell'autorità giudiziaria: yes, no, to_decide",
          "Formed on the court's mandate: yes, no, to_decide"},
         "RISPOSTA"},
        {"--confidential",
         &confidential,
         {"Riservato: yes o no; se taciuto decide il tipo", "Confidential: yes or no"},
         "RISPOSTA"},
    };
}

}  // namespace custode::client
