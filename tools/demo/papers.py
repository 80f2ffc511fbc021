"""What the courts, the services and others wrote about them."""
import dataclasses
import datetime
import hashlib

import town


@dataclasses.dataclass
class Paper:
    office: str
    number: str
    title: str
    body: list
    signer: tuple
    day: datetime.date
    state: str = "REPUBBLICA ITALIANA"

    @property
    def place_and_day(self):
        return f"{town.TOWN}, {town.italian(self.day)}"


@dataclasses.dataclass
class Mail:
    sender: str
    subject: str
    lines: list
    date_header: str
    message_id: str
    attached: str = ""


@dataclasses.dataclass
class Document:
    file: str
    dossiers: list
    type: str
    authority: str
    proceeding: str
    day: datetime.date
    sender: str
    subject: str
    kind: str = "pdf"
    paper: Paper = None
    mail: Mail = None
    scan_lines: int = 0
    scan_seed: int = 0


def digest(paper):
    text = repr(dataclasses.astuple(paper))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# --- the sentences that the acts are made of ------------------------------------------------------

PREMISE = [
    "letto il ricorso del Pubblico Ministero e la documentazione allegata;",
    "viste le relazioni del Servizio sociale del Comune di Valfinta;",
    "sentiti i genitori all’udienza fissata per la loro comparizione personale;",
    "ritenuto che le condizioni descritte configurino una situazione di pregiudizio per la crescita "
    "del minore e che si renda necessario un intervento di sostegno e di vigilanza;",
    "considerato che il minore ha diritto a mantenere rapporti con entrambi i genitori nella misura "
    "in cui ciò corrisponda al suo interesse;",
]
MEASURES = [
    "AFFIDA il minore al Comune di Valfinta, con limitazione della responsabilità genitoriale "
    "quanto alle decisioni di maggiore interesse in materia di salute, istruzione e residenza;",
    "DISPONE il collocamento del minore presso la madre, in idonea struttura di accoglienza, con "
    "facoltà per il Servizio di regolare gli incontri con il padre in luogo neutro e protetto;",
    "INCARICA il Servizio sociale di avviare un intervento di educativa domiciliare e di sostegno "
    "alla genitorialità, in collaborazione con i servizi specialistici;",
    "PRESCRIVE ai genitori di collaborare con il Servizio e di attenersi alle sue indicazioni;",
    "INCARICA il Servizio di riferire entro novanta giorni, e immediatamente in caso di pregiudizio.",
]
OBSERVATIONS = [
    "Il nucleo è seguito dal Servizio dal mese di ottobre. I colloqui con i genitori si sono svolti "
    "con regolarità; la madre ha partecipato a tutti gli incontri, il padre a quattro su sette.",
    "La visita domiciliare ha mostrato un’abitazione ordinata, con spazi adeguati all’età dei "
    "bambini. La rete familiare allargata è presente e offre un aiuto concreto nelle ore serali.",
    "La scuola riferisce una frequenza migliorata rispetto al precedente anno scolastico, con "
    "assenze per lo più giustificate e un rendimento sufficiente in tutte le materie.",
    "Durante gli incontri in spazio neutro il minore ha cercato spontaneamente il contatto con il "
    "genitore; gli operatori hanno rilevato una buona capacità di gioco condiviso.",
    "Permangono difficoltà nella comunicazione fra gli adulti, che tendono a coinvolgere i figli nei "
    "contrasti. È stata proposta una mediazione, che entrambi hanno accettato.",
    "Il medico curante conferma il completamento delle vaccinazioni e non segnala problemi di salute "
    "che richiedano interventi ulteriori.",
    "L’educatrice domiciliare ha incontrato il nucleo due volte la settimana e descrive progressi "
    "nell’organizzazione dei tempi quotidiani e nella cura dei compiti.",
    "Si osserva infine che la situazione lavorativa del padre è tornata stabile e che il nucleo non "
    "ha più arretrati nel canone di locazione.",
]


