#!/usr/bin/env bats
# ACCOUNT/profile: what is pasted, what it changes in the credentials file, what is refused.

E2E_AWS=no
load helper

# A credentials file of a person: comments, odd spacing, other keys, other profiles.
credentials_of_a_person() {
	made_up_keys old
	cat >"$aws/credentials" <<-END
		# my accounts -- do not touch
		[default]
		aws_access_key_id=AKIAIOSFODNN7EXAMPLE
		aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

		; the one at work
		[acme]   # since 2021
		region   =  eu-west-1
		aws_access_key_id     =   $key
		aws_secret_access_key =   $key_secret
		aws_session_token     =   $token
		output = json

		# and the last one
		[last]
		aws_access_key_id = AKIAIOSFODNN7EXAMPL2
		aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEZ
	END
	chmod 600 "$aws/credentials"
	sed -e "s|$key|@KEY@|; s|$key_secret|@SECRET@|; s|$token|@TOKEN@|" "$aws/credentials" >template
}

# only_keys_changed: the file is the person's, with the new keys in the places of the old
only_keys_changed() {
	sed -e "s|@KEY@|$key|; s|@SECRET@|$key_secret|; s|@TOKEN@|$token|" template | cmp - "$aws/credentials"
}

# refused TEXT WORD: a visible failure, nothing changed, and `error` says why
refused() {
	run bash -c 'printf "%s\n" "$1" >"$2"' - "$1" "$mnt/acme/profile"
	[ "$status" -ne 0 ] || {
		echo "taken: ${1:0:60}" >&2
		return 1
	}
	says "Invalid argument"
	unchanged "$aws/credentials"
	grep -q . "$mnt/acme/error"
}

@test "reading gives the section as it stands in the file" {
	credentials_of_a_person
	start
	sed -n '/^\[acme\]/,/^output/p' "$aws/credentials" >section
	# what follows the last key may be the next section's comment
	cat "$mnt/acme/profile" >shown
	cmp <(head -n "$(wc -l <section)" shown) section
	not grep -q 'last\]' shown
	not grep -q default shown
}

@test "Option 2 as the portal has it changes the keys' lines and nothing else" {
	credentials_of_a_person
	start
	made_up_keys new
	option_2 >"$mnt/acme/profile"
	only_keys_changed
	[ "$(stat -c %a "$aws/credentials")" = 600 ]
	nothing_beside
}

@test "Option 2 with blanks around the equals signs" {
	credentials_of_a_person
	start
	made_up_keys new
	option_2 | sed 's/=/ = /' >"$mnt/acme/profile"
	only_keys_changed
}

@test "Option 2 without a header, or with this profile's, or with another's" {
	credentials_of_a_person
	start
	made_up_keys 1
	option_2 | tail -n 3 >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 2
	option_2 acme >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 3
	option_2 default >"$mnt/acme/profile"
	only_keys_changed
}

@test "Option 2 with CRLF, without a final newline, with a byte order mark, with blank lines" {
	credentials_of_a_person
	start
	made_up_keys 1
	option_2 | sed 's/$/\r/' >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 2
	option_2 | head -c -1 >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 3
	option_2 | sed 's/$/\r/' | head -c -2 >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 4
	{ printf '\xef\xbb\xbf' && option_2; } >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 5
	{ echo && option_2 | sed 's/^/  /; s/$/  /' && echo && echo; } >"$mnt/acme/profile"
	only_keys_changed
}

@test "Option 1: export lines, and what Windows and PowerShell have" {
	credentials_of_a_person
	start
	made_up_keys 1
	cat >"$mnt/acme/profile" <<-END
		export AWS_ACCESS_KEY_ID="$key"
		export AWS_SECRET_ACCESS_KEY="$key_secret"
		export AWS_SESSION_TOKEN="$token"
	END
	only_keys_changed
	made_up_keys 2
	printf 'SET AWS_ACCESS_KEY_ID=%s\r\nSET AWS_SECRET_ACCESS_KEY=%s\r\nSET AWS_SESSION_TOKEN=%s\r\n' \
		"$key" "$key_secret" "$token" >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 3
	cat >"$mnt/acme/profile" <<-END
		\$Env:AWS_ACCESS_KEY_ID="$key"
		\$Env:AWS_SECRET_ACCESS_KEY="$key_secret"
		\$Env:AWS_SESSION_TOKEN="$token"
	END
	only_keys_changed
}

