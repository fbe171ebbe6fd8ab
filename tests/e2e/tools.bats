#!/usr/bin/env bats
# Everything people write files with works on `profile`, or fails with an honest error and
# leaves everything as it was.

E2E_AWS=no
load helper
load tools

setup() {
	tools_setup
}

# A shell's echo and printf: taken, and an error that is shown for garbage.
with_shell() { # SHELL...
	needs "$1"
	run -0 "$@" -c 'echo "$text" >"$file"'
	taken
	made_up_keys 2
	text=$(option_2)
	run -0 "$@" -c 'printf "%s\n" "$text" >"$file"'
	taken
	made_up_keys 3
	text=$(option_2)
	run -0 "$@" -c 'printf "%s\n%s\n%s\n%s\n" $text >"$file"'
	taken
	made_up_keys 4
	text=$(option_2)
	run -0 "$@" -c 'cat >"$file" <<END
$text
END'
	taken
	keep "$aws/credentials"
	run "$@" -c 'echo garbage >"$file"'
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	run "$@" -c 'printf "no such\nthing\n" >"$file"'
	[ "$status" -ne 0 ] # busybox says no more than that
	unchanged "$aws/credentials"
}

@test "bash" {
	with_shell bash
}

@test "dash" {
	with_shell dash
}

@test "zsh" {
	needs zsh
	# zsh does not split words
	with_shell zsh -f -o shwordsplit
}

@test "busybox sh" {
	with_shell busybox sh
}

@test "cat, cp, tee, dd, install and head of coreutils" {
	number=0
	for command in 'cat pasted >"$file"' 'cat <pasted >"$file"' 'cp pasted "$file"' 'cp -p pasted "$file"' \
		'cp -f pasted "$file"' 'tee "$file" <pasted' 'tee -a "$file" <pasted' 'dd if=pasted of="$file"' \
		'dd if=pasted of="$file" conv=fsync' 'dd if=pasted of="$file" bs=16' 'head -n 9 pasted >"$file"' \
		'/bin/echo "$(cat pasted)" >"$file"' 'cp --no-preserve=all pasted "$file"' 'awk 1 pasted >"$file"' \
		'{ head -n 2 pasted; tail -n 2 pasted; } >"$file"' 'exec 3>"$file"; cat pasted >&3; exec 3>&-'; do
		number=$((number + 1))
		made_up_keys $number
		option_2 >pasted
		run bash -c "$command"
		[ "$status" = 0 ] && holds acme || {
			echo "$command: status $status: $output"
			return 1
		}
	done
	taken
}

@test "cat, cp, tee and dd report what is refused" {
	option_2 | head -n 3 >half
	echo garbage >garbage
	keep "$aws/credentials"
	for source in half garbage; do
		for command in 'cat $source >"$file"' 'cp $source "$file"' 'tee "$file" <$source' \
			'dd if=$source of="$file"' 'cat >"$file" <<<"$(cat $source)"'; do
			source=$source run bash -c "$command"
			if [ "$status" = 0 ] || [ -z "$output" ]; then
				echo "$command of $source: status $status: $output"
				return 1
			fi
			unchanged "$aws/credentials"
		done
	done
}

@test "busybox cp, cat, tee and dd" {
	needs busybox
	for command in 'busybox cp pasted "$file"' 'busybox cat pasted >"$file"' 'busybox tee "$file" <pasted' \
		'busybox dd if=pasted of="$file"'; do
		made_up_keys "$command"
		option_2 >pasted
		run -0 bash -c "$command"
		holds acme
	done
	taken
}

@test "python: open().write(), os.write, pathlib, shutil" {
	for code in 'open(file, "w").write(text)' \
		'f = os.open(file, os.O_WRONLY | os.O_TRUNC); os.write(f, text.encode()); os.close(f)' \
		'f = open(file, "r+"); f.seek(0); f.truncate(); f.write(text); f.close()' \
		'pathlib.Path(file).write_text(text)' 'shutil.copyfile("pasted", file)' 'shutil.copy("pasted", file)' \
		'f = open(file, "w"); f.write(text); f.flush(); os.fsync(f.fileno()); f.close()' \
		'f = open(file, "wb", 0); [f.write(bytes([c])) for c in text.encode()]; f.close()'; do
		made_up_keys "$code"
		option_2 >pasted
		text=$(option_2) run python3 -c "import os, pathlib, shutil
file, text = os.environ['file'], os.environ['text']
$code"
		[ "$status" = 0 ] && holds acme || {
			echo "$code: status $status: $output"
			return 1
		}
	done
	taken
}

@test "python: a temporary file in the folder, renamed over it" {
	run -0 python3 -c 'import os, tempfile
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(os.environ["file"]), delete=False) as new:
    new.write(os.environ["text"])
    new.flush()
    os.fsync(new.fileno())
os.replace(new.name, os.environ["file"])'
	taken
	keep "$aws/credentials"
	run python3 -c 'import os, tempfile
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(os.environ["file"]), delete=False) as new:
    new.write("garbage")
try:
    os.replace(new.name, os.environ["file"])
finally:
    os.unlink(new.name)'
	[ "$status" -ne 0 ]
	says "Invalid argument"
	unchanged "$aws/credentials"
	not ls "$mnt"/acme/tmp*
}

@test "node: fs.writeFileSync and fs.promises" {
	needs node
	run -0 node -e 'require("fs").writeFileSync(process.env.file, process.env.text)'
	taken
	made_up_keys 2
	text=$(option_2) run -0 node -e 'require("fs").promises.writeFile(process.env.file, process.env.text)'
	taken
	keep "$aws/credentials"
	run node -e 'require("fs").writeFileSync(process.env.file, "garbage")'
	[ "$status" -ne 0 ]
	says EINVAL
	unchanged "$aws/credentials"
}

@test "perl, awk and jq" {
	run -0 perl -e 'open(my $f, ">", $ENV{file}) or die $!; print $f $ENV{text} or die $!; close $f or die $!'
	taken
	made_up_keys 2
	text=$(option_2) run -0 bash -c 'jq -rn env.text >"$file"'
	taken
	made_up_keys 3
	text=$(option_2) run -0 awk 'BEGIN { print ENVIRON["text"] >ENVIRON["file"] }'
	taken
}

# sets old_* to the keys the file has now, and key, key_secret and token to fresh ones
next_keys() { # SEED
	old_key=$key old_secret=$key_secret old_token=$token
	made_up_keys "$1"
}

@test "sed -i and perl -i" {
	paste_into acme
	next_keys 2
	run sed -i "s|$old_key|$key|; s|$old_secret|$key_secret|; s|$old_token|$token|" "$file"
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	taken
	next_keys 3
	run perl -pi -e "s|\Q$old_key\E|$key|; s|\Q$old_secret\E|$key_secret|; s|\Q$old_token\E|$token|" "$file"
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	taken
	# what is not credentials any longer is refused, and nothing is lost
	keep "$aws/credentials"
	run sed -i 's/aws_secret_access_key/secret/' "$file"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
	nothing_beside
}

@test "git config" {
	needs git
	# git's way: profile.lock, renamed; but its names have no `_`
	fails git config -f "$file" acme.region us-east-1
}

@test "rsync" {
	needs rsync
	rsync pasted "$file"
	holds acme
	made_up_keys 2
	option_2 >pasted
	rsync -a pasted "$file"
	holds acme
	made_up_keys 3
	option_2 >pasted
	rsync --inplace pasted "$file"
	taken
	echo garbage >garbage
	fails rsync garbage "$file"
	fails rsync --inplace garbage "$file"
}
