# shellcheck shell=bash
# dns.sh - unbound as resolver and authority; SPDX-License-Identifier: MIT
#
# One root zone holds everything; any other name is NXDOMAIN at once. Names
# live under .example: resolvers answer .test themselves.

DNS_ZONE_SERIAL=1
DNS_PID=

dns_setup() {
	mkdir -p "$B/dns"
	cat >"$B/dns/unbound.conf" <<-END
	server:
	  interface: 127.0.0.1
	  username: ""
	  chroot: ""
	  directory: "$B/dns"
	  pidfile: "$B/dns/unbound.pid"
	  use-syslog: no
	  logfile: "$B/log/unbound.log"
	  do-daemonize: no
	  num-threads: 1
	  module-config: "iterator"
	  access-control: 127.0.0.0/8 allow
	  do-not-query-localhost: no
	  do-ip6: no
	  unblock-lan-zones: yes
	  local-zone: "113.0.203.in-addr.arpa." nodefault
	  local-zone: "100.51.198.in-addr.arpa." nodefault
	  local-zone: "2.0.192.in-addr.arpa." nodefault
	auth-zone:
	  name: "."
	  zonefile: "$B/dns/root.zone"
	  for-downstream: no
	  for-upstream: yes
	  fallback-enabled: no
	remote-control:
	  control-enable: no
	END
	cat >"$B/dns/records" <<-END
	mx.home.example. A $MX_IP
	home.example. MX 10 mx.home.example.
	home.example. TXT "v=spf1 mx -all"
	family.example. MX 10 mx.home.example.
	family.example. TXT "v=spf1 mx -all"
	mail.far.example. A $FAR_IP
	far.example. MX 10 mail.far.example.
	far.example. TXT "v=spf1 mx -all"
	mail.other.example. A $OTHER_IP
	other.example. MX 10 mail.other.example.
	laptop.isp.example. A $LAPTOP_IP
	25.100.51.198.in-addr.arpa. PTR mx.home.example.
	10.113.0.203.in-addr.arpa. PTR mail.far.example.
	66.113.0.203.in-addr.arpa. PTR mail.other.example.
	77.2.0.192.in-addr.arpa. PTR laptop.isp.example.
	END
	dns_write
}

dns_write() {
	{
		echo '$TTL 60'
		echo ". SOA ns.example. root.example. $DNS_ZONE_SERIAL" \
			"3600 600 86400 1"
		echo ". NS ns.example."
		echo "ns.example. A 127.0.0.1"
		echo "serial-$DNS_ZONE_SERIAL.example. A 127.0.0.1"
		cat "$B/dns/records"
	} >"$B/dns/root.zone"
}

# dns_answers NAME TYPE - succeed if the private DNS has that record.
dns_answers() {
	"$PYTHON" "$BENCH_LIB/mailtool.py" dns "$1" "$2"
}

# dns_start - unless it runs already.
dns_start() {
	[ -z "$DNS_PID" ] || return 0
	unbound -c "$B/dns/unbound.conf" &
	DNS_PID=$!
	disown
	wait_for 10 "unbound" dns_answers \
		"serial-$DNS_ZONE_SERIAL.example" A
}

# dns_stop - no answers at all: queries are refused by the kernel at once.
dns_stop() {
	[ -n "$DNS_PID" ] || return 0
	kill "$DNS_PID" 2>/dev/null || true
	wait_for 10 "end of unbound" process_gone "$DNS_PID"
	DNS_PID=
}

# dns_freeze, dns_thaw - queries vanish: the answer never comes.
dns_freeze() {
	kill -STOP "$DNS_PID"
}
dns_thaw() {
	kill -CONT "$DNS_PID"
}

# dns_add LINE... - add records ("name. TYPE data") and load them.
dns_add() {
	printf '%s\n' "$@" >>"$B/dns/records"
	dns_reload
}

# dns_remove ERE - take out the records whose line matches.
dns_remove() {
	grep -Ev -- "$1" "$B/dns/records" >"$B/dns/records.new" || true
	mv "$B/dns/records.new" "$B/dns/records"
	dns_reload
}

dns_reload() {
	DNS_ZONE_SERIAL=$((DNS_ZONE_SERIAL + 1))
	dns_write
	[ -n "$DNS_PID" ] || return 0
	kill -HUP "$DNS_PID"
	wait_for 10 "the new zone" dns_answers \
		"serial-$DNS_ZONE_SERIAL.example" A
}

process_gone() {
	! kill -0 "$1"
}
