#!/usr/bin/python3
"""summary.py - add up ctest's JUnit files and say it in ctest's own words.

usage: tests/summary.py FILE.xml...

Exit status 1 if a test failed or none ran. SPDX-License-Identifier: MIT
"""
import os
import sys
import xml.etree.ElementTree


def main(files):
    failed, skipped, total = [], [], 0
    for file in files:
        preset = os.path.splitext(os.path.basename(file))[0]
        for case in xml.etree.ElementTree.parse(file).iter("testcase"):
            name = "%s (%s)" % (case.get("name"), preset)
            status = case.get("status")
            if status == "disabled":
                continue
            total += 1
            if case.find("skipped") is not None or status == "notrun":
                reason = [line for line in
                          (case.findtext("system-out") or "").splitlines()
                          if line.strip()][-1:]
                skipped.append((name, reason[0] if reason else "no reason"))
            elif status != "run":
                failed.append(name)
    if skipped:
        print("Skipped:")
        for name, reason in skipped:
            print("  %s: %s" % (name, reason))
    if failed:
        print("Failed:")
        for name in failed:
            print("  " + name)
    vectors = sum("vectors" in reason.lower() for _, reason in skipped)
    print("%d tests skipped, %d of them for lack of the outside vectors"
          % (len(skipped), vectors))
    ran = total - len(skipped)
    percent = 100 * (ran - len(failed)) // ran if ran else 0
    print("%d%% tests passed, %d tests failed out of %d"
          % (percent, len(failed), ran))
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
