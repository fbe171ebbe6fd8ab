# Completion of acctfs for fish.

complete -c acctfs -f -a '(__fish_complete_directories)' -d 'mount point'
complete -c acctfs -s d -d 'stay in the foreground and log every request'
complete -c acctfs -s f -d 'stay in the foreground'
complete -c acctfs -s h -l help -d 'print the options and end'
complete -c acctfs -s V -l version -d 'print the version and end'
complete -c acctfs -s o -x -d 'mount options' \
    -a 'allow_http\t"allow http to other hosts"
        config=\t"config file"
        credentials=\t"credentials file"
        debug\t"log every request"
        expiry_warnings=\t"minutes before a token ends to tell of it (60:15:5)"
        timeout=\t"seconds to wait for AWS (10)"
        ttl=\t"seconds an answer of AWS is kept (30)"'