@test "a profile without keys gets them, and the next profile stays apart" {
	printf '[acme]\nregion = eu-west-1\n\n# about the last\n[last]\nregion = eu-west-2' >"$aws/credentials"
	start
	made_up_keys
	paste_into acme
	holds acme
	# the comment stays with the section it is about, the last line as it was
	[ "$(tail -n 3 "$aws/credentials")" = $'# about the last\n[last]\nregion = eu-west-2' ]
	made_up_keys 2
	paste_into last
	holds last
	made_up_keys 1
	not holds last 2>/dev/null
}

@test "long-term keys replace temporary ones: the token goes" {
	credentials_of_a_person
	start
	printf 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n' \
		>"$mnt/acme/profile"
	key=AKIAIOSFODNN7EXAMPLE key_secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY token=
	holds acme
	not grep -q aws_session_token "$aws/credentials"
}

@test "aws_security_token, which some tools prefer, does not keep the old token" {
	credentials_of_a_person
	sed -i "s|^output = json|aws_security_token = $token|" "$aws/credentials"
	start
	made_up_keys new
	paste_into acme
	[ "$(grep -c "$token" "$aws/credentials")" -ge 1 ]
	made_up_keys old
	not grep -q "$token" "$aws/credentials"
	# and long-term keys leave neither
	printf 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n' \
		>"$mnt/acme/profile"
	not grep -q _token "$aws/credentials"
}

@test "an expiry of the old token does not outlive it" {
	credentials_of_a_person
	sed -i "s|^output = json|x_security_token_expires = 2020-01-01T00:00:00Z\naws_credential_expiration = 2020-01-01T00:00:00Z|" \
		"$aws/credentials"
	start
	made_up_keys new
	paste_into acme
	holds acme
	not grep -q 2020-01-01 "$aws/credentials"
}

@test "a paste's other keys: the file's own are kept, a foreign setting is refused" {
	credentials_of_a_person
	start
	made_up_keys new
	{ option_2 && echo "region = us-east-1"; } >taken
	keep "$aws/credentials"
	run cp taken "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
	# the whole section, as an editor writes it back, is taken
	made_up_keys old
	cat "$mnt/acme/profile" >section
	old_key=$key old_secret=$key_secret old_token=$token
	made_up_keys new
	sed "s|$old_key|$key|; s|$old_secret|$key_secret|; s|$old_token|$token|" section >edited
	cp edited "$mnt/acme/profile"
	only_keys_changed
}

@test "the same keys again change nothing, not even the time" {
	credentials_of_a_person
	start
	touch -d '2020-01-01' "$aws/credentials"
	keep "$aws/credentials"
	made_up_keys old
	paste_into acme
	unchanged "$aws/credentials"
}

@test "garbage is refused with an error that the shell shows, and nothing changes" {
	credentials_of_a_person
	keep "$aws/credentials"
	start
	made_up_keys new
	refused garbage
	refused "hello world"
	refused "aws_access_key_id"
	refused "[acme"
	refused "<html>"
	refused '{"a": 1}'
	refused "key=$key"
	refused "aws_secret_access_key=has blanks in it, and commas"
	refused "$(option_2)"$'\n'"and some more"
	refused "$(option_2 one)"$'\n'"$(option_2 two)"
	refused $'aws_access_key_id=\x01\x02'
	nothing_beside
}

@test "half a triple is never stored: the tools that report a failed close say so" {
	credentials_of_a_person
	keep "$aws/credentials"
	start
	made_up_keys new
	option_2 | head -n 2 >half
	option_2 | head -n 3 >two_thirds
	option_2 | sed 's/^aws_access_key_id=.*/aws_access_key_id=/' >no_key
	option_2 | sed "s/^aws_access_key_id=.*/&$key$key$key$key$key$key$key$key/" >long_key
	for text in half two_thirds no_key long_key; do
		run cp $text "$mnt/acme/profile"
		[ "$status" -ne 0 ]
		says "Invalid argument"
		run bash -c "cat $text >'$mnt/acme/profile'"
		[ "$status" -ne 0 ]
		run dd if=$text of="$mnt/acme/profile" status=none
		[ "$status" -ne 0 ]
		# a shell's own echo does not ask whether closing worked; the file is safe all the same
		printf '%s\n' "$(cat $text)" >"$mnt/acme/profile" || :
		unchanged "$aws/credentials"
		grep -qi "profile" "$mnt/acme/error"
	done
	nothing_beside
}

