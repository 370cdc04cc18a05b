"""The socket: HTTP/1.1 with gzip and chunks as Google sends them, and every way in which an answer can go missing."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from contextlib import suppress
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from .answers import Answer
from .calls import Call, Fault

if TYPE_CHECKING:
    from .server import SheetsServer

_HTML = (
    b"<!DOCTYPE html>\n<html lang=en>\n  <title>Sign in - Google Accounts</title>\n"
    b"  <p>Use your Google Account\n</html>\n"
)
_BAD_GATEWAY = (
    b"<!DOCTYPE html>\n<html lang=en>\n  <title>Error 502 (Server Error)!!1</title>\n"
    b"  <p>The server encountered a temporary error and could not complete your request.\n"
)
_COMPRESS_FROM = 512


class Listener:
    """Runs the HTTP server in threads of its own, and closes every connection when it stops."""

    def __init__(self, server: SheetsServer, port: int) -> None:
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.owner = server
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,), daemon=True)
        self.port: int = self._http.server_address[1]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        self._http.close_connections()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    owner: SheetsServer

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()

    def server_bind(self) -> None:
        """Without the look-up of this machine's name, which takes long where no one answers."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._connections_lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is nothing to report; anything else is a fault of this server."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _serve(self) -> None:
        owner = self.server.owner
        body = self._read_body()
        call, fault = owner.arrive(self.command, self.path, self.headers)
        kind = fault.kind if fault else ""
        if kind == "refuse":
            self._hang_up()
            return
        if kind == "slow" and fault:
            self.server.stopping.wait(1.0 if fault.delay is None else fault.delay)
        try:
            answer = owner.answer(call, fault, self.headers, body)
            owner.after(call, fault)
        except Exception as error:
            owner.violate(call, f"the server itself failed: {error!r}")
            call.status = 500
            self._send_plain(500, b"{}", "application/json", {})
            raise
        call.status = answer.status
        self._send(answer, call, fault)

    def _send(self, answer: Answer, call: Call, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        if kind == "502":
            self._send_plain(502, _BAD_GATEWAY, "text/html; charset=UTF-8", {})
        elif kind == "html":
            call.status = 200
            self._send_plain(200, _HTML, "text/html; charset=UTF-8", {})
        elif kind == "empty":
            self._send_plain(200, b"{}", answer.content_type, {})
        elif kind == "invalid_json":
            self._send_plain(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, {})
        elif kind == "cut":
            self._write(self._head(answer, {"Content-Length": str(len(answer.body))}), answer.body[: _half(answer)])
            self._hang_up()
        elif kind == "cut_chunked":
            half = answer.body[: _half(answer)]
            self._write(self._head(answer, {"Transfer-Encoding": "chunked"}), b"%x\r\n%b\r\n" % (len(half), half))
            self._hang_up()
        elif kind == "drip" and fault:
            self._drip(answer, 0.05 if fault.delay is None else fault.delay)
        else:
            self._send_as_google(answer)

    def _send_as_google(self, answer: Answer) -> None:
        """In chunks, and compressed where the client takes that: no Content-Length to trust."""
        body, headers = answer.body, {"Transfer-Encoding": "chunked", "Vary": "Origin, X-Origin, Referer"}
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) >= _COMPRESS_FROM:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self._write(self._head(answer, headers), b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    def _send_plain(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
        answer = Answer(status, body, content_type, headers)
        self._write(self._head(answer, {"Content-Length": str(len(body))}), body)

    def _drip(self, answer: Answer, delay: float) -> None:
        self._write(self._head(answer, {"Content-Length": str(len(answer.body))}), b"")
        for index in range(len(answer.body)):
            if self.server.stopping.wait(delay):
                break
            self.wfile.write(answer.body[index : index + 1])

    def _head(self, answer: Answer, more: dict[str, str]) -> bytes:
        headers = {
            "Content-Type": answer.content_type,
            "Date": self.date_time_string(),
            "Server": "ESF",
            "Cache-Control": "private",
            "X-Content-Type-Options": "nosniff",
            **answer.headers,
            **more,
        }
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _write(self, head: bytes, body: bytes) -> None:
        self.wfile.write(head + body)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


def _half(answer: Answer) -> int:
    return max(1, len(answer.body) // 2)
