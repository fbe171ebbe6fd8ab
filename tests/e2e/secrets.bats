#!/usr/bin/env bats
# Keys are seen by nobody who may not, and do not stay where they were.

E2E_AWS=no
load helper

@test "the daemon is not dumpable and leaves no core" {
	add_profile acme
	start
	[ "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$pid/limits")" = "0 0" ]
	needs_root
	# what is not dumpable belongs to root in /proc, whoever runs it: so drop to somebody, who
	# may mount with a /dev/fuse that is open to him
	[ "$(stat -c %u "/proc/$pid/environ")" = 0 ]
	python3 - "$pid" <<-'END'
		import ctypes, os, sys
		# as the same user but without root's rights, the daemon cannot be traced or read
		libc = ctypes.CDLL(None, use_errno=True)
		PR_CAPBSET_DROP, CAP_SYS_PTRACE = 24, 19
		PTRACE_ATTACH = 16
		child = os.fork()
		if child == 0:
		    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
		    data = (ctypes.c_uint32 * 6)()
		    assert libc.capset(header, data) == 0  # no rights left
		    for name in ("environ", "maps", "mem", "auxv"):
		        try:
		            open(f"/proc/{sys.argv[1]}/{name}", "rb").read(1)
		            print(name, "could be read")
		            os._exit(1)
		        except PermissionError:
		            pass
		    os._exit(0 if libc.ptrace(PTRACE_ATTACH, int(sys.argv[1]), 0, 0) == -1 else 2)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
	END
}

@test "nothing secret in arguments, environment, debug output, errors or the kernel's page cache" {
	add_profile acme
	start -d
	cat "$mnt/acme/profile" >/dev/null
	made_up_keys new
	paste_into acme
	{ option_2 && echo garbage; } | cat >"$mnt/acme/profile" || :
	cat "$mnt/acme/error" >"$BATS_TEST_TMPDIR/shown-error"
	tr '\0' '\n' <"/proc/$pid/cmdline" >"$BATS_TEST_TMPDIR/shown-cmdline"
	if [ "$(id -u)" = 0 ]; then
		tr '\0' '\n' <"/proc/$pid/environ" >"$BATS_TEST_TMPDIR/shown-environ"
	fi
	# direct_io: no page of the file is in the cache
	run -0 python3 -c 'import ctypes, mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
pages = mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
present = (ctypes.c_ubyte * 16)()
address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
assert ctypes.CDLL(None).mincore(ctypes.c_void_p(address), ctypes.c_size_t(4096), present) == 0
print(present[0] & 1)' "$mnt/acme/profile"
	is 0
}

@test "keys in the environment stay out of the accounts" {
	add_profile acme
	made_up_keys environment
	AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$key_secret AWS_SESSION_TOKEN=$token start
	cat "$mnt/README" "$mnt/acme/profile" >"$BATS_TEST_TMPDIR/out"
	not grep -qF "$key_secret" "$BATS_TEST_TMPDIR/out"
}
