#!/usr/bin/env python3
"""The awslint checks against the SDKs' readers.

    test_awslint.py TOOL [SEED] [COUNT]

TOOL is the built tests/unit/tool_awsfile.  Three things are proved of it:

- each row of a table of files that SDKs read in different ways is reported, with the SDKs
  that go wrong, and nobody else where all go right;
- of random files botocore makes something else than what was meant, or refuses them, exactly
  when a finding names botocore;
- the same of JavaScript's reader, where ACCTFS_TEST_SMITHY is a folder with node_modules in it
  that have @smithy/shared-ini-file-loader.
"""

import configparser
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

try:
    from botocore.configloader import build_profile_map, raw_config_parse
    from botocore.exceptions import ConfigParseError
except ImportError:
    print("no botocore")
    sys.exit(77)

BUDGET = 20  # seconds
ALL = {"botocore", "aws-c", "rust", "java", "js", "go"}
REFERENCE = {"aws-c", "rust", "java"}
B, JS, GO = {"botocore"}, {"js"}, {"go"}

# What breaks by the text alone: file, the SDKs that read it in another way than meant.
CREDENTIALS = [
    (b"[a]\nk = v\n", set()),
    (b"[a]\nk = v # c\n", B),
    (b"[a]\nk = v ; c\n", B),
    (b"[a]\nk = v#c\n", set()),
    (b"[a]\nk = v\t# c\n", B),
    (b"[a]\nk = v\n  # c\nj = 1\n", REFERENCE),
    (b"[a]\n  # c\nk = v\n", REFERENCE),
    (b"[a]\nk: v\n", REFERENCE | JS),
    (b"[a]\nk:x = v\n", REFERENCE | JS),
    (b"[a]\nK = v\n", {"aws-c"} | JS),
    (b"[a]\nk=1\nk=2\n", B),
    (b"[a]\nK=1\nk=2\n", B | {"aws-c"} | JS),
    (b"[a]\nk=1\n[a]\nj=2\n", B),
    (b"[a]\nk=1\n[a]\nk=2\n", B),
    (b"[DEFAULT]\nk=1\n[a]\nj=2\n", B),
    (b"k=1\n[a]\nj=2\n", B | REFERENCE),
    (b"[a]\nk\nj=2\n", B | REFERENCE),
    (b"[a]\nk =\nj=2\n", JS),
    (b"[a]\n= v\nj=2\n", B | REFERENCE),
    (b"[a]\nk = v\n  w\n", JS),
    (b"[a]\nk = v\n  j = 2\n", ALL - JS),
    (b"[a]\n  k = v\n  j = 2\n", REFERENCE | GO),
    (b"[a]\ns3 =\n  x = 3\nj=1\n", set()),
    (b"[a]\ns3 =\n  x = 3\n  y = 4\nj=1\n", GO),
    (b"[a] # c\nk=1\n", set()),
    (b"[a]# c\nk=1\n", JS),
    (b"[a] junk\nk=1\n", JS | GO | {"rust", "java"}),
    (b"[ a ]\nk=1\n", B | JS),
    (b"  [a]\nk=1\n", REFERENCE),
    (b"[z]\nj=1\n  [a]\nk=1\n", B | REFERENCE),
    (b"[a b]\nk=1\n", REFERENCE | JS),
    (b"[profile a]\nk=1\n", ALL),
    (b'["a"]\nk=1\n', REFERENCE),
    (b"[a!b]\nk=1\n", REFERENCE),
    (b"[a/b.c%d@e:f+g]\nk=1\n", set()),
    (b"[123456789012_Admin]\nk=1\n", set()),
    (b"[a#b]\nk=1\n", REFERENCE | GO),
    (b"[a\nk=1\n", ALL),
    (b"[]\nk=1\n", ALL),
    (b"\xef\xbb\xbf[a]\nk=1\n", ALL - JS),
    (b"[a]\r\nk = v\r\nj=2\r\n", set()),
    (b"[a]\rk = v\r", ALL - B),
    (b'[a]\nk = "v"\n', ALL - GO),
    (b"[a]\nk = 'v'\n", ALL - GO),
    (b"[a]\nk = a/b+c==\n", set()),
    (b"[a]\nk = v", set()),
    (b"[a]\nk = v\0w\n", ALL),
    (b"[a]\nk = \xe9\n", B | {"rust"} | JS),
    (b"[a]\nin valid = 1\nk=2\n", REFERENCE),
    (b"[z]\ngarbage\n[a]\nk=1\n", B | REFERENCE),
    (b"[__proto__]\nx=1\n[a]\nk=1\n", JS),
]
CONFIG = [
    (b"[profile a]\nk=1\n", set()),
    (b"[a]\nk=1\n", ALL),
    (b"[default]\nk=1\nx=9\n[profile default]\nj=2\n", ALL),
    (b'[profile "a b"]\nk=1\n', REFERENCE | JS | GO),
    (b'[profile "a"]\nk=1\n', REFERENCE | GO),
    (b"[profile 'a']\nk=1\n", REFERENCE | GO),
    (b"[profile a b]\nk=1\n", ALL),
    (b"[profile\ta]\nk=1\n", set()),
    (b"[profile  a]\nk=1\n", JS),
    (b"[ profile a ]\nk=1\n", B | JS),
    (b"[profilea]\nk=1\n", ALL),
    (b"[Profile a]\nk=1\n", ALL),
    (b"[profile a]\ns3 =\n  invalid\nk=1\n", B | REFERENCE),
    (b"[sso-session s]\nk=1\n[services t]\nk=1\n[plugins]\nk=1\n", set()),
]


