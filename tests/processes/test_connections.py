"""Redis behind Sentinels and behind TLS, for real: a failover that no process notices, and a server that is who it says."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError

from service.connections import connect, connect_async, connect_rq
from service.demo.stage import free_ports, stage
from service.embedded import NoServer, embedded_redis, find_server
from service.supervisor import Child, wait_until

pytestmark = pytest.mark.processes

RULE = "name: spam\nbody: casino\nmoderators_exempt: false\nlimit: none\ndelete: true\n"


@contextlib.contextmanager
def watched_pair(folder: Path) -> Iterator[tuple[str, Child, int]]:
    """The URL of a master with a replica and a Sentinel, its process, and the replica's port."""
    try:
        binary = find_server()
    except NoServer as none:
        pytest.skip(str(none))
    master, replica, watcher = free_ports(3)
    conf = folder / "sentinel.conf"
    conf.write_text(
        f"port {watcher}\ndir {folder}\nsentinel monitor main 127.0.0.1 {master} 1\n"
        "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n",
        encoding="utf-8",
    )
    keep = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    children = [
        Child("master", [binary, "--port", str(master), *keep]),
        Child("replica", [binary, "--port", str(replica), "--replicaof", "127.0.0.1", str(master), *keep]),
        Child("sentinel", [binary, str(conf), "--sentinel"]),
    ]
    with (folder / "redis.log").open("wb") as log, contextlib.ExitStack() as stack:
        for child in children:
            child.output = log
            child.start()
            stack.callback(child.stop, 5)
        with Redis(port=watcher, decode_responses=True) as sentinel:
            assert wait_until(lambda: knows_both(sentinel), 30), "the Sentinel does not see master and replica"
        yield f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watcher}/main/0", children[0], replica


def knows_both(sentinel: Redis) -> bool:
    with contextlib.suppress(RedisError):
        state = sentinel.sentinel_master("main")
        return bool(state["num-slaves"] == 1 and sentinel.sentinel_slaves("main")[0]["master-link-status"] == "ok")
    return False


def test_a_failover_is_survived_by_web_and_workers_without_a_restart(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULE, encoding="utf-8")
    with watched_pair(tmp_path) as (url, master, replica), stage(rules=[str(rules)], redis_url=url) as running:
        pids = {child.name: child.pid for child in running.supervisor.children}
        posts = []
        for word in ("casino before", "casino after"):
            hook = running.happen(event="post.created", username="pip", topicId=501, message=word)
            posts.append(hook["data"]["object"]["postId"])
            assert running.deliver(hook).json()["status"] == "accepted"
            running.settle(60)
            if master.is_running():
                master.kill()
                assert wait_until(lambda: Redis(port=replica).role()[0] == b"master", 20)
        assert not {post["postId"] for post in running.state()["posts"]} & set(posts)
        assert {child.name: child.pid for child in running.supervisor.children} == pids


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody vouches for but itself, beside its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate for the TLS server")
    path = tmp_path / "own.pem"
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(tmp_path / "own.key"), "-out", str(path)]
    subprocess.run([openssl, *new, *names], check=True, capture_output=True)
    return path


@contextlib.asynccontextmanager
async def tls_in_front(socket: str, certificate: Path) -> Iterator[int]:  # type: ignore[misc]
    """A port that speaks TLS with this certificate, and passes all on to the server at a unix socket."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            back, there = await asyncio.open_unix_connection(socket)
            await asyncio.gather(pump(reader, there), pump(back, writer))

    async def pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            to.write(data)
        to.close()

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def answers(url: str) -> None:
    """Each kind of client gets an answer."""
    for kind in (connect, connect_rq):
        await asyncio.to_thread(lambda kind=kind: kind(url).ping())  # type: ignore[misc]
    async with connect_async(url) as client:
        await client.ping()


def test_a_server_behind_tls_is_used_if_its_certificate_and_name_are_good(tmp_path: Path, certificate: Path) -> None:
    async def look(socket: str) -> None:
        async with tls_in_front(socket, certificate) as port:
            await answers(f"rediss://localhost:{port}/0?ssl_ca_certs={certificate}")
            await answers(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}&ssl_check_hostname=false")
            for unknown in (f"localhost:{port}/0", f"127.0.0.1:{port}/0?ssl_ca_certs={certificate}"):
                with pytest.raises(NoConnection, match="certificate verify failed"):
                    await answers(f"rediss://{unknown}")

    with embedded_redis() as url:
        asyncio.run(look(url.removeprefix("unix://").partition("?")[0]))
