"""milter_flow.py - a steady flow of mail through submission and port 25.

usage: milter_flow.py MX LAPTOP FAR STOPFILE RESULTFILE

Each mail is tried until Postfix answers 250. Ends when STOPFILE is there and
leaves OUT=, IN= and RETRIES= in RESULTFILE.

SPDX-License-Identifier: MIT
"""
import os
import smtplib
import sys
import threading
import time

MX, LAPTOP, FAR, STOP, RESULT = sys.argv[1:]
COUNT = {"out": 0, "in": 0, "retries": 0}
LOCK = threading.Lock()
BODY = ("caf\u00e9 and a line of text\r\n" * 400).encode()


def mail(kind, number):
    head = [f"X-Number: {kind}-{number}", "Subject: flow",
            "Date: Mon, 02 Mar 2026 10:00:00 +0000",
            f"Message-ID: <{kind}-{number}@flow.example>"]
    if kind == "out":
        head += ["X-Mailer: one", "From: alice@home.example",
                 "User-Agent: thing", "X-Mailer: two",
                 "To: zoe@far.example"]
    else:
        head += ["Authentication-Results: mx.home.example; dkim=pass",
                 "Authentication-Results: far.example; dkim=pass",
                 "From: zoe@far.example", "To: carol@home.example",
                 "Authentication-Results: mx.home.example; spf=pass"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + BODY


def connect(kind):
    if kind == "out":
        client = smtplib.SMTP(MX, 587, "laptop.lan", 30, (LAPTOP, 0))
        client.login("alice", "pw-alice")
    else:
        client = smtplib.SMTP(MX, 25, "mail.far.example", 30, (FAR, 0))
    return client


def send(client, kind, data):
    if kind == "out":
        client.sendmail("alice@home.example", ["zoe@far.example"], data)
    else:
        client.sendmail("zoe@far.example", ["carol@home.example"], data)


def may_pass(error):
    """Whether the error is one after which a client tries again. A missing
    answer is not: the mail may have been taken."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code // 100 == 4 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code // 100 == 4
    return False


def deliver(client, kind, data):
    """Try until it is taken; returns the connection to go on with."""
    while True:
        try:
            client = client or connect(kind)
            send(client, kind, data)
            return client
        except smtplib.SMTPException as error:
            if not may_pass(error):
                raise
        with LOCK:
            COUNT["retries"] += 1
        if client is not None:
            client.close()
        client = None
        time.sleep(0.05)


def flow(kind, lane):
    client, number = None, 0
    while not os.path.exists(STOP):
        client = deliver(client, kind, mail(kind, f"{lane}-{number}"))
        number += 1
        with LOCK:
            COUNT[kind] += 1
        time.sleep(0.1)
    if client is not None:
        client.quit()


def guarded(kind, lane, failures):
    try:
        flow(kind, lane)
    except Exception as error:  # reported by the main thread
        failures.append(f"{kind}: {error!r}")


def main():
    failures = []
    threads = [threading.Thread(target=guarded, args=(kind, lane, failures))
               for kind in ("out", "in") for lane in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit("\n".join(failures))
    with open(RESULT, "w", encoding="ascii") as out:
        out.write("OUT={out}\nIN={in}\nRETRIES={retries}\n".format(**COUNT))


if __name__ == "__main__":
    main()
