"""How long one decision about access takes, with many rules and grants."""
import json
import statistics
import subprocess

from report import below
from world import BIN, Failed


def decisions(settings):
    runs = []
    for _ in range(settings.repeat):
        done = subprocess.run([str(BIN / "custode-bench-decide"), str(settings.decisions)],
                              stdout=subprocess.PIPE, check=False)
        if done.returncode:
            raise Failed(f"custode-bench-decide ended with {done.returncode}")
        runs.append(json.loads(done.stdout))
    if runs[0]["permitted"] != settings.decisions:
        raise Failed("not every decision was the permit that it has to be")
    yield below("decisions", f"a decision with {runs[0]['rules']} rules and {runs[0]['grants']} "
                "grants on the dossier",
                statistics.median(run["nanoseconds"] for run in runs) / 1000, "µs", 5)


ROWS = {"decisions": decisions}
