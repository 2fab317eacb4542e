# shellcheck shell=bash
# sink.sh - the outside: what strangers' servers received
# SPDX-License-Identifier: MIT
#
# Each mail is two files in $B/outside: 0001.eml, the bytes of DATA as they
# came (CRLF, dots unstuffed), and 0001.env, "from ...", "to ..." lines.

SINK_PID=

# sink_start [mailtool options, e.g. --no-8bitmime]
sink_start() {
	"$PYTHON" "$BENCH_LIB/mailtool.py" sink "$B/outside" "$@" \
		"$FAR_IP:25" "$OTHER_IP:25" 2>"$B/log/sink" &
	SINK_PID=$!
	disown
	wait_for 10 "the outside" port_open "$OTHER_IP" 25
}

sink_stop() {
	[ -n "$SINK_PID" ] || return 0
	kill "$SINK_PID" 2>/dev/null || true
	wait_for 10 "end of the outside" process_gone "$SINK_PID"
	SINK_PID=
}

sink_count() {
	find "$B/outside" -name '*.eml' | wc -l
}

sink_has() {
	[ "$(sink_count)" -ge "$1" ]
}

# sink_wait N - until the outside has received N mails in all.
sink_wait() {
	wait_for 30 "mail number $1 outside" sink_has "$1"
}

# sink_mail N - name of the file with mail number N.
sink_mail() {
	printf '%s/%04d.eml\n' "$B/outside" "$1"
}

# sink_last - name of the latest one.
sink_last() {
	sink_mail "$(sink_count)"
}
