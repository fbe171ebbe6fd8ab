#!/usr/bin/env python3
"""The awsfile reader and editor against botocore.

    test_awsfile_botocore.py TOOL [SEED] [COUNT]

TOOL is the built tests/unit/tool_awsfile.  For collected and random files F and updates U:
the check fails exactly when botocore refuses F, both read the same sections and keys, and
botocore reads from edit(F, U) what it reads from F, plus U.
"""

import configparser
import os
import random
import re
import subprocess
import sys
import tempfile
import time

try:
    from botocore.configloader import raw_config_parse
    from botocore.exceptions import ConfigParseError
except ImportError:
    print("no botocore")
    sys.exit(77)

BUDGET = 20  # seconds
EXIT_REFUSED = 3
BLANKS = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2003\u3000"
FAMILY = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"]

COLLECTED = [
    b"", b"\n", b"   ", b"# only a comment", b"[a]", b"[ a ]", b"[a] # hi\nk=1\n", b"[a]# c\nk=1\n",
    b"[a] # [b]\nk=1\n", b"[[a]]\nk=1\n", b"[]\nk=1\n", b"[]]\nk=1\n", b"[a\nk=1\n", b"[z]\n[a=1\n",
    b"k=1\n[a]\nj=2\n", b"[a]\nk\nj=2\n", b"[a]\n= v\n", b"[a]\n: v\n", b"[a]\nk =\nj=2\n",
    b"[a]\nk=1\nK=2\n", b"[a]\nk=1\n[a]\nj=2\n", b"[DEFAULT]\nk=1\n[a]\nj=2\n[DEFAULT]\nl=1\n",
    b"[DEFAULT]\nk=1\n[DEFAULT]\nk=1\n", b"[default]\nk=1\n[Default]\nk=2\n",
    b"[a]\nk = v\n  # c\nj = 1\n", b"[a]\n  # c\nk = v\n", b"[a]\nk:x = v\n", b"[a]\nk: v\n",
    b"[a]\nk = v\n  w\n", b"[a]\nk = v\n  j = 2\n", b"[a]\n  k = v\n  j = 2\n", b"[a]\n  k = v\n j = 2\n",
    b"[z]\nj=1\n  [a]\nk=1\n", b"[z]\n  [a]\nk=1\n", b"  [a]\nk=1\n", b"[a]\ns3 =\n  x = 3\n\n  y = 4\n",
    b"[a]\ns3 =\n  x = 3\n#c\n  ;c\n  y = 4\nj=1\n", b"[a]\ns3 =\n  bad\n", b"[a]\ns3 =\n\n  bad\n",
    b"[a]\ns3 =\n  x=1\x0bbad\n", b"[a]\ns3 =\n  x=1\xc2\x85y=1\n", b"[a]\ns3 =\n  x=1\xe2\x80\xa8 \n",
    b"\xef\xbb\xbf[a]\nk=1\n", b"\xef\xbb\xbf", b"[a]\r\nk = v\r\nj=2\r\n", b"[a]\rk = v\r", b"[a]\r\r\nk=1",
    b"[a]\nk = \xe9\n", b"[a]\nk = \xc3\xa9\n", b"[a]\n# \xff\nk=1\n", b"[a]\nk = \xed\xa0\x80\n",
    b"[a]\nk = v\0w\n", b"[a]\nin valid = 1\n", b"[a]\n\xc2\xa0k = v\n", b"[a]\nk = v\n\xc2\xa0w\n",
    b"[a]\nk = v\xc2\xa0\n", b"[a]\nk\x1c=\x1dv\x1e\n", b"[profile a]\nk=1\n[a]\nk=1\n", b"[a]\ngarbage\n  more\n",
    b"[a]\ngarbage = 1\n[a\n", b"[a]\n  \n\n[b]\n\t\n", b"[a]\nk=1\n[b]\n    # x\n    k=2\n    j=3\n",
    b"[a]\naws_access_key_id = 1\n  more\naws_session_token = 2\n", b"[a]\naws_session_token =\n  x = 1\n",
    b"[a]\nAWS_ACCESS_KEY_ID = old\n", b"[a]\n#aws_access_key_id = old\n", b"[a]\naws_access_key_id = old ; c\n",
    b"[a]\ns3 =\n  aws_access_key_id = nested\nk = 1\n", b"[a]\naws_session_token:old", b"[a]\nk=1\n\n\n# b's\n[b]\n",
]


