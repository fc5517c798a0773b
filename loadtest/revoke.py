#!/usr/bin/env python3
"""How long it takes until a device whose certificate is revoked is out.

Devices that `muster loadtest enrol` gave certificates sign in over mutual TLS; then their certificates are revoked over the
management API, one after the other or several at once, or all of the product by one call (`--product`), and it is measured
when the hub answers and when it ends each connection. All must be ended with the reason code 0x98, and none may come in again. To have others connected meanwhile,
run `muster loadtest connect --certificates FOLDER` before: these here take the places of their namesakes.

Needs nothing but Python 3.8 or later. Ends with status 1 if one stays, is ended otherwise, or comes in again.
"""
import argparse
import concurrent.futures
import json
import pathlib
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request

ADMINISTRATIVE_ACTION = 0x98
PRODUCT = "loadtest"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--certificates", required=True, help="folder of `muster loadtest enrol`")
    parser.add_argument("--trust", required=True, help="authorities of the hub, PEM")
    parser.add_argument("--token-file", required=True, help="its operator token")
    parser.add_argument("--management", default="http://127.0.0.1:8080", help="its management API")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8884, help="of a listener of type mtls")
    parser.add_argument("--first", type=int, default=1, help="number of the first device")
    parser.add_argument("--count", type=int, default=300, help="of devices")
    parser.add_argument(
        "--product", action="store_true", help="revoke all of the product, also those of others, by one call"
    )
    parser.add_argument("--at-once", type=int, default=1, help="calls that are under way at once")
    return parser.parse_args()


class Hub:
    """The management API."""

    def __init__(self, address, token):
        self.address = address
        self.token = token

    def call(self, path, body=None):
        request = urllib.request.Request(
            f"{self.address}/api/v1/products/{PRODUCT}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def revoke_all(self):
        """Asks until all are: how often, and how many that were."""
        for asked in range(1, 101):
            answer = self.call("certificates/revoke", {})
            if answer["done"]:
                return asked, answer["revoked"]
        raise TimeoutError("not all of the product are revoked")

    def serial(self, device):
        listed = self.call(f"devices/{device}/certificates")["items"]
        return next(each["serial"] for each in listed if each["status"] == "VALID")


def connect(options, device):
    """A connection that is signed in by its certificate alone, MQTT 5.0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(options.trust)
    context.check_hostname = False
    context.load_cert_chain(
        f"{options.certificates}/{device}.crt", f"{options.certificates}/{device}.key"
    )
    connection = context.wrap_socket(socket.create_connection((options.host, options.port)))
    name = device.encode()
    rest = b"\0\4MQTT\5\2\0\x3c\0" + struct.pack(">H", len(name)) + name
    connection.sendall(bytes([0x10, len(rest)]) + rest)
    connack = connection.recv(64)
    if len(connack) < 4 or connack[0] != 0x20 or connack[3] != 0:
        raise ConnectionError(f"{device} is not let in: {connack.hex()}")
    return connection


def until_end(connection):
    """When it ended, and what was said."""
    said = b""
    try:
        while True:
            part = connection.recv(1024)
            if not part:
                break
            said += part
    except OSError:
        pass
    return time.monotonic(), said


def is_in(options, device):
    try:
        connect(options, device).close()
        return True
    except OSError:
        return False


def show(what, seconds):
    ordered = sorted(seconds)
    at = lambda share: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]
    print(f"{what}: p50 {at(0.5):.0f} ms, p99 {at(0.99):.0f} ms, longest {1000 * ordered[-1]:.0f} ms")


def main():
    options = arguments()
    hub = Hub(options.management, pathlib.Path(options.token_file).read_text().split()[0])
    devices = ["lt-%05d" % (options.first + i) for i in range(options.count)]
    serials = {} if options.product else {device: hub.serial(device) for device in devices}
    ends = {}

    def watch(device, connection):
        ends[device] = until_end(connection)

    watches = []
    for device in devices:
        watches.append(threading.Thread(target=watch, args=(device, connect(options, device)), daemon=True))
        watches[-1].start()
    print(f"{len(watches)} connected")

    called, answered = {}, {}

    def revoke(device):
        called[device] = time.monotonic()
        hub.call(f"devices/{device}/certificates/{serials[device]}/revoke", {})
        answered[device] = time.monotonic()

    if options.product:
        called = dict.fromkeys(devices, time.monotonic())
        asked, revoked = hub.revoke_all()
        answered = dict.fromkeys(devices, time.monotonic())
        print(f"{revoked} revoked, asked {asked} times")
    else:
        with concurrent.futures.ThreadPoolExecutor(options.at_once) as calls:
            list(calls.map(revoke, devices))
    for each in watches:
        each.join(10)

    ended = [device for device in devices if device in ends]
    told = sum(ends[device][1][:1] == b"\xe0" and ends[device][1][2] == ADMINISTRATIVE_ACTION for device in ended)
    again = sum(is_in(options, device) for device in devices)
    show("from call to end", [ends[device][0] - called[device] for device in ended])
    show("from call to answer", [answered[device] - called[device] for device in devices])
    print(f"{len(ended)} ended, {told} with 0x98, {again} came in again")
    return 0 if len(ended) == told == options.count and again == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
