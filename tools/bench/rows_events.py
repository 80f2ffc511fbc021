"""Small events: what grouping them gives, in the journal itself and through HTTPS."""
import peers
from report import Figure
from world import PURPOSE, BenchVault, median, sync_disk

CLIENTS = 64


def rate(row, what, ours, peer, theirs, at_least, **beside):
    """Events a second: larger is better."""
    return Figure(row, what, ours, "/s", peer, theirs, ours / theirs, f"≥ {at_least:g}×",
                  ours / theirs >= at_least, beside)


def shown(dossiers, count):
    """Requests of which each is a disclosure of its own: looks at the facts of a dossier."""
    return [{"method": "GET", "target": f"/api/v1/dossiers/{dossiers[i % len(dossiers)]}",
             "headers": {"Custode-Purpose": PURPOSE}} for i in range(count)]


def events(settings):
    single, grouped, served, one_client = [], [], [], []
    with BenchVault() as vault:
        dossiers = vault.dossiers(20)
        for _ in range(settings.repeat):
            single.append(peers.journal_events(1, settings.events // 10))
            grouped.append(peers.journal_events(CLIENTS, settings.events))
            sync_disk()
            done = vault.load(shown(dossiers, settings.events), CLIENTS)
            served.append(settings.events / done["seconds"])
            done = vault.load(shown(dossiers, settings.events // 10), 1)
            one_client.append(settings.events // 10 / done["seconds"])
    yield rate("events", f"events a second from {CLIENTS} clients, in the journal", median(grouped),
               "one at a time", median(single), 10)
    yield rate("events", f"dossiers shown a second to {CLIENTS} clients over HTTPS", median(served),
               "one event at a time", median(single), 10, one_client=median(one_client))


ROWS = {"events": events}
