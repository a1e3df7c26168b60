"""One az for many commands: a line with a JSON array of words in, a line with a JSON object out.

What az itself does in each process, from parsing to the exit code, without starting Python and
importing the SDKs each time.
"""

import contextlib
import io
import json
import sys

from azure.cli.core import get_default_cli

answers = sys.stdout
# one for all commands, because az's log handlers keep the stream of the first
err = io.StringIO()

for line in sys.stdin:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = get_default_cli().invoke(json.loads(line), out_file=out)
        except SystemExit as end:
            code = end.code
    answer = {"exitCode": code, "stdout": out.getvalue(), "stderr": err.getvalue()}
    err.seek(0)
    err.truncate()
    print(json.dumps(answer), file=answers, flush=True)
