#!/usr/bin/env bats
# Everything people write files with works on `profile`, or fails with an error that it shows and
# leaves everything as it was.  Each case is a row of docs/tools.md.

E2E_AWS=no
load helper
load tools

setup() {
	tools_setup
	option_2 | head -n 3 >half
	echo 'no credentials' >garbage
	export bad
	number=0
}

# A paste of its own for every command: $text, and the file `pasted`.
next_paste() {
	number=$((number + 1))
	made_up_keys $number
	option_2 >pasted
	text=$(option_2)
}

# works COMMAND...: the shell's commands each write their paste
works() {
	local command
	for command; do
		next_paste
		run "${shell[@]:-bash}" -c "$command"
		if [ "$status" != 0 ] || ! holds acme; then
			echo "$command: status $status: $output" >&2
			return 1
		fi
	done
	rm half
	taken
	option_2 | head -n 3 >half
}

# refused COMMAND...: each fails on the file $bad, be it garbage or half of a set of credentials
refused() {
	for bad in garbage half; do
		text=$(cat $bad)
		refused_once "$@"
	done
}

refused_once() { # COMMAND...
	local command
	for command; do
		fails "${shell[@]:-bash}" -c "$command"
	done
}

# silent COMMAND...: each is refused, but does not tell
silent() {
	local command
	for command; do
		keep "$aws/credentials"
		run bash -c "$command"
		unchanged "$aws/credentials"
	done
}

# --- shells -----------------------------------------------------------------------------------