def lint(tool, kind, data):
    """[(line, breaks)]"""
    done = subprocess.run([tool, "lint", kind], input=data, capture_output=True, check=False)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr.decode(errors='replace')}"
    found = []
    lines = data.count(b"\n") + 1
    for text in done.stdout.decode().splitlines():
        match = re.fullmatch(r"file:(\d+): ([^()]+?)(?: \(breaks: ([a-z, -]+)\))?", text)
        assert match, f"form: {text}"
        assert 1 <= int(match[1]) <= lines, f"line: {text}"
        found.append((int(match[1]), set(match[3].split(", ")) if match[3] else set()))
    assert found == sorted(found, key=lambda finding: finding[0]), "order"
    return found


def check_table(tool):
    for kind, rows in (("credentials", CREDENTIALS), ("config", CONFIG)):
        for data, wanted in rows:
            got = set().union(*(breaks for _, breaks in lint(tool, kind, data)))
            assert got == wanted, f"{kind} {data!r}: breaks {sorted(got)}, not {sorted(wanted)}"


def flatten(section, prefix=""):
    flat = {}
    for key, value in section.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def botocore_reads(kind, data):
    """{profile: {key: value}} or None: it refuses the file."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    try:
        parsed = raw_config_parse(file.name)
        if kind == "config":
            parsed = build_profile_map(parsed)["profiles"]
        return {name: flatten(section) for name, section in parsed.items()}
    except (ConfigParseError, configparser.Error, UnicodeDecodeError, ValueError):
        return None
    finally:
        os.unlink(file.name)


class Javascript:
    """One process reads all files."""

    PROGRAM = """
