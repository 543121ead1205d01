"""Runs test modules, some at a time, each in a process of its own, and shows what those said that failed."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
# The long ones first.
MODULES = [
    "test_rotations", "test_throttling", "test_credentials", "test_wire", "test_data_plane", "test_discovery",
    "test_outside_hand", "test_resource_manager",
]
LIMIT = 1500


def run(module):
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "unittest", "-v", module], cwd=HERE, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
        return done.returncode, done.stdout, time.monotonic() - begin
    except subprocess.TimeoutExpired as error:
        return 1, f"{error.stdout}\nnot over after {LIMIT} s", time.monotonic() - begin


def main():
    modules = sys.argv[1:] or MODULES
    missing = {path.stem for path in HERE.glob("test_*.py")} - set(MODULES)
    if missing:
        sys.exit(f"runner.py does not name {', '.join(sorted(missing))}")
    jobs = int(os.environ.get("JOBS") or os.cpu_count() or 1)
    failed = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run, module): module for module in modules}
        for future in concurrent.futures.as_completed(running):
            status, output, seconds = future.result()
            module = running[future]
            summary = next((line for line in output.splitlines() if line.startswith("Ran ")), "nothing ran")
            print(f"{module}: {'ok' if status == 0 else 'FAILED'} ({summary.partition(' in ')[0]}, {seconds:.0f} s)",
                  flush=True)
            if status != 0:
                failed.append(module)
                print(output, flush=True)
    if failed:
        sys.exit(f"conformance: {', '.join(failed)} failed")
    print("conformance: emulator, daemon and SDKs agree")


if __name__ == "__main__":
    main()
