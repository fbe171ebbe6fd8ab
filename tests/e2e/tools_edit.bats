#!/usr/bin/env bats
# Editors: they write `profile`, show what is refused, and leave no copy of a key on the disk,
# neither afterwards nor while they run.  Each case is a row of docs/tools.md.

E2E_AWS=no
load helper
load tools

setup() {
	tools_setup
	rm pasted
}

# Begins with an empty text and keeps nothing of the old one in a register, which vim would
# write to ~/.viminfo.
vim_keys=(':set paste\r' ':%d _\r' 'i')

# with_vim SETTINGS: types the paste and writes it twice; a look at the disk at every step
with_vim() {
	needs vim
	elsewhere=$home/.vim
	edit "${vim_keys[@]}" "@$typed" '\x1b' ':preserve\r' "![ -e $mnt/acme/.profile.swp ]" '!no_copy' \
		':w\r' '!no_copy' ':w\r' '!no_copy' ':q\r' -- \
		vim --cmd 'set backupskip=' -c "set nomore $1" "$file"
	did '/\.profile\.swp", .*O_CREAT.* = [0-9]'
	taken
}

@test "vim" {
	with_vim ''
	did 'rename.*/profile", .*/profile~".* = 0'
	not ls "$mnt"/acme/.profile.swp "$file"~
}

@test "vim: nobackup nowritebackup" {
	with_vim 'nobackup nowritebackup'
	not did 'profile~'
}

@test "vim: backup backupcopy=yes undofile" {
	with_vim 'backup backupcopy=yes undofile'
	did '/profile~", .*O_CREAT.* = [0-9]'
	not did 'rename.*profile~'
	did '/\.profile\.un~", .*O_CREAT.* = [0-9]'
	# the text before the second :w; it is gone with the next minute
	grep -q "$key_secret" "$file~"
}

@test "vim: backup backupcopy=no" {
	with_vim 'backup backupcopy=no'
	did 'rename.*/profile", .*/profile~".* = 0'
	grep -q "$key_secret" "$file~"
}

@test "vim: copies in other folders, turned off" {
	needs vim
	printf '%s\n' 'set backup undofile backupdir=~/tmp directory=~/tmp undodir=~/tmp' \
		"$(sed -n 's/^ *`\(autocmd .*\)`$/\1/p' "$root/docs/tools.md")" >.vimrc
	# made before the file is read, and removed then
	elsewhere="$home/tmp/profile.swp$"
	edit ':set paste\r' 'ggdGi' "@$typed" '\x1b' '!no_copy' ':w\r' '!no_copy' ':wq\r' -- vim "$file"
	taken
	[ -z "$(ls tmp)" ]
	[ ! -e .viminfo ]
}

@test "vim: a refused text" {
	needs vim
	for settings in 'backupcopy=yes' 'backupcopy=no'; do
		keep "$aws/credentials"
		type_into "${vim_keys[@]}" 'garbage\x1b' ':w\r' '\r' '!no_copy' ':q!\r' -- \
			vim --cmd 'set backupskip=' -c "set $settings" "$file"
		elsewhere=$home/.vim
		[[ $output =~ (E512|E514|E72|E667|write error|Fsync failed|Close error) ]]
		stays_inside
		unchanged "$aws/credentials"
		nothing_beside
		no_copy
	done
}

nano_keys='\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b'

@test "nano" {
	needs nano
	edit "$nano_keys" "@$typed" '\x0f' '\r' '!no_copy' '\x18' -- nano --ignorercfiles "$file"
	taken
}

@test "nano: --backup --locking" {
	needs nano
	edit "$nano_keys" "@$typed" '!no_copy' '\x0f' '\r' '!no_copy' '\x18' -- \
		nano --ignorercfiles --backup --locking "$file"
	did '/profile~", .*O_CREAT.* = [0-9]'
	did '/\.profile\.swp", .*O_CREAT.* = [0-9]'
	taken
}

@test "nano: a refused text" {
	needs nano
	keep "$aws/credentials"
	type_into "$nano_keys" 'garbage' '\x0f' '\r' '!no_copy' '\x18' 'n' -- nano --ignorercfiles -B "$file"
	says "Invalid argument"
	unchanged "$aws/credentials"
	no_copy
}

# else there are none in /tmp
backups="backup-enable-predicate (lambda (name) t)"

# with_emacs SETTINGS [KEYS...]
with_emacs() {
	needs emacs
	elsewhere="$home/(.emacs.d|tmp)/"
	edit '\x18h\x17' "@$typed" '!no_copy' "${@:2}" '\x18\x13' '!no_copy' '\x18\x03' -- \
		emacs -nw -Q --eval "(setq native-comp-deferred-compilation nil $backups $1)" "$file"
}

@test "emacs" {
	with_emacs ''
	did 'rename.*/profile", .*/profile~".* = 0'
	did '/\.#-emacs.*O_CREAT.* = [0-9]'
	taken
	not ls "$mnt/acme/.#profile"
}