@test "a token split over writes and a text without truncation" {
	credentials_of_a_person
	start
	made_up_keys 1
	option_2 | dd of="$mnt/acme/profile" bs=7 status=none
	only_keys_changed
	made_up_keys 2
	option_2 >new
	{ while IFS= read -r line; do printf '%s\n' "$line"; done <new; } >"$mnt/acme/profile"
	only_keys_changed
	made_up_keys 3
	exec 7>"$mnt/acme/profile"
	echo "aws_access_key_id=$key" >&7
	echo "aws_secret_access_key=$key_secret" >&7
	echo "aws_session_token=$token" >&7
	exec 7>&-
	only_keys_changed
}

@test "a token that several programs write in parts is never stored cut" {
	credentials_of_a_person
	start
	made_up_keys new
	option_2 acme >new
	cp "$aws/credentials" before
	cut=$(($(wc -c <new) - 100))
	# (the first part has all three keys, the last one cut)
	{
		head -c "$cut" new
		cmp before "$aws/credentials"
		tail -c +$((cut + 1)) new
	} >"$mnt/acme/profile"
	only_keys_changed
	# patched in place: a new key id with the secret that was there
	cp "$aws/credentials" before
	made_up_keys newer
	run bash -c 'exec 3<>"$1" && printf "[acme]\naws_access_key_id=%s\n" "$2" >&3' - "$mnt/acme/profile" "$key"
	cmp before "$aws/credentials"
	grep -q 'is the one before' "$mnt/acme/error"
}

@test "appending a paste is taken as a paste" {
	credentials_of_a_person
	start
	made_up_keys 1
	option_2 >>"$mnt/acme/profile"
	only_keys_changed
}

@test "truncating, touching and opening for writing change nothing" {
	credentials_of_a_person
	keep "$aws/credentials"
	start
	: >"$mnt/acme/profile"
	unchanged "$aws/credentials"
	touch "$mnt/acme/profile"
	truncate -s 0 "$mnt/acme/profile"
	unchanged "$aws/credentials"
	exec 7<>"$mnt/acme/profile"
	exec 7>&-
	unchanged "$aws/credentials"
	grep -q aws_access_key_id "$mnt/acme/profile"
}

@test "too much text is refused" {
	credentials_of_a_person
	keep "$aws/credentials"
	start
	head -c 200000 /dev/zero | tr '\0' '#' >big
	run cp big "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	says "File too large"
	unchanged "$aws/credentials"
}

@test "rm, mv and install are refused, and the credentials survive" {
	credentials_of_a_person
	keep "$aws/credentials"
	start
	made_up_keys new
	option_2 >new
	for command in "rm -f" "unlink" "mv new" "mv -f new" "install -m 600 new" "cp --remove-destination new"; do
		run bash -c "$command '$mnt/acme/profile'"
		[ "$status" -ne 0 ] || {
			echo "$command worked" >&2
			return 1
		}
		says "Operation not permitted"
		unchanged "$aws/credentials"
	done
	run mv "$mnt/acme/profile" "$mnt/acme/other"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
}

@test "forget removes the keys and leaves the rest" {
	credentials_of_a_person
	start
	echo forget >"$mnt/acme/profile"
	grep -v -e @KEY@ -e @SECRET@ -e @TOKEN@ template | cmp - "$aws/credentials"
	# it is still an account, and takes keys again
	[ -d "$mnt/acme" ]
	made_up_keys new
	paste_into acme
	holds acme
	# what a word near it means, nobody knows
	keep "$aws/credentials"
	refused forgetful
	refused "forget it"
}

@test "a symlinked credentials file stays a link, also a relative chain into a folder of dotfiles" {
	credentials_of_a_person
	mkdir -p dotfiles/aws
	mv "$aws/credentials" dotfiles/aws/real
	ln -s real dotfiles/aws/link
	ln -s ../dotfiles/aws/link "$aws/credentials"
	start
	made_up_keys new
	paste_into acme
	only_keys_changed
	[ "$(readlink "$aws/credentials")" = ../dotfiles/aws/link ]
	[ "$(readlink dotfiles/aws/link)" = real ]
	[ ! -L dotfiles/aws/real ]
	[ "$(stat -c %a dotfiles/aws/real)" = 600 ]
}

@test "a dangling link: its target is made" {
	mkdir dotfiles
	ln -s ../dotfiles/credentials "$aws/credentials"
	printf '[profile acme]\nregion=eu-west-1\n' >"$aws/config"
	start
	made_up_keys new
	paste_into acme
	[ -L "$aws/credentials" ]
	[ "$(stat -c %a dotfiles/credentials)" = 600 ]
	holds acme
}

