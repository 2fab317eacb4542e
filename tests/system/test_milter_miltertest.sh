#!/usr/bin/env bash
# test_milter_miltertest.sh - sceau-milter's answers to single events, without
# an MTA: miltertest plays Postfix
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
command -v miltertest >/dev/null ||
	skip "miltertest is not installed (packaging/deps)"
dkim_key home.example s1
start_milter sign
start_milter mx

cat >lib.lua <<'END'
function want(what, got, expected)
	if got ~= expected then
		error(what .. ": got " .. tostring(got) .. ", want " ..
			tostring(expected))
	end
end

function begin(role)
	local conn = mt.connect("unix:/var/spool/postfix/sceau/" .. role ..
		".sock")
	if conn == nil then error("cannot connect") end
	mt.macro(conn, SMFIC_CONNECT, "j", "mx.home.example",
		"{daemon_name}", daemon or "mx.home.example")
	want("connect", mt.conninfo(conn, "laptop", "192.0.2.77"), nil)
	want("reply to connect", mt.getreply(conn), SMFIR_CONTINUE)
	want("helo", mt.helo(conn, "laptop.lan"), nil)
	want("reply to helo", mt.getreply(conn), SMFIR_CONTINUE)
	return conn
end

-- One mail up to its end; user = nil: nobody logged in.
function mail(conn, user, headers, body)
	if user then
		mt.macro(conn, SMFIC_MAIL, "{auth_authen}", user)
	else
		mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "")
	end
	want("mail", mt.mailfrom(conn, "<alice@home.example>"), nil)
	want("reply to mail", mt.getreply(conn), SMFIR_CONTINUE)
	mt.macro(conn, SMFIC_RCPT, "i", "QID1")
	want("rcpt", mt.rcptto(conn, "<zoe@far.example>"), nil)
	want("reply to rcpt", mt.getreply(conn), SMFIR_CONTINUE)
	want("data", mt.data(conn), nil)
	want("reply to data", mt.getreply(conn), SMFIR_CONTINUE)
	for _, field in ipairs(headers) do
		want("header", mt.header(conn, field[1], field[2]), nil)
		want("reply to header", mt.getreply(conn), SMFIR_CONTINUE)
	end
	want("eoh", mt.eoh(conn), nil)
	want("reply to eoh", mt.getreply(conn), SMFIR_CONTINUE)
	if body then
		want("body", mt.bodystring(conn, body), nil)
		want("reply to body", mt.getreply(conn), SMFIR_CONTINUE)
	end
	want("eom", mt.eom(conn), nil)
	want("verdict", mt.getreply(conn), SMFIR_CONTINUE)
end

plain = { { "From", " alice@home.example" }, { "X-Mailer", " x" },
	{ "Subject", " hi" }, { "X-Mailer", " y" } }
END

# play NAME - run the Lua script on standard input after lib.lua.
play() {
	cat lib.lua - >"$1.lua"
	timeout 20 miltertest -s "$1.lua" >"$1.out" 2>&1 ||
		fail "$1: $(cat "$1.out")"
}

step "a login: cleaned from the last field on, signed, then the verdict"
play login <<'END'
conn = begin("sign")
mail(conn, "alice", plain, "hello\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), true)
want("first X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer", 1), true)
want("second X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer", 2), true)
want("added", mt.eom_check(conn, MT_HDRADD), false)
want("body", mt.eom_check(conn, MT_BODYCHANGE), false)
if not string.find(mt.getheader(conn, "DKIM-Signature", 0),
	"d=home.example; s=s1;", 1, true) then error("signature") end
want("disconnect", mt.disconnect(conn), nil)
END

step "the next mail of the connection has no login: nothing is done to it"
play next <<'END'
conn = begin("sign")
mail(conn, "alice", plain, "hello\r\n")
mail(conn, nil, plain, "hello\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), false)
want("X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer"), false)
mail(conn, "alice", plain, nil)
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), true)
mt.disconnect(conn)
END

