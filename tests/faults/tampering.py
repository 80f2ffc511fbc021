"""What the harnesses of tampering share: our own code behind a pipe, and where things lie."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parent / "scenarios"))

from harness import BIN  # noqa: E402  (found through the line above)

PROGRAM = BIN.parent / "tests" / "custode-tamper"


class Helper:
    """custode-tamper VERB: one line of JSON in, one out (tests/faults/tamper/verbs.h)."""

    def __init__(self, verb, *arguments, **environment):
        self.process = subprocess.Popen(
            [str(PROGRAM), verb, *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"custode-tamper ended with {self.process.wait()}")
        return json.loads(answer)


def once(verb, *arguments):
    """Runs a verb that answers by itself."""
    done = subprocess.run([str(PROGRAM), verb, *map(str, arguments)], stdout=subprocess.PIPE,
                          check=True)
    return json.loads(done.stdout)