with_shell() { # SHELL...
	needs "$1"
	shell=("$@")
	works 'echo "$text" >"$file"' 'printf "%s\n" "$text" >"$file"' \
		'printf "%s\n%s\n%s\n%s\n" $text >"$file"' 'echo "$text" >>"$file"' 'printf "%s\n" "$text" >>"$file"' \
		$'cat >"$file" <<END\n$text\nEND' $'cat >>"$file" <<END\n$text\nEND' \
		'exec 3>"$file"; cat pasted >&3; exec 3>&-' '{ head -n 2 pasted; tail -n 2 pasted; } >"$file"'
	refused $'cat >"$file" <<END\n$text\nEND'
	bad=garbage text='no credentials' refused_once 'echo "$text" >"$file" || { echo told; false; }' \
		'printf "%s\n" "$text" >"$file" || { echo told; false; }'
	# their builtins do not look at what close() says
	text=$(cat half) silent 'echo "$text" >"$file"' 'printf "%s\n" "$text" >"$file"'
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

# --- coreutils and their like -----------------------------------------------------------------

@test "cat > and >>" {
	works 'cat pasted >"$file"' 'cat <pasted >"$file"' 'cat pasted >>"$file"' 'head -n 9 pasted >"$file"' \
		'/bin/echo "$text" >"$file"' 'cat pasted | cat >"$file"' 'truncate -s 0 "$file"; cat pasted >"$file"'
	refused 'cat $bad >"$file"' 'cat $bad >>"$file"' 'cat >"$file" <<<"$text"' '/bin/echo "$text" >"$file"'
}

@test "cp" {
	works 'cp pasted "$file"' 'cp -p pasted "$file"' 'cp -a pasted "$file"' 'cp -f pasted "$file"' \
		'chmod 644 pasted; cp -a pasted "$file"' 'cp --no-preserve=all pasted "$file"'
	refused 'cp $bad "$file"' 'cp -a $bad "$file"'
	next_paste
	# these remove the old file first, or move it away and insist that it is
	refused_once 'cp --remove-destination pasted "$file"' 'cp --backup pasted "$file"' \
		'cp --backup -S .bak pasted "$file"'
}

@test "mv" {
	next_paste
	refused_once 'mv pasted "$file"' 'mv -f pasted "$file"' 'mv --backup=none pasted "$file"'
	grep -qF "$key_secret" pasted
}

@test "install" {
	next_paste
	refused_once 'install pasted "$file"' 'install -m 600 pasted "$file"' 'install -C pasted "$file"'
}

@test "tee" {
	works 'tee "$file" <pasted' 'tee -a "$file" <pasted' 'tee "$file" <pasted >/dev/null'
	refused 'tee "$file" <$bad >/dev/null' 'tee -a "$file" <$bad >/dev/null'
}

@test "dd" {
	works 'dd if=pasted of="$file"' 'dd if=pasted of="$file" conv=fsync' 'dd if=pasted of="$file" bs=16' \
		'dd if=pasted of="$file" oflag=append conv=notrunc'
	refused 'dd if=$bad of="$file" status=none' 'dd if=$bad of="$file" conv=fsync status=none'
}

@test "sponge" {
	needs sponge
	works 'sponge "$file" <pasted' \
		'sed -e "1r pasted" -e d "$file" | sponge "$file"'
	refused 'sponge "$file" <$bad'
}

@test "busybox cp, cat, tee, dd, mv, sed -i" {
	needs busybox
	works 'busybox cp pasted "$file"' 'busybox cat pasted >"$file"' 'busybox tee "$file" <pasted' \
		'busybox dd if=pasted of="$file"' 'busybox sed -i -e "1r pasted" -e d "$file"'
	refused 'busybox cp $bad "$file"' 'busybox sed -i -e "1r $bad" -e d "$file"'
	refused_once 'busybox mv pasted "$file"' 'busybox sed -i.bak -e "1r pasted" -e d "$file"'
	# like busybox's shell, it does not look at what close() says
	for bad in garbage half; do
		silent 'busybox tee "$file" <$bad' 'busybox dd if=$bad of="$file"'
	done
}

# --- languages --------------------------------------------------------------------------------

@test "awk" {
	works 'awk 1 pasted >"$file"' "awk 'BEGIN { print ENVIRON[\"text\"] >ENVIRON[\"file\"] }'"
	refused_once 'awk 1 garbage >"$file"'
	text=$(cat half) silent "awk 'BEGIN { print ENVIRON[\"text\"] >ENVIRON[\"file\"] }'"
}

@test "gawk -i inplace" {
	needs gawk
	works "gawk -i inplace 'FNR == 1 { print ENVIRON[\"text\"] }' \"\$file\""
	refused "gawk -i inplace 'FNR == 1 { print ENVIRON[\"text\"] }' \"\$file\""
}

# python CODE...: the commands that run it
python_each() { # works|refused CODE...
	local what=$1 code commands=()
	shift
	for code; do
		commands+=("python3 -c 'import os, pathlib, shutil, tempfile
file, folder = os.environ[\"file\"], os.path.dirname(os.environ[\"file\"])
text, source = os.environ[\"text\"] + \"\\n\", os.environ.get(\"bad\") or \"pasted\"
$code'")
	done
	"$what" "${commands[@]}"
}

@test "python: open, os.write, pathlib, shutil" {
	local code=('open(file, "w").write(text)' 'f = open(file, "w"); f.write(text); f.close()'
		'f = os.open(file, os.O_WRONLY | os.O_TRUNC); os.write(f, text.encode()); os.close(f)'
		'f = open(file, "r+"); f.seek(0); f.truncate(); f.write(text); f.close()' 'pathlib.Path(file).write_text(text)'
		'shutil.copyfile(source, file)' 'shutil.copy(source, file)' 'shutil.copy2(source, file)'
		'f = open(file, "w"); f.write(text); f.flush(); os.fsync(f.fileno()); f.close()'
		'f = open(file, "wb", 0); [f.write(bytes([c])) for c in text.encode()]; f.close()'
		'f = open(file, "a"); f.write(text); f.close()')
	bad='' python_each works "${code[@]}"
	# but for the first: nobody closes it who would tell
	python_each refused "${code[@]:1}"
}

replace='new = tempfile.NamedTemporaryFile("w", dir=folder, delete=False)
try:
    new.write(text)
    new.flush()
    os.fsync(new.fileno())
    new.close()
    os.chmod(new.name, 0o644)
    os.replace(new.name, file)
except BaseException:
    os.unlink(new.name)
    raise'

@test "python: tempfile and os.replace" {
	python_each works "$replace"
	python_each refused "$replace"
	not ls "$mnt"/acme/tmp*
	[ "$(stat -c %a "$file" "$aws/credentials")" = $'600\n600' ]
}

@test "node" {
	needs node
	export code
	for code in 'fs.writeFileSync(file, text)' 'fs.promises.writeFile(file, text)' \
		'fs.createWriteStream(file).end(text)' 'fs.copyFileSync(source, file)'; do
		code="const fs = require('fs'), { file, text, bad } = process.env, source = bad || 'pasted'; $code"
		bad='' works 'node -e "$code"'
		[[ $code == *copyFile* ]] || refused 'node -e "$code"'
	done
}

@test "perl" {
	export code='open(my $f, ">", $ENV{file}) or die $!; print $f $ENV{text} or die $!; close $f or die $!'
	works 'perl -e "$code"'
	refused 'perl -e "$code"'
}

@test "perl -i" {
	works 'perl -i -ne "print \$ENV{text} if \$. == 1" "$file"' 'perl -i~ -ne "print \$ENV{text} if \$. == 1" "$file"'
	refused 'perl -i -ne "print \$ENV{text} if \$. == 1" "$file"'
	next_paste
	refused_once 'perl -i.bak -ne "print \$ENV{text} if \$. == 1" "$file" || exit; [ ! -e "$file.bak" ]; exit'
}

@test "jq" {
	works 'jq -rn env.text >"$file"'
	refused 'jq -rn env.text >"$file"'
}

# --- tools that change a file -----------------------------------------------------------------

@test "sed -i" {
	works 'sed -i -e "1r pasted" -e d "$file"'
	refused 'sed -i -e "1r $bad" -e d "$file"'
	# one key after the other would be half a set; all at once is what it does
	old=("$key" "$key_secret" "$token")
	made_up_keys all
	sed -i "s|${old[0]}|$key|; s|${old[1]}|$key_secret|; s|${old[2]}|$token|" "$file"
	rm half
	taken
	option_2 | head -n 3 >half
	refused_once 'sed -i s/aws_secret_access_key/secret/ "$file"'
}

@test "sed -i.bak" {
	next_paste
	refused_once 'sed -i.bak -e "1r pasted" -e d "$file"'
	not ls "$file.bak"
	works 'sed -i~ -e "1r pasted" -e d "$file"'
}

@test "git config -f" {
	needs git
	# its names have no `_`: it takes the file for broken, and says so
	refused_once 'git config -f "$file" acme.region us-east-1' 'git config -f "$file" -l'
	not ls "$file.lock"
}

@test "rsync" {
	needs rsync
	works 'rsync pasted "$file"' 'rsync -a pasted "$file"' 'rsync -b pasted "$file"'
	refused 'rsync -I $bad "$file"'
}

@test "rsync --inplace" {
	needs rsync
	works 'rsync -I --inplace pasted "$file"' 'rsync -aI --inplace pasted "$file"'
	refused 'rsync -I --inplace $bad "$file"'
}
