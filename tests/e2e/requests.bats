#!/usr/bin/env bats
# What is asked of AWS, and how often: nothing but opening a network file asks anything.

load helper

setup() {
	common_setup
	for account in acme second third; do
		add_account $account jane-admin
	done
}

@test "ls -lR, find, du, stat, tree walks and df ask nothing" {
	start_aws
	ls -lR "$mnt" >/dev/null
	ls -laR --color=always "$mnt" >/dev/null
	find "$mnt" -size +0 >/dev/null
	find "$mnt" -newer "$mnt/README" -ls >/dev/null
	du -a "$mnt" >/dev/null
	stat "$mnt"/*/* >/dev/null
	df "$mnt" >/dev/null
	test -r "$mnt/acme/status"
	python3 -c 'import os, sys; list(os.walk(sys.argv[1]))' "$mnt"
	asked 0
}

@test "local files ask nothing, read or written" {
	start_aws
	cat "$mnt/README" "$mnt/accounts.tsv" "$mnt/lint" "$mnt"/*/profile "$mnt"/*/error >/dev/null
	seed_keys jane-other
	paste_into acme
	echo garbage >"$mnt/acme/profile" || :
	asked 0
}

@test "tab completion asks nothing" {
	start_aws
	run -0 bash -c 'compgen -f "$1/ac"; compgen -f "$1/acme/"; compgen -d "$1/"' - "$mnt"
	says "$mnt/acme/status.json"
	"$root/tests/support/pty_run.py" --timeout $((10 * slow)) "cd $mnt\\r" 'cat acme/st\t\t\t' '\x03' 'ls ac\t/s3\t\t\x03' 'exit\r' \
		-- bash --norc -i >shown || :
	grep -q status.json shown
	asked 0
}

@test "git status and prompts ask nothing" {
	start_aws
	cd "$mnt/acme"
	git status >/dev/null 2>&1 || :
	git rev-parse --show-toplevel >/dev/null 2>&1 || :
	cd "$home"
	git init -q .
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.untrackedCache GIT_CONFIG_VALUE_0=false git status -uall >/dev/null
	asked 0
}

@test "opening without reading, or for writing only, of a network file" {
	start_aws
	run bash -c 'echo x >"$1"' - "$mnt/acme/status"
	[ "$status" -ne 0 ]
	asked 0
}

@test "one cat is one request" {
	start_aws
	cat "$mnt/acme/status" >/dev/null
	asked 1
	cat "$mnt/acme/status" "$mnt/acme/status.json" "$mnt/acme/whoami" >/dev/null
	asked 1
	cat "$mnt/second/status" >/dev/null
	asked 2
	asked 2 GetCallerIdentity
}

@test "50 concurrent cat status: 1 request" {
	start_aws
	fault '{"kind": "delay", "ms": 700, "times": 1}'
	for i in {1..50}; do
		cat "$mnt/acme/status" >"out.$i" 3>&- &
		others+=($!)
	done
	for reader in "${others[@]}"; do
		wait "$reader"
	done
	others=()
	asked 1
	[ "$(control GET max_in_flight | jq .max)" = 1 ]
	for i in {1..50}; do
		cmp out.1 "out.$i"
	done
	grep -qx 'state: valid' out.1
}

@test "readers of ttl=0 that come together share one answer, the next one asks again" {
	start_aws -o ttl=0
	fault '{"kind": "delay", "ms": 500, "times": 1}'
	for i in {1..10}; do
		cat "$mnt/acme/status" "$mnt/acme/status" >/dev/null 3>&- &
		others+=($!)
	done
	for reader in "${others[@]}"; do
		wait "$reader"
	done
	others=()
	[ "$(control GET max_in_flight | jq .max)" = 1 ]
	[ "$(requests)" -le 11 ]
	[ "$(requests)" -ge 2 ]
}

@test "accounts do not wait for each other" {
	for i in 1 2 3 4 5 6; do
		add_account "more-$i" jane-admin
	done
	start_aws
	fault '{"kind": "delay", "ms": 1000}'
	before=$(now_ms)
	for account in acme second third more-{1..6}; do
		cat "$mnt/$account/status" >/dev/null 3>&- &
		others+=($!)
	done
	for reader in "${others[@]}"; do
		wait "$reader"
	done
	others=()
	[ $(($(now_ms) - before)) -lt $((3500 + 500 * slow)) ]
	asked 9
}

@test "connections are kept and used again" {
	start_aws -o ttl=0
	for _ in {1..10}; do
		cat "$mnt/acme/status" >/dev/null
	done
	asked 10
	[ "$(control GET log | jq '[.[].conn] | unique | length')" = 1 ]
}

@test "a dead kept connection is replaced without anybody's noticing" {
	start_aws -o ttl=0
	cat "$mnt/acme/status" >/dev/null
	fault '{"kind": "close", "times": 1}'
	run -0 cat "$mnt/acme/status"
	[ "${lines[0]}" = "state: valid" ]
}

@test "an interrupted reader's question is not asked again for nobody" {
	start_aws
	fault '{"kind": "delay", "ms": 800}'
	timeout 0.2 cat "$mnt/acme/status" || :
	sleep 1
	[ "$(requests)" -le 1 ]
	control DELETE fault >/dev/null
	run -0 cat "$mnt/acme/status"
	[ "${lines[0]}" = "state: valid" ]
}

@test "one of two readers is interrupted: the other has its answer" {
	start_aws
	fault '{"kind": "delay", "ms": 800}'
	cat "$mnt/acme/status" >out 3>&- &
	reader=$!
	timeout 0.2 cat "$mnt/acme/status" || :
	wait $reader
	grep -qx 'state: valid' out
	asked 1
}

@test "nothing is asked at the start or in the background" {
	start_aws -o ttl=1
	cat "$mnt/acme/status" >/dev/null
	asked 1
	sleep 2.5
	asked 1
}
