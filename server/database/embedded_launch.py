"""Launcher of embedded PostgreSQL: ties a program to the life of its parent, and then becomes it.

Run as a file, by path, with nothing but the standard library: `python embedded_launch.py PARENT
UID GID PROGRAM ARGUMENT...`. It gives root away, asks Linux for a SIGINT (PostgreSQL's fast
shutdown) when the parent's thread ends, and then executes PROGRAM in its own place. A small
program of its own, because code run between fork and exec in a process with threads may deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Option of prctl(2), from Linux's <sys/prctl.h>."""


def launch(arguments: list[str]) -> None:
    """Execute the program in this process, or exit with a sentence on stderr. Never returns."""
    parent, uid, gid = (int(number) for number in arguments[:3])
    program = arguments[3:]
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid: a change of user clears what is asked for here.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
    if os.getppid() != parent:
        sys.exit("The process that asked for PostgreSQL is gone.")
    os.umask(0o077)
    os.chdir("/")
    try:
        # The arguments come from server.database.embedded alone; no shell is involved.
        os.execv(program[0], program)  # nosec B606
    except OSError as error:
        sys.exit(f"{program[0]} cannot be executed: {error.strerror}.")


if __name__ == "__main__":
    launch(sys.argv[1:])
