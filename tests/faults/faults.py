"""What the harnesses of this folder share: arguments, seed, counts, findings, negative control.

A harness is one function, given a Trial.  It counts what it did, and calls trial.finding() for each
broken promise instead of stopping at the first.  run() makes a program of it:

    NAME.py               as long as it takes by hand
    NAME.py --short       the form of CI: same checks, fewer rounds, a fixed seed
    NAME.py --control G   takes the guard G away (archive/base/guard.h) and is content, exit 0, only
                          if the harness then finds something: a check that cannot fail checks nothing

Exit codes: 0 it holds (or: the control was caught) · 1 a finding (or: the control was not caught)
            2 usage · 77 this machine cannot run it, and why
"""
import argparse
import dataclasses
import json
import os
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenarios"))

import harness  # noqa: E402  (found through the line above)

SKIPPED = 77
SHORT_SEED = 20261123
FINDINGS_SHOWN = 20


class Skip(Exception):
    """This machine lacks something that the harness needs; the message says what."""


@dataclasses.dataclass
class Trial:
    """One run of a harness: what it was asked, and what it found."""
    name: str
    short: bool
    seed: int
    times: int
    control: str | None
    only: str | None = None
    counts: dict = dataclasses.field(default_factory=dict)
    findings: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.dice = random.Random(self.seed)

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def finding(self, text):
        """A promise that was broken.  In a negative control the first is all that is wanted."""
        self.findings.append(text)
        print(f"FOUND      {text}", flush=True)

    def demand(self, holds, text):
        if not holds:
            self.finding(text)
        return holds

    def had_enough(self):
        return len(self.findings) >= (1 if self.control else FINDINGS_SHOWN)


def _arguments(name, promise, short_times, long_times, controls):
    parser = argparse.ArgumentParser(prog=name, description=promise)
    parser.add_argument("--short", action="store_true", help=f"{short_times} rounds, fixed seed")
    parser.add_argument("--times", type=int, help=f"rounds ({long_times})")
    parser.add_argument("--seed", type=int, help="the seed of an earlier run, to see it again")
    parser.add_argument("--only", help="those rounds whose name has this in it, where they have names")
    parser.add_argument("--control", choices=controls or None, help="a guard to leave out")
    parser.add_argument("--report", type=pathlib.Path, help="write what was done here, as JSON")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else (
        SHORT_SEED if given.short else random.SystemRandom().randrange(1 << 32))
    times = given.times or (short_times if given.short else long_times)
    return given, Trial(name, given.short, seed, times, given.control, given.only)


def _verdict(trial):
    if trial.control:
        if trial.findings:
            print(f"control    without {trial.control}: found, as it must")
            return 0
        print(f"control    without {trial.control}: NOTHING FOUND: this harness proves nothing")
        return 1
    print(f"{'holds' if not trial.findings else 'BROKEN':10} {len(trial.findings)} findings")
    return 1 if trial.findings else 0


def run(function, promise, short_times, long_times, controls=()):
    """Makes a program of a harness; never returns."""
    name = pathlib.Path(sys.argv[0]).stem
    given, trial = _arguments(name, promise, short_times, long_times, list(controls))
    if trial.control:
        os.environ["CUSTODE_WITHOUT"] = trial.control
    print(f"{name}: {promise}\n           seed {trial.seed}, {trial.times} rounds", flush=True)
    for ending in (signal.SIGINT, signal.SIGTERM):  # a run in the background ignores the first
        signal.signal(ending, signal.default_int_handler)
    begun = time.monotonic()
    try:
        function(trial)
    except Skip as reason:
        print(f"skipped    {reason}")
        sys.exit(SKIPPED)
    except harness.Unexpected as finding:
        trial.finding(str(finding))
    except KeyboardInterrupt:
        print("stopped    by hand; what follows is what was done until then")
    seconds = round(time.monotonic() - begun, 1)
    for what, number in trial.counts.items():
        print(f"{number:>10,} {what}")
    status = _verdict(trial)
    if given.report:
        given.report.write_text(json.dumps(
            {"harness": name, "seed": trial.seed, "rounds": trial.times, "control": trial.control,
             "seconds": seconds, "counts": trial.counts, "findings": trial.findings}, indent=2) + "\n")
    sys.exit(status)
