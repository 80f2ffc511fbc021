#include "tools/verify/texts.h"

#include <algorithm>
#include <cstdlib>

namespace custode::verify {
namespace {

struct Text {
    std::string_view code, it, en;
};

constexpr Text sentences[] = {
    // -- receipts
    {"receipt.malformed", "non è una ricevuta, o ne è stata cambiata la forma",
     "is no receipt, or its form was changed"},
    {"receipt.bad", "la ricevuta non regge: {0}", "the receipt does not hold: {0}"},
    {"receipt.missing", "originale senza la sua ricevuta: {0}", "the original {0}"},
    {"receipt.extra", "ricevuta di nessun originale", "receipt of no original"},
    {"receipt.states", "la ricevuta attesta: {0}", "the receipt states: {0}"},

    // -- exports
    {"bag.no_declaration", "la dichiarazione BagIt manca o non è valida: {0}",
     "the BagIt declaration: {0}"},
    {"bag.no_manifest", "manca l’elenco delle impronte: {0}", "the manifest: {0}"},
    {"bag.incomplete", "l’esportazione è incompleta: {0}", "the export is incomplete: {0}"},
    {"bag.totals", "i totali dichiarati non sono quelli del contenuto: {0}", "totals: {0}"},
    {"bag.plain", "è una cartella BagIt senza ricevute: verificate le sole impronte",
     "it is a BagIt bag without receipts: only the digests were checked"},
    {"zip.refused", "archivio zip rifiutato: {0}", "zip refused: {0}"},
    {"zip.several_folders", "lo zip contiene più cartelle: {0}", "several folders: {0}"},
    {"zip.ambiguous", "lo zip si può leggere in due modi: {0}", "ambiguous zip: {0}"},
    {"manifest.unreadable", "elenco illeggibile: {0}", "manifest: {0}"},
    {"manifest.bad_line", "riga non valida nell’elenco: {0}", "manifest: {0}"},
    {"manifest.unknown_algorithm", "impronte di tipo sconosciuto: {0}", "digests: {0}"},
    {"file.bad_name", "nome di file non ammesso: {0}", "file name: {0}"},
    {"file.not_regular", "non è un file normale: {0}", "not a regular file: {0}"},
    {"file.twice", "il file compare due volte: {0}", "the file appears twice: {0}"},
    {"file.damaged", "file danneggiato: {0}", "damaged: {0}"},
    {"file.missing", "file mancante: {0}", "missing: {0}"},
    {"file.not_listed", "file in più: {0}", "not listed: {0}"},
    {"file.changed", "file alterato: {0}", "changed: {0}"},

    // -- keys and kept checkpoints
    {"key.missing", "manca la chiave pubblica del registro", "the log's public key is missing"},
    {"key.unreadable", "non è una chiave pubblica di registro", "is no public key of a log"},
    {"key.other", "la chiave del registro è un’altra: {0}", "the log's key is another one: {0}"},
    {"key.other_vault", "l’archivio è {0}, la chiave è di {1}",
     "the vault is {0}, the key is of {1}"},
    {"key.own",
     "la chiave accompagna ciò che si verifica: per provare chi ha firmato, la si confronti con "
     "quella conservata altrove (--key)",
     "the key came with what is checked: to prove who signed, compare it with one kept elsewhere "
     "(--key)"},
    {"kept.other", "la fotografia conservata non è firmata da {0}",
     "the kept checkpoint is not signed by {0}"},
    {"kept.other_size",
     "la fotografia conservata è di {0} eventi, questa di {1}: senza l’archivio non si possono "
     "confrontare",
     "the kept checkpoint is of {0} events, this one of {1}: without the vault they cannot be "
     "compared"},
    {"history.forked", "la storia non è quella conservata: differisce entro i primi {0} eventi",
     "the history is not the kept one: it differs within the first {0} events"},
    {"history.shrunk",
     "la storia è più corta di quella conservata: {1} eventi invece di almeno {0}",
     "the history is shorter than the kept one: {1} events instead of at least {0}"},

    // -- the tree
    {"checkpoint.missing", "manca la fotografia firmata del registro",
     "the signed checkpoint is missing"},
    {"checkpoint.bad", "la firma della fotografia del registro non regge",
     "the signature of the checkpoint does not hold"},
    {"bundle.missing", "mancano voci del registro, o non sono della loro lunghezza",
     "entries of the journal are missing or not of their length"},
    {"tile.missing", "manca una parte dell’albero, o non è della sua lunghezza",
     "a part of the tree is missing or not of its length"},
    {"tile.changed", "l’albero e le voci differiscono dall’evento {0}",
     "tree and entries differ from event {0} on"},
    {"tree.root", "le voci non danno la radice firmata per {0} eventi",
     "the entries do not give the root that was signed for {0} events"},

    // -- the catalogue
    {"catalogue.unreadable", "non si riesce a leggere: {0}", "cannot be read: {0}"},
    {"catalogue.crashed", "è danneggiato: la sua lettura si è interrotta",
     "is damaged: reading it broke off"},
    {"event.missing", "manca dal catalogo", "is missing from the catalogue"},
    {"event.unreadable", "nel catalogo è illeggibile", "is unreadable in the catalogue"},
    {"event.changed", "nel catalogo non è quello del registro: {0}",
     "is not in the catalogue what the journal says: {0}"},
    {"event.order", "da qui in poi il catalogo è in disordine",
     "from here on the catalogue is in disorder"},
    {"events.later",
     "{0} eventi più recenti delle fotografie pubblicate: letti dal catalogo, non ancora coperti "
     "dalla firma",
     "{0} events are newer than the published checkpoint: read from the catalogue, not yet covered "
     "by the signature"},

    // -- the segments
    {"segment.changed", "il segmento chiuso non è quello che il registro ha annotato",
     "the closed segment is not the one that the journal noted"},
    {"segment.unknown", "segmento chiuso di cui non si è potuta leggere l’annotazione",
     "closed segment whose note could not be read"},
    {"segment.cut", "dal byte {0} in poi non si legge: {1} byte",
     "cannot be read from byte {0} on: {1} bytes"},
    {"segment.tail",
     "gli ultimi {1} byte (dal byte {0}) sono una scrittura interrotta o alterata; al prossimo "
     "avvio ciò che nessun evento nomina si scarta",
     "the last {1} bytes (from byte {0}) are a write that was cut or altered; what no event names "
     "is dropped at the next start"},
    {"segment.unreadable", "non si riesce a leggere: {0}", "cannot be read: {0}"},
    {"content.missing", "il contenuto cifrato con SHA-256 {0} manca o è alterato",
     "the ciphertext with SHA-256 {0} is missing or altered"},
    {"content.destroyed",
     "contenuti mancanti sono attesi solo dopo uno scarto; oggi questo programma non ne distingue "
     "le prove e li segnala tutti",
     "missing contents are expected only after a destruction; this program does not tell its proof "
     "yet and names them all"},
    {"blob.unknown",
     "contenuto che nessun evento nomina, dal byte {0} ({1} byte): forse quello che manca",
     "contents that no event names, from byte {0} ({1} bytes): perhaps what is missing"},
    {"blob.unnamed", "contenuto di un’archiviazione interrotta, dal byte {0} ({1} byte)",
     "contents of a filing that was cut, from byte {0} ({1} bytes)"},
    {"blob.not_covered", "contenuto che nessun evento letto nomina, dal byte {0} ({1} byte)",
     "contents that no event which could be read names, from byte {0} ({1} bytes)"},

    // -- the vault
    {"vault.incomplete", "manca dalla cartella dell’archivio",
     "is missing from the vault's folder"},
    {"vault.header", "intestazione illeggibile: {0}", "unreadable header: {0}"},
    {"findings.more", "… e altre {0}", "… and {0} more"},
    {"findings.count", "Difformità: {0}", "Findings: {0}"},
    {"checkpoint.shown", "{0} eventi, radice {1}", "{0} events, root {1}"},
};

constexpr Text words[] = {
    {"receipt", "ricevuta", "receipt"},
    {"export", "esportazione", "export"},
    {"tiles", "registro pubblicato", "published journal"},
    {"vault", "archivio", "vault"},
    {"event", "evento del registro", "event of the journal"},
    {"events", "eventi coperti dalla firma", "events under the signature"},
    {"events_stored", "eventi nel catalogo", "events in the catalogue"},
    {"bundles", "gruppi di voci letti", "bundles of entries read"},
    {"tiles_compared", "parti dell’albero confrontate", "tiles of the tree compared"},
    {"segments", "segmenti letti", "segments read"},
    {"segment_bytes", "byte dei segmenti", "bytes of segments"},
    {"objects", "contenuti cifrati ritrovati", "ciphertexts found"},
    {"object_bytes", "byte di questi contenuti", "bytes of them"},
    {"files", "file ricontati", "files checked"},
    {"bytes", "byte ricontati", "bytes checked"},
    {"receipts", "ricevute che reggono", "receipts that hold"},
    {"intact", "INTEGRO", "INTACT"},
    {"broken", "NON INTEGRO", "BROKEN"},
    {"note", "nota", "note"},
    {"signed", "firma del registro", "signed by the log"},
    {"key", "chiave", "key"},
    {"kept", "la storia continua quella conservata", "the history continues the kept one"},
    {"hint", "Cosa fare: ", "What to do: "},
    {"path.missing", "Non trovato", "Not found"},
    {"path.missing.hint", "si controlli il percorso", "check the path"},
    {"path.unknown", "Non è nulla che si possa verificare", "Nothing that can be checked"},
    {"path.unknown.hint",
     "si indichi una ricevuta .json, un’esportazione (zip o cartella), una cartella tiles o un "
     "archivio",
     "name a receipt (.json), an export (zip or folder), a folder of tiles, or a vault"},
    {"key.needed", "Manca la chiave pubblica del registro", "The log's public key is needed"},
    {"key.needed.hint", "si aggiunga --key CHIAVE (identity.pub dell’archivio)",
     "add --key KEY (the vault's identity.pub)"},
    {"key.malformed", "Non è una chiave pubblica di registro", "Not a public key of a log"},
    {"key.malformed.hint", "si copi la riga di identity.pub, o dello stato di un client",
     "copy the line of identity.pub, or of a client's status"},
    {"kept.malformed", "Non è una fotografia del registro", "Not a checkpoint"},
    {"kept.malformed.hint",
     "si indichi una nota firmata, una ricevuta, o il pins.json di un client",
     "name a signed note, a receipt, or a client's pins.json"},
    {"kept.missing", "Fotografia conservata non trovata", "Kept checkpoint not found"},
    {"kept.missing.hint", "si controlli il percorso", "check the path"},
    {"usage", "Uso errato", "Wrong usage"},
    {"usage.hint", "custode-verify --help", "custode-verify --help"},
    {"store.in_use", "L’archivio è in servizio", "The vault is being served"},
    {"store.in_use.hint",
     "si fermi custoded, o se ne verifichi una copia; sull’archivio aperto: custoded verify",
     "stop custoded, or verify a copy"},
    {"failed", "Verifica impossibile", "Could not verify"},
    {"failed.hint", "si controllino permessi e disco, poi si riprovi",
     "check permissions and disk, then try again"},
    {"help",
     "Uso: custode-verify PERCORSO… [--checkpoint FILE] [--key CHIAVE] [--json]\n"
     "\n"
     "Verifica senza rete e senza chiavi segrete ciò che Custode consegna:\n"
     "  una ricevuta (.json), un’esportazione (zip o cartella), una cartella tiles,\n"
     "  o la copia intera di un archivio (albero, firme, eventi, contenuti cifrati).\n"
     "Legge soltanto: non scrive mai nulla.\n"
     "\n"
     "  --checkpoint FILE  fotografia conservata altrove (nota firmata, ricevuta o\n"
     "                     pins.json di un client): la storia deve continuarla\n"
     "  --key CHIAVE       chiave pubblica del registro di cui ci si fida\n"
     "  --json             un oggetto JSON in uscita, uno a riga per percorso\n"
     "  --help, --version\n"
     "\n"
     "Esempio: custode-verify fascicolo.zip --key \"$(cat identity.pub)\"\n"
     "\n"
     "Codici di uscita: 0 integro · 1 fallito · 2 uso · 3 non trovato ·\n"
     "                  4 archivio in servizio · 7 non integro\n",
     "Usage: custode-verify PATH… [--checkpoint FILE] [--key KEY] [--json]\n"
     "\n"
     "Verifies, offline and without secret keys, what Custode hands out:\n"
     "  a receipt (.json), an export (zip or folder), a folder of tiles,\n"
     "  or a whole copy of a vault (tree, signatures, events, ciphertexts).\n"
     "It only reads: nothing is ever written.\n"
     "\n"
     "  --checkpoint FILE  a checkpoint kept elsewhere (signed note, receipt, or a\n"
     "                     client's pins.json): the history must continue it\n"
     "  --key KEY          public key of the log that is trusted\n"
     "  --json             one JSON object on standard output, one a line for each path\n"
     "  --help, --version\n"
     "\n"
     "Example: custode-verify dossier.zip --key \"$(cat identity.pub)\"\n"
     "\n"
     "Exit codes: 0 intact · 1 failed · 2 usage · 3 not found ·\n"
     "            4 vault being served · 7 broken\n"},
};

template <std::size_t count>
const Text* find(const Text (&texts)[count], const std::string& code) {
    const auto* found = std::find_if(std::begin(texts), std::end(texts),
                                     [&](const Text& text) { return text.code == code; });
    return found == std::end(texts) ? nullptr : found;
}

std::string in(const Text& text, Language language) {
    return std::string(language == Language::italian ? text.it : text.en);
}

}  // namespace

Language language_from_environment() {
    std::string speaks;
    for (const char* name : {"CUSTODE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); speaks.empty() && value != nullptr)
            speaks = value;
    // "it", "it_IT.UTF-8", "it@euro"; but not "item".
    const bool is_italian =
        speaks.starts_with("it") &&
        (speaks.size() == 2 || std::string_view("_-.@").find(speaks[2]) != std::string_view::npos);
    return is_italian ? Language::italian : Language::english;
}

std::string sentence(const Finding& finding, Language language) {
    const Text* text = find(sentences, finding.code);
    std::string out = text != nullptr ? in(*text, language) : finding.code + " {0}";
    for (std::size_t i = 0; i < 10; ++i) {
        const std::string place = "{" + std::to_string(i) + "}";
        const std::size_t at = out.find(place);
        if (at == std::string::npos) continue;
        const bool given = i < finding.arguments.size();
        out.replace(at, place.size(), given ? finding.arguments[i] : std::string());
    }
    return out;
}

std::string word(const std::string& code, Language language) {
    const Text* text = find(words, code);
    return text != nullptr ? in(*text, language) : code;
}

}  // namespace custode::verify
