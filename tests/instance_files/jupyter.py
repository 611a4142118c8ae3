"""A server that gives recorded answers over HTTPS, with a certificate of its own making like a notebook's."""

import http.server
import json
import ssl
import subprocess
import threading
from pathlib import Path


class Jupyter:
    """Each path under /api has an answer: JSON, a text that is sent as it is, or a number, which is an error."""

    def __init__(self, folder, answers):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                answer = answers[self.path.partition("?")[0].removeprefix("/api/")]
                self.send_response(answer if isinstance(answer, int) else 200)
                self.end_headers()
                self.wfile.write((answer if isinstance(answer, str) else json.dumps(answer)).encode())

            def log_message(self, *_):
                pass

        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        make += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