class Writer:
    """Makes one document after another and numbers their files."""

    def __init__(self, dossiers, chance):
        self.dossiers = {dossier["id"]: dossier for dossier in dossiers}
        self.chance = chance
        self.documents = []

    def children(self, ids):
        return [self.dossiers[id_] for id_ in ids.split()]

    def some(self, sentences, count):
        """In the order in which a judge would write them."""
        chosen = self.chance.sample(range(len(sentences)), count)
        return [sentences[at] for at in sorted(chosen)]

    def who(self, ids):
        return "; ".join(f"{town.full_name(d)} ({town.birth_text(d)})" for d in self.children(ids))

    def add(self, ids, type_, day, subject, authority, sender, proceeding=None, extension="pdf",
            **rest):
        number = len(self.documents) + 1
        children = self.children(ids)
        proceeding = children[0]["proceedings"][0] if proceeding is None else proceeding
        document = Document(f"{number:02}_{day.isoformat()}_{type_}.{extension}", children, type_,
                            authority, proceeding, day, sender, subject, kind=extension, **rest)
        self.documents.append(document)
        return document

    def pdf(self, ids, type_, day, subject, office, body, signer, number=None, sender=None):
        day = datetime.date.fromisoformat(day)
        children = self.children(ids)
        proceeding = children[0]["proceedings"][0] if number is None else number
        label = f"{proceeding} – cron. {self.chance.randrange(100, 9000)}/{day.year}"
        paper = Paper(office, label, subject, [f"Nell’interesse di: {self.who(ids)}."] + body,
                      signer, day)
        return self.add(ids, type_, day, subject, office, sender or office, proceeding,
                        paper=paper)

    def decree(self, ids, day, subject, office=town.JUVENILE_COURT, type_="decreto", number=None):
        premises = self.some(PREMISE, 3)
        measures = self.some(MEASURES, 3)
        body = premises + ["P.Q.M."] + measures + [
            "Si comunichi al Pubblico Ministero, al Servizio sociale e alle parti. Decreto "
            "immediatamente esecutivo."]
        signer = (self.chance.choice(["Il Presidente", "Il Giudice delegato"]),
                  self.chance.choice(town.JUDGES))
        return self.pdf(ids, type_, day, subject, office, body, signer, number)

    def report(self, ids, day, subject, long=False):
        body = ["In riscontro all’incarico ricevuto nel procedimento indicato in epigrafe, si "
                "trasmette la relazione del Servizio."]
        body += self.chance.sample(OBSERVATIONS, 8 if long else 4)
        if long:  # a second page
            body += ["VALUTAZIONE"] + self.chance.sample(OBSERVATIONS, 6) + ["PROPOSTE"]
            body += [measure.split(" ", 1)[1].capitalize() for measure in MEASURES[2:4]]
        body += ["Si resta a disposizione per ogni chiarimento."]
        return self.pdf(ids, "relazione", day, subject, town.SERVICE, body,
                        ("L’assistente sociale", self.chance.choice(town.WORKERS)))

    def request(self, ids, day, subject, number):
        body = ["Il Pubblico Ministero, letti gli atti;"] + self.chance.sample(PREMISE[1:], 2) + [
            "CHIEDE", "che il Tribunale, assunte sommarie informazioni, adotti i provvedimenti di "
            "cui agli artt. 330 e seguenti c.c. e incarichi il Servizio sociale di riferire sulle "
            "condizioni del nucleo entro sessanta giorni."]
        return self.pdf(ids, "richiesta", day, subject, town.PROSECUTOR, body,
                        ("Il Pubblico Ministero", "dott. Oreste Putativi"), number)

    def minutes(self, ids, day, subject, office, signer):
        body = ["Il giorno indicato in calce, alle ore 10:30, sono comparsi i genitori assistiti "
                "dai rispettivi difensori.", self.chance.choice(OBSERVATIONS),
                self.chance.choice(OBSERVATIONS),
                "I presenti, data lettura, confermano e sottoscrivono. Il verbale è chiuso alle "
                "ore 12:05."]
        return self.pdf(ids, "verbale", day, subject, office, body, signer)

    def mail(self, ids, day, subject, sender, lines, attached=None):
        day = datetime.date.fromisoformat(day)
        names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
        date = (f"{names[day.weekday()]}, {day.day:02} {months[day.month - 1]} {day.year} "
                f"{self.chance.randrange(8, 18):02}:{self.chance.randrange(60):02}:00 +0100")
        address = sender[1]
        mail = Mail(f"{sender[0]} <{address}>", subject, lines, date,
                    f"{self.chance.getrandbits(64):016x}@{address.split('@')[1]}",
                    attached.file if attached else "")
        return self.add(ids, "messaggio", day, subject, sender[0], address, extension="eml",
                        mail=mail)

    def scanned(self, ids, day, subject, authority):
        return self.add(ids, "nota", datetime.date.fromisoformat(day), subject, authority,
                        authority, proceeding="", extension="png", scan_lines=24,
                        scan_seed=self.chance.getrandbits(32))