const { loadSharedConfigFiles } = require("@smithy/shared-ini-file-loader");
const fs = require("fs");
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const [kind, path] = line.split(" ");
  const other = path + ".none";
  let out = null;
  try {
    const files = await loadSharedConfigFiles({ ignoreCache: true,
      filepath: kind === "credentials" ? path : other,
      configFilepath: kind === "config" ? path : other });
    out = files[kind + "File"];
  } catch (error) { out = null; }
  console.log(JSON.stringify(out));
});
"""

    def __init__(self, folder):
        self.folder = tempfile.TemporaryDirectory()
        self.node = subprocess.Popen(["node", "-e", self.PROGRAM], cwd=folder, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0

    def reads(self, kind, data):
        self.count += 1
        path = os.path.join(self.folder.name, str(self.count))
        with open(path, "wb") as file:
            file.write(data)
        self.node.stdin.write(f"{kind} {path}\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        os.unlink(path)
        return answer


def random_file(rng, kind):
    """A file, what its writer meant: {profile: {key: value}}, and whether he wrote something
    twice.  Sections without keys mean nothing, and neither do lines that are none."""
    lines, meant = [], {}
    odd = rng.choice([0, 0.03, 0.15])
    twice = empty = False

    def strange():
        return rng.random() < odd

    names = ["a", "b", "c", "d1", "x_y", "q.z", "e@f"]
    rng.shuffle(names)
    if strange():
        names.insert(rng.randrange(3), rng.choice(["a b", "a!b", "n#o", "é", "a", "__proto__", "DEFAULT"]))
    if strange():
        lines.append(rng.choice(["k = v", "garbage", "= v", "\ufeff"]))
    for name in names[: rng.randrange(1, 5)]:
        twice = twice or name in meant
        section = meant.setdefault(name, {})
        word = "profile " if kind == "config" else ""
        if strange():
            word = rng.choice(["", "profile ", "profile  ", "profile\t"])
            if kind == "config":
                word = rng.choice([word, "Profile "])
        quote = rng.choice(["'", '"']) if word and strange() else ""
        outer = " " if strange() else ""
        head = f"{outer}{word}{quote}{name}{quote}{outer}"
        tail = rng.choice(["", "", " # c", " ; c", "\t#c"])
        if strange():
            tail = rng.choice(["# c", " junk", " # [c]", ";"])
        indent = rng.choice([" ", "\t"]) if strange() and not empty else ""
        lines.append(f"{indent}[{head}]{tail}")
        used = set()
        empty = False
        for _ in range(rng.randrange(1, 6)):
            key = rng.choice(["region_x", "output", "k", "j", "cli_pager", "max_attempts"])
            if key in used and not strange():
                continue
            twice = twice or key in used
            used.add(key)
            value = rng.choice(["v", "a/b+c==", "x#y", "1 2", "a=b", "x;c", "é"])
            if rng.random() < 0.15:
                section[f"{key}.n"] = value
                empty = True
                lines += [f"{key} =", f"  n = {value}"]
                if strange():
                    lines.append(rng.choice(["  # c", "  junk", "  m = 1 # c"]))
                    section[f"{key}.m"] = "1"
                    if not lines[-1].startswith("  m"):
                        del section[f"{key}.m"]
                continue
            section[key] = value
            shown = key.upper() if strange() else key
            separator = rng.choice([" = ", "=", " =", "= "])
            if strange():
                separator = rng.choice([": ", ":", " : "])
            text = value
            if strange():
                text = rng.choice([f'"{value}"', f"'{value}'"])
            if strange():
                text += rng.choice([" # c", "\t; c", " ;"])
            if strange():
                text, section[key] = "", ""
            # under a key without a value it would be a nested one
            under = empty
            empty = not text
            indent = rng.choice(["  ", " "]) if strange() and not under else ""
            lines.append(f"{indent}{shown}{separator}{text}" + rng.choice(["", "", " "]))
            if strange():
                lines.append(rng.choice(["garbage", "= 1", "  # c"]))
            if rng.random() < 0.2:
                lines.append(rng.choice(["", "# c", "; c = d", " "]))
    end = rng.choice(["\n", "\n", "\r\n"])
    return (end.join(lines) + end).encode(), {n: k for n, k in meant.items() if k}, twice


def differs(meant, read):
    if read is None:
        return True
    return {name: keys for name, keys in read.items() if keys} != meant


def random_one(tool, kind, file, javascript):
    data, meant, twice = file
    found = lint(tool, kind, data)
    readers = [("botocore", botocore_reads(kind, data))]
    if javascript:
        readers.append(("js", javascript.reads(kind, data)))
    for sdk, read in readers:
        named = any(sdk in breaks for _, breaks in found)
        differ = differs(meant, read)
        # what is wrong with the first one of two may not matter
        assert named == differ or (named and twice), f"{sdk}: named {named}\nmeant {meant}\nread  {read}\n{found}"


def main():
    tool = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3000
    folder = os.environ.get("ACCTFS_TEST_SMITHY")
    javascript = Javascript(folder) if folder else None
    check_table(tool)
    rng = random.Random(seed)
    end = time.monotonic() + BUDGET
    done = 0
    for number in range(count):
        if time.monotonic() > end:
            break
        kind = rng.choice(["credentials", "config"])
        file = random_file(rng, kind)
        try:
            random_one(tool, kind, file, javascript)
        except AssertionError as error:
            print(f"seed {seed}, file {number}: {kind}\n{file[0].decode()}\n{error}")
            return 1
        done += 1
    print(f"seed {seed}: {done} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
