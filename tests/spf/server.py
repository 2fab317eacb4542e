"""server.py - a real unbound that serves one zone of the suite.

Everything is one root zone. A dead name answers SERVFAIL (an alias of itself)
or nothing at all (a local zone that drops the question). Each question is in
the log.

SPDX-License-Identifier: MIT
"""
import os
import re
import signal
import subprocess
import time

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from suite import CNAME, question_name

CONF = """
server:
  interface: 127.0.0.1@{port}
  port: {port}
  username: ""
  chroot: ""
  directory: "{dir}"
  pidfile: ""
  use-syslog: no
  logfile: "{dir}/log"
  log-queries: yes
  do-daemonize: no
  num-threads: 1
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  edns-buffer-size: 1232
  unblock-lan-zones: yes
  rrset-roundrobin: no
  local-zone: "113.0.203.in-addr.arpa." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  local-zone: "2.0.192.in-addr.arpa." nodefault
  local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
{local}
auth-zone:
  name: "."
  zonefile: "{dir}/zone"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
remote-control:
  control-enable: no
"""
HEAD = """$TTL 3600
. SOA ns.invalid-root. root.invalid-root. 1 3600 600 86400 3600
. NS ns.invalid-root.
ns.invalid-root. A 127.0.0.1
"""
READY = "ns.invalid-root."


class Server:
    def __init__(self, directory, port, zone, dead_status):
        self.directory = directory
        self.port = port
        os.makedirs(directory, exist_ok=True)
        dead = {n for n in zone.dead
                if not any(k != 99 for k, _ in zone.records.get(n, []))}
        local = []
        if dead_status == "timeout":
            local = self.silence(zone, dead)
        with open(f"{directory}/zone", "w", encoding="latin-1") as file:
            file.write(HEAD + self.records(zone, dead, dead_status))
        with open(f"{directory}/conf", "w", encoding="latin-1") as file:
            file.write(CONF.format(port=port, dir=directory,
                                   local="\n".join(local)))
        unbound = next(p for p in ("/usr/sbin/unbound", "/sbin/unbound")
                       if os.path.exists(p))
        self.process = subprocess.Popen(
            [unbound, "-d", "-c", f"{directory}/conf"])
        self.wait()

    @staticmethod
    def silence(zone, dead):
        lines = [f'  local-zone: "{question_name(n)}." deny' for n in dead]
        for name in zone.records:
            if name not in dead and any(name.endswith("." + d) for d in dead):
                lines.append(
                    f'  local-zone: "{question_name(name)}." transparent')
        return lines

    @staticmethod
    def records(zone, dead, dead_status):
        lines = []
        for name, records in zone.records.items():
            if name in dead:
                continue
            owner = question_name(name) + "."
            for kind, data in records:
                if kind == CNAME:
                    lines.append(f"{owner} CNAME {question_name(data)}.")
                else:
                    lines.append(f"{owner} TYPE{kind} \\# {len(data)} "
                                 f"{data.hex()}")
            if not records:
                lines.append(f"{owner} TYPE65280 \\# 0")
        if dead_status == "servfail":
            lines += [f"{question_name(n)}. CNAME {question_name(n)}."
                      for n in dead]
        return "\n".join(lines) + "\n"

    def wait(self):
        query = dns.message.make_query(READY, dns.rdatatype.A)
        end = time.monotonic() + 30
        while True:
            try:
                answer = dns.query.udp(query, "127.0.0.1", port=self.port,
                                       timeout=1)
                if answer.answer:
                    return
            except (OSError, dns.exception.DNSException):
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"unbound does not serve: {self.log()}")
            time.sleep(0.05)

    def log(self):
        try:
            with open(f"{self.directory}/log", encoding="latin-1") as file:
                return file.read()
        except OSError:
            return ""

    def questions(self, since=0):
        """(name, type) of each question received so far, and where the log
        ends now."""
        text = self.log()
        found = re.findall(r"info: 127\.0\.0\.1 (\S+) (\S+) IN",
                           text[since:])
        return [q for q in found if q[0] != READY], len(text)

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
