#include "daemon/problems.h"

#include <algorithm>
#include <array>

namespace custode::daemon {
namespace {

struct Entry {
    std::string_view code;
    int status;  ///< 0: that of its kind.
    std::string_view title_it, hint_it, title_en, hint_en;
};

// In the order in which a person may meet them.
constexpr Entry entries[] = {
    {"not_found", 404, "Non trovato",
     "Verifichi l’identificativo. Ciò che non esiste e ciò che non è permesso hanno la stessa "
     "risposta.",
     "Not found",
     "Check the identifier. What does not exist and what is not permitted answer alike."},
    {"vault.sealed", 423, "L’archivio è sigillato", "Chieda ai custodi di aprirlo: custode unseal.",
     "The vault is sealed", "Ask the custodians to open it: custode unseal."},
    {"session.missing", 401, "Serve una sessione", "Entri con: custode login --user NOME.",
     "A session is needed", "Sign in: custode login --user NAME."},
    {"session.expired", 401, "La sessione è scaduta",
     "Entri di nuovo con: custode login --user NOME.", "The session has expired",
     "Sign in again: custode login --user NAME."},
    {"session.too_many", 503, "Troppe sessioni aperte", "Riprovi fra qualche minuto.",
     "Too many open sessions", "Try again in a few minutes."},
    {"login.failed", 401, "Nome o password non validi",
     "Controlli nome, password e, se l’utenza lo ha, il codice (--otp), che vale una volta sola. "
     "Dopo cinque errori l’utenza si blocca per un tempo "
     "crescente.",
     "Wrong name or password",
     "Check name, password and, where the account has one, the code (--otp), which works once. "
     "After five failures the account locks for a growing time."},
    {"team.invalid", 400, "Il nome dell’équipe non è un codice",
     "Usi lettere minuscole, cifre e trattini.", "The team’s name is not a code",
     "Use lower-case letters, digits and hyphens."},
    {"locate.too_many", 429, "Troppe ricerche in un minuto",
     "Aspetti un minuto; ogni ricerca resta nel registro.", "Too many looks in one minute",
     "Wait a minute; every look stays in the journal."},
    {"login.busy", 503, "Troppi accessi in corso", "Riprovi fra qualche secondo.",
     "Too many sign-ins at once", "Try again in a few seconds."},
    {"account.locked", 423, "L’utenza è bloccata per troppi tentativi",
     "Attenda, oppure chieda all’amministratore: custode account unlock NOME.",
     "The account is locked after too many failures",
     "Wait, or ask the administrator: custode account unlock NAME."},
    {"account.exists", 409, "Il nome è già usato", "Scelga un altro nome.", "The name is taken",
     "Choose another name."},
    {"account.looks_like", 409, "Il nome si confonde con quello di un’altra utenza",
     "Ne scelga uno che a vista non si possa scambiare.", "The name reads like another account’s",
     "Choose one that eyes cannot mistake."},
    {"account.name_invalid", 400, "Nome di utenza non valido",
     "Usi da 1 a 64 lettere latine, cifre e . _ - @.", "The account name is not valid",
     "Use 1 to 64 Latin letters, digits and . _ - @."},
    {"account.last_administrator", 400, "È l’ultimo amministratore",
     "Nomini prima un altro amministratore.", "It is the last administrator",
     "Appoint another administrator first."},
    {"account.own_rights", 409, "Nessuno dà un ruolo a se stesso",
     "Lo chieda a un altro amministratore.", "Nobody gives a role to themselves",
     "Ask another administrator."},
    {"break_glass.code", 400, "Il codice del motivo non è nell’elenco",
     "Usi 403, fuga-scomparsa, ricovero, richiesta-ag o altro.",
     "The reason is no code of the list",
     "Use 403, fuga-scomparsa, ricovero, richiesta-ag or altro."},
    {"break_glass.too_many", 409, "Troppe aperture in emergenza ancora da rivedere",
     "Se ne rivedano alcune: custode review list.", "Too many emergencies wait for their review",
     "Review some: custode review list."},
    {"review.own", 409, "Nessuno rivede la propria apertura in emergenza",
     "La rivede un’altra persona.", "Nobody reviews their own emergency",
     "Somebody else reviews it."},
    {"review.state", 409, "Questa apertura non è in quello stato",
     "Si giudica ciò che non è ancora giudicato; si chiude ciò che è un incidente.",
     "The emergency is not in that state",
     "What is not judged yet is judged; what is an incident is closed."},
    {"review.verdict", 400, "Esito non previsto", "Usi justified, not-justified o incident-closed.",
     "Not a verdict of the list", "Use justified, not-justified or incident-closed."},
    {"sheet.too_long", 400, "La scheda supera una pagina", "Tenga solo ciò che serve stanotte.",
     "The sheet is longer than a page", "Keep what is needed tonight."},
    {"sheet.source", 400, "La fonte non è un documento di questo fascicolo",
     "Indichi un documento del fascicolo, oppure said_by.",
     "The source is no document of this dossier", "Name a document of the dossier, or said_by."},
    {"history.busy", 503, "Un’altra consultazione del registro è in corso",
     "Riprovi fra qualche secondo.", "Another look at the journal is under way",
     "Try again in a few seconds."},
    {"proposal.own", 409, "Nessuno decide sulla propria proposta",
     "Decide un’altra persona; la propria si ritira con: custode proposal cancel ID.",
     "Nobody decides on their own proposal",
     "Somebody else decides; one’s own is taken back with: custode proposal cancel ID."},
    {"proposal.not_own", 409, "La proposta è di un’altra persona",
     "Per dire di no: custode proposal refuse ID --reason MOTIVO.",
     "The proposal is somebody else’s", "To say no: custode proposal refuse ID --reason REASON."},
    {"proposal.decided", 409, "La proposta è già stata decisa",
     "Veda com’è finita: custode proposal show ID.", "The proposal was decided already",
     "See how it ended: custode proposal show ID."},
    {"proposal.expired", 409, "La proposta è scaduta", "La si faccia di nuovo.",
     "The proposal has expired", "Make it again."},
    {"proposal.statement", 409, "La dichiarazione approvata non è quella della proposta",
     "La rilegga con: custode proposal show ID.",
     "What was approved is not the proposal’s statement",
     "Read it again with: custode proposal show ID."},
    {"proposal.stale", 409, "Ciò che era proposto non vale più",
     "Nel frattempo sono cambiati l’utenza o i diritti di chi propone: la si ritiri o la si "
     "rifaccia.",
     "What was proposed does not apply any more",
     "The account, or the proposer’s rights, changed meanwhile: cancel it or make it again."},
    {"proposal.too_many", 409, "Troppe proposte in attesa",
     "Se ne decidano alcune: custode proposal list.", "Too many proposals wait",
     "Decide some: custode proposal list."},
    {"role.unknown", 400, "Ruolo sconosciuto",
     "Usi un ruolo dell’elenco: administrator, archivist, social-worker, legal-office …",
     "Unknown role",
     "Use a role of the list: administrator, archivist, social-worker, legal-office …"},
    {"unit.unknown", 400, "Unità sconosciuta", "Veda l’elenco con: custode unit list.",
     "Unknown unit", "See the list: custode unit list."},
    {"unit.needed", 400, "Serve l’unità", "Indichi l’unità con --unit.", "A unit is needed",
     "Give the unit with --unit."},
    {"password.too_short", 400, "La password è troppo corta",
     "Usi almeno 12 caratteri: una frase va bene.", "The password is too short",
     "Use at least 12 characters: a sentence will do."},
    {"password.too_long", 400, "La password è troppo lunga", "Usi al massimo 1024 byte.",
     "The password is too long", "Use at most 1024 bytes."},
    {"password.is_name", 400, "La password è uguale al nome", "Ne scelga un’altra.",
     "The password is the account’s name", "Choose another one."},
    {"password.too_common", 400, "La password è fra le prime che si provano",
     "Parole comuni, il nome dell’ente o dell’utenza, file di tasti, anni e ripetizioni contano "
     "come "
     "un carattere solo: usi quattro parole a caso.",
     "The password is among the first to be tried",
     "Common words, the name of the body or of the account, rows of keys, years and repetitions "
     "count "
     "as one character: use four random words."},
    {"password.same", 400, "La nuova password è uguale alla vecchia", "Ne scelga un’altra.",
     "The new password is the old one", "Choose another."},
    {"password.old_needed", 400, "Serve la password attuale",
     "La propria password si cambia con quella attuale: custode account password.",
     "The present password is needed",
     "One’s own password is changed with the present one: custode account password."},
    {"second_factor.must_enrol", 423, "Serve un secondo fattore",
     "Il ruolo lo richiede: lo registri con «custode factor enrol».", "A second factor is needed",
     "The role needs it: enrol one with \"custode factor enrol\"."},
    {"otp.wrong", 400, "Il codice non è quello di questo momento",
     "Controlli l’ora del telefono e usi il codice mostrato adesso.",
     "It is not the code of this moment",
     "Check the phone’s clock and use the code that it shows now."},
    {"otp.not_begun", 409, "Nessun secondo fattore in attesa di conferma",
     "Cominci con «custode factor enrol»; il segreto vale dieci minuti.",
     "No second factor is waiting for its code",
     "Begin with \"custode factor enrol\"; the secret holds for ten minutes."},
    {"password.must_change", 423, "La password va cambiata prima di tutto",
     "L’ha scelta un altro: ne metta una sua con «custode account password».",
     "The password has to be changed first",
     "Somebody else chose it: set one of your own with \"custode account password\"."},
    {"unseal.wrong_key", 401, "La chiave non apre questo archivio",
     "Controlli di aver preso il file della chiave di questo archivio.",
     "The key does not open this vault", "Check that the keyfile belongs to this vault."},
    {"passphrase.wrong", 401, "La frase segreta non è giusta",
     "Controlli maiuscole e tastiera e riprovi.", "The passphrase is wrong",
     "Check capitals and keyboard and try again."},
    {"share.wrong", 401, "La quota non è valida",
     "Ricontrolli le parole: le quote già date restano valide.", "The share is not valid",
     "Check the words: shares already given stay good."},
    {"share.duplicate", 409, "Questa quota è già stata data", "Serve la quota di un altro custode.",
     "This share was given already", "Another custodian’s share is needed."},
    {"share.old_ceremony", 401, "La quota è di una cerimonia precedente o di un altro archivio",
     "Usi la quota consegnata per questo archivio con l’ultima cerimonia.",
     "The share belongs to an earlier ceremony or to another vault",
     "Use the share handed out for this vault at the last ceremony."},
    {"unseal.busy", 503, "Un’altra apertura è in corso", "Riprovi fra qualche secondo.",
     "Another unsealing is under way", "Try again in a few seconds."},
    {"share.too_few", 401, "Le quote non bastano", "Servono altri custodi.",
     "There are too few shares", "More custodians are needed."},
    {"holder.missing", 423, "Manca un dispositivo con il segreto d’epoca",
     "Colleghi il dispositivo o renda leggibile il file del detentore e riprovi.",
     "A holder of the epoch secret is missing",
     "Connect the device, or make the holder file readable, and try again."},
    {"holder.old", 423, "Il detentore ha il segreto di un’epoca precedente",
     "Usi il file del detentore aggiornato all’ultima cerimonia.",
     "A holder has the secret of an earlier epoch", "Use the holder file of the last ceremony."},
    {"keyring.old_epoch", 500, "Il portachiavi è di un’epoca precedente",
     "Non usi questo archivio: qualcuno ha rimesso un file vecchio. Ripristini il portachiavi più "
     "recente.",
     "The keyring is of an earlier epoch",
     "Do not use this vault: an old file was put back. Restore the newest keyring."},
    {"journal.old_epoch", 500, "Il registro è di un’epoca precedente",
     "Non usi questo archivio: è stato rimesso un file vecchio. Rimetta il catalogo più recente.",
     "The journal is of an earlier epoch",
     "Do not use this vault: an old file was put back. Restore the newest catalogue."},
    {"keyring.damaged", 500, "Il portachiavi è danneggiato",
     "Non usi questo archivio: ripristini il portachiavi da una copia.", "The keyring is damaged",
     "Do not use this vault: restore the keyring from a copy."},
    {"header.damaged", 500, "Il file vault.toml è danneggiato", "Lo ripristini da una copia.",
     "vault.toml is damaged", "Restore it from a copy."},
    {"vault.newer_format", 500, "L’archivio è di una versione più recente", "Aggiorni Custode.",
     "The vault is of a newer format", "Upgrade Custode."},
    {"store.in_use", 409, "Un altro processo usa già questo archivio", "Fermi l’altro custoded.",
     "Another process uses this vault", "Stop the other custoded."},
    {"store.not_writable", 500, "La cartella dell’archivio non è scrivibile",
     "Monti il disco in lettura e scrittura e dia la cartella all’utente di custoded.",
     "The vault’s folder cannot be written",
     "Mount the disk for reading and writing and give the folder to custoded’s user."},
    {"store.file_system", 500, "Il file system non è adatto", "Usi un disco locale (ext4, xfs).",
     "The file system is not fit", "Use a local disk (ext4, xfs)."},
    {"store.full", 507, "Lo spazio è quasi finito",
     "Liberi spazio sul disco dell’archivio: gli invii riprendono da soli.", "Space has run out",
     "Free space on the vault’s disk: filing resumes by itself."},
    {"segments.full", 507, "Lo spazio è finito", "Liberi spazio sul disco dell’archivio e riprovi.",
     "Space has run out", "Free space on the vault’s disk and try again."},
    {"store.read_only", 500, "L’archivio è in sola lettura dopo un errore del disco",
     "Controlli il disco: il servizio riprende quando la verifica riesce.",
     "The vault is read-only after a disk error",
     "Check the disk: service resumes when verification succeeds."},
    {"store.queue_full", 503, "Troppe richieste in coda", "Riprovi fra qualche secondo.",
     "Too many requests wait", "Try again in a few seconds."},
    {"document.duplicate", 409, "Il documento è già nel fascicolo",
     "Se è davvero arrivato due volte, lo archivi di nuovo con --again MOTIVO.",
     "The document is in the dossier already",
     "If it really arrived twice, file it again with --again REASON."},
    {"document.in_dossier", 409, "Il documento è già in quel fascicolo", "Non serve spostarlo.",
     "The document lies in that dossier already", "There is nothing to move."},
    {"account.in_conflict", 409, "L’utenza deve restare fuori da quel fascicolo",
     "C’è un conflitto di interessi: assegni ad altri, o lo dica cessato con «custode dossier "
     "conflict --remove».",
     "The account must stay out of that dossier",
     "There is a conflict of interest: assign somebody else, or end it with \"custode dossier "
     "conflict --remove\"."},
    {"dossier.twin", 409, "Sembra esistere già un fascicolo dello stesso minore",
     "Apra quello indicato, oppure ripeta con --twin-reason MOTIVO.",
     "A dossier of the same child seems to exist",
     "Open the one named, or repeat with --twin-reason REASON."},
    {"dossier.closed", 409, "Il fascicolo è chiuso", "Lo riapra prima di aggiungere documenti.",
     "The dossier is closed", "Reopen it before adding documents."},
    {"idempotency.conflict", 409, "La stessa chiave di richiesta è già stata usata per altri byte",
     "Usi un’altra chiave (--request-id).", "The request key was used for other bytes",
     "Use another key (--request-id)."},
    {"idempotency.in_flight", 409, "La stessa richiesta è già in corso",
     "Attenda qualche secondo e riprovi.", "The same request is under way",
     "Wait a few seconds and try again."},
    {"body.empty", 400, "Il file è vuoto", "Controlli il file: un documento ha almeno un byte.",
     "The file is empty", "Check the file: a document has at least one byte."},
    {"body.cut", 400, "L’invio si è interrotto", "Riprovi: nulla è stato archiviato.",
     "The upload was cut", "Try again: nothing was filed."},
    {"body.too_slow", 408, "L’invio è troppo lento",
     "Controlli la rete e riprovi: nulla è stato archiviato.", "The upload is too slow",
     "Check the network and try again: nothing was filed."},
    {"body.too_large", 413, "Il contenuto è troppo grande", "Riduca la richiesta.",
     "The content is too large", "Make the request smaller."},
    {"body.length_mismatch", 400, "La lunghezza non è quella annunciata",
     "Riprovi: nulla è stato archiviato.", "The length is not the one announced",
     "Try again: nothing was filed."},
    {"body.digest_mismatch", 400, "I byte arrivati non hanno l’impronta annunciata",
     "Riprovi: nulla è stato archiviato.", "The bytes are not those of the announced SHA-256",
     "Try again: nothing was filed."},
    {"purpose.missing", 400, "Serve la finalità",
     "La indichi con --purpose CODICE (custode codes purposes).", "A purpose is needed",
     "Give it with --purpose CODE (custode codes purposes)."},
    {"purpose.invalid", 400, "La finalità non è un codice", "Usi fino a 31 lettere, cifre e . _ -.",
     "The purpose is not a code", "Use up to 31 letters, digits and . _ -."},
    {"reason.missing", 400, "Serve il motivo", "Lo scriva con --reason TESTO.",
     "A reason is needed", "Write it with --reason TEXT."},
    {"second_person.missing", 400, "Serve un’altra persona", "Qualcun altro deve approvare prima.",
     "A second person is needed", "Somebody else has to approve first."},
    {"obligation.unsupported", 500, "Una regola chiede ciò che qui non è possibile",
     "Tolga quell’obbligo dal file delle regole.", "A rule asks for what is not possible here",
     "Take that obligation out of the rule file."},
    {"recipient.missing", 400, "Serve il destinatario", "Lo indichi con --recipient TESTO.",
     "A recipient is needed", "Give it with --recipient TEXT."},
    {"export.empty", 409, "Il fascicolo non ha documenti", "Non c’è nulla da esportare.",
     "The dossier has no document", "There is nothing to export."},
    {"refile.same", 400, "I due fascicoli sono lo stesso", "Indichi un altro fascicolo con --to.",
     "The two dossiers are one", "Give another dossier with --to."},
    {"grant.past", 400, "La data è già passata", "Indichi una data da oggi in poi.",
     "The day is past", "Give a day from today on."},
    {"birth.future", 400, "La nascita è nel futuro",
     "Controlli giorno e anno; per un nascituro la ometta e usi --designation.",
     "The birth lies in the future",
     "Check day and year; for an unborn child leave it out and use --designation."},
    {"listen.failed", 500, "Non si può ascoltare su quell’indirizzo",
     "La porta può essere di un altro programma: lo fermi, o ne scelga un’altra con --listen.",
     "That address cannot be listened on",
     "Another program may have the port: stop it, or choose another with --listen."},
    {"pdf.sandbox_refused", 500, "L’indice PDF non si può comporre: il sistema nega l’isolamento",
     "Servono spazi dei nomi per gli utenti, che un chroot e certi contenitori negano; si provi in "
     "un vero sistema o in una macchina virtuale.",
     "The PDF index cannot be composed: the system refuses the sandbox",
     "It needs user namespaces, which a chroot and some containers deny; use a real system or a "
     "virtual machine."},
    {"file_name.invalid", 400, "Il nome del file non è utilizzabile",
     "Usi al massimo 255 caratteri senza caratteri di controllo: --name NOME.",
     "The file name cannot be used",
     "Use at most 255 characters, none of them control characters: --name NAME."},
    {"tax_code.wrong", 400, "Il codice fiscale non torna",
     "Controlli le lettere; se l’atto lo riporta così, lo segni come trovato sull’atto.",
     "The tax code does not add up",
     "Check the letters; if the act has it so, mark it as found on the act."},
    {"query.empty", 400, "La ricerca è vuota", "Scriva almeno due caratteri.", "The query is empty",
     "Write at least two characters."},
    {"query.too_long", 400, "La ricerca è troppo lunga", "La accorci.", "The query is too long",
     "Shorten it."},
    {"head.length_required", 411, "Manca la lunghezza", "Invii Content-Length.",
     "The length is missing", "Send Content-Length."},
    {"head.too_large", 431, "Le intestazioni sono troppo grandi", "Le riduca.",
     "The head is too large", "Make it smaller."},
    {"route.none", 404, "Non trovato", "Veda la documentazione dell’API.", "Not found",
     "See the API’s documentation."},
    {"route.method", 405, "Metodo non ammesso", "Veda l’intestazione Allow.", "Method not allowed",
     "See the Allow header."},
    {"object.damaged", 500, "Un documento sul disco è danneggiato",
     "Non è stato mostrato nulla di alterato. Avverta chi gestisce l’archivio: serve una copia di "
     "riserva.",
     "A document on disk is damaged",
     "Nothing altered was shown. Tell who runs the vault: a backup is needed."},
    {"range.unsatisfiable", 416, "L’intervallo richiesto non esiste",
     "Controlli la dimensione del documento.", "The range does not exist",
     "Check the document’s size."},
};

constexpr Entry kinds[] = {
    {"", 400, "Richiesta non valida", "Corregga quanto indicato e riprovi.",
     "The request is not valid", "Correct what is named and try again."},
    {"", 404, "Non trovato", "Verifichi l’identificativo.", "Not found", "Check the identifier."},
    {"", 409, "C’è un conflitto con lo stato attuale", "Guardi lo stato attuale e riprovi.",
     "It conflicts with the present state", "Look at the present state and try again."},
    {"", 503, "Il servizio è occupato", "Riprovi fra qualche secondo.", "The service is busy",
     "Try again in a few seconds."},
    {"", 507, "Lo spazio è finito", "Liberi spazio sul disco dell’archivio.", "Space has run out",
     "Free space on the vault’s disk."},
    {"", 500, "L’integrità dell’archivio non è confermata",
     "Avverta subito chi gestisce l’archivio e conservi i file così come sono.",
     "The vault’s integrity is not confirmed",
     "Tell who runs the vault at once and keep the files as they are."},
    {"", 500, "Il sistema ha rifiutato l’operazione", "Avverta chi gestisce l’archivio.",
     "The system refused the operation", "Tell who runs the vault."},
    {"", 423, "L’archivio o l’utenza è chiusa", "Va aperta prima.",
     "The vault or the account is closed", "It has to be opened first."},
    {"", 401, "Accesso non riuscito", "Entri di nuovo.", "Not signed in", "Sign in again."},
    {"", 500, "Qui non è possibile", "Avverta chi gestisce l’archivio.", "It is not possible here",
     "Tell who runs the vault."},
};

const Entry& entry_of(std::string_view code, ErrorCode kind) {
    const auto found = std::find_if(std::begin(entries), std::end(entries),
                                    [&](const Entry& entry) { return entry.code == code; });
    if (found != std::end(entries)) return *found;
    return kinds[static_cast<std::size_t>(kind) - 1];
}

}  // namespace

Language language_of(std::string_view accept_language) {
    const std::size_t english = accept_language.find("en");
    const std::size_t italian = accept_language.find("it");
    return english < italian ? Language::english : Language::italian;
}

int status_of(ErrorCode kind) { return kinds[static_cast<std::size_t>(kind) - 1].status; }

ProblemText problem_text(std::string_view code, ErrorCode kind, Language language) {
    const Entry& entry = entry_of(code, kind);
    return language == Language::italian ? ProblemText{entry.status, entry.title_it, entry.hint_it}
                                         : ProblemText{entry.status, entry.title_en, entry.hint_en};
}

std::string problem_json(std::string_view code, ErrorCode kind, std::string_view detail,
                         std::string_view correlation, Language language,
                         const nlohmann::json& more, int status_override) {
    const ProblemText text = problem_text(code, kind, language);
    nlohmann::json json = more;
    json["type"] = "urn:custode:problem:" + std::string(code);
    json["code"] = code;
    json["status"] = status_override != 0 ? status_override : text.status;
    json["title"] = text.title;
    json["hint"] = text.hint;
    json["correlation"] = correlation;
    if (!detail.empty()) json["detail"] = detail;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string_view> problem_codes() {
    std::vector<std::string_view> codes;
    for (const Entry& entry : entries) codes.push_back(entry.code);
    return codes;
}

}  // namespace custode::daemon
