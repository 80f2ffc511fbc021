#include "archive/records/formation.h"

namespace custode::records {

std::string_view full_sentence(Formation formation) {
    switch (formation) {
        case Formation::unknown: return {};
        case Formation::created:
            return "creazione tramite utilizzo di strumenti software che assicurino la produzione "
                   "di "
                   "documenti nei formati previsti in allegato 2";
        case Formation::acquired:
            return "acquisizione di un documento informatico per via telematica o su supporto "
                   "informatico, acquisizione della copia per immagine su supporto informatico di "
                   "un "
                   "documento analogico, acquisizione della copia informatica di un documento "
                   "analogico";
        case Formation::stored:
            return "memorizzazione su supporto informatico in formato digitale delle informazioni "
                   "risultanti da transazioni o processi informatici o dalla presentazione "
                   "telematica "
                   "di dati attraverso moduli o formulari resi disponibili ad utente";
        case Formation::generated:
            return "generazione o raggruppamento anche in via automatica di un insieme di dati o "
                   "registrazioni, provenienti da una o più banche dati, anche appartenenti a più "
                   "soggetti interoperanti, secondo una struttura logica predeterminata e "
                   "memorizzata in forma statica";
    }
    return {};
}

}  // namespace custode::records
