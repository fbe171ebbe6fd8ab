#!/usr/bin/env bats
# s3.tsv, s3.json, dynamodb.tsv, dynamodb.json: all buckets and all tables.

E2E_AWS_OPTIONS="--warm"
load helper

setup() {
	common_setup
	add_account acme jane-admin
	add_account reader reader-denied
	add_account other jane-other
	add_account old jane-expired
	control POST warm '{}' >/dev/null
	aws_reset
}

# shown ACCOUNT FILE: keeps what it says, to be searched for secrets at the end
shown() {
	cat "$mnt/$1/$2" >"$BATS_TEST_TMPDIR/shown-$1-$2" 2>"$BATS_TEST_TMPDIR/shown-$1-$2.err"
}

@test "s3.tsv: name, creation date, region; no header" {
	start_aws
	run -0 cut -f 1 "$mnt/acme/s3.tsv"
	is $'acme-data\nacme-empty\nacme-logs\nacme.dotted.bucket\nzeta-archive'
	[ "$(wc -l <"$mnt/acme/s3.tsv")" = 5 ]
	not grep -vP '^[a-z.-]+\t20\d\d-\d\d-\d\dT[0-9:.]+Z\t[a-z0-9-]*$' "$mnt/acme/s3.tsv"
	[ "$(cut -f 1 "$mnt/other/s3.tsv")" = $'globex-assets\nglobex-backup' ]
}

@test "s3.tsv: the regions where the service tells them" {
	start_aws
	run -0 awk -F '\t' '$1 == "acme-data" { print $3 }' "$mnt/acme/s3.tsv"
	is eu-west-1
}

@test "s3.json has the same" {
	start_aws
	diff "$mnt/acme/s3.tsv" <(jq -r '.[] | [.name, .created, .region // ""] | join("\t")' "$mnt/acme/s3.json")
	asked 1 ListBuckets
}

@test "dynamodb.tsv: name, status, items, bytes, keys; no header" {
	start_aws
	run -0 cat "$mnt/acme/dynamodb.tsv"
	run -0 sort "$mnt/acme/dynamodb.tsv"
	[ "$(cut -f 1 <<<"$output")" = $'Music.v2-test_1\norders\nsecret-table\nusers' ]
	[ "$(awk -F '\t' '$1 == "orders" { print $2, $3, $5 }' <<<"$output")" = "ACTIVE 40 order_id,created" ]
	[ "$(awk -F '\t' '$1 == "users" { print $2, $3, $5 }' <<<"$output")" = "ACTIVE 3 user_id" ]
	[ "$(awk -F '\t' 'NF != 5' <<<"$output")" = "" ]
	asked 1 ListTables
	asked 4 DescribeTable
}

@test "dynamodb.json has the same" {
	start_aws
	diff "$mnt/acme/dynamodb.tsv" <(jq -r '.[] | [.name, .status, .items, .bytes,
		([.hash_key, .range_key] | map(select(.)) | join(","))] | join("\t")' "$mnt/acme/dynamodb.json")
	asked 1 ListTables
}

@test "tables are those of the account's region" {
	printf '[profile acme]\nregion = eu-west-1\n' >"$aws/config"
	start_aws
	[ "$(cut -f 1 "$mnt/acme/dynamodb.tsv")" = orders-eu ]
}

@test "every page of buckets and tables" {
	control POST settings '{"bucket_page": 2, "table_page": 1}' >/dev/null
	start_aws
	[ "$(wc -l <"$mnt/acme/s3.tsv")" = 5 ]
	asked 3 ListBuckets
	[ "$(wc -l <"$mnt/acme/dynamodb.tsv")" = 4 ]
	[ "$(requests ListTables)" -ge 4 ]
}

@test "300 tables: all of them, and not in one burst" {
	control POST seed "$(jq -n '{tables: [range(300) | {name: "table-\(.)", hash_key: "id", range_key: null, items: 0,
		account: "210987654321", region: "eu-west-3"}]}')" >/dev/null
	printf '[profile other]\nregion = eu-west-3\n' >"$aws/config"
	start_aws -o timeout=60
	[ "$(wc -l <"$mnt/other/dynamodb.tsv")" = 300 ]
	[ "$(grep -c ACTIVE "$mnt/other/dynamodb.tsv")" = 300 ]
	asked 300 DescribeTable
	[ "$(control GET 'max_in_flight?action=DescribeTable' | jq .max)" -le 16 ]
}