@test "emacs: make-backup-files nil, create-lockfiles nil" {
	with_emacs 'make-backup-files nil create-lockfiles nil'
	not did 'profile~'
	not did '\.#'
	taken
}

@test "emacs: backup-by-copying, auto-save" {
	with_emacs 'backup-by-copying t version-control t auto-save-interval 20' \
		"![ -e '$mnt/acme/#profile#' ]"
	did '/profile\.~1~", .*O_CREAT.* = [0-9]'
	did '/#profile#", .*O_CREAT.* = [0-9]'
	taken
	not ls "$mnt/acme/#profile#"
}

@test "emacs: a refused text" {
	needs emacs
	keep "$aws/credentials"
	type_into '\x18h\x17' 'garbage' '\x18\x13' '!no_copy' '\x18\x03' 'n' 'yes\r' -- \
		emacs -nw -Q --eval "(setq native-comp-deferred-compilation nil $backups)" "$file"
	says "Invalid argument"
	unchanged "$aws/credentials"
	no_copy
}

@test "ed" {
	needs ed
	# its buffer is a file without a name
	elsewhere='/tmp/#[0-9]+$'
	edit ',d\ra\r' "@$typed" '.\r' '!no_copy' 'w\r' 'q\r' -- ed "$file"
	taken
	fails ed -s "$file" <<<$',d\na\ngarbage\n.\nw\nq\nq'
}

@test "busybox vi" {
	needs busybox
	edit '1GdGi' "@$typed" '\x1b' '!no_copy' ':wq\r' -- busybox vi "$file"
	taken
}

# Its calls, as its source has them: fs.open with `w`, one write, fdatasync, close; it looks at
# size and time before and after, and asks the person when they are not what it saw last.
@test "VS Code's save" {
	needs node
	cat >save.js <<-'END'
		const fs = require("fs"), file = process.env.file;
		const etag = () => { const s = fs.statSync(file); return s.mtimeMs + "/" + s.size; };
		const save = (text) => {
		    const fd = fs.openSync(file, "w");
		    try {
		        const data = Buffer.from(text);
		        let at = 0;
		        while (at < data.length)
		            at += fs.writeSync(fd, data, at, data.length - at, at);
		        fs.fdatasyncSync(fd);
		    } finally {
		        fs.closeSync(fd);
		    }
		    return etag();
		};
		const first = etag();
		let seen = save(process.env.text);
		if (seen === first) throw new Error("size and time say nothing was saved");
		if (etag() !== seen) throw new Error("changed after the save");
		seen = save(process.env.text);
		if (etag() !== seen) throw new Error("changed after the second save");
		for (const garbage of ["garbage\n", "[half]\naws_access_key_id = AKIAQQQQQQQQQQQQQQQQ\n"]) {
		    try {
		        save(garbage);
		        throw new Error("took garbage");
		    } catch (error) {
		        if (error.code !== "EINVAL") throw error;
		    }
		    if (etag() !== seen) throw new Error("changed by a refused save");
		}
	END
	run -0 node save.js
	taken
}

@test "swap, backup, lock and auto-save names are files in memory" {
	cp "$aws/credentials" before
	for name in .profile.swp .profile.swo .profile.swpx .profile.un~ profile~ '#profile#' '.#profile' 4913; do
		echo "$key_secret" >"$mnt/acme/$name"
		[ "$(cat "$mnt/acme/$name")" = "$key_secret" ]
		[ "$(ls -A "$mnt/acme")" = "$rows" ]
		rm "$mnt/acme/$name"
		[ ! -e "$mnt/acme/$name" ]
	done
	for name in notes.txt profile.bak profile.orig credentials; do
		fails bash -c 'echo text >"$1"' - "$mnt/acme/$name"
	done
	fails ln -s target "$mnt/acme/.#profile"
	cmp before "$aws/credentials"
	rm before
	no_copy
}

@test "profile moved to profile~ is a copy, and profile stays" {
	cp "$file" before
	keep "$aws/credentials"
	mv "$file" "$file~"
	cmp before "$file"
	cmp before "$file~"
	unchanged "$aws/credentials"
	# what is written to the copy is not the account's
	echo '# more' >>"$file~"
	cmp before "$file"
	unchanged "$aws/credentials"
	# a new text under the old name is
	cp "$typed" "$file"
	taken_new=$(cat "$file")
	mv "$file" "$file~"
	[ "$(cat "$file~")" = "$taken_new" ]
	# and moving it back is one, too
	cp before "$file~"
	mv "$file~" "$file"
	cmp before "$file"
	not ls "$file~"
	fails mv "$mnt/acme/status" "$mnt/acme/status~"
	fails mv "$file" "$mnt/acme/profile.bak"
	fails mv "$file" "$mnt/acme/notes"
}