def documents(dossiers, chance):
    """Some thirty papers over two years, in the order in which they came."""
    w = Writer(dossiers, chance)
    clerk = ("Cancelleria del Tribunale per i Minorenni", "cancelleria.tm@giustizia.valfinta.example")
    school = (town.SCHOOL, "segreteria@sentieri.valfinta.example")
    prosecutor = ("Procura per i Minorenni", "pmm@giustizia.valfinta.example")
    judge = ("Il Giudice delegato", town.JUDGES[0])
    siblings, brothers = "F01 F02 F03", "F04 F05"

    w.request(siblings, "2025-01-14", "Richiesta di apertura di procedimento per tre fratelli",
              "R.G.N.R. 84/2025")
    first = w.decree(siblings, "2025-02-03", "Decreto provvisorio di affidamento al Comune")
    w.mail(siblings, "2025-02-04", "Comunicazione di cancelleria: decreto provvisorio", clerk,
           ["Si comunica il provvedimento allegato.", "", "La Cancelleria"], first)
    w.minutes(siblings, "2025-03-18", "Verbale di udienza di comparizione dei genitori",
              town.JUVENILE_COURT, judge)
    w.report(siblings, "2025-05-02", "Relazione di aggiornamento sul nucleo Inventati-Chimerini",
             long=True)
    w.decree("F01", "2025-06-20", "Decreto di ascolto della minore e proroga dell’incarico")
    w.report("F03", "2025-09-09", "Relazione sull’inserimento alla scuola dell’infanzia")
    w.decree(siblings, "2025-11-25", "Decreto definitivo: affidamento e prescrizioni", type_="decreto")

    w.request(brothers, "2025-03-05", "Richiesta di informazioni al Servizio sociale",
              "R.G.N.R. 311/2025")
    w.decree(brothers, "2025-04-11", "Ordinanza ai sensi dell’art. 473-bis.22 c.p.c.",
             office=town.COURT, type_="ordinanza", number="R.G. 4417/2025")
    w.report(brothers, "2025-07-07", "Relazione sugli incontri in spazio neutro", long=True)
    w.mail(brothers, "2025-10-01", "Assenze del mese di settembre", school,
           ["Gentili colleghe e colleghi,", "si segnalano sei giorni di assenza non giustificati.",
            "Cordiali saluti", "La Segreteria"])
    w.decree(brothers, "2026-01-30", "Sentenza di separazione: affidamento dei figli",
             office=town.COURT, type_="sentenza", number="R.G. 4417/2025")

    w.request("F06", "2025-02-12", "Ricorso per limitazione della responsabilità genitoriale",
              "R.G.N.R. 197/2025")
    w.decree("F06", "2025-03-27", "Decreto: incarico di indagine psicosociale")
    w.report("F06", "2025-06-30", "Indagine psicosociale", long=True)
    w.decree("F07", "2025-04-02", "Decreto di nomina del curatore speciale")
    w.minutes("F07", "2025-05-15", "Verbale di ascolto della minore", town.JUVENILE_COURT, judge)
    w.report("F07", "2025-08-21", "Relazione sull’educativa domiciliare")

    w.minutes("F08", "2026-02-09", "Verbale di affidamento di minore straniero non accompagnato",
              town.POLICE, ("L’agente operante", "ass. capo Tullio Verosimili"))
    w.decree("F08", "2026-02-20", "Decreto di apertura di tutela e nomina del tutore",
             office=town.GUARDIANSHIP_JUDGE, number="R.G. Tutele 58/2026")
    w.scanned("F08", "2026-02-11", "Nota manoscritta consegnata allo sportello", "Comunità «La Vela»")

    w.pdf("F09", "segnalazione", "2026-03-12", "Segnalazione di neonata non riconosciuta",
          town.HOSPITAL, ["Si comunica la nascita, in data odierna, di una neonata la cui madre ha "
                          "dichiarato di non voler essere nominata.",
                          "Le condizioni di salute sono buone. La neonata non ha ancora un nome."],
          ("La direzione sanitaria", "dott.ssa Alba Congetturi"), number="")
    w.decree("F09", "2026-03-16", "Decreto di apertura del procedimento di adottabilità")

    w.decree("F10", "2025-05-29", "Decreto di affidamento familiare a tempo pieno")
    w.report("F10", "2025-12-03", "Relazione semestrale sull’affido")
    w.decree("F11", "2025-10-10", "Ordinanza di sospensione del processo con messa alla prova",
             type_="ordinanza", number="R.G. 903/2025")
    w.report("F11", "2026-02-27", "Relazione sull’andamento della messa alla prova")
    w.decree("F12", "2025-09-18", "Decreto sulla regolazione degli incontri protetti")
    w.report("F12", "2026-01-08", "Relazione dello Spazio neutro")
    w.mail("F06", "2026-03-02", "Trasmissione atti: integrazione del ricorso", prosecutor,
           ["In allegato il ricorso già depositato.", "", "La Segreteria penale"], w.documents[13])
    return w.documents