@test "a table that may not be described does not spoil the list: its row says so" {
	start_aws
	run -0 cat "$mnt/reader/dynamodb.tsv"
	[ "${#lines[@]}" = 4 ]
	[[ $(awk -F '\t' '$1 == "secret-table" { print $2 }' <<<"$output") == AccessDenied* ]]
	[ "$(awk -F '\t' '$1 == "orders" { print $2 }' <<<"$output")" = ACTIVE ]
	[ "$(awk -F '\t' 'NF != 5' <<<"$output")" = "" ]
	run -0 jq -r '.[] | select(.name == "secret-table") | .error' "$mnt/reader/dynamodb.json"
	says DescribeTable
	shown reader dynamodb.json
}

@test "access denied, expired and refused keys are an errno and a sentence" {
	start_aws
	run cat "$mnt/reader/s3.tsv"
	[ "$status" -ne 0 ]
	says "Permission denied"
	grep -q ListBuckets "$mnt/reader/error"
	run cat "$mnt/reader/s3.json"
	says "Permission denied"
	run cat "$mnt/old/s3.tsv"
	says "Key has expired"
	run cat "$mnt/old/dynamodb.json"
	says "Key has expired"
	shown reader s3.tsv || :
	shown old s3.tsv || :
	shown old dynamodb.tsv || :
}

@test "an account without buckets or tables: an empty list" {
	printf '[profile other]\nregion = sa-east-1\n' >"$aws/config"
	start_aws
	run -0 cat "$mnt/other/dynamodb.tsv"
	is ""
	run -0 jq -c . "$mnt/other/dynamodb.json"
	is "[]"
}

@test "cached for ttl, in both forms, and asked again after it" {
	start_aws -o ttl=2
	for _ in 1 2 3; do
		cat "$mnt/acme/s3.tsv" "$mnt/acme/s3.json" "$mnt/acme/dynamodb.tsv" "$mnt/acme/dynamodb.json" >/dev/null
	done
	asked 1 ListBuckets
	asked 1 ListTables
	asked 4 DescribeTable
	sleep 2.1
	cat "$mnt/acme/s3.tsv" >/dev/null
	asked 2 ListBuckets
	asked 1 ListTables
}

@test "50 readers at once: asked once" {
	start_aws
	fault '{"match": {"action": "ListBuckets"}, "kind": "delay", "ms": 500, "times": 1}'
	for i in {1..50}; do
		cat "$mnt/acme/s3.tsv" >"out.$i" 3>&- &
		others+=($!)
	done
	for reader in "${others[@]}"; do
		wait "$reader"
	done
	others=()
	asked 1 ListBuckets
	for i in {1..50}; do
		cmp out.1 "out.$i"
	done
	[ "$(wc -l <out.1)" = 5 ]
}

@test "another account's keys do not see the first one's answer" {
	start_aws
	grep -q acme-logs "$mnt/acme/s3.tsv"
	seed_keys jane-other
	{ echo force && option_2 acme; } >"$mnt/acme/profile"
	run -0 cut -f 1 "$mnt/acme/s3.tsv"
	is $'globex-assets\nglobex-backup'
}

@test "the size is true once it was read" {
	start_aws
	cat "$mnt/acme/s3.tsv" >copy
	[ "$(stat -c %s "$mnt/acme/s3.tsv")" = "$(stat -c %s copy)" ]
	tar cf - -C "$mnt/acme" s3.tsv | tar xOf - | cmp - copy
	cp "$mnt/acme/s3.tsv" copy2
	cmp copy copy2
	[ "$(stat -c %Y "$mnt/acme/s3.tsv")" -gt $(($(date +%s) - 60)) ]
}

@test "broken answers are errors, not short lists" {
	start_aws -o ttl=0
	for kind in '"truncate"' '"garbage"' '"html"' '"xml_bomb"' '"close"' '"body", "text": ""' '"body", "text": "{}"'; do
		control DELETE fault >/dev/null
		fault "{\"kind\": $kind}"
		for file in s3.tsv dynamodb.tsv; do
			run cat "$mnt/acme/$file"
			[ "$status" -ne 0 ] || {
				echo "$kind: $file: $output"
				return 1
			}
		done
	done
	control DELETE fault >/dev/null
	fault '{"match": {"service": "dynamodb"}, "kind": "bad_crc"}'
	run cat "$mnt/acme/dynamodb.tsv"
	[ "$status" -ne 0 ]
	control DELETE fault >/dev/null
	[ "$(wc -l <"$mnt/acme/s3.tsv")" = 5 ]
	[ "$(wc -l <"$mnt/acme/dynamodb.tsv")" = 4 ]
}

@test "a table that is deleted while it is listed" {
	start_aws
	fault '{"match": {"action": "DescribeTable"}, "kind": "status", "status": 400, "code": "ResourceNotFoundException", "times": 1}'
	run -0 cat "$mnt/acme/dynamodb.tsv"
	[ "$(grep -c ACTIVE <<<"$output")" = 3 ]
}
