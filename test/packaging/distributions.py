"""What is published: the files in dist/, as `tox -e package` has just built them.

This is not part of the ordinary test run, which needs no network: here, pip fetches the dependencies.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DEPENDENCIES = {"urllib3", "pydantic", "python-dateutil", "typing-extensions"}
# Not imported: this tests the files in dist/, and not the installed package.
SOURCES = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "gravscale").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}
CALL = """
import http.server, sys, threading
import gravscale

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"email": "me@example.com", "nickname": "me"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    threading.Thread(target=server.serve_forever).start()
    host = "http://127.0.0.1:%d" % server.server_port
    with gravscale.ApiClient(gravscale.Configuration(host, access_token="t")) as api_client:
        print(gravscale.AuthenticationApi(api_client).info())
    server.shutdown()
"""


def only(pattern: str) -> Path:
    found = list((ROOT / "dist").glob(pattern))
    assert len(found) == 1, f"dist/{pattern}: expected one, there are {len(found)}"
    return found[0]


class Environment:
    """A virtual environment with only the requested packages and pip."""

    def __init__(self, directory: Path, *requirements: str) -> None:
        venv.create(directory, with_pip=True)
        scripts = directory / ("Scripts" if sys.platform == "win32" else "bin")
        self.python = scripts / ("python.exe" if sys.platform == "win32" else "python")
        assert self.run("-m", "pip", "install", "--quiet", "--no-input", *requirements).returncode == 0

    def run(self, *arguments: str, shown: bool = True) -> subprocess.CompletedProcess[str]:
        """Run its Python outside this repository, and return what it prints."""
        run = subprocess.run(
            [self.python, *arguments], cwd=self.python.parent, capture_output=True, text=True, check=False
        )
        if shown:
            print(f"\n$ python {' '.join(arguments)[:60]}\n{run.stdout}{run.stderr}".rstrip())
        return run


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment after `pip install gravscale`."""
    return Environment(tmp_path_factory.mktemp("bare"), str(only("*.whl")))


def test_the_wheel_is_the_package_and_nothing_else() -> None:
    with zipfile.ZipFile(only("*.whl")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == SOURCES
    assert {"gravscale/py.typed", "gravscale/__main__.py", "gravscale/sandbox/server.py"} <= names


def test_the_sdist_is_the_package_its_documentation_and_its_tests() -> None:
    with tarfile.open(only("*.tar.gz")) as sdist:
        names = {member.name.partition("/")[2] for member in sdist if member.isfile()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tracked = {name for name in listed.splitlines() if not name.startswith((".ci/", ".github/"))}
    assert names - {"PKG-INFO"} == tracked
    assert {"docs/quickstart.md", "test/conftest.py", "LICENSE", "openapi.json"} <= names


def test_two_builds_are_equal_on_any_machine(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    digests = []
    for mask, moment, zone, locale, seed in (
        (0o022, 1_000_000_000, "UTC", "C", "0"),
        (0o077, 1_700_000_000, "Asia/Kathmandu", "pt_BR.UTF-8", "42"),
    ):
        copy = tmp_path / oct(mask)
        for name in listed.splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
            (copy / name).chmod(0o666 & ~mask)
            os.utime(copy / name, (moment, moment))
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--outdir", copy / "dist", copy],
            env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed},
            umask=mask,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        files = sorted((copy / "dist").iterdir())
        digests.append([(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])
    assert len(digests[0]) == 2
    assert digests[0] == digests[1]


def test_the_links_of_a_released_readme_work_on_a_package_index() -> None:
    names = runpy.run_path(str(ROOT / ".github" / "absolute_links.py"))
    text = names["absolute_links"]((ROOT / "README.md").read_text("utf-8"), "https://example.com/blob/v1/")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []
    there = [link.removeprefix("https://example.com/blob/v1/").partition("#")[0] for link in links]
    assert [name for name in there if not (ROOT / name).is_file()] == []


def test_the_wheel_carries_its_licence() -> None:
    with zipfile.ZipFile(only("*.whl")) as wheel:
        (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        assert wheel.read(metadata).startswith(b"Metadata-Version: 2.4\n")
        assert "\nLicense-Expression: MIT\n" in wheel.read(metadata).decode()
        text = wheel.read(metadata.replace("METADATA", "licenses/LICENSE")).decode()
    assert text == (ROOT / "LICENSE").read_text("utf-8")


def test_the_version_is_that_of_the_package() -> None:
    module = ast.parse((ROOT / "gravscale" / "support" / "version.py").read_text("utf-8"))
    version = next(
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    )
    assert only("*.whl").name == f"gravscale-{version}-py3-none-any.whl"
    assert only("*.tar.gz").name == f"gravscale-{version}.tar.gz"


def test_it_installs_four_dependencies_and_theirs(bare: Environment) -> None:
    found = json.loads(bare.run("-m", "pip", "inspect", "--local", shown=False).stdout)
    metadata = {canonicalize_name(each["metadata"]["name"]): each["metadata"] for each in found["installed"]}

    def needs(name: str) -> set[str]:
        requirements = [Requirement(each) for each in metadata[canonicalize_name(name)].get("requires_dist", [])]
        wanted = [each for each in requirements if not each.marker or each.marker.evaluate({"extra": ""})]
        return {canonicalize_name(each.name) for each in wanted}

    assert needs("gravscale") == DEPENDENCIES
    due, new = set[str](), {"gravscale"}
    while new:
        due |= new
        new = {needed for name in new for needed in needs(name)} - due
    bare.run("-m", "pip", "list")
    assert set(metadata) - {"pip", "setuptools"} == due


def test_calls_work_with_nothing_else_installed(bare: Environment) -> None:
    run = bare.run("-W", "error", "-c", CALL)
    assert run.returncode == 0
    assert "email='me@example.com'" in run.stdout


def test_it_reports_its_versions_with_nothing_else_installed(bare: Environment) -> None:
    run = bare.run("-W", "error", "-m", "gravscale")
    assert run.returncode == 0
    assert "uvicorn (not installed)" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("-m", "gravscale.sandbox", "tour"), "pip install 'gravscale[sandbox]'"),
        (("-c", "from gravscale.sandbox import Sandbox"), "pip install 'gravscale[sandbox]'"),
        (("-c", "import gravscale; gravscale.FileTokenStore()"), "pip install 'gravscale[store]'"),
        (("-c", "import sys; from gravscale.cli import main; sys.exit(main())"), "pip install 'gravscale[cli]'"),
    ],
)
def test_it_says_which_extra_is_missing(bare: Environment, arguments: tuple[str, ...], complaint: str) -> None:
    run = bare.run(*arguments)
    assert run.returncode == 1
    assert complaint in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr or arguments[0] == "-c"


def test_its_pytest_plugin_does_not_disturb_other_tests(tmp_path: Path) -> None:
    with_pytest = Environment(tmp_path / "environment", str(only("*.whl")), "pytest")
    (tmp_path / "test_of_a_user.py").write_text("def test_something(): pass\n")
    run = with_pytest.run("-W", "error", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path))
    assert run.returncode == 0


def test_its_extras_install_what_they_promise(tmp_path: Path) -> None:
    full = Environment(tmp_path, f"{only('*.whl')}[cli,sandbox,store,redis,progress]")
    assert full.run("-W", "error", "-m", "gravscale.sandbox", "tour").returncode == 0
    assert "not installed" not in full.run("-m", "gravscale").stdout
    assert full.run("-c", "import gravscale; gravscale.FileTokenStore()").returncode == 0
    assert full.run("-m", "pip", "check").returncode == 0
