#!/usr/bin/env bats
# status, status.json, whoami, error: what AWS says of an account's keys, in every state.

E2E_AWS_OPTIONS="--tls"
load helper

# look ACCOUNT: reads everything of an account into shown-* (which the end searches for secrets)
look() {
	local name
	for name in status status.json whoami error s3.tsv dynamodb.tsv; do
		cat "$mnt/$1/$name" >"$BATS_TEST_TMPDIR/shown-$1-$name" \
			2>"$BATS_TEST_TMPDIR/shown-$1-$name.err" || :
	done
}

# state ACCOUNT WANTED: first line, and the same in the JSON
state() {
	run -0 cat "$mnt/$1/status"
	[ "${lines[0]}" = "state: $2" ] || {
		echo "not $2: $output" >&2
		return 1
	}
	run -0 jq -r .state "$mnt/$1/status.json"
	is "$2"
}

# whoami_fails ACCOUNT TEXT: with the errno's words, and a sentence in `error`
whoami_fails() {
	run cat "$mnt/$1/whoami"
	[ "$status" -ne 0 ]
	says "$2"
	[ -s "$mnt/$1/error" ]
	grep -q '[a-z]' "$mnt/$1/error"
	look "$1"
}

fact() { # ACCOUNT NAME
	sed -n "s/^$2: //p" "$mnt/$1/status"
}

@test "valid: who, where, with what, how long it took" {
	add_account acme jane-admin
	printf '[profile acme]\nregion = eu-west-1\n' >"$aws/config"
	start_aws
	state acme valid
	[ "$(fact acme account)" = 123456789012 ]
	[ "$(fact acme arn)" = arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane ]
	[[ $(fact acme user_id) == AROA*:jane ]]
	[ "$(fact acme region)" = eu-west-1 ]
	[ "$(fact acme endpoint)" = "$E2E_URL" ]
	[ "$(fact acme key_tail)" = "${key: -4}" ]
	[ "$(fact acme source)" = "$aws/credentials" ]
	[[ $(fact acme latency_ms) =~ ^[0-9]+$ ]]
	[[ $(fact acme checked) =~ ^20..-..-..T..:..:..Z$ ]]
	[ "$(fact acme error)" = "" ]
	run -0 cat "$mnt/acme/whoami"
	is arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane
	[ "$(cat "$mnt/acme/error")" = "" ]
	look acme
	asked 1 GetCallerIdentity
}

@test "status.json has the same facts as status" {
	add_account acme jane-admin
	add_account old jane-expired
	start_aws
	for account in acme old; do
		diff <(grep -v ^warning: "$mnt/$account/status") \
			<(jq -r 'to_entries[] | select(.key != "warnings") | "\(.key): \(.value)"' "$mnt/$account/status.json")
		diff <(sed -n 's/^warning: //p' "$mnt/$account/status") <(jq -r '.warnings[]' "$mnt/$account/status.json")
	done
}

@test "long-term keys are valid, too" {
	add_account ops ops-user
	start_aws
	state ops valid
	[ "$(cat "$mnt/ops/whoami")" = arn:aws:iam::123456789012:user/ops ]
}

@test "expired" {
	add_account old jane-expired
	start_aws
	state old expired
	whoami_fails old "Key has expired"
	run cat "$mnt/old/s3.tsv"
	says "Key has expired"
	run cat "$mnt/old/dynamodb.tsv"
	says "Key has expired"
	asked 1 GetCallerIdentity
}

@test "invalid: a key nobody knows, a wrong secret, a wrong token, an inactive key" {
	made_up_keys unknown
	option_2 unknown >>"$aws/credentials"
	seed_keys jane-admin
	key_secret=$(tr 'abcdefgh' 'bcdefgha' <<<"$key_secret")
	secret "$key_secret"
	option_2 wrong-secret >>"$aws/credentials"
	seed_keys jane-admin
	token=${token/a/b}
	secret "$token"
	option_2 wrong-token >>"$aws/credentials"
	chmod 600 "$aws/credentials"
	add_account inactive inactive-user
	start_aws
	for account in unknown wrong-secret wrong-token inactive; do
		state "$account" invalid
		whoami_fails "$account" "Key was rejected by service"
	done
	# refused keys are not tried again and again
	asked 4 GetCallerIdentity
}

