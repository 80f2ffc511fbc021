#include "policies/explain.h"

#include <algorithm>

namespace policies::access {
namespace {

struct Words {
    std::string_view key;
    std::string_view italian;
    std::string_view english;
};

constexpr Words roles[] = {
    {"administrator", "amministratore di sistema", "administrator"},
    {"mail-room", "ufficio filtro posta", "mail room"},
    {"archivist", "archivista", "archivist"},
    {"social-worker", "assistente sociale titolare", "social worker in charge"},
    {"team-member", "componente dell’équipe", "member of the team"},
    {"coordinator", "coordinatore", "coordinator"},
    {"guardianship-office", "ufficio tutele", "guardianship office"},
    {"legal-office", "avvocatura", "legal office"},
    {"emergency-unit", "pronto intervento minori", "emergency unit"},
    {"access-desk", "ufficio accessi", "access desk"},
    {"register-officer", "responsabile del protocollo", "register officer"},
    {"conservation-officer", "responsabile della conservazione", "conservation officer"},
    {"dpo", "responsabile della protezione dei dati", "data protection officer"},
    {"statistics", "statistica", "statistics"},
    {"operator", "operatore dei sistemi", "systems operator"},
    {"any", "chiunque", "anybody"},
};

constexpr Words actions[] = {
    {"vault.status", "vedere lo stato dell’archivio", "see the vault’s state"},
    {"vault.seal", "sigillare l’archivio", "seal the vault"},
    {"account.create", "creare account", "create accounts"},
    {"account.list", "elencare gli account", "list accounts"},
    {"account.disable", "disattivare account", "disable accounts"},
    {"account.grant", "dare ruoli", "grant roles"},
    {"account.revoke", "togliere ruoli", "revoke roles"},
    {"proposal.show", "vedere le proposte", "see proposals"},
    {"proposal.decide", "decidere le proposte altrui", "decide what others propose"},
    {"unit.list", "elencare le unità", "list units"},
    {"dossier.open", "aprire fascicoli", "open dossiers"},
    {"dossier.list", "elencare i fascicoli", "list dossiers"},
    {"dossier.show", "vedere il fascicolo", "see the dossier"},
    {"dossier.assign", "assegnare il fascicolo", "assign the dossier"},
    {"dossier.correct", "correggere i dati del fascicolo", "correct the dossier"},
    {"dossier.conflict", "annotare conflitti di interessi", "note conflicts of interest"},
    {"dossier.history", "vedere chi ha visto il fascicolo", "see who saw the dossier"},
    {"dossier.break-glass", "aprirlo in emergenza", "open it in an emergency"},
    {"dossier.notices", "essere avvisato delle emergenze", "be told of emergencies"},
    {"dossier.review", "rivedere le emergenze altrui", "review the emergencies of others"},
    {"dossier.emergency", "leggere la scheda di emergenza", "read the emergency sheet"},
    {"dossier.emergency-write", "scrivere la scheda di emergenza", "write the emergency sheet"},
    {"dossier.locate", "trovare di chi c’è un fascicolo, senza leggerlo",
     "find whose dossier there is, without reading it"},
    {"document.file", "archiviare documenti", "file documents"},
    {"document.list", "elencare i documenti", "list documents"},
    {"document.read", "leggere i documenti", "read documents"},
    {"document.correct", "correggere i dati dei documenti", "correct documents"},
    {"document.refile", "spostare documenti", "move documents"},
    {"document.proof", "avere la prova di un documento", "have a document’s proof"},
    {"search.dossiers", "cercare fascicoli", "search dossiers"},
    {"search.documents", "cercare documenti", "search documents"},
    {"export.court", "esportare per il tribunale", "export for a court"},
    {"journal.read", "leggere il registro degli accessi", "read the journal of access"},
    {"checkpoint.read", "avere il punto di controllo", "have the checkpoint"},
    {"self.show", "vedere chi è per il sistema", "see who they are to the system"},
};

constexpr Words scopes[] = {
    {"self", "per sé", "for oneself"},
    {"own-assignment", "fascicoli che gli sono assegnati", "dossiers assigned to them"},
    {"team", "fascicoli della sua équipe", "dossiers of their team"},
    {"grant", "fascicoli concessi, fra due date", "dossiers granted, between two days"},
    {"unit", "fascicoli della sua unità", "dossiers of their unit"},
    {"broken-glass", "fascicoli che ha aperto in emergenza",
     "dossiers that they opened in an emergency"},
    {"own-conflict", "dove ha un conflitto di interessi", "where they have a conflict of interest"},
    {"all", "", ""},
};

constexpr Words conditions[] = {
    {"unit-open", "se l’unità è attiva", "while the unit is open"},
    {"dossier-open", "se il fascicolo è aperto", "while the dossier is open"},
    {"sealed-area", "in un’area riservata, se non nominato", "in a sealed area, unless named"},
    {"secret-address", "con indirizzo segreto, se non nominato",
     "with a secret address, unless named"},
    {"penal-secrecy", "sotto segreto delle indagini, se non nominato",
     "under penal secrecy, unless named"},
    {"destroyed", "di ciò che è stato distrutto", "of what was destroyed"},
    {"limited", "sotto limitazione del trattamento, se non nominato",
     "under limitation, unless named"},
};

constexpr Words obligations[] = {
    {"purpose", "indicando la finalità", "with a purpose"},
    {"reason", "scrivendo il motivo", "with a reason in words"},
    {"watermark", "con il proprio nome impresso", "marked with their name"},
    {"second-person", "con l’approvazione di un’altra persona", "approved by a second person"},
    {"notification", "e altri ne sono avvisati", "and others are told"},
};

template <std::size_t count>
std::string_view spoken(const Words (&table)[count], std::string_view key, Tongue tongue) {
    const auto found = std::find_if(std::begin(table), std::end(table),
                                    [&](const Words& words) { return words.key == key; });
    if (found == std::end(table)) return key;
    return tongue == Tongue::italian ? found->italian : found->english;
}

void add(std::string& text, std::string_view separator, std::string_view more) {
    if (more.empty()) return;
    if (!text.empty()) text += separator;
    text += more;
}

/// All of an area is one word: a refusal names them so in the file.
std::string deeds(const Rule& rule, Tongue tongue) {
    if (rule.effect == Effect::refuse) return tongue == Tongue::italian ? "nulla" : "nothing";
    std::string text;
    for (const Action action : rule.actions) add(text, ", ", spoken(actions, name(action), tongue));
    return text;
}

std::string sentence(const Rule& rule, Tongue tongue) {
    std::string text = deeds(rule, tongue);
    add(text, ": ", spoken(scopes, word(rule.scope), tongue));
    for (const Condition one : rule.conditions)
        add(text, ", ", spoken(conditions, word(one), tongue));
    for (const Obligation one : rule.obligations) {
        // Said for them: nobody has to.
        if (one == Obligation::purpose && !rule.purpose.empty()) {
            add(text, ", ", tongue == Tongue::italian ? "finalità" : "purpose");
            add(text, " ", rule.purpose);
        } else {
            add(text, ", ", spoken(obligations, word(one), tongue));
        }
    }
    return text;
}

}  // namespace

std::string_view role_name(std::string_view role, Tongue tongue) {
    return spoken(roles, role, tongue);
}

std::vector<Explained> explain(const Rules& rules, Tongue tongue) {
    std::vector<Explained> all;
    const auto collect = [&](std::string_view role) {
        Explained one{std::string(role), std::string(role_name(role, tongue)), {}};
        for (const Rule& rule : rules.all())
            if (std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end())
                one.lines.push_back({sentence(rule, tongue), rule.id});
        if (!one.lines.empty()) all.push_back(std::move(one));
    };
    collect("any");
    for (const std::string_view role : role_ids) collect(role);
    return all;
}

}  // namespace policies::access