step "given up half way, at every stage, then a whole mail"
play abort <<'END'
conn = begin("sign")
for stage = 1, 4 do
	mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "alice")
	mt.mailfrom(conn, "<alice@home.example>")
	if stage > 1 then
		mt.rcptto(conn, "<zoe@far.example>")
		mt.data(conn)
		mt.header(conn, "From", " evil@home.example")
		mt.header(conn, "X-Mailer", " x")
	end
	if stage > 2 then mt.eoh(conn) end
	if stage > 3 then mt.bodystring(conn, "bad\rbody\r\n") end
	want("abort", mt.abort(conn), nil)
end
mail(conn, "alice", { { "From", " alice@home.example" } }, "hello\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), true)
want("X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer"), false)
if string.find(mt.getheader(conn, "DKIM-Signature", 0), "h=From:From;", 1,
	true) == nil then error("fields of the mail before") end
mt.disconnect(conn)
END

step "a body that must not be signed; an unknown command"
play bare <<'END'
conn = begin("sign")
mt.unknown(conn, "XYZZY")
want("reply to XYZZY", mt.getreply(conn), SMFIR_CONTINUE)
mail(conn, "alice", plain, "a bare\rCR\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), false)
want("X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer"), true)
mt.disconnect(conn)
END

step "our own listener without a login"
play daemon <<'END'
daemon = "ORIGINATING"
conn = begin("sign")
mail(conn, nil, plain, "hello\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), true)
mail(conn, nil, { { "Received",
	" from a (b [203.0.113.10]) by mx.home.example with ESMTP id 1; x" },
	{ "From", " alice@home.example" } }, "hello\r\n")
want("foreign", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), false)
mt.disconnect(conn)
END

step "mx: forged results go, nothing else, and no signature ever"
play mx <<'END'
daemon = "ORIGINATING"
conn = begin("mx")
mail(conn, "alice", { { "From", " alice@home.example" },
	{ "Authentication-Results", " mx.home.example; spf=pass" },
	{ "Authentication-Results", " other.example; spf=pass" },
	{ "X-Mailer", " x" },
	{ "Authentication-Results", "\n\tmx.home.example;\n\tspf=pass" } },
	"hello\r\n")
want("first", mt.eom_check(conn, MT_HDRDELETE, "Authentication-Results", 1),
	true)
want("other", mt.eom_check(conn, MT_HDRDELETE, "Authentication-Results", 2),
	false)
want("third", mt.eom_check(conn, MT_HDRDELETE, "Authentication-Results", 3),
	true)
want("X-Mailer", mt.eom_check(conn, MT_HDRDELETE, "X-Mailer"), false)
want("signature", mt.eom_check(conn, MT_HDRINSERT), false)
mt.disconnect(conn)
END

step "clients that vanish, that talk nonsense; then all is well"
"$PYTHON" - <<'END'
import os, random, socket, struct
rng = random.Random(7)
hello = struct.pack("!IcIII", 13, b"O", 6, 0x1ff, 0x1fffff)
for role in ("sign", "mx"):
    for i in range(200):
        s = socket.socket(socket.AF_UNIX)
        s.connect("/var/spool/postfix/sceau/%s.sock" % role)
        try:
            if i % 4:
                s.sendall(hello)
            for _ in range(i % 7):
                data = rng.randbytes(rng.randrange(40))
                kind = rng.choice(b"DCHMRTLNBEAQXU")
                s.sendall(struct.pack("!IB", len(data) + 1, kind) + data)
        except OSError:
            pass  # it had enough of us before we were done
        s.close()
END
for role in sign mx; do
	kill -0 "${SCEAU_PIDS[$role]}" || fail "the $role role is gone"
done
play again <<'END'
conn = begin("sign")
mail(conn, "alice", plain, "hello\r\n")
want("signature", mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), true)
mt.disconnect(conn)
END
sceau_stop sign
sceau_stop mx