@test "denied" {
	add_account acme jane-admin
	start_aws
	fault '{"match": {"action": "GetCallerIdentity"}, "kind": "status", "status": 403, "code": "AccessDenied"}'
	state acme denied
	whoami_fails acme "Permission denied"
}

@test "missing: a profile without keys, or with half of them" {
	printf '[empty]\nregion = eu-west-1\n[half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n' >"$aws/credentials"
	printf '[profile config-only]\nregion = eu-west-1\n' >"$aws/config"
	start_aws
	state empty missing
	whoami_fails empty "Required key not available"
	state config-only missing
	whoami_fails config-only "Required key not available"
	run -0 cat "$mnt/half/status"
	[[ ${lines[0]} =~ ^state:\ (missing|misconfigured)$ ]]
	asked 0
}

@test "unreachable: refused" {
	add_account acme jane-admin
	AWS_ENDPOINT_URL=http://127.0.0.1:1 start
	state acme unreachable
	whoami_fails acme "Connection refused"
	not grep -qi expired "$mnt/acme/status"
}

@test "unreachable: no such host, and never called expired" {
	add_account acme jane-admin
	AWS_ENDPOINT_URL=https://no-such-host.invalid start -o timeout=5
	state acme unreachable
	whoami_fails acme "No route to host"
}

@test "unreachable: no answer in time" {
	add_account acme jane-admin
	start_aws -o timeout=1
	fault '{"kind": "hang"}'
	took cat "$mnt/acme/status"
	[ "$ms" -lt $((1500 + 500 * slow)) ]
	state acme unreachable
	whoami_fails acme "Connection timed out"
}

@test "unreachable: closed, cut, garbage and login pages instead of an answer" {
	add_account acme jane-admin
	start_aws -o ttl=0
	for kind in '"close"' '"truncate"' '"garbage"' '"html"' '"xml_bomb"' '"huge", "bytes": 50000000' \
		'"redirect", "location": "http://127.0.0.1:1/"' '"body", "text": ""' '"body", "text": "<a>"'; do
		control DELETE fault >/dev/null
		fault "{\"kind\": $kind}"
		run -0 cat "$mnt/acme/status"
		[ "${lines[0]}" = "state: unreachable" ] || {
			echo "$kind: $output"
			return 1
		}
		run cat "$mnt/acme/whoami"
		[[ $output =~ (Protocol error|Bad message|Connection reset|Remote I/O error|File too large) ]] || {
			echo "$kind: $output"
			return 1
		}
	done
	control DELETE fault >/dev/null
	state acme valid
}

@test "throttled after the retries: busy; a server that recovers is asked again by itself" {
	add_account acme jane-admin
	start_aws -o ttl=0
	fault '{"kind": "status", "status": 400, "code": "Throttling", "times": 2}'
	state acme valid
	fault '{"kind": "status", "status": 503, "code": "ServiceUnavailable", "times": 1}'
	state acme valid
	control DELETE log >/dev/null
	fault '{"kind": "status", "status": 400, "code": "Throttling"}'
	run cat "$mnt/acme/whoami"
	says "Device or resource busy"
	asked 3
}

@test "slow and chunked answers are answers" {
	add_account acme jane-admin
	start_aws -o ttl=0
	fault '{"kind": "chunked"}'
	state acme valid
	control DELETE fault >/dev/null
	fault '{"kind": "trickle", "ms": 1}'
	state acme valid
}

@test "a clock that is off is corrected for and warned of" {
	add_account acme jane-admin
	start_aws -o ttl=0
	for offset in 3600 -7200; do
		control POST clock "{\"offset\": $offset}" >/dev/null
		control DELETE log >/dev/null
		state acme valid
		grep -i '^warning:.*clock' "$mnt/acme/status"
		# once it is known, one request is enough
		control DELETE log >/dev/null
		cat "$mnt/acme/status" >/dev/null
		asked 1
	done
	control POST clock '{"offset": 0}' >/dev/null
	state acme valid
	not grep -i '^warning:.*clock' "$mnt/acme/status"
}

