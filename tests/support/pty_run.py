#!/usr/bin/env python3
"""Runs a program on a terminal of its own and types: pty_run.py KEYS... -- COMMAND...

Each KEYS (with Python's escapes, `\\x1b` is Escape; `@FILE` is a file's text, its line ends
typed as Enter; `!COMMAND` is not typed: the shell runs it meanwhile) is typed once the screen
has been quiet for a moment.  Prints what the program showed; exits with its status, 125 when a
COMMAND failed, or 124 when it has not ended after --timeout seconds.
"""

import argparse
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

QUIET = 0.15


def read_available(master, seconds):
    """The bytes shown within that time, b"" for none, None at the end."""
    ready, _, _ = select.select([master], [], [], seconds)
    if not ready:
        return b""
    try:
        return os.read(master, 65536) or None
    except OSError:  # the other side is closed
        return None


def settle(master, shown, end):
    """Reads until the screen is quiet; False at the program's end."""
    quiet_since = time.monotonic()
    while time.monotonic() < end:
        chunk = read_available(master, QUIET)
        if chunk is None:
            return False
        if chunk:
            shown.append(chunk)
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since >= QUIET:
            return True
    raise TimeoutError


class CommandFailed(Exception):
    pass


def keys_of(argument):
    if argument.startswith("!"):
        return argument[1:]
    if argument.startswith("@"):
        with open(argument[1:], "rb") as file:
            return file.read().replace(b"\n", b"\r")
    return argument.encode().decode("unicode_escape").encode("latin-1")


def run(command):
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise CommandFailed(done.stdout.decode(errors="replace"))


def type_all(master, keys, shown, end):
    for key in keys:
        if not settle(master, shown, end):
            return
        if isinstance(key, str):
            run(key)
            continue
        for start in range(0, len(key), 256):  # a terminal's line buffer is small
            os.write(master, key[start:start + 256])
            time.sleep(0.01)
    while settle(master, shown, end):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--timeout", type=float, default=30)
    parser.add_argument("keys", nargs="*")
    if "--" not in sys.argv:
        parser.error("no -- COMMAND")
    split = sys.argv.index("--")
    arguments = parser.parse_args(sys.argv[1:split])
    command = sys.argv[split + 1:]

    child, master = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    shown = []
    end = time.monotonic() + arguments.timeout
    try:
        first = read_available(master, 5)
        if first:
            shown.append(first)
        type_all(master, list(map(keys_of, arguments.keys)), shown, end)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except (TimeoutError, CommandFailed) as failure:
        os.kill(child, 9)
        os.waitpid(child, 0)
        status = 125 if isinstance(failure, CommandFailed) else 124
        shown.append(str(failure).encode())
    sys.stdout.buffer.write(b"".join(shown))
    return status if status >= 0 else 128 - status


sys.exit(main())
