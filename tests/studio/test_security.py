import re
import socket
from pathlib import Path

import pytest

from songrnn.cli import studio as command
from songrnn.cli.main import parse
from songrnn.errors import SettingsError
from songrnn.studio.page import STATIC
from songrnn.studio.serve import address_of, listen
from songrnn.studio.settings import StudioSettings

TOKEN = "evening-class"


@pytest.mark.parametrize(
    "host", ["testserver", "evil.example", "evil.example:7664", "192.168.0.7", "localhost.evil.example", "[", ""]
)
def test_a_host_that_is_not_this_computer_is_refused(client, host):
    answer = client.get("/health", headers={"host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost:7664", "127.0.0.1", "[::1]:80"])
def test_this_computer_is_not_refused(client, host):
    assert client.get("/health", headers={"host": host}).json()["status"] == "ok"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_page_from_elsewhere_is_refused(client, headers):
    assert client.post("/api/check", json={"abc": "X:1"}, headers=headers).status_code == 403


def test_its_own_page_is_not_refused(client):
    headers = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}
    assert client.post("/api/check", json={"abc": "X:1"}, headers=headers).status_code == 200


def test_a_form_from_elsewhere_is_no_request(client):
    answer = client.post("/api/check", data={"abc": "X:1"})
    assert answer.status_code == 422


def test_no_other_origin_may_read_an_answer(client):
    answer = client.get("/health", headers={"origin": "http://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_large_body_is_refused_whether_or_not_it_says_its_length(client):
    large = b"x" * 60_000
    assert client.post("/api/check", content=large).status_code == 413
    assert client.post("/api/check", content=iter([large[:30_000], large[30_000:]])).status_code == 413


@pytest.mark.parametrize("address", ["/", "/static/compose.js", "/nowhere", "/api/settings"])
def test_every_answer_forbids_inline_scripts_and_what_is_elsewhere(client, address):
    policy = client.get(address).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_has_no_inline_script_and_no_address_elsewhere(client):
    text = client.get("/").text
    assert re.findall(r"<script(?![^>]* src=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []
    files = [path.read_text("utf-8") for path in STATIC.iterdir()]
    found = {address for file in [text, *files] for address in re.findall(r"https?://[\w./-]+", file)}
    assert found == {"http://www.w3.org/2000/svg"}


def test_static_files_are_no_way_to_others(client):
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


def test_without_the_token_nothing_is_answered(guarded):
    for address in ("/", "/health", "/static/compose.js", "/openapi.json"):
        assert guarded.get(address).status_code == 401
    assert guarded.get("/health", headers={"authorization": "Bearer evening-clas"}).status_code == 401
    assert guarded.get("/health", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_in_the_address_becomes_a_cookie(guarded):
    answer = guarded.get("/", params={"token": TOKEN, "a": "b"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?a=b")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert guarded.get("/health").status_code == 200


def test_a_redirection_stays_here(guarded):
    answer = guarded.get(f"http://127.0.0.1//evil.example/?token={TOKEN}")
    assert answer.headers["location"] == "/evil.example/"


def test_in_a_network_a_name_is_refused_and_an_address_is_not(guarded):
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/health", headers={**headers, "host": "192.168.0.7:7664"}).status_code == 200
    assert guarded.get("/health", headers={**headers, "host": "evil.example"}).status_code == 421


def test_others_are_let_in_with_a_token_alone():
    with pytest.raises(SettingsError, match=r"--host 0\.0\.0\.0 lets others in, so it needs --token"):
        parse(command, "studio", ["--host", "0.0.0.0"])
    with pytest.raises(SettingsError, match="8 or more plain characters"):
        parse(command, "studio", ["--token", "short"])


def test_a_taken_port_is_replaced_by_a_free_one(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen(StudioSettings(port=port)) as listening:
            assert listening.getsockname()[1] != port
    assert f"port {port} is taken" in capsys.readouterr().err


def test_the_printed_address_has_the_token():
    settings = StudioSettings(host="0.0.0.0", token="a&b c d e f", port=0)
    with listen(settings) as listening:
        port = listening.getsockname()[1]
        assert address_of(settings, listening) == f"http://127.0.0.1:{port}/?token=a%26b%20c%20d%20e%20f"


def test_every_static_file_that_a_page_or_module_names_is_there(client):
    named = {
        name
        for path in [*STATIC.iterdir(), *(Path(STATIC).parent / "templates").iterdir()]
        for name in re.findall(r'"(/static/[^"]+)"', path.read_text("utf-8"))
    }
    assert len(named) > 8
    assert [name for name in sorted(named) if client.get(name).status_code != 200] == []