@test "skewed: a clock that cannot be corrected for" {
	add_account acme jane-admin
	start_aws
	fault '{"kind": "status", "status": 403, "code": "SignatureDoesNotMatch", "message": "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)"}'
	state acme skewed
	whoami_fails acme "Key was rejected by service"
	grep -qi clock "$mnt/acme/error"
}

@test "misconfigured: bad region, bad endpoint, http to elsewhere, services section missing" {
	for account in region url http services; do
		add_account $account jane-admin
	done
	cat >"$aws/config" <<-'END'
		[profile region]
		region = us-east-1.evil.example/
		[profile url]
		endpoint_url = gopher://127.0.0.1/
		[profile http]
		endpoint_url = http://192.0.2.1/
		[profile services]
		services = nowhere
	END
	start
	for account in region url http services; do
		state $account misconfigured
		whoami_fails $account "Invalid argument"
	done
	asked 0
	grep -q allow_http "$mnt/http/error"
}

@test "allow_http" {
	add_account acme jane-admin
	AWS_ENDPOINT_URL=http://192.0.2.1:1 start -o allow_http,timeout=1
	state acme unreachable
}

@test "a broken credentials file is said to be broken" {
	add_account acme jane-admin
	echo 'what is this' >>"$aws/credentials"
	start_aws
	run -0 cat "$mnt/acme/status"
	grep -qi 'line' <<<"$output"
}

@test "warning: single sign-on keys in the config file shadow the pasted ones for some tools" {
	add_account acme jane-admin
	printf '[profile acme]\nsso_account_id = 123456789012\nsso_role_name = Admin\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n' \
		>"$aws/config"
	start_aws
	state acme valid
	grep -i '^warning:.*sso' "$mnt/acme/status"
}

@test "warning: the file is open to others" {
	add_account acme jane-admin
	start_aws -o ttl=0
	not grep '^warning:' "$mnt/acme/status"
	chmod 644 "$aws/credentials"
	grep -iE '^warning:.*(mode|chmod)' "$mnt/acme/status"
}

@test "warning: a key of another account than the section's name says" {
	add_account 123456789012_Admin jane-other
	start_aws
	state 123456789012_Admin valid
	grep '^warning:.*210987654321' "$mnt/123456789012_Admin/status"
}

@test "an answer is fresh for ttl, and not after a paste" {
	add_account acme jane-expired
	start_aws -o ttl=1
	state acme expired
	cat "$mnt/acme/status" "$mnt/acme/status.json" >/dev/null
	asked 1
	sleep 1.1
	state acme expired
	asked 2
	# new keys: asked at once, also when another tool wrote them
	seed_keys jane-admin
	paste_into acme
	state acme valid
	asked 3
	seed_keys jane-expired
	sed -i "s|^aws_access_key_id=.*|aws_access_key_id=$key|; s|^aws_secret_access_key=.*|aws_secret_access_key=$key_secret|; s|^aws_session_token=.*|aws_session_token=$token|" \
		"$aws/credentials"
	state acme expired
	asked 4
}

@test "the default ttl is 30 seconds" {
	add_account acme jane-admin
	start_aws
	state acme valid
	sleep 1.2
	state acme valid
	asked 1
}

