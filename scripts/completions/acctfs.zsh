#compdef acctfs
# Completion of acctfs for zsh.

_acctfs_options() {
	_values -s , 'option' \
		'allow_http[allow http to hosts other than this one]' \
		'config[config file]:file:_files' \
		'credentials[credentials file]:file:_files' \
		'debug[log every request]' \
		'expiry_warnings[when to tell that a token ends]:minutes (60\:15\:5):' \
		'timeout[how long to wait for AWS]:seconds (10):' \
		'ttl[how long an answer of AWS is kept]:seconds (30):'
}

_arguments -s \
	'(-f -h -V)-d[stay in the foreground and log every request]' \
	'(-d -h -V)-f[stay in the foreground]' \
	'(- *)'{-h,--help}'[print the options and end]' \
	'(- *)'{-V,--version}'[print the version and end]' \
	'*-o[mount options]:options:_acctfs_options' \
	'*:mount point:_directories'
