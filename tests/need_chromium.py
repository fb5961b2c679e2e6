"""Make sure a real Chromium is there for the browser tests: found, else installed, else said."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """Path of the browser, from KOGA_CHROMIUM or the system."""
    given = os.environ.get("KOGA_CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """0 with a browser; 1 with words on what to do."""
    if find():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium through the system's package manager …", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
            if subprocess.run(command, check=False, **quiet).returncode:
                break
    if find():
        return 0
    print(
        "The browser tests need Chromium. Install it with the system's package manager "
        "(Debian, Ubuntu: sudo apt-get install chromium) or set KOGA_CHROMIUM to its path.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
