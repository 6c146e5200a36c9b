"""Two sides of a comparison, each a process that stays alive and answers one request a line, so that they can take turns."""

import json
import subprocess
import sys
import time


class Side:
    """A process that answers requests."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.hello = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, *words):
        # The other side's threads spin for a while after work before they sleep.
        time.sleep(0.05)
        print(*words, file=self.process.stdin, flush=True)
        return self.answer()