@test "missing ~/.aws and credentials file are made 0700 and 0600, whatever the umask" {
	rmdir "$aws"
	printf '[profile acme]\nregion=eu-west-1\n' >config
	umask 000
	AWS_CONFIG_FILE=$home/config start
	made_up_keys new
	paste_into acme
	[ "$(stat -c %a "$aws")" = 700 ]
	[ "$(stat -c %a "$aws/credentials")" = 600 ]
	holds acme
	nothing_beside
}

@test "the file's mode is kept, never widened" {
	credentials_of_a_person
	chmod 640 "$aws/credentials"
	start
	made_up_keys new
	paste_into acme
	[ "$(stat -c %a "$aws/credentials")" = 640 ]
}

@test "CRLF of the file, a file without final newline, and other bytes stay" {
	made_up_keys old
	printf '\xef\xbb\xbf# caf\xc3\xa9\r\n[acme]\r\nAWS_ACCESS_KEY_ID : %s\r\naws_secret_access_key=%s\r\naws_session_token=%s\r\n\r\n[z]\r\nregion=x' \
		"$key" "$key_secret" "$token" | tail -c +4 >"$aws/credentials"
	cp "$aws/credentials" old
	old_key=$key old_secret=$key_secret old_token=$token
	start
	made_up_keys new
	paste_into acme
	sed "s|$old_key|$key|; s|$old_secret|$key_secret|; s|$old_token|$token|" old | cmp - "$aws/credentials"
}

@test "the AWS CLI and boto3 read what was written" {
	credentials_of_a_person
	start
	made_up_keys new
	paste_into acme
	[ "$(aws_cli configure get aws_access_key_id --profile acme)" = "$key" ]
	[ "$(aws_cli configure get aws_secret_access_key --profile acme)" = "$key_secret" ]
	[ "$(aws_cli configure get aws_session_token --profile acme)" = "$token" ]
	"$(boto3_python)" - acme "$key" "$key_secret" "$token" <<-'END'
		import sys
		import boto3
		keys = boto3.Session(profile_name=sys.argv[1]).get_credentials().get_frozen_credentials()
		assert list(keys[:3]) == sys.argv[2:5], keys
	END
}

@test "what the AWS CLI writes is seen, and both go on writing to one file" {
	credentials_of_a_person
	start
	cat "$mnt/last/profile" >/dev/null
	aws_cli configure set aws_access_key_id AKIAIOSFODNN7EXAMPL3 --profile last
	grep -q AKIAIOSFODNN7EXAMPL3 "$mnt/last/profile"
	made_up_keys new
	paste_into acme
	holds acme
	grep -q AKIAIOSFODNN7EXAMPL3 "$mnt/last/profile"
}

@test "writers of many accounts at once lose nothing" {
	for i in 1 2 3 4 5 6 7 8; do
		add_profile "account-$i"
	done
	start
	for round in 1 2 3; do
		writers=()
		for i in 1 2 3 4 5 6 7 8; do
			(made_up_keys "$round $i" && paste_into "account-$i") 3>&- &
			writers+=($!)
		done
		for writer in "${writers[@]}"; do
			wait "$writer"
		done
		for i in 1 2 3 4 5 6 7 8; do
			made_up_keys "$round $i"
			holds "account-$i"
		done
	done
	nothing_beside
}

@test "a reader of the file during writes sees old or new, never a part" {
	credentials_of_a_person
	start
	python3 - "$aws/credentials" 3>&- <<-'END' &
		import os, sys
		while not os.path.exists("ended"):
		    text = open(sys.argv[1]).read()
		    if "[last]" not in text or "aws_session_token" not in text or not text.endswith("EKEZ\n"):
		        sys.exit("a part of %d bytes" % len(text))
	END
	reader=$!
	for i in {1..20}; do
		made_up_keys "$i"
		paste_into acme
	done
	touch ended
	wait "$reader"
}

@test "a paste while another tool has emptied the file and not yet written it loses nothing" {
	credentials_of_a_person
	start
	made_up_keys new
	python3 - "$aws/credentials" <<-'END' 3>&- &
		import sys, time
		with open(sys.argv[1]) as file:
		    text = file.read()
		with open(sys.argv[1], "w") as file:
		    time.sleep(0.7)
		    file.write(text)
	END
	others+=($!)
	wait_until test ! -s "$aws/credentials"
	option_2 >"$mnt/acme/profile"
	only_keys_changed
}