@test "endpoints: the variables, the profile's url and its services section, in the SDKs' order" {
	for account in plain url services; do
		add_account $account jane-admin
	done
	cat >"$aws/config" <<-END
		[profile url]
		endpoint_url = $E2E_URL
		[profile services]
		services = local
		endpoint_url = http://127.0.0.1:1
		[services local]
		sts =
		  endpoint_url = $E2E_URL
	END
	AWS_ENDPOINT_URL_STS=$E2E_URL AWS_ENDPOINT_URL=http://127.0.0.1:1 start
	state plain valid
	run cat "$mnt/plain/s3.tsv"
	says "Connection refused"
	stop
	AWS_ENDPOINT_URL_S3=http://127.0.0.1:1 start
	state url valid
	state services valid
	run cat "$mnt/url/s3.tsv"
	says "Connection refused"
	run cat "$mnt/services/dynamodb.tsv"
	says "Connection refused"
	stop
	AWS_ENDPOINT_URL=http://127.0.0.1:1 start
	state url unreachable
	stop
	AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true AWS_REGION=no-such-region-1 start -o timeout=1
	[[ $(fact plain endpoint) == https://sts.no-such-region-1.amazonaws.com* ]]
}

@test "regions: of the profile, of the environment, and the default" {
	add_account plain jane-admin
	add_account own jane-admin
	printf '[profile own]\nregion = ap-southeast-2\n' >"$aws/config"
	start_aws
	[ "$(fact plain region)" = us-east-1 ]
	[ "$(fact own region)" = ap-southeast-2 ]
	control GET log | jq -e 'map(.region) | contains(["us-east-1", "ap-southeast-2"])'
	stop
	AWS_DEFAULT_REGION=eu-north-1 start_aws
	[ "$(fact plain region)" = eu-north-1 ]
	[ "$(fact own region)" = ap-southeast-2 ]
	stop
	AWS_REGION=eu-south-1 AWS_DEFAULT_REGION=eu-north-1 start_aws
	[ "$(fact plain region)" = eu-south-1 ]
}

@test "partitions: China and GovCloud have their own hosts" {
	add_account cn jane-admin
	add_account gov jane-admin
	printf '[profile cn]\nregion = cn-north-1\n[profile gov]\nregion = us-gov-west-1\n' >"$aws/config"
	start -o timeout=1
	[ "$(fact cn endpoint)" = https://sts.cn-north-1.amazonaws.com.cn ]
	[ "$(fact gov endpoint)" = https://sts.us-gov-west-1.amazonaws.com ]
}

@test "TLS: verified, with AWS_CA_BUNDLE" {
	add_account acme jane-admin
	local tls
	tls=https://127.0.0.1:$(cat "$E2E_DIR/tls-port")
	AWS_ENDPOINT_URL=$tls start
	state acme unreachable
	whoami_fails acme "Protocol error"
	stop
	AWS_CA_BUNDLE=$E2E_DIR/ca.pem AWS_ENDPOINT_URL=$tls start
	state acme valid
	stop
	# a server that speaks no TLS
	AWS_ENDPOINT_URL=https://127.0.0.1:$(cat "$E2E_DIR/port") start
	state acme unreachable
	whoami_fails acme "Protocol error"
}

@test "a proxy is not used for this machine itself" {
	add_account acme jane-admin
	http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 start_aws
	state acme valid
}

@test "a proxy is used for everything else" {
	add_account acme jane-admin
	https_proxy=http://127.0.0.1:1 start
	state acme unreachable
	whoami_fails acme "Connection refused"
}

@test "what a server echoes is never shown: tokens and canonical requests in its answers" {
	add_account old jane-expired
	add_account acme jane-admin
	start_aws -d -o ttl=0
	look old
	for code in ExpiredToken SignatureDoesNotMatch AccessDenied NoSuchThing InternalError; do
		control DELETE fault >/dev/null
		fault "$(jq -n --arg code $code --arg token "$token" --arg secret "$key_secret" \
			'{kind: "status", status: 403, code: $code, message: ("your token \($token) and key \($secret)")}')"
		look acme
	done
	control DELETE fault >/dev/null
	fault "$(jq -n --arg token "$token" '{kind: "body", status: 400, text: "<Error><Code>\($token)</Code></Error>"}')"
	look acme
}

@test "control characters of an answer do not reach a terminal" {
	add_account acme jane-admin
	start_aws -o ttl=0
	fault '{"kind": "status", "status": 403, "code": "AccessDenied", "message": "\u001b[31mred\u0007 \u009b and\r\nlines"}'
	cat "$mnt/acme/status" "$mnt/acme/error" >shown
	not grep -qP '[\x00-\x08\x0b-\x1f\x7f]' shown
	[ "$(grep -c ^error: shown)" = 1 ]
}

@test "if cat whoami; then: the exit status is the answer" {
	add_account acme jane-admin
	add_account old jane-expired
	start_aws
	if ! cat "$mnt/acme/whoami" >/dev/null; then return 1; fi
	if cat "$mnt/old/whoami" >/dev/null 2>&1; then return 1; fi
}
