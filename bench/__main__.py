"""`make bench`: every measure of every room, one JSON line each; exit 1 where a bound is missed."""

import importlib
import json
import pkgutil
import sys

import bench


def main() -> int:
    """Run the rooms named on the command line, or all."""
    wanted = set(sys.argv[1:])
    missed = 0
    for module in pkgutil.iter_modules(bench.__path__):
        room = module.name.removeprefix("bench_")
        if room == module.name or (wanted and room not in wanted):
            continue
        for measure in importlib.import_module(f"bench.{module.name}").measures():
            print(json.dumps(measure, ensure_ascii=False), flush=True)
            missed += not measure["ok"]
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