def oracle(data):
    """{section: {key: value}} without [DEFAULT]'s inheritance, or None: botocore refuses it."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    try:
        raw_config_parse(file.name)
        parser = configparser.RawConfigParser()
        parser.read([file.name])
        sections = {name: dict(keys) for name, keys in parser._sections.items()}
        if parser._defaults:
            sections["DEFAULT"] = dict(parser._defaults)
        return sections
    except (ConfigParseError, configparser.Error, UnicodeDecodeError):
        return None
    finally:
        os.unlink(file.name)


def run(tool, args, data):
    done = subprocess.run([tool, *args], input=data, capture_output=True, check=False)
    if done.returncode not in (0, EXIT_REFUSED, 4):
        raise AssertionError(f"{args}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done


def read_dump(output):
    sections, section = {}, None
    for line in output.decode().splitlines():
        kind, *fields = line.split()
        fields = dict(field.split("=", 1) for field in fields)
        text = {k: bytes.fromhex(v).decode() for k, v in fields.items() if k in ("header", "name", "value")}
        if kind == "section":
            section = sections.setdefault(text["header"], {})
        elif kind == "key":
            section[text["name"].lower()] = text["value"]
    if not sections.get("DEFAULT", True):
        del sections["DEFAULT"]
    return sections


def first_lines(sections):
    """What our reader says: values of their own line only."""
    return {name: {key: value.split("\n")[0].strip() for key, value in keys.items()}
            for name, keys in sections.items()}


def expected(sections, name, changes):
    """What botocore should read after the edit, or None: the editor may refuse."""
    named = [header for header in sections if header.strip() == name]
    if len(named) > 1:
        return None
    sets = {key: value for key, value in changes.items() if value}
    result = {header: dict(keys) for header, keys in sections.items()}
    if not named:
        if sets:
            result[name] = sets
        return result
    section = result[named[0]]
    for key, value in changes.items():
        section.pop(key, None)
        if value:
            section[key] = value
    return result


def loses(sections, name, changes):
    """Whether a value has a section, or one that goes has a key, in its further lines."""
    for header, keys in sections.items():
        for key, value in keys.items():
            if header.strip() == name and re.search(
                    r"\n(\[|[\w.-]+[ \t]*[=:])" if key in changes else r"\n\[", value):
                return True
    return False


def one(tool, data, name, changes):
    before = oracle(data)
    dump = run(tool, ["dump"], data)
    # what is wrong below a key of [DEFAULT] is wrong for botocore only when a section inherits it
    if before is not None and b"[DEFAULT" in data and b"key without a value" in dump.stderr:
        return
    assert (dump.returncode == EXIT_REFUSED) == (before is None), f"check: {dump.stderr}"
    args = ["edit", name, *(f"{key}={value}" for key, value in changes.items())]
    edit = run(tool, args, data)
    if before is None:
        assert edit.returncode == EXIT_REFUSED or edit.stdout == data, "edit of a refused file"
        return
    assert read_dump(dump.stdout) == first_lines(before), "reader"
    wanted = expected(before, name, changes)
    if wanted is None:
        assert edit.returncode == EXIT_REFUSED or edit.stdout == data, "edit of a doubled section"
        return
    if edit.returncode == EXIT_REFUSED and b"is indented" in edit.stderr:
        assert loses(before, name, changes), f"edit: {edit.stderr}"
        return
    assert edit.returncode == 0, f"edit: {edit.stderr}"
    after = oracle(edit.stdout)
    assert after == wanted, f"edit:\n{edit.stdout!r}\n{after}\nwanted {wanted}"
    again = run(tool, args, edit.stdout)
    assert again.stdout == edit.stdout, "second edit"


def random_line(rng):
    indent = rng.choice(["", "", "", "", " ", "  ", "\t", "    ", "\xa0"])
    key = rng.choice(FAMILY * 3 + ["region", "output", "k", "s3", "x y", "K", "é"])
    key = rng.choice([key] * 6 + [key.upper()]) if key.isascii() else key
    separator = rng.choice([" = ", "=", " =", "= ", ": ", ":", " : ", "\t=\t", "  =  "])
    value = rng.choice(["", "v", "a/b+c==", "x # c", "x;c", '"q"', "é", "[b]", "a = b", "v\0", "\v", "v\x1c"])
    line = rng.choice(
        [f"{indent}{key}{separator}{value}"] * 12
        + ["", "", " ", "# c", "  # c", "; c = d", "\t; c", "[b]", f"{indent}x = 1", f"{indent}plain",
           "\ufeff", "\u2028", "x"])
    return line + rng.choice(["", "", "", " ", "\t"])


def random_file(rng):
    eols = rng.choice([["\n"]] * 4 + [["\r\n"]] * 2 + [["\r"], ["\n", "\r\n", "\r"]])
    out = []
    names = ["a", "b", "c", " a ", "default", "DEFAULT", "profile a", "a b", "a]", "1_X", "é", "a#b", "a"]
    rng.shuffle(names)
    lines = [rng.choice(["", "# top", ""]) for _ in range(rng.randrange(3))]
    for name in names[: rng.randrange(5)]:
        lines.append(rng.choice(["", "", "", "", "  "]) + f"[{name}]" + rng.choice(["", "", "", " # c", "#c", " x"]))
        used = set()
        for _ in range(rng.randrange(7)):
            line = random_line(rng)
            # mostly files that can be read: no key twice
            key = line.replace(":", "=").split("=")[0].strip().lower()
            if "=" in line.replace(":", "=") and key in used and rng.random() < 0.95:
                continue
            used.add(key)
            if line.strip() in ("x", "\ufeff", "plain") and rng.random() < 0.9:
                continue
            lines.append(line)
    for line in lines:
        out.append(line + rng.choice(eols))
    data = "".join(out).encode()
    if rng.random() < 0.3:
        data = data.rstrip(b"\r\n")
    if rng.random() < 0.03 and data:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1:]
    return data


def random_changes(rng):
    keys = rng.sample(FAMILY + ["region", "x_security_token_expires"], rng.randrange(1, 5))
    return {key: rng.choice(["", "v", "a/b+c==", "NEW", "2026-01-01T00:00:00Z"]) for key in keys}


def main():
    tool = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3000
    rng = random.Random(seed)
    cases = [(data, name) for data in COLLECTED for name in ("a", "new")]
    end = time.monotonic() + BUDGET
    done = refused = 0
    for number in range(count + len(cases)):
        if time.monotonic() > end:
            break
        data, name = cases[number] if number < len(cases) else (
            random_file(rng), rng.choice(["a", "a", "b", "c", "default", "a b", "1_X", "new", "é"]))
        changes = random_changes(rng)
        try:
            one(tool, data, name, changes)
        except AssertionError as error:
            print(f"seed {seed}, case {number}: edit {name} {changes}\n{data!r}\n{error}")
            return 1
        done += 1
        refused += oracle(data) is None
    print(f"seed {seed}: {done} files, {refused} of them refused by botocore")
    return 0


if __name__ == "__main__":
    sys.exit(main())
