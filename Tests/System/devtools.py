"""A headless Chromium, driven through its DevTools protocol with nothing but the standard library.

Browser() starts it with a profile of its own; page() opens a tab that notes what the page does: requests, messages on the
console, violations of its Content-Security-Policy.
"""

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]


def program():
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class WebSocket:
    """A client of RFC 6455 for one connection to this machine: text messages, no extensions."""

    def __init__(self, url, timeout):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        if b" 101 " not in self.stream.readline():
            raise OSError("the browser does not speak WebSocket")
        while self.stream.readline().strip():
            pass

    def send(self, text):
        data = text.encode()
        mask = os.urandom(4)
        if len(data) < 126:
            head = struct.pack("!BB", 0x81, 0x80 | len(data))
        elif len(data) < 1 << 16:
            head = struct.pack("!BBH", 0x81, 0xFE, len(data))
        else:
            head = struct.pack("!BBQ", 0x81, 0xFF, len(data))
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def receive(self):
        """The next text message."""
        message = b""
        while True:
            first, second = self.exactly(2)
            length = second & 0x7F
            if length == 126:
                length = struct.unpack("!H", self.exactly(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self.exactly(8))[0]
            data = self.exactly(length)
            opcode = first & 0x0F
            if opcode == 8:
                raise OSError("the browser has closed the connection")
            if opcode in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()

    def exactly(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise OSError("the browser has ended")
        return data


class Browser:
    def __init__(self, timeout=120):
        self.timeout = timeout
        self.profile = tempfile.mkdtemp(prefix="keyturn-chromium-")
        # Its own sandbox takes user namespaces, which containers often have not; the pages are ours. Everything but this
        # machine is kept from it, so that its own calls home are no part of the test.
        arguments = [
            program(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-extensions", "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
            f"--user-data-dir={self.profile}", "about:blank",
        ]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.port = self.wait_for_port()
        except BaseException:
            self.close()
            raise

    def wait_for_port(self):
        path = os.path.join(self.profile, "DevToolsActivePort")
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise OSError(f"the browser ended with {self.process.returncode}")
            if os.path.exists(path):
                lines = open(path, encoding="ascii").read().split()
                if len(lines) == 2:
                    return int(lines[0])
            time.sleep(0.05)
        raise OSError("the browser did not start")

    def page(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:
            return Page(WebSocket(json.load(answer)["webSocketDebuggerUrl"], self.timeout), self.timeout)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Navigated(OSError):
    """The page that was asked has given way to another one."""


class Page:
    """One tab. `requests` are the addresses it asked for, `complaints` what it said on the console and what its policy
    forbade."""

    def __init__(self, connection, timeout):
        self.connection = connection
        self.timeout = timeout
        self.last = 0
        self.requests = []
        self.complaints = []
        self.loads = 0
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last += 1
        self.connection.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.connection.receive())
            if message.get("id") == self.last:
                if "navigated or closed" in message.get("error", {}).get("message", ""):
                    raise Navigated(f"{method}: {message['error']}")
                if "error" in message:
                    raise OSError(f"{method}: {message['error']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        event, parameters = message.get("method"), message.get("params", {})
        if event == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif event == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(parameters["args"]))
        elif event == "Audits.issueAdded":
            self.complaints.append(json.dumps(parameters["issue"]))
        elif event == "Page.loadEventFired":
            self.loads += 1

    def close(self):
        self.call("Page.close")

    def open(self, url):
        loads = self.loads
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise OSError(f"{url}: {error}")
        self.wait(lambda: self.loads > loads, f"{url} to load")

    def wait(self, condition, what):
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            try:
                if condition():
                    return
                # Events come with the answers.
                self.call("Runtime.evaluate", expression="0")
            except Navigated:
                # What is waited for may be the page that comes.
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited for {what} in vain")

    def value(self, expression):
        """What the expression, or the promise that it is, comes to in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True,
            userGesture=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def size(self, width, height, mobile=False):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def media(self, **features):
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def scripts(self, are_on):
        self.call("Emulation.setScriptExecutionDisabled", value=not are_on)

    def keep(self, name):
        """Leaves a picture of the whole page in the directory that PAGE_SCREENSHOTS names, if any."""
        directory = os.environ.get("PAGE_SCREENSHOTS")
        if directory:
            data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
            with open(os.path.join(directory, f"{name}.png"), "wb") as file:
                file.write(base64.b64decode(data))
